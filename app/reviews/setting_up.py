"""Before the committee works: its list for this call, dates, the decision rule. All frozen by the first sealed sheet."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import get_visible
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import today_in_tokyo
from app.problems import Conflict as Refusal
from app.problems import Invalid, check_version
from app.reviews import conflicts, queries
from app.reviews.openings import refresh_openings
from app.reviews.suspicions import suspect
from models.bodies import Body, MemberRole, Membership
from models.calls import Call
from models.review_sheets import ScoreSheet, ScoreSheetVersion
from models.reviews import DecisionRule, ReviewMember, ReviewSetting, ReviewStage, StageAbsence

COMMITTEE = "committee"
SEATED = (MemberRole.CHAIR, MemberRole.DEPUTY, MemberRole.MEMBER)
_DECIMAL = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?")
FROZEN = "採点票が一つでも確定した後は、審査基準と規則を変えられません。"


def prepare_review(session: Session, *, actor: Actor, call: Call, on: dt.date | None = None) -> ReviewSetting:
    """Make the review of a call: its list from the committee's members of that day (today), rule and dates empty.

    Called again it adds members who joined since. Raises Invalid when the committee has nobody.
    """
    actor.require(Permission.CRITERION_EDIT)
    get_visible(session, Call, call.id, actor)
    with act(session, actor, "criterion:prepare", f"{call.name}の審査を準備しました"):
        setting = queries.find_setting(session, call.id)
        if setting is None:
            setting = ReviewSetting(call_id=call.id)
            session.add_all([setting, DecisionRule(call_id=call.id)])
            session.flush()
        queries.lock_review(session, call.id)
        _seat(session, call, on or today_in_tokyo())
        settle(session, actor, call.id)
    return setting


def settle(session: Session, actor: Actor, call_id: int) -> None:
    """Derive conflicts, note equal names and count the stages anew, inside the caller's act."""
    conflicts.derive(session, actor, call_id)
    suspect(session, call_id)
    refresh_openings(session, call_id)


def look_for_conflicts(session: Session, *, actor: Actor, call_id: int) -> int:
    """Compare the list with the directory once more (also done by itself whenever somebody joins, declares or seals)."""
    actor.require(Permission.CONFLICT_MANAGE)
    with act(session, actor, "conflict:derive", "利害関係を団体データと照合しました"):
        queries.lock_review(session, call_id)
        found = conflicts.derive(session, actor, call_id) + suspect(session, call_id)
        refresh_openings(session, call_id)
    return found


def seats(session: Session, on: dt.date) -> list[Membership]:
    """The committee's members of that day, in their order."""
    rows = session.scalars(
        select(Membership)
        .join(Body, Body.id == Membership.body_id)
        .where(Body.code == COMMITTEE, Membership.role.in_(SEATED))
        .order_by(Membership.position, Membership.id)
    )
    return [row for row in rows if row.is_in_force(on)]


def _seat(session: Session, call: Call, on: dt.date) -> None:
    known = {one.membership_id: one for one in queries.members_of(session, call.id, with_left=True)}
    users = {one.user_id for one in known.values() if one.user_id is not None}
    has_chair = any(one.is_chair and one.left_on is None for one in known.values())
    for membership in seats(session, on):
        if membership.id in known:
            continue
        if membership.user_id is not None and membership.user_id in users:
            continue
        is_chair = membership.role is MemberRole.CHAIR and not has_chair
        has_chair |= is_chair
        session.add(
            ReviewMember(
                call_id=call.id,
                membership_id=membership.id,
                user_id=membership.user_id,
                name=membership.name,
                title=membership.title,
                is_chair=is_chair,
                position=membership.position,
            )
        )
    session.flush()
    if not queries.members_of(session, call.id):
        raise Invalid("選考審査会の委員が登録されていません。「会議体」の画面で、委員を登録してください。")


def update_setting(
    session: Session, *, actor: Actor, call_id: int, values: Mapping[str, Any], version: int | None = None
) -> ReviewSetting:
    """Change dates, the meeting, and what is told of the results."""
    actor.require(Permission.CRITERION_EDIT)
    with act(session, actor, "criterion:edit", "審査の日程と設定を変更しました"):
        setting = queries.lock_review(session, call_id)
        check_version(setting, version)
        for name in ("declarations_due_on", "document_due_on", "interview_on", "interview_due_on", "meeting_id",
                     "tells_criterion_means", "publishes_member_scores"):  # fmt: skip
            if name in values:
                setattr(setting, name, values[name])
    return setting


def update_rule(
    session: Session, *, actor: Actor, call_id: int, values: Mapping[str, Any], version: int | None = None
) -> DecisionRule:
    """Change the decision rule, until the first sheet is sealed."""
    actor.require(Permission.CRITERION_EDIT)
    minimum = values.get("minimum_percent")
    if minimum is not None and (not _DECIMAL.fullmatch(minimum) or float(minimum) > 100):
        sentence = "0から100までの数(小数は4桁まで)で入力してください。"
        raise Invalid(f"最低基準は、{sentence}", fields={"minimum_percent": sentence})
    with act(session, actor, "criterion:edit", "審査の規則を変更しました"):
        queries.lock_review(session, call_id)
        require_unfrozen(session, call_id)
        rule = queries.get_rule(session, call_id)
        check_version(rule, version)
        for name in ("minimum_percent", "missing", "quorum", "tie", "next_best", "source"):
            if name in values:
                setattr(rule, name, values[name])
    return rule


def is_frozen(session: Session, call_id: int) -> bool:
    """Whether a sheet of the call was ever sealed: criteria and rule stand still from then on."""
    return (
        session.scalar(
            select(ScoreSheetVersion.id)
            .join(ScoreSheet, ScoreSheet.id == ScoreSheetVersion.sheet_id)
            .join(ReviewMember, ReviewMember.id == ScoreSheet.member_id)
            .where(ReviewMember.call_id == call_id)
            .limit(1)
        )
        is not None
    )


def require_unfrozen(session: Session, call_id: int) -> None:
    """Raise Conflict once a sheet was sealed."""
    if is_frozen(session, call_id):
        raise Refusal(FROZEN)


# --- the list ----------------------------------------------------------------------------------------------------


def leave(session: Session, *, actor: Actor, member_id: int, reason: str, on: dt.date | None = None) -> ReviewMember:
    """A member left before the conclusion: no longer of the list, the papers closed."""
    actor.require(Permission.SHEET_MANAGE)
    member = get_visible(session, ReviewMember, member_id, actor)
    if not reason.strip():
        raise Invalid("退任の理由を書いてください。", fields={"reason": "理由を書いてください。"})
    with act(session, actor, "sheet:leave", f"{member.name}委員の退任を記録しました", reason=reason.strip()):
        queries.lock_review(session, member.call_id)
        if member.left_on is not None:
            raise Refusal("退任は、すでに記録されています。")
        member.left_on, member.left_reason = on or today_in_tokyo(), reason.strip()
        refresh_openings(session, member.call_id)
    return member


def record_absence(session: Session, *, actor: Actor, member_id: int, stage: ReviewStage, reason: str) -> StageAbsence:
    """A member does not score in a stage: the others need not wait; what they sealed there is left out of the tally."""
    actor.require(Permission.SHEET_MANAGE)
    member = get_visible(session, ReviewMember, member_id, actor)
    if not reason.strip():
        raise Invalid("欠席の理由を書いてください。", fields={"reason": "理由を書いてください。"})
    with act(session, actor, "sheet:absence", f"{member.name}委員の{stage.label}の欠席を記録しました"):
        queries.lock_review(session, member.call_id)
        if (member.id, stage) in queries.absences_of(session, member.call_id):
            raise Refusal("欠席は、すでに記録されています。")
        absence = StageAbsence(member_id=member.id, stage=stage, reason=reason.strip(), recorded_by_id=actor.user_id)
        session.add(absence)
        refresh_openings(session, member.call_id)
    return absence


def withdraw_absence(session: Session, *, actor: Actor, absence_id: int, reason: str) -> None:
    """The member scores after all."""
    actor.require(Permission.SHEET_MANAGE)
    absence = get_visible(session, StageAbsence, absence_id, actor)
    if not reason.strip():
        raise Invalid("取り消す理由を書いてください。", fields={"reason": "理由を書いてください。"})
    call_id = absence.member.call_id
    with act(
        session, actor, "sheet:absence", f"{absence.member.name}委員の欠席を取り消しました", reason=reason.strip()
    ):
        queries.lock_review(session, call_id)
        session.delete(absence)
        refresh_openings(session, call_id)
