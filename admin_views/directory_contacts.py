"""Contacts of a group, shown behind a stated purpose that is noted before they are read, and changed by the centre."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_admin import expose
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired

from admin_views.directory_form import ContactForm
from admin_views.directory_page import others_of
from admin_views.directory_parts import level_badge
from admin_views.pages import FormPage
from admin_views.screens import is_posted
from app.access.levels import level_of
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.audit.access_notes import note_access
from app.directory import services
from app.directory.consent import is_open, levels_of
from app.directory.fields import CONTACTS
from app.webforms import BackOfficeForm, LineField
from models.directory import Organization


class PurposeForm(BackOfficeForm):
    """Why somebody looks at contacts."""

    purpose = LineField(
        "閲覧の目的",
        [InputRequired("閲覧の目的を入力してください。")],
        length=200,
        description="だれが、いつ、何のために見たかが記録されます。例: 講座の講師の依頼",
    )


def _contacts_held(records: Sequence[Organization], level: int) -> list[str]:
    """What contacts are kept of any of them for a reader of that level."""
    return [
        field.label
        for field in CONTACTS
        if any(getattr(one, field.name) and is_open(one, field.name, level) for one in records)
    ]


def _contact_rows(record: Organization, level: int) -> list[tuple[str, Any, Any]]:
    """(label, value, badge) of each contact that a reader of that level may read."""
    levels = levels_of(record)
    return [
        (field.label, getattr(record, field.name), level_badge(levels[field.name]))
        for field in CONTACTS
        if levels[field.name] <= level
    ]


class ContactPages:
    """Mixed into OrganizationView by way of GroupPages."""

    @expose("/<key>/contact/", methods=("GET", "POST"))
    def contact_view(self: Any, key: str) -> Any:
        """Contacts that are not public: asked for with a purpose, which is noted before they are read."""
        self.require(Permission.ORGANIZATION_DISCLOSE)
        record = self.one(key)
        level = level_of(self.actor)
        may_edit = self.may_edit(record)
        if is_posted() and request.form.get("save") == "1":
            return self._save_contact(record)
        form = PurposeForm(request.form if is_posted() else None)
        context: dict[str, Any] = {
            "record": record,
            "title": f"連絡先: {self.label_of(record)}",
            "back": (self.label_of(record), url_for(f"{self.endpoint}.details_view", key=record.id)),
            "form": form,
            "action_url": url_for(f"{self.endpoint}.contact_view", key=record.id),
            "labels": _contacts_held([record, *others_of(self.db_session, self.actor, record)], level),
            "rows": None,
            "others": [],
            "contact_form": None,
        }
        if is_posted() and form.validate():
            number, joined = record.id, others_of(self.db_session, self.actor, record)
            for other in [number, *(one.id for one in joined if _contacts_held([one], level))]:
                note_access(self.actor, "display", "organization", other, 1, form.purpose.data or "")
            record = self.one(str(number))
            context["record"] = record
            context["rows"] = _contact_rows(record, level)
            context["others"] = [
                (self.label_of(one), [row for row in _contact_rows(one, level) if row[1]])
                for one in others_of(self.db_session, self.actor, record)
                if _contacts_held([one], level)
            ]
            if may_edit:
                context["contact_form"] = ContactForm(data={one.name: getattr(record, one.name) for one in CONTACTS})
        status = 422 if is_posted() and context["rows"] is None else 200
        return self.render("directory/contact.html", **context), status

    def _save_contact(self: Any, record: Organization) -> Any:
        if not self.may_edit(record):
            raise Forbidden
        form = ContactForm(request.form)
        page = FormPage(
            title=f"連絡先: {self.label_of(record)}",
            form=form,
            action_url=url_for(f"{self.endpoint}.contact_view", key=record.id),
            cancel_url=url_for(f"{self.endpoint}.details_view", key=record.id),
            hidden=[("save", "1")],
            version=as_key(request.form.get("version", "")) or record.version,
        )

        def save() -> Response:
            services.update_organization(
                self.db_session,
                actor=self.actor,
                organization=record,
                version=page.version,
                values=form.values(),
            )
            found: Response = self.go(f"{self.endpoint}.details_view", "連絡先を保存しました。", key=record.id)
            return found

        return self.ask(page, save)
