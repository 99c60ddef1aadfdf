"""Bodies and who sits in them: rule values, terms, successors, next year's roster."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import fiscal_year_bounds, format_fiscal_year
from app.meetings.queries import members_on
from app.problems import Conflict, Invalid, check_version
from models.bodies import Body, MemberRole, Membership
from models.engine import lock
from models.meetings import Attendance

BODY_FIELDS = (
    "name",
    "short_name",
    "purpose",
    "quorum_kind",
    "counts_representatives",
    "is_closed_by_default",
    "closed_reason",
)
MEMBER_FIELDS = (
    "name",
    "title",
    "role",
    "position",
    "user_id",
    "department_id",
    "email",
    "from_on",
    "until_on",
    "replaces_id",
    "note",
)
#: Roles that one member at a time holds.
_SINGLE = (MemberRole.CHAIR,)


def update_body(session: Session, *, actor: Actor, body: Body, version: int | None, values: dict[str, Any]) -> Body:
    """Change a body's name or rules. Meetings that were held keep the rule of their day."""
    actor.require(Permission.BODY_EDIT)
    with act(session, actor, "body:edit", "会議体の変更"):
        lock(session, body)
        check_version(body, version)
        for name in BODY_FIELDS:
            if name in values:
                setattr(body, name, values[name] if values[name] is not None or name == "quorum_kind" else "")
        if body.is_closed_by_default and not body.closed_reason.strip():
            sentence = "原則非公開とする理由を入力してください。"
            raise Invalid(sentence, fields={"closed_reason": sentence})
    return body


def add_member(session: Session, *, actor: Actor, body: Body, values: dict[str, Any]) -> Membership:
    """Give somebody a seat for a term. replaces_id: the predecessor, whose term ends the day before.

    A successor serves the rest of the predecessor's term unless another end is given. Raises Invalid with fields.
    """
    actor.require(Permission.BODY_EDIT)
    with act(session, actor, "body:member", "構成員の登録"):
        lock(session, body)
        member = Membership(body=body, **_values(values))
        session.add(member)
        with session.no_autoflush:
            _check(session, member)
            _succeed(session, member)
        session.flush()
    return member


def update_member(
    session: Session, *, actor: Actor, member: Membership, version: int | None, values: dict[str, Any]
) -> Membership:
    """Change a seat."""
    actor.require(Permission.BODY_EDIT)
    with act(session, actor, "body:member", "構成員の変更"):
        lock(session, member)
        check_version(member, version)
        for name, value in _values(values).items():
            setattr(member, name, value)
        with session.no_autoflush:
            _check(session, member)
    return member


def remove_member(session: Session, *, actor: Actor, member: Membership) -> None:
    """Take away a seat that was entered by mistake; whoever was called to a meeting stays (end the term instead)."""
    actor.require(Permission.BODY_EDIT)
    with act(session, actor, "body:member", "構成員の削除"):
        called = session.scalar(select(Attendance.id).where(Attendance.membership_id == member.id).limit(1))
        heir = session.scalar(select(Membership.id).where(Membership.replaces_id == member.id).limit(1))
        if called is not None or heir is not None:
            raise Conflict("会議に招集されたか、後任のいる構成員は削除できません。任期の終了日を入れてください。")
        session.delete(member)


def renew_terms(session: Session, *, actor: Actor, body: Body, fiscal_year: int) -> list[Membership]:
    """Carry last year's seats, whose terms end on 31 March, over into a fiscal year. Names are to be looked over.

    Raises Conflict when nobody's term ends then, or the year has such seats already.
    """
    actor.require(Permission.BODY_EDIT)
    first, last = fiscal_year_bounds(fiscal_year)
    year = format_fiscal_year(fiscal_year)
    with act(session, actor, "body:renew", f"{year}の構成員の作成"):
        lock(session, body)
        ending = [one for one in members_on(session, body.id, first - dt.timedelta(days=1)) if one.until_on is not None]
        ending = [one for one in ending if one.until_on is not None and one.until_on < first]
        if not ending:
            raise Conflict(f"{year}の前日に任期の終わる構成員はいません。任期の続く人は、そのままで構いません。")
        if any(one.from_on >= first for one in body.memberships):
            raise Conflict(f"{year}以後に任期の始まる構成員が、もう登録されています。")
        after = {
            one.id: Membership(
                body=body,
                **{name: getattr(one, name) for name in MEMBER_FIELDS if name not in {"replaces_id", "note"}}
                | {"from_on": first, "until_on": last, "user_role": one.user_role},
            )
            for one in ending
        }
        for one in ending:
            if one.role is MemberRole.SUBSTITUTE:  # waits for the same seat again
                after[one.id].replaces = after.get(one.replaces_id or 0)
        session.add_all(after.values())
        session.flush()
    return list(after.values())


def _values(values: dict[str, Any]) -> dict[str, Any]:
    found = {name: values[name] for name in MEMBER_FIELDS if name in values}
    for name in ("title", "note"):
        if name in found:
            found[name] = found[name] or ""
    if "position" in found:
        found["position"] = found["position"] or 0
    return found


def _check(session: Session, member: Membership) -> None:
    wrong: dict[str, str] = {}
    if not (member.name or "").strip():
        wrong["name"] = "氏名・課名を入力してください。"
    if member.until_on is not None and member.until_on < member.from_on:
        wrong["until_on"] = "任期の終了日は、開始日以後にしてください。"
    elif member.role in _SINGLE and (other := _same_role(session, member)) is not None:
        wrong["role"] = f"この任期には、{member.role.label}として「{other.name}」が登録されています。"
    if member.replaces_id is not None:
        before = session.get(Membership, member.replaces_id)
        if before is None or before.body_id != member.body.id or before is member:
            wrong["replaces_id"] = "前任者は、同じ会議体の構成員から選んでください。"
        elif member.role is not MemberRole.SUBSTITUTE and before.from_on >= member.from_on:
            wrong["replaces_id"] = "前任者の任期は、この人より前に始まっていなければなりません。"
    if wrong:
        raise Invalid("入力内容を確認してください。", fields=wrong)


def _same_role(session: Session, member: Membership) -> Membership | None:
    for other in session.scalars(
        select(Membership)
        .where(Membership.body_id == member.body.id, Membership.role == member.role)
        .order_by(Membership.id)
    ):
        starts_before_end = member.until_on is None or other.from_on <= member.until_on
        ends_after_start = other.until_on is None or other.until_on >= member.from_on
        is_own = other is member or other.id == member.replaces_id
        if not is_own and starts_before_end and ends_after_start:
            return other
    return None


def _succeed(session: Session, member: Membership) -> None:
    """A successor ends the predecessor's term; a substitute (補欠委員) only waits for it."""
    if member.replaces_id is None or member.role is MemberRole.SUBSTITUTE:
        return
    before = session.get_one(Membership, member.replaces_id)
    if member.until_on is None:
        member.until_on = before.until_on
    if before.until_on is None or before.until_on >= member.from_on:
        before.until_on = member.from_on - dt.timedelta(days=1)
