"""A group's values as they are kept: cleaned, bounded, told apart from what nobody may set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directory.fields import COLUMNS, Kept
from app.japanese.kana import is_kana, to_hiragana
from app.japanese.normalize import legal_form_of
from app.japanese.text import TextError, check_length, clean_line, clean_text
from app.problems import Invalid
from models.base import Base
from models.directory import Organization, OrganizationKind
from models.directory_profile import Audience, OrganizationField
from models.reference import ActivityField, Area

#: Texts that a caller may set, with the longest of each.
LIMITS: dict[str, int] = {"name": 300, "reading": 300, "legal_form": 60} | {
    field.name: field.limit for field in COLUMNS if field.kept is not Kept.NUMBER
}
_LINES = {"name", "reading", "legal_form"} | {field.name for field in COLUMNS if field.kept is Kept.LINE}
#: Whole numbers, with the least and the greatest.
_NUMBERS = {"founded_year": (1800, 2200), "member_count": (0, 1_000_000), "member_count_in_city": (0, 1_000_000)}
_OTHERS = {"kind", "is_confirmed", "is_person"}
#: Many-to-many sides: ids in order.
RELATIONS = {"fields", "audiences", "areas"}


def cleaned(values: Mapping[str, Any], organization: Organization | None) -> dict[str, Any]:
    """The values as they are kept. Raises Invalid with a sentence per field."""
    unknown = set(values) - set(LIMITS) - set(_NUMBERS) - _OTHERS - RELATIONS
    if unknown:
        raise ValueError(f"not settable: {sorted(unknown)}")
    clean: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for key, value in values.items():
        try:
            clean[key] = _clean_value(key, value)
        except TextError as error:
            wrong[key] = str(error)
    name = clean.get("name", organization.name if organization else "")
    if not name and "name" not in wrong:
        wrong["name"] = "団体名を入力してください。"
    if clean.get("reading") and not is_kana(clean["reading"]):
        wrong["reading"] = "よみは、ひらがなかカタカナで入力してください。"
    total = clean.get("member_count", organization.member_count if organization else None)
    part = clean.get("member_count_in_city", organization.member_count_in_city if organization else None)
    if total is not None and part is not None and part > total:
        wrong["member_count_in_city"] = f"会員数({total}人)より多くなっています。確かめてください。"
    if wrong:
        raise Invalid("入力の内容を確かめてください。", fields=wrong)
    return clean


def _clean_value(key: str, value: Any) -> Any:
    if key in LIMITS:
        raw = value or ""
        label = str(Organization.__table__.c[key].info["label"])
        if len(raw) > LIMITS[key] * 20:  # before anything looks at it: megabytes are not counted character by character
            raise TextError(f"「{label}」は{LIMITS[key]:,}文字までです。長すぎるため、読み取りませんでした。")
        text = (clean_line if key in _LINES else clean_text)(raw)
        check_length(text, LIMITS[key], label)
        return text
    if key in _NUMBERS:
        return _number(key, value)
    if key == "kind":
        return OrganizationKind(value)
    if key in RELATIONS:
        return list(dict.fromkeys(value or ()))
    return value


def _number(key: str, value: Any) -> int | None:
    if value is None or value == "":
        return None
    least, most = _NUMBERS[key]
    label = str(Organization.__table__.c[key].info["label"])
    if not isinstance(value, int) or not least <= value <= most:
        raise TextError(f"「{label}」は{least:,}から{most:,}までの数で入力してください。")
    return value


def apply(session: Session, organization: Organization, clean: Mapping[str, Any]) -> None:
    """Set what `cleaned` gave; only what differs is touched."""
    for key, value in clean.items():
        if key in RELATIONS:
            continue
        if key == "reading":
            value = to_hiragana(value)
        if value == "" and key not in {"name", "reading"}:
            value = None
        if getattr(organization, key) != value:
            setattr(organization, key, value)
    if not organization.legal_form:
        organization.legal_form = legal_form_of(organization.name)
    if "fields" in clean:
        _set_fields(session, organization, clean["fields"])
    for name, model in (("audiences", Audience), ("areas", Area)):
        if name in clean:
            _set_many(session, organization, name, model, clean[name])


def joined_to(organization: Organization) -> tuple[Any, ...]:
    """What the group is joined to, to tell whether it changed."""
    return (
        [(row.activity_field_id, row.position) for row in organization.fields],
        {row.id for row in organization.audiences},
        {row.id for row in organization.areas},
    )


def _set_fields(session: Session, organization: Organization, ids: list[int]) -> None:
    """The fields of activity in the given order; rows that stay are kept."""
    _known(session, ActivityField, ids, "fields")
    held = {row.activity_field_id: row for row in organization.fields}
    for row in list(organization.fields):
        if row.activity_field_id not in ids:
            organization.fields.remove(row)
    for position, key in enumerate(ids, start=1):
        known = held.get(key)
        if known is None:
            organization.fields.append(OrganizationField(activity_field_id=key, position=position))
        elif known.position != position:
            known.position = position


def _set_many(session: Session, organization: Organization, name: str, model: type[Base], ids: list[int]) -> None:
    rows = _known(session, model, ids, name)
    held = getattr(organization, name)
    if {row.id for row in held} != set(ids):
        setattr(organization, name, rows)


def _known(session: Session, model: type[Base], ids: Iterable[int], name: str) -> list[Any]:
    wanted = list(ids)
    rows = {row.id: row for row in session.scalars(select(model).where(model.id.in_(wanted)))}  # type: ignore[attr-defined]
    if set(wanted) - set(rows):
        raise Invalid("入力の内容を確かめてください。", fields={name: "一覧にない項目があります。選び直してください。"})
    return [rows[key] for key in wanted]
