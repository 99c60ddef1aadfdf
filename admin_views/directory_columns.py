"""Columns and filters of the list of groups: each asks the reader's level, so that nothing closed is shown or counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g
from sqlalchemy import ColumnElement, false, literal, select, text, union_all
from sqlalchemy.orm import Session, selectinload

from admin_views.columns import Column, Filter
from app.access.levels import level_of
from app.access.login import current_actor
from app.access.scopes import as_key
from app.actor import Actor
from app.directory.cells import field_cells, registration_cells
from app.directory.completeness import Level
from app.directory.consent import consent_is_missing, is_open, may_publish
from app.directory.fields import CENTER, CONTACTS
from app.directory.finding import LEVELS, Freshness, completeness_column, freshness_criterion, with_relation
from app.directory.registering import RegistrationState, rule_of, state_criterion
from app.extensions import db
from app.japanese.dates import today_in_tokyo
from models.directory import Organization, OrganizationKind, OrganizationSource
from models.directory_profile import Audience
from models.moment import remembered
from models.reference import ActivityField, Area

_CONSENTS = selectinload(Organization.consents)


def _level() -> int:
    return level_of(current_actor())


def notice_days() -> int:
    """So many days before its end a registration is called to mind; read once a request."""
    if "notice_days" not in g:
        g.notice_days = rule_of(db.session())[1]
    found: int = g.notice_days
    return found


def _open(name: str, value: Any = None) -> Any:
    """A reader of one field: what is closed to the one who asks is empty, on screen and in exports."""

    def read(row: Organization) -> Any:
        if not is_open(row, name, _level()):
            return None
        return value(row) if value is not None else getattr(row, name)

    return read


def _consented(name: str, label: str, value: Any = None, load: Sequence[Any] = (), **more: Any) -> Column:
    return Column(name, label, _open(name, value), load=(_CONSENTS, *load), **more)


def _completeness(row: Organization) -> str:
    level = Level(getattr(row, completeness_column(_level()).key))
    return f"レベル{int(level)}"


def _public_contacts(row: Organization) -> str:
    """Contacts that the group itself made public; no others leave by a list."""
    told = [
        f"{field.label} {value}"
        for field in CONTACTS
        if (value := getattr(row, field.name)) and may_publish(row, field.name)
    ]
    return "、".join(told)


def _texts(*names: str) -> list[Column]:
    labels = Organization.__table__.c
    return [_consented(name, str(labels[name].info["label"]), is_default=False) for name in names]


COLUMNS: tuple[Column, ...] = (
    Column("name", "団体名", lambda row: row.name, sort=(Organization.name,), needs=("name",)),
    Column("reading", "よみ", lambda row: row.reading, sort=(Organization.reading,), needs=("reading",)),
    Column("kind", "種別", lambda row: row.kind, needs=("kind",)),
    Column("legal_form", "法人格", lambda row: row.legal_form, needs=("legal_form",), is_default=False),
    Column("fields", "活動分野", lambda names: names, fetch=field_cells),
    Column("registration", "登録", lambda state: (state or RegistrationState.NONE).label, fetch=registration_cells),
    Column("completeness", "充実度", _completeness, needs=LEVELS),
    Column("confirmed", "確認", lambda row: "確認済み" if row.is_confirmed else "未確認", needs=("is_confirmed",)),
    Column("confirmed_on", "最終確認日", lambda row: row.confirmed_on, needs=("confirmed_on",), is_default=False),
    Column(
        "aliases",
        "別名",
        lambda row: [alias.name for alias in row.aliases],
        is_default=False,
        load=(selectinload(Organization.aliases),),
    ),
    _consented("areas", "活動地域", None, (selectinload(Organization.areas),), is_default=False),
    _consented("audiences", "対象", None, (selectinload(Organization.audiences),), is_default=False),
    *_texts("purpose", "activities", "regular_day", "regular_place", "founded_year", "member_count", "web", "pr"),
    Column("contacts", "公開の連絡先", _public_contacts, load=(_CONSENTS,), is_default=False),
    Column("source", "登録の経緯", lambda row: row.source, is_default=False, needs=("source",)),
)


def _key(value: str) -> int:
    key = as_key(value)
    if key is None:
        raise ValueError("no key")
    return key


#: What the groups are joined to and filtered by, each in its own order.
_JOINED: tuple[tuple[str, str, Any, Any], ...] = (
    ("fields", "活動分野", ActivityField, ActivityField.number),
    ("areas", "活動地域", Area, Area.position),
    ("audiences", "対象", Audience, Audience.position),
)


def _joined_choices(session: Session) -> dict[str, list[tuple[str, str]]]:
    """{filter: (key, name) in order}: all of them by one query."""

    def read() -> dict[str, list[tuple[str, str]]]:
        parts = [select(literal(name), model.id, model.name, order.label("place")) for name, _, model, order in _JOINED]
        found: dict[str, list[tuple[str, str]]] = {}
        for name, key, words, _ in session.execute(union_all(*parts).order_by(text("4"), text("2"))):
            found.setdefault(name, []).append((str(key), words))
        return found

    return remembered(session, "choices of groups", read)


def _relation(name: str, label: str) -> Filter:
    def options(session: Session, actor: Actor) -> list[tuple[str, str]]:
        return _joined_choices(session).get(name, [])

    return Filter(name, label, lambda value: with_relation(name, _key(value), _level()), options=options)


_BY_FIELD, _BY_AREA, _BY_AUDIENCE = (_relation(name, label) for name, label, _, _ in _JOINED)


def _flag(value: str) -> ColumnElement[bool]:
    if value not in {"0", "1"}:
        raise ValueError("no flag")
    return Organization.is_confirmed.is_(value == "1")


def _completeness_is(value: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = completeness_column(_level()) == int(Level(int(value)))
    return found


def _registration_is(value: str) -> ColumnElement[bool]:
    return state_criterion(RegistrationState(value), today_in_tokyo(), notice_days())


def _consent_missing(value: str) -> ColumnElement[bool]:
    """Confirmed groups with a text to print and no word about who may read it; for the centre and the office."""
    if value != "missing" or _level() < CENTER:
        return false()
    return consent_is_missing()


FILTERS: tuple[Filter, ...] = (
    _BY_FIELD,
    Filter(
        "kind",
        "種別",
        lambda value: Organization.kind == OrganizationKind(value),
        options=lambda session, actor: OrganizationKind.choices(),
    ),
    _BY_AREA,
    _BY_AUDIENCE,
    Filter(
        "registration",
        "あすぴあの登録",
        _registration_is,
        options=lambda session, actor: [(state.value, state.label) for state in RegistrationState],
    ),
    Filter(
        "completeness",
        "情報の充実度",
        _completeness_is,
        options=lambda session, actor: [(str(int(level)), f"レベル{int(level)} {level.label}") for level in Level],
    ),
    Filter(
        "freshness",
        "内容の確認",
        lambda value: freshness_criterion(value, today_in_tokyo()),
        options=lambda session, actor: list(Freshness.LABELS.items()),
    ),
    Filter("confirmed", "確認", _flag, options=lambda session, actor: [("0", "未確認"), ("1", "確認済み")]),
    Filter(
        "source",
        "登録の経緯",
        lambda value: Organization.source == OrganizationSource(value),
        options=lambda session, actor: OrganizationSource.choices(),
    ),
    Filter(
        "consent",
        "公開の同意",
        _consent_missing,
        options=lambda session, actor: [("missing", "記録のない団体")] if level_of(actor) >= CENTER else [],
    ),
)
