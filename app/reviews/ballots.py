"""A call's ballot from what is sealed: the same that `flask reviews tally --file` reads."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.problems import Conflict as Refusal
from app.reviews import queries
from app.reviews.ballot import (
    Ballot,
    CriterionFacts,
    MemberFacts,
    Missing,
    NextBest,
    ProposalEntry,
    Quorum,
    RuleFacts,
    TieDecision,
    TieRule,
)
from models.calls import Call
from models.meetings import AgendaItem, Attendance, AttendanceState, ItemAbsence
from models.review_results import TieDecision as TieDecisionRow
from models.review_sheets import Score, ScoreSheet, ScoreSheetVersion, SheetState
from models.reviews import ReviewMember, ReviewSetting


def ballot_of(session: Session, call: Call) -> Ballot:
    """What the tally of a call starts from. The caller has asked whether the reader may see it.

    Present: who came to the review's meeting where its attendance is recorded, else everybody; never one who is
    recorded as not scoring in a stage, nor for a proposal from whose item one went out (退席). Raises Conflict while a stage is not complete or the rule is 未設定.
    """
    criteria = queries.criteria_of(session, call.id)
    missing = [
        stage.label for stage in queries.stages_of(criteria) if stage not in queries.open_stages(session, call.id)
    ]
    if missing:
        raise Refusal(f"{'・'.join(missing)}の採点票がまだそろっていないため、集計できません。")
    members = queries.members_of(session, call.id)
    present = present_members(session, call.id)
    conflicts = queries.conflict_pairs(session, call.id)
    left = withdrawn_pairs(session, call.id) - conflicts
    given = _scores(session, call.id)
    return Ballot(
        criteria=tuple(
            CriterionFacts(
                str(one.id), one.stage.value, one.highest, Fraction(one.weight), one.veto_at, one.lowest, one.label
            )
            for one in criteria
        ),
        rule=_rule(session, call),
        members=tuple(MemberFacts(str(one.id), one.id in present, one.is_chair, one.name) for one in members),
        proposals=tuple(
            ProposalEntry(
                id=proposal.id,
                requested_yen=proposal.requested_yen or 0,
                scores={
                    str(member.id): given.get((member.id, proposal.id), {})
                    for member in members
                    if member.id in present and (member.id, proposal.id) not in conflicts | left
                },
                conflicts=frozenset(str(member.id) for member in members if (member.id, proposal.id) in conflicts),
                label=proposal.title,
                withdrawn=frozenset(str(member.id) for member in members if (member.id, proposal.id) in left),
            )
            for proposal in queries.proposals_of(session, call.id)
        ),
        tie_decisions=_ties(session, call.id),
    )


def present_members(session: Session, call_id: int) -> set[int]:
    """Ids of members of the list who are there."""
    members = queries.members_of(session, call_id)
    absent = {member_id for member_id, _ in queries.absences_of(session, call_id)}
    setting = queries.find_setting(session, call_id)
    came = _attendance(session, setting.meeting_id) if setting is not None and setting.meeting_id is not None else {}
    is_recorded = _is_recorded(came)
    return {
        one.id
        for one in members
        if one.id not in absent and (not is_recorded or came.get(one.membership_id) is AttendanceState.PRESENT)
    }


def withdrawn_pairs(session: Session, call_id: int) -> set[queries.Pair]:
    """(member id, proposal id) of those who were out of the room when the review's meeting took up the proposal."""
    rows = session.execute(
        select(ReviewMember.id, AgendaItem.subject_id)
        .join(ItemAbsence, ItemAbsence.membership_id == ReviewMember.membership_id)
        .join(AgendaItem, AgendaItem.id == ItemAbsence.item_id)
        .join(ReviewSetting, ReviewSetting.meeting_id == AgendaItem.meeting_id)
        .where(
            ReviewMember.call_id == call_id,
            ReviewSetting.call_id == call_id,
            ReviewMember.left_on.is_(None),
            AgendaItem.subject_kind == "proposal",
        )
    )
    return {(member_id, proposal_id) for member_id, proposal_id in rows if proposal_id is not None}


def has_attendance(session: Session, meeting_id: int) -> bool:
    """Whether it is recorded who came to a meeting."""
    return _is_recorded(_attendance(session, meeting_id))


def _is_recorded(came: Mapping[int | None, AttendanceState]) -> bool:
    return any(state is not AttendanceState.UNKNOWN for state in came.values())


def _attendance(session: Session, meeting_id: int) -> Mapping[int | None, AttendanceState]:
    rows = session.execute(
        select(Attendance.membership_id, Attendance.state).where(Attendance.meeting_id == meeting_id)
    )
    return {row.membership_id: row.state for row in rows}


def _rule(session: Session, call: Call) -> RuleFacts:
    rule = queries.get_rule(session, call.id)
    unset = [*rule.unset, *(["募集全体の予算"] if call.budget_yen is None else [])]
    if (
        rule.minimum_percent is None
        or rule.missing is None
        or rule.quorum is None
        or rule.tie is None
        or rule.next_best is None
        or call.budget_yen is None
    ):
        raise Refusal(f"審査の規則に未設定があるため、集計できません(未設定: {'、'.join(unset)})。")
    return RuleFacts(
        minimum_percent=Fraction(rule.minimum_percent),
        missing=Missing(rule.missing.value),
        quorum=Quorum(rule.quorum.value),
        tie=tuple(TieRule(one) for one in rule.tie),
        budget_yen=call.budget_yen,
        next_best=NextBest(rule.next_best.value),
    )


def _scores(session: Session, call_id: int) -> dict[tuple[int, int], dict[str, int]]:
    rows = session.execute(
        select(ScoreSheet.member_id, ScoreSheet.proposal_id, Score.criterion_id, Score.value)
        .join(ScoreSheetVersion, ScoreSheetVersion.id == Score.version_id)
        .join(ScoreSheet, ScoreSheet.id == ScoreSheetVersion.sheet_id)
        .join(ReviewMember, ReviewMember.id == ScoreSheet.member_id)
        .where(
            ReviewMember.call_id == call_id,
            ScoreSheet.state == SheetState.SEALED,
            ScoreSheetVersion.unsealed_at.is_(None),
        )
    )
    found: dict[tuple[int, int], dict[str, int]] = {}
    for row in rows:
        found.setdefault((row.member_id, row.proposal_id), {})[str(row.criterion_id)] = row.value
    return found


def _ties(session: Session, call_id: int) -> tuple[TieDecision, ...]:
    rows = session.scalars(
        select(TieDecisionRow)
        .where(TieDecisionRow.call_id == call_id, TieDecisionRow.replaced_at.is_(None))
        .order_by(TieDecisionRow.id)
    )
    return tuple(TieDecision(tuple(str(one) for one in row.proposal_ids), row.means.label) for row in rows)
