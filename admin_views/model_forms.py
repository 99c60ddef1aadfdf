"""Makes a form of a model's columns: labels from the columns, fields that understand what people here type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Date, Integer, Text
from sqlalchemy import Enum as SqlEnum
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from admin_views.base import resolver
from app.lookup_fields import RelationField
from app.webforms import BackOfficeForm, ChoiceField, DateField, LineField, LongTextField, YenField, optional
from models.base import Base

REQUIRED = "入力してください。"
_MAX_INTEGER = 2_147_483_647


class WordsField(LongTextField):
    """A list of short words, one a line."""

    def process_data(self, value: Any) -> None:
        self.data = "\n".join(value or ())

    def post_validate(self, form: Any, stopped: bool) -> None:
        """The words, without blanks and doubles."""
        self.data = list(dict.fromkeys(line.strip() for line in (self.data or "").splitlines() if line.strip()))

    def _value(self) -> str:
        return "\n".join(self.data) if isinstance(self.data, list) else str(self.data or "")


def form_of(model: type[Base], names: Sequence[str], *, lookups: dict[str, str] | None = None) -> type[BackOfficeForm]:
    """A form class over these attributes. lookups: {foreign key attribute: endpoint of the look-up}."""
    fields = {name: _field_of(model, name, (lookups or {}).get(name)) for name in names}
    return type(f"{model.__name__}Form", (BackOfficeForm,), fields)


def _field_of(model: type[Base], name: str, lookup: str | None) -> Any:
    column = model.__mapper__.columns[name]
    label = column.info["label"]
    is_required = not column.nullable and column.default is None and not isinstance(column.type, Boolean)
    rules: list[Any] = [InputRequired(REQUIRED)] if is_required else [optional()]
    if column.foreign_keys:
        target = next(
            relationship.mapper.class_
            for relationship in model.__mapper__.relationships
            if relationship.local_columns == {column}
        )
        assert lookup is not None, f"{model.__name__}.{name} needs a look-up"
        return RelationField(label, [] if column.nullable else rules, lookup=lookup, resolve=resolver(target))
    if isinstance(column.type, SqlEnum):
        kind = column.type.enum_class
        return ChoiceField(label, rules, choices=kind.choices(), coerce=kind, empty=None if is_required else "(なし)")
    if isinstance(column.type, Boolean):
        return BooleanField(label)
    if isinstance(column.type, Date):
        return DateField(label, rules)
    if name.endswith("_yen"):
        return YenField(label, rules)
    if isinstance(column.type, (Integer, BigInteger)):
        bounds = NumberRange(0, _MAX_INTEGER, message="0以上の整数を入力してください。")
        return IntegerField(label, [*rules, bounds])
    if isinstance(column.type, JSON):
        return WordsField(label, rules, description="1行に1つずつ入力してください。")
    if isinstance(column.type, Text):
        return LongTextField(label, rules)
    return LineField(label, rules, length=column.type.length or 300)


def values_of(form: Any, model: type[Base]) -> dict[str, Any]:
    """{attribute: value} of the form; an empty text of a column that cannot be null is ''."""
    values = {}
    for field in form:
        column = model.__mapper__.columns[field.short_name]
        value = field.data
        if value is None and not column.nullable and hasattr(column.type, "length"):
            value = ""
        values[field.short_name] = value
    return values
