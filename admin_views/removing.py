"""Deleting one record, and putting it back."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash, request, url_for
from flask_admin import expose
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import Forbidden

from admin_views.columns import shown
from admin_views.editing import TAKEN
from admin_views.pages import ConfirmPage
from app.access.scopes import as_key, editable_by
from app.problems import Problem


class Removing:
    """Mixed into GuardedView. A view opts in by `can_remove` and the verbs that it overrides."""

    can_remove: ClassVar[bool] = False

    # What a view overrides: each calls one service.

    def remove(self: Any, record: Any, reason: str) -> None:
        """Delete the record."""
        raise Forbidden

    def put_back(self: Any, key: int) -> Any:
        """Undo a deletion; returns the record."""
        raise Forbidden

    def hanging(self: Any, record: Any) -> list[tuple[str, str, str | None]]:
        """What hangs on the record: (what, how many, url)."""
        return []

    def why_not_deletable(self: Any, record: Any) -> str | None:
        """A sentence when it cannot be deleted now."""
        return None

    @expose("/<key>/delete/", methods=("GET", "POST"))
    def delete_view(self: Any, key: str) -> Any:
        self.demand("delete")
        record = self.one(key)
        if not self.may_delete(record):
            raise Forbidden
        errors: list[str] = []
        blocked = self.why_not_deletable(record)
        if request.method == "POST" and not blocked:
            label = self.label_of(record)
            try:
                self.remove(record, request.form.get("reason", "").strip()[:500])
            except Problem as problem:
                errors = [problem.message]
            except (StaleDataError, IntegrityError):
                self.db_session.rollback()
                errors = ["ほかの人が先に変更したため、削除していません。内容を確かめてから、もう一度行ってください。"]
            else:
                return self.go(
                    f"{self.endpoint}.index_view", f"「{label}」を削除しました。「削除したもの」から元に戻せます。"
                )
        record = self.one(key)
        page = ConfirmPage(
            title=f"{self._singular()}を削除します",
            records=[(self.label_of(record), self.url_of(record))],
            hangs_on=self.hanging(record),
            blocked_reason=blocked,
            undo_text="削除しても「削除したもの」から元に戻せます。",
            errors=errors,
            action_url=url_for(f"{self.endpoint}.delete_view", key=record.id),
            cancel_url=self.url_of(record) or url_for(f"{self.endpoint}.index_view"),
        )
        return self.render("model/delete.html", page=page), 409 if errors or (
            blocked and request.method == "POST"
        ) else 200

    @expose("/deleted/")
    def deleted_view(self: Any) -> Any:
        """What was deleted and can be put back."""
        self.demand("delete")
        if not self.can_remove:
            raise Forbidden
        primary = self.model.__mapper__.primary_key[0]
        rows = self.db_session.scalars(
            select(self.model)
            .where(editable_by(self.model, self.actor, deleted=True))
            .order_by(self.model.deleted_at.desc(), primary.desc())
            .limit(500)
        ).all()
        return self.render(
            "model/deleted.html",
            title=f"削除した{self._singular()}",
            back=(self.title, url_for(f"{self.endpoint}.index_view")),
            rows=[
                (
                    self.label_of(row),
                    str(shown(row.deleted_at)),
                    url_for(f"{self.endpoint}.restore_view", key=row.id),
                )
                for row in rows
            ],
        )

    @expose("/<key>/restore/", methods=("POST",))
    def restore_view(self: Any, key: str) -> Any:
        self.demand("delete")
        number = as_key(key) or 0
        primary = self.model.__mapper__.primary_key[0]
        row = self.found(
            self.db_session.scalars(
                select(self.model).where(primary == number, editable_by(self.model, self.actor, deleted=True))
            ).one_or_none()
        )
        try:
            record = self.put_back(row.id)
        except Problem as problem:
            flash(problem.message, "error")
            return self.go(f"{self.endpoint}.deleted_view")
        except IntegrityError:
            self.db_session.rollback()
            return self.go(f"{self.endpoint}.deleted_view", TAKEN)
        return self.go(f"{self.endpoint}.details_view", f"「{self.label_of(record)}」を元に戻しました。", key=record.id)
