"""Rows that hang on a group and are edited together: activity records, statements, members, officers, affiliations."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.recorder import act
from app.directory.affiliations import tell_affiliation
from app.directory.derived import derive_completeness
from app.directory.services import require_editable
from app.japanese.dates import format_fiscal_year
from app.japanese.normalize import fold_name
from app.japanese.text import TextError, check_length, clean_line, clean_text
from app.problems import Invalid, StaleRecord
from models.base import Base
from models.directory import Organization
from models.directory_records import (
    ActivityRecord,
    Affiliation,
    FinancialStatement,
    MemberCount,
    OrganizationOfficer,
)

MOST_ROWS = 200
_MAX_YEN = 10**13


@dataclasses.dataclass(frozen=True)
class RowKind:
    """One kind of row. `attribute`: of the group; `unique`: columns that together name a row; `texts`: longest of each."""

    attribute: str
    model: type[Base]
    columns: tuple[str, ...]
    required: tuple[str, ...]
    unique: tuple[str, ...] = ()
    texts: Mapping[str, int] = dataclasses.field(default_factory=dict)

    @property
    def label(self) -> str:
        """Its Japanese name."""
        return self.model.__label__


KINDS: dict[str, RowKind] = {
    kind.attribute: kind
    for kind in (
        RowKind(
            "activity_records",
            ActivityRecord,
            ("fiscal_year", "heading", "description", "participant_count", "partner"),
            ("fiscal_year", "heading"),
            ("fiscal_year", "heading"),
            {"heading": 200, "description": 10_000, "partner": 200},
        ),
        RowKind(
            "statements",
            FinancialStatement,
            ("fiscal_year", "income_yen", "expenditure_yen", "carried_forward_yen", "note"),
            ("fiscal_year", "income_yen", "expenditure_yen"),
            ("fiscal_year",),
            {"note": 2_000},
        ),
        RowKind(
            "member_counts",
            MemberCount,
            ("fiscal_year", "members", "in_city", "joined", "aged_65"),
            ("fiscal_year", "members"),
            ("fiscal_year",),
        ),
        RowKind(
            "officers",
            OrganizationOfficer,
            ("name", "role", "from_on", "until_on"),
            ("name",),
            (),
            {"name": 100, "role": 100},
        ),
        RowKind(
            "affiliations",
            Affiliation,
            ("user_id", "role", "from_on", "until_on", "note"),
            ("user_id", "role"),
            (),
            {"note": 300},
        ),
    )
}


def seen_of(organization: Organization, kind: RowKind) -> str:
    """What stands there now, for `save_rows` to notice that somebody else was faster."""
    return " ".join(f"{row.id}:{row.version}" for row in sorted(getattr(organization, kind.attribute), key=_key_of))


def save_rows(
    session: Session,
    *,
    actor: Actor,
    organization: Organization,
    kind: RowKind,
    rows: Sequence[Mapping[str, Any]],
    seen: str | None = None,
) -> None:
    """Make the rows these: with `id` changed, without it new, those that are missing removed.

    Raises StaleRecord when what stands there is not what `seen_of` told; Invalid with a sentence per row.
    """
    require_editable(session, organization, actor)
    held = {row.id: row for row in getattr(organization, kind.attribute)}
    if seen is not None and seen != seen_of(organization, kind):
        raise StaleRecord
    clean = _checked(kind, rows)
    if any(row.get("id") is not None and row["id"] not in held for row in clean):
        raise StaleRecord
    kept = {row["id"] for row in clean if row.get("id") is not None}
    with act(session, actor, f"organization:{kind.attribute}", f"{kind.label}の変更: {organization}"):
        collection = getattr(organization, kind.attribute)
        for key, row in held.items():
            if key not in kept:
                if isinstance(row, Affiliation):
                    tell_affiliation(session, actor, row)
                collection.remove(row)
        session.flush()
        changed = []
        for values in clean:
            row = held.get(values["id"]) if values.get("id") is not None else None
            if row is None:
                row = kind.model()
                collection.append(row)
            changed.append(row)
            for name in kind.columns:
                if getattr(row, name) != values.get(name):
                    setattr(row, name, values.get(name))
            if isinstance(row, OrganizationOfficer):
                row.folded_name = fold_name(row.name)
        session.flush()
        for row in changed:
            if isinstance(row, Affiliation):
                tell_affiliation(session, actor, row)
        derive_completeness(session, [organization.id])


def _key_of(row: Any) -> int:
    return int(row.id)


def _checked(kind: RowKind, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if len(rows) > MOST_ROWS:
        raise Invalid(f"{kind.label}は{MOST_ROWS}行までです。")
    wrong: list[str] = []
    clean: list[dict[str, Any]] = []
    seen: dict[tuple[Any, ...], int] = {}
    for place, row in enumerate(rows, start=1):
        values = {name: row.get(name) for name in kind.columns} | {"id": row.get("id")}
        for name in kind.columns:
            try:
                values[name] = _value(kind, name, values[name])
            except TextError as error:
                wrong.append(f"{place}行目: {error}")
        wrong += [
            f"{place}行目: 「{label_of(kind, name)}」を入力してください。"
            for name in kind.required
            if values[name] is None or values[name] == ""
        ]
        wrong += [f"{place}行目: {sentence}" for sentence in _across(kind, values)]
        if kind.unique:
            key = tuple(values[name] for name in kind.unique)
            if key in seen:
                wrong.append(
                    f"{place}行目: {_named(kind, key)}は、{seen[key]}行目にもあります。1行にまとめてください。"
                )
            seen.setdefault(key, place)
        clean.append(values)
    if wrong:
        raise Invalid("入力の内容を確かめてください。", fields={f"row-{n}": text for n, text in enumerate(wrong)})
    return clean


def _named(kind: RowKind, key: tuple[Any, ...]) -> str:
    year = format_fiscal_year(key[0]) if isinstance(key[0], int) else str(key[0])
    return f"{year}の{kind.label}" if len(key) == 1 else f"{year}の「{key[1]}」"


def label_of(kind: RowKind, name: str) -> str:
    """The Japanese name of a column."""
    return str(kind.model.__table__.c[name].info["label"])


def _value(kind: RowKind, name: str, value: Any) -> Any:
    label = label_of(kind, name)
    if name in kind.texts:
        raw = value or ""
        if len(raw) > kind.texts[name] * 20:
            raise TextError(f"「{label}」は{kind.texts[name]:,}文字までです。長すぎるため、読み取りませんでした。")
        text = (clean_text if kind.texts[name] > 300 else clean_line)(raw)
        check_length(text, kind.texts[name], label)
        return text or None
    if isinstance(value, bool) or value is None:
        return None
    if name == "fiscal_year" and not 1900 <= value <= 2200:
        raise TextError(f"「{label}」の{value}を年度として読み取れません。")
    if value_is_negative(name, value):
        raise TextError(f"「{label}」に負の数は入力できません。")
    if name.endswith("_yen") and abs(value) > _MAX_YEN:
        raise TextError(f"「{label}」の桁が多すぎます。円単位で入力しているか、確かめてください。")
    if name in _COUNTS and value > 10_000_000:
        raise TextError(f"「{label}」の桁が多すぎます。確かめてください。")
    return value


_COUNTS = {"members", "in_city", "joined", "aged_65", "participant_count"}


def value_is_negative(name: str, value: Any) -> bool:
    """Whether a sum or a number is below zero where it cannot be; what is carried forward may be."""
    return name in _COUNTS | {"income_yen", "expenditure_yen"} and value < 0


def _across(kind: RowKind, values: Mapping[str, Any]) -> list[str]:
    found = []
    members = values.get("members")
    for name in ("in_city", "joined", "aged_65"):
        part = values.get(name)
        if part is not None and members is not None and part > members:
            found.append(f"「{label_of(kind, name)}」が会員数({members}人)より多くなっています。")
    first, last = values.get("from_on"), values.get("until_on")
    if first is not None and last is not None and last < first:
        found.append(f"「{label_of(kind, 'until_on')}」が「{label_of(kind, 'from_on')}」より前です。")
    return found
