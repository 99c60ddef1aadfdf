"""Verbs on searches for a partner: write one down, change, delete and restore it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import is_editable
from app.actor import Actor
from app.audit.recorder import act
from app.problems import Conflict, Invalid, NotAllowed, check_version
from app.talents import sensitive
from models.base import utc_now
from models.partnering import Gain, PartnerSearch, Support
from models.people import Role
from models.reference import ActivityField, CollaborationForm, Department, ProjectCategory

TEXTS = (
    "problem", "goal", "wanted", "gains_note", "group_strengths", "city_strengths", "verdict_reason", "form_reason",
    "method", "criteria",
)  # fmt: skip
_VALUES = ("title", "fiscal_year", "department_id", *TEXTS, "gains", "verdict", "lead", "supports", "form_id")


def create_search(
    session: Session,
    *,
    actor: Actor,
    values: Mapping[str, Any],
    field_ids: Collection[int] = (),
    category_ids: Collection[int] = (),
) -> PartnerSearch:
    """Write down a problem: of the actor's department, or by the office for any. Raises Invalid, NotAllowed."""
    actor.require(Permission.PARTNER_SEARCH_EDIT)
    clean = _cleaned(values)
    _check(session, actor, clean, None)
    with act(session, actor, "partner-search:create", f"パートナー選びの登録: {clean['title']}"):
        search = PartnerSearch(**({"gains": [], "supports": []} | clean))
        search.fields = _rows(session, ActivityField, field_ids)
        search.categories = _rows(session, ProjectCategory, category_ids)
        session.add(search)
        session.flush()
    return search


def update_search(
    session: Session,
    *,
    actor: Actor,
    search: PartnerSearch,
    version: int | None,
    values: Mapping[str, Any],
    field_ids: Collection[int] | None = None,
    category_ids: Collection[int] | None = None,
) -> PartnerSearch:
    """Change a search that is not decided. Raises StaleRecord, Invalid, Conflict after the choice."""
    require_open(session, actor, search)
    check_version(search, version)
    clean = _cleaned(values)
    _check(session, actor, clean, search)
    with act(session, actor, "partner-search:edit", f"パートナー選びの変更: {search.title}"):
        for name, value in clean.items():
            if getattr(search, name) != value:
                setattr(search, name, value)
        for name, model, ids in (("fields", ActivityField, field_ids), ("categories", ProjectCategory, category_ids)):
            if ids is not None and set(ids) != {row.id for row in getattr(search, name)}:
                setattr(search, name, _rows(session, model, ids))
                search.updated_at = utc_now()
        session.flush()
    return search


def delete_search(session: Session, *, actor: Actor, search: PartnerSearch, reason: str | None = None) -> None:
    """Hide a search; it can be restored."""
    require_editable(session, actor, search)
    with act(session, actor, "partner-search:delete", f"パートナー選びの削除: {search.title}", reason=reason):
        search.deleted_at = utc_now()


def restore_search(session: Session, *, actor: Actor, search: PartnerSearch) -> None:
    """Bring back a deleted search."""
    actor.require(Permission.PARTNER_SEARCH_EDIT)
    with act(session, actor, "partner-search:restore", f"パートナー選びの復元: {search.title}"):
        search.deleted_at = None


def warning_of(search: PartnerSearch) -> str | None:
    """What in the texts of the search should perhaps not stand there."""
    columns = PartnerSearch.__mapper__.columns
    return sensitive.warning_about((columns[name].info["label"], getattr(search, name)) for name in ("title", *TEXTS))


# --- parts -----------------------------------------------------------------------------------------------------------


def require_editable(session: Session, actor: Actor, search: PartnerSearch) -> None:
    """Raise NotAllowed unless the actor may change this search."""
    actor.require(Permission.PARTNER_SEARCH_EDIT)
    if not is_editable(session, search, actor):
        raise NotAllowed


def require_open(session: Session, actor: Actor, search: PartnerSearch) -> None:
    """Raise Conflict when the choice was made: then nothing that led to it changes."""
    require_editable(session, actor, search)
    if search.decided_on is not None:
        raise Conflict("相手を選定した後は変更できません。直すときは、先に選定を取り消してください。")


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    clean = {name: value for name, value in values.items() if name in _VALUES}
    for name in ("title", *TEXTS):
        if name in clean:
            clean[name] = (clean[name] or "").strip() or None
    for name, kind in (("gains", Gain), ("supports", Support)):
        if name in clean:
            chosen = set(clean[name] or ())
            clean[name] = [one.value for one in kind if one.value in chosen or one in chosen]
    return clean


def _check(session: Session, actor: Actor, clean: Mapping[str, Any], search: PartnerSearch | None) -> None:
    problems: dict[str, str] = {}
    for name, label in (
        ("title", "件名"), ("problem", "困っていること"), ("fiscal_year", "年度"), ("department_id", "担当課")
    ):  # fmt: skip
        if (search is None or name in clean) and not clean.get(name):
            problems[name] = f"{label}を入力してください。"
    verdict = clean.get("verdict", search.verdict if search else None)
    reason = clean.get("verdict_reason", search.verdict_reason if search else None)
    if verdict is not None and not reason:
        problems["verdict_reason"] = "見極めの理由を書いてください。"
    key = clean.get("department_id")
    if key and (search is None or search.department_id != key):
        department = session.get(Department, key)
        if department is None or department.successor_id is not None:
            problems["department_id"] = "いまある課を選んでください。"
        elif not (actor.is_system or actor.has(Role.OFFICE)) and key not in actor.departments:
            problems["department_id"] = "自分の課を選んでください。"
    if clean.get("form_id") and session.get(CollaborationForm, clean["form_id"]) is None:
        problems["form_id"] = "形態を選び直してください。"
    if problems:
        raise Invalid("入力を確かめてください。", fields=problems)


def _rows(session: Session, model: Any, ids: Collection[int]) -> list[Any]:
    return list(session.scalars(select(model).where(model.id.in_(sorted(ids))).order_by(model.id)))
