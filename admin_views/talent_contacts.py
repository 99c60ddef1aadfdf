"""The deliberate step to contacts, of talents and of who asks for them: a purpose, the note, the form to change them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, request, url_for
from flask_admin import expose

from admin_views.pages import FormPage
from admin_views.screens import Screen
from admin_views.talent_notes import note_names, purpose_given
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.problems import Problem


class ContactPages(Screen):
    """Mixed into a view of records with contacts. Such a view says `contact_title` and `save_contacts`, too."""

    contact_form: ClassVar[type[Any]]

    @expose("/<key>/contact/", methods=("POST",))
    def contact_view(self: Any, key: str) -> Any:
        """The contacts, after a purpose was chosen; from here they can be changed."""
        self.require(Permission.CONTACT_DISCLOSE)
        record = self.one(key)
        try:
            purpose = purpose_given(request.form)
        except Problem as problem:
            flash(problem.message, "error")
            return self.go(".details_view", key=key)
        note_names(self.actor, "display", self.model.__tablename__, record.id, 1, f"連絡先の表示: {purpose}")
        record = self.one(key)
        return self._contact_page(record, self.contact_form(obj=record), purpose)

    @expose("/<key>/contact/change/", methods=("POST",))
    def change_contact_view(self: Any, key: str) -> Any:
        """Save changed contacts."""
        self.require(Permission.CONTACT_DISCLOSE)
        record = self.one(key)
        form = self.contact_form(request.form)
        version = as_key(request.form.get("version", ""))
        errors = [] if version else [f"{self.singular}のページから、もう一度「連絡先を表示」を押してください。"]
        if version and form.validate():
            try:
                self.save_contacts(record, version, form.contact_values())
            except Problem as problem:
                errors = form.told(problem)
            else:
                return self.go(".details_view", "連絡先を変更しました。", key=key)
        return self._contact_page(self.one(key), form, "登録内容の変更", errors)

    def _contact_page(self: Any, record: Any, form: Any, purpose: str, errors: Sequence[str] = ()) -> Any:
        page = FormPage(
            title=self.contact_title(record),
            form=form,
            action_url=url_for(".change_contact_view", key=record.id),
            cancel_url=url_for(".details_view", key=record.id),
            errors=list(errors),
            version=record.version,
            submit_label="連絡先を変更する",
            hidden=[("purpose", purpose)],
            notice=("連絡先の表示を記録しました", f"目的: {purpose}", "info"),
        )
        return self.render("model/edit.html", page=page), 422 if errors or form.errors else 200
