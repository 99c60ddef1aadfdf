"""Verbs of talents: register, change, keep contact and consent. Erasure stands in erasure.py, matches in coordination.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import is_editable
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import today_in_tokyo
from app.problems import Invalid, NotAllowed, check_version
from app.talents import sensitive
from app.talents.facts import ANYWHERE, ONLINE
from app.talents.values import CONTACT_RULES, TALENT_RULES, cleaned
from models.base import utc_now
from models.reference import Area
from models.talents import ConsentWay, Talent, TalentStatus

#: Texts in which sensitive data is looked for.
_SPOKEN = ("description", "note", "reward_note", "contact_note")


def create_talent(session: Session, *, actor: Actor, values: Mapping[str, Any]) -> Talent:
    """Register a talent. `values`: keys of values.TALENT_RULES. Raises Invalid with a sentence per field."""
    actor.require(Permission.TALENT_CREATE)
    given = {"registered_on": today_in_tokyo(), "status": TalentStatus.ACTIVE} | dict(values)
    clean = cleaned(Talent, TALENT_RULES, given)
    if clean.get("name") is None:
        raise Invalid("氏名・団体名を入力してください。", fields={"name": "氏名・団体名を入力してください。"})
    _check_areas(session, clean, ())
    _check_consent(None, clean)
    with act(session, actor, "talent:create", "人財の登録") as current:
        talent = Talent()
        _apply(talent, clean)
        session.add(talent)
        session.flush()
        current.label = f"人財の登録: {talent}"
    return talent


def update_talent(
    session: Session, *, actor: Actor, talent: Talent, version: int | None, values: Mapping[str, Any]
) -> Talent:
    """Change a talent. `version`: as the actor saw it, None to skip the check. Raises StaleRecord, Invalid."""
    require_editable(session, talent, actor)
    check_version(talent, version)
    clean = cleaned(Talent, TALENT_RULES, values)
    _check_areas(session, clean, talent.areas)
    _check_consent(talent, clean)
    with act(session, actor, "talent:edit", f"人財の変更: {talent}"):
        _apply(talent, clean)
        session.flush()
    return talent


def update_contact(
    session: Session, *, actor: Actor, talent: Talent, version: int | None, values: Mapping[str, Any]
) -> None:
    """Change how a talent is reached. Only who reads names may."""
    actor.require(Permission.CONTACT_DISCLOSE)
    require_editable(session, talent, actor)
    check_version(talent, version)
    clean = cleaned(Talent, CONTACT_RULES, values)
    with act(session, actor, "talent:edit-contact", f"連絡先の変更: {talent}"):
        _apply(talent, clean)
        session.flush()


def renew_consent(
    session: Session,
    *,
    actor: Actor,
    talent: Talent,
    version: int | None,
    consent_on: dt.date | None,
    consent_way: ConsentWay | None,
    valid_until: dt.date | None,
) -> None:
    """The talent agrees anew: from that day, to that day; a paused or ended registration becomes active again."""
    require_editable(session, talent, actor)
    check_version(talent, version)
    wrong = {}
    if consent_on is None:
        wrong["consent_on"] = "同意を得た日を入力してください。"
    elif consent_on > today_in_tokyo():
        wrong["consent_on"] = "同意を得た日は、今日までの日にしてください。"
    if consent_way is None:
        wrong["consent_way"] = "同意の方法を選んでください。"
    if valid_until is None or valid_until < today_in_tokyo():
        wrong["valid_until"] = "有効期限は、今日より後の日にしてください。"
    if wrong:
        raise Invalid("入力の内容を確かめてください。", fields=wrong)
    with act(session, actor, "talent:renew", f"同意の更新: {talent}"):
        talent.consent_on, talent.consent_way, talent.valid_until = consent_on, consent_way, valid_until
        talent.consent_withdrawn_on, talent.status = None, TalentStatus.ACTIVE
        session.flush()


def withdraw_consent(session: Session, *, actor: Actor, talent: Talent, version: int | None) -> None:
    """The talent takes the consent back: matching stops at once; erasure is the next step."""
    require_editable(session, talent, actor)
    check_version(talent, version)
    with act(session, actor, "talent:withdraw", f"同意の撤回: {talent}"):
        talent.consent_withdrawn_on, talent.status = today_in_tokyo(), TalentStatus.ENDED
        session.flush()


def warning_of(talent: Talent) -> str | None:
    """What in the talent's texts should perhaps not stand there."""
    texts = [(name, getattr(talent, name)) for name in _SPOKEN] + [("free_skills", " / ".join(talent.free_skills))]
    return sensitive.warning_about((Talent.__mapper__.columns[name].info["label"], text) for name, text in texts)


def require_editable(session: Session, talent: Talent, actor: Actor) -> None:
    """Raise NotAllowed unless the actor may change this talent."""
    actor.require(Permission.TALENT_EDIT)
    if not is_editable(session, talent, actor):
        raise NotAllowed("この人財の情報は変更できません。あすぴあへご連絡ください。")


def _check_areas(session: Session, clean: Mapping[str, Any], before: Sequence[str]) -> None:
    """Towns are those of the city's list; one that an older list had may stay."""
    known = {ANYWHERE, ONLINE, *before, *session.scalars(select(Area.name))}
    unknown = [area for area in clean.get("areas", ()) if area not in known]
    if unknown:
        sentence = f"「{'」「'.join(unknown[:5])}」は町名の一覧にありません。"
        raise Invalid("入力の内容を確かめてください。", fields={"areas": sentence})


def _check_consent(talent: Talent | None, clean: Mapping[str, Any]) -> None:
    """Who is matched has agreed, and has not taken it back; the period is one."""

    def value(name: str) -> Any:
        return clean.get(name, getattr(talent, name, None))

    wrong: dict[str, str] = {}
    status, begun, ends = value("status"), value("consent_on"), value("valid_until")
    if status is TalentStatus.ERASED:
        wrong["status"] = "消去は「個人情報を消去する」から行ってください。"
    if status is TalentStatus.ACTIVE:
        if begun is None:
            wrong["consent_on"] = "登録中にするには、同意日を入力してください。"
        elif value("consent_withdrawn_on") is not None:
            wrong["status"] = "同意が撤回されています。「同意を更新する」から、改めて同意を得た日を記録してください。"
        if value("consent_way") is None:
            wrong["consent_way"] = "同意の方法を選んでください。"
    if begun is not None and begun > today_in_tokyo():
        wrong["consent_on"] = "同意日は、今日までの日にしてください。"
    if begun and ends and ends < begun:
        wrong["valid_until"] = "有効期限は、同意日より後の日にしてください。"
    if wrong:
        raise Invalid("入力の内容を確かめてください。", fields=wrong)


def _apply(record: Any, clean: Mapping[str, Any]) -> None:
    """Set what differs; related rows count as a change of the record itself, so that its version tells."""
    for name, value in clean.items():
        if name == "name":
            value = value or ""
        if name in {"skills", "fields"}:
            if {row.id for row in getattr(record, name)} != {row.id for row in value}:
                setattr(record, name, list(value))
                record.updated_at = utc_now()
        elif getattr(record, name) != value:
            setattr(record, name, value)


apply_values = _apply
