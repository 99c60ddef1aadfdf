"""The committee's conclusion 審査結果 (rules.md 29): drafted from the rule, written by the secretariat; `confirming` seals it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import get_visible
from app.actor import Actor
from app.audit.recorder import act
from app.problems import Conflict as Refusal
from app.problems import NotAllowed, check_version
from app.reviews import queries
from app.reviews.clearance import is_office
from app.reviews.conclusion_checks import LineValues, check_lines
from app.reviews.results import Result, outcome_of, reason_of, result_of
from app.reviews.texts import checked_text
from models.base import utc_now
from models.calls import Call
from models.review_results import Conclusion, ReviewConclusion


def find_conclusion(session: Session, call_id: int) -> ReviewConclusion | None:
    """The conclusion of a call, drafted or confirmed. Not scoped."""
    return session.scalars(select(ReviewConclusion).where(ReviewConclusion.call_id == call_id)).one_or_none()


def require_secretariat(session: Session, actor: Actor, call_id: int) -> Call:
    """The office writes conclusions, and nobody of it who stands on the call's list. Raises NotAllowed."""
    actor.require(Permission.CONCLUSION_EDIT)
    if not is_office(actor):
        raise NotAllowed
    if not actor.is_system and queries.is_listed(session, actor, call_id):
        raise NotAllowed("この募集の審査の委員は、審査結果を書けません。ほかの推進担当が行ってください。")
    return get_visible(session, Call, call_id, actor)


def draft_conclusion(session: Session, *, actor: Actor, call_id: int) -> ReviewConclusion:
    """Write the lines as the rule gives them; lines that were written before are written anew.

    Raises Conflict while the stages are not complete, the rule is 未設定, or the conclusion is confirmed.
    """
    call = require_secretariat(session, actor, call_id)
    with act(session, actor, "conclusion:draft", f"{call.name}の審査結果を規則から下書きしました"):
        setting = queries.lock_review(session, call_id)
        result = result_of(session, call)
        conclusion = find_conclusion(session, call_id) or ReviewConclusion(call_id=call_id)
        conclusion.meeting_id = conclusion.meeting_id or setting.meeting_id
        conclusion.updated_at = utc_now()
        session.add(conclusion)
        session.flush()
        held = {line.proposal_id: line for line in conclusion.lines}
        for one in result.tally.proposals:
            line = held.get(int(one.id)) or Conclusion(conclusion_id=conclusion.id, proposal_id=int(one.id))
            line.outcome, line.amount_yen = outcome_of(one), one.amount_yen
            line.reason, line.conditions, line.departure_reason = reason_of(one), "", ""
            _keep_rule(line, result)
            session.add(line)
        session.flush()
        session.expire(conclusion, ["lines"])
    return conclusion


def save_conclusion(
    session: Session,
    *,
    actor: Actor,
    call_id: int,
    seen_version: int | None,
    meeting_id: int | None,
    concluded_on: dt.date | None,
    note: str,
    lines: Sequence[LineValues],
) -> ReviewConclusion:
    """Write the conclusion. Raises StaleRecord when somebody saved first, Invalid with a sentence a line."""
    call = require_secretariat(session, actor, call_id)
    with act(session, actor, "conclusion:edit", f"{call.name}の審査結果を変更しました"):
        setting = queries.lock_review(session, call_id)
        conclusion = find_conclusion(session, call_id)
        if conclusion is None:
            raise Refusal("先に、規則による結果から下書きを作ってください。")
        session.refresh(conclusion)
        check_version(conclusion, seen_version)
        if meeting_id is not None and meeting_id != setting.meeting_id:
            setting.meeting_id = meeting_id  # the attendance that counts is that of the meeting which concludes
            session.flush()
        result = result_of(session, call)
        check_lines(call, result, lines)
        conclusion.meeting_id, conclusion.concluded_on = meeting_id, concluded_on
        conclusion.note = checked_text(note, "全体の意見")
        conclusion.updated_at = utc_now()
        held = {line.proposal_id: line for line in conclusion.lines}
        for values in lines:
            line = held[values.proposal_id]
            line.outcome, line.amount_yen = values.outcome, values.amount_yen
            line.conditions, line.reason = checked_text(values.conditions, "条件"), checked_text(values.reason, "理由")
            line.departure_reason = checked_text(values.departure_reason, "規則と異なる理由")
            line.votes_for, line.votes_against, line.votes_abstained = values.votes or (None, None, None)
            _keep_rule(line, result)
        session.flush()
    return conclusion


def _keep_rule(line: Conclusion, result: Result) -> None:
    found = result.of(line.proposal_id)
    if found is None:
        return
    shown = found.as_json()
    line.rule_outcome, line.rank, line.percent = found.outcome, found.rank, shown["percent"]
