"""Creating, changing, deleting and restoring one record, without losing what anybody typed."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import request, url_for
from flask_admin import expose
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import Forbidden

from admin_views.columns import shown
from admin_views.locking import conflict_page, merge_choices, seen_of
from admin_views.pages import ConfirmPage, FormPage
from app.access.scopes import as_key, editable_by, find_visible
from app.problems import Problem, StaleRecord

TAKEN = "同じ内容のデータがすでにあるか、参照している項目が変わりました。内容を確かめて、もう一度保存してください。"


class Editing:
    """Mixed into GuardedView. A view opts in by `form_class` and the verbs that it overrides."""

    form_class: ClassVar[type[Any] | None] = None
    can_remove: ClassVar[bool] = False
    form_groups: ClassVar[list[tuple[str, list[str]]] | None] = None
    field_options: ClassVar[dict[str, dict[str, Any]]] = {}
    create_template: ClassVar[str] = "model/create.html"
    edit_template: ClassVar[str] = "model/edit.html"
    singular: ClassVar[str] = ""

    # What a view overrides: each calls one service.

    def insert(self: Any, form: Any) -> Any:
        """Create the record from the form; returns it."""
        raise Forbidden

    def change(self: Any, record: Any, form: Any, version: int | None) -> None:
        """Change the record from the form; raises StaleRecord when `version` is not the present one."""
        raise Forbidden

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

    def make_form(self: Any, *, posted: Any = None, record: Any = None) -> Any:
        """The form, filled from what was posted or from the record."""
        return self.form_class(posted, obj=record)

    def _singular(self: Any) -> str:
        return self.singular or self.model.__label__

    # --- create --------------------------------------------------------------------------------------------

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self: Any) -> Any:
        self.demand("create")
        if self.form_class is None:
            raise Forbidden
        errors: list[str] = []
        if request.method == "POST":
            form = self.make_form(posted=request.form)
            if form.validate():
                try:
                    record = self.insert(form)
                except Problem as problem:
                    errors = form.told(problem)
                except IntegrityError:
                    self.db_session.rollback()
                    errors = [TAKEN]
                else:
                    endpoint, values = self.created_at(record)
                    return self.go(endpoint, f"「{self.label_of(record)}」を登録しました。", **values)
        else:
            form = self.make_form()
        page = self._create_page(form, errors)
        return self.render(self.create_template, page=page), 422 if request.method == "POST" else 200

    def created_at(self: Any, record: Any) -> tuple[str, dict[str, Any]]:
        """Where a new record leads: (endpoint, values)."""
        return f"{self.endpoint}.details_view", {"key": record.id}

    def _create_page(self: Any, form: Any, errors: list[str]) -> FormPage:
        return FormPage(
            title=f"{self._singular()}の登録",
            form=form,
            action_url=url_for(f"{self.endpoint}.create_view"),
            cancel_url=url_for(f"{self.endpoint}.index_view"),
            groups=self.form_groups,
            field_options=self.field_options,
            errors=errors,
            submit_label="登録する",
        )

    # --- edit ----------------------------------------------------------------------------------------------

    @expose("/<key>/edit/", methods=("GET", "POST"))
    def edit_view(self: Any, key: str) -> Any:
        self.demand("edit")
        record = self.one(key)
        if not self.may_edit(record):
            raise Forbidden
        if request.method == "GET":
            return self.render(self.edit_template, page=self._edit_page(record, self.make_form(record=record)))
        return self._save(record)

    def _save(self: Any, record: Any) -> Any:
        seen_version = as_key(request.form.get("version", ""))
        form = self.make_form(posted=request.form, record=record)
        if request.form.get("resolve") == "1":
            merge_choices(form, self.make_form(record=record), request.form)
            is_valid = form.validate() if seen_version == record.version else True
        else:
            is_valid = form.validate()
        if seen_version is None:
            return self._again(record, form, ["画面を開き直してから、もう一度保存してください。"])
        if seen_version != record.version:
            return self._conflict(record.id, form)
        if not is_valid:
            return self._again(record, form, [])
        key = record.id
        try:
            self.change(record, form, seen_version)
        except (StaleRecord, StaleDataError):
            self.db_session.rollback()
            return self._conflict(key, form)
        except Problem as problem:
            return self._again(record, form, form.told(problem))
        except IntegrityError:
            self.db_session.rollback()
            return self._again(record, form, [TAKEN])
        return self.go(f"{self.endpoint}.details_view", "保存しました。", key=key)

    def _edit_page(self: Any, record: Any, form: Any, errors: list[str] | None = None) -> FormPage:
        return FormPage(
            title=f"{self.label_of(record)}の編集",
            form=form,
            action_url=url_for(f"{self.endpoint}.edit_view", key=record.id),
            cancel_url=url_for(f"{self.endpoint}.details_view", key=record.id),
            groups=self.form_groups,
            field_options=self.field_options,
            errors=errors or [],
            version=record.version,
            hidden=[("seen", seen_of(self.make_form(record=record)))],
        )

    def _again(self: Any, record: Any, form: Any, errors: list[str]) -> Any:
        page = self._edit_page(record, form, errors)
        # What the page showed first stays the base of the comparison.
        page.hidden = [("seen", request.form.get("seen", "")[:20_000])]
        page.version = as_key(request.form.get("version", "")) or record.version
        return self.render(self.edit_template, page=page), 422

    def _conflict(self: Any, key: int, form: Any) -> Any:
        record = self.found(find_visible(self.db_session, self.model, key, self.actor))
        page = conflict_page(
            form,
            self.make_form(record=record),
            record=(self.label_of(record), self.url_of(record) or ""),
            last=next(iter(self.history_lines(record, 1)), None),
            version=record.version,
            urls=(
                url_for(f"{self.endpoint}.edit_view", key=key),
                url_for(f"{self.endpoint}.details_view", key=key),
            ),
        )
        return self.render("model/conflict.html", page=page), 409

    # --- delete and restore --------------------------------------------------------------------------------

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
            from flask import flash

            flash(problem.message, "error")
            return self.go(f"{self.endpoint}.deleted_view")
        except IntegrityError:
            self.db_session.rollback()
            return self.go(f"{self.endpoint}.deleted_view", TAKEN)
        return self.go(f"{self.endpoint}.details_view", f"「{self.label_of(record)}」を元に戻しました。", key=record.id)
