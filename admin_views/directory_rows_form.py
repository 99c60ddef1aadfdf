"""The forms of what hangs on a group, row by row: records, statements, members, officers, affiliations."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

from flask import g
from sqlalchemy import Date, Text, inspect, or_, select
from sqlalchemy.orm import selectinload
from wtforms import FieldList, FormField, HiddenField, IntegerField

from app.access.scopes import as_key
from app.directory.rows import KINDS, RowKind, label_of
from app.extensions import db
from app.webforms import (
    BackOfficeForm,
    ChoiceField,
    DateField,
    FiscalYearField,
    LineField,
    LongTextField,
    YenField,
    optional,
)
from models.directory import Organization
from models.directory_records import Affiliation, AffiliationRole
from models.people import RoleAssignment, User


def users_to_choose() -> list[tuple[int, str]]:
    """Users who may be said to belong to a group, by name, read once a request.

    Active ones, and those who are said so already, or their rows could not be kept. Of several with one name each has
    what they work as beside it.
    """
    if "users_to_choose" not in g:
        is_said = select(Affiliation.id).where(Affiliation.user_id == User.id).exists()
        rows = db.session.execute(
            select(User.id, User.display_name, User.is_active)
            .where(or_(User.is_active.is_(True), is_said))
            .order_by(User.display_name, User.id)
        ).all()
        names = Counter(row.display_name for row in rows)
        beside = _works_as([row.id for row in rows if names[row.display_name] > 1])
        g.users_to_choose = [
            (row.id, f"{row.display_name}{beside.get(row.id, '')}{'' if row.is_active else '(利用停止)'}")
            for row in rows
        ]
    found: list[tuple[int, str]] = g.users_to_choose
    return found


def _works_as(ids: list[int]) -> dict[int, str]:
    """{user: 「(環境政策課、利用者12)」}: departments or roles, and the number that nobody else has."""
    if not ids:
        return {}
    users = db.session.scalars(
        select(User)
        .where(User.id.in_(ids))
        .options(selectinload(User.assignments).joinedload(RoleAssignment.department))
    )
    return {
        user.id: "({})".format(
            "、".join(
                [
                    *dict.fromkeys(
                        one.department.name if one.department else one.role.label for one in user.assignments
                    ),
                    f"利用者{user.id}",
                ]
            )
        )
        for user in users
    }


class Needed:
    """Marks a column that the service asks for: a row that is blank altogether is dropped, so no field insists itself."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Nothing: `app.directory.rows` says which cell of which row is missing."""


def _row_field(kind: RowKind, name: str) -> Any:
    label = label_of(kind, name)
    rules: list[Any] = [Needed(), optional()] if name in kind.required else [optional()]
    column = inspect(kind.model).columns[name]
    if name == "fiscal_year":
        return FiscalYearField(label, rules)
    if name == "user_id":
        return ChoiceField(label, rules, choices=users_to_choose, coerce=int)
    if getattr(column.type, "enum_class", None) is AffiliationRole:
        return ChoiceField(label, rules, choices=AffiliationRole.choices(), coerce=AffiliationRole, empty=None)
    if name.endswith("_yen"):
        return YenField(label, rules)
    if isinstance(column.type, Date):
        return DateField(label, rules)
    if isinstance(column.type, Text):
        return LongTextField(label, rules, length=kind.texts[name])
    if name in kind.texts:
        return LineField(label, rules, length=kind.texts[name])
    return IntegerField(label, rules)


def _row_form(kind: RowKind) -> type[BackOfficeForm]:
    fields: dict[str, Any] = {"key": HiddenField()} | {name: _row_field(kind, name) for name in kind.columns}
    return type(f"{kind.model.__name__}Form", (BackOfficeForm,), fields)


class RowsForm(BackOfficeForm):
    """All rows of one kind of one group; `attribute` says which."""

    attribute: str

    def rows(self) -> list[dict[str, Any]]:
        """What the service takes; a row of which everything is blank goes."""
        found = []
        kind = KINDS[self.attribute]
        for entry in self[self.attribute].entries:
            data = entry.form.data
            values = {name: data[name] for name in kind.columns}
            if any(value not in {None, ""} for name, value in values.items() if name != "role" or kind.texts.get(name)):
                found.append(values | {"id": as_key(data["key"] or "")})
        return found


ROW_FORMS: dict[str, type[RowsForm]] = {
    attribute: type(
        f"{kind.model.__name__}RowsForm",
        (RowsForm,),
        {
            "attribute": attribute,
            attribute: FieldList(FormField(_row_form(kind), kind.label), kind.label, max_entries=200),
        },
    )
    for attribute, kind in KINDS.items()
}


def rows_data(organization: Organization, attribute: str) -> dict[str, Any]:
    """What the form of the stored rows opens with."""
    kind = KINDS[attribute]
    return {
        attribute: [
            {"key": str(row.id)} | {name: getattr(row, name) for name in kind.columns}
            for row in getattr(organization, attribute)
        ]
    }
