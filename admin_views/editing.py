"""Creating and changing one record, without losing what anybody typed."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import request, url_for
from flask_admin import expose
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import Forbidden

from admin_views.locking import conflict_page, merge_choices, seen_of
from admin_views.pages import FormPage
from app.access.scopes import as_key, find_visible
from app.problems import Problem, StaleRecord

TAKEN = "同じ内容のデータがすでにあるか、参照している項目が変わりました。内容を確かめて、もう一度保存してください。"


class Editing:
    """Mixed into GuardedView. A view opts in by `form_class` and the verbs that it overrides."""

    form_class: ClassVar[type[Any] | None] = None
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
