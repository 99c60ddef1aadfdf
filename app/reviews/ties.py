"""Ties that the chain cannot part: the chair's choice or a drawn lot, recorded with how it came about (rules.md 27)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.recorder import act
from app.problems import Invalid
from app.reviews import queries
from app.reviews.concluding import require_secretariat
from app.reviews.results import Result, result_of
from app.reviews.texts import checked_text
from models.base import utc_now
from models.calls import Call
from models.review_results import TieDecision, TieMeans


def tied_groups(result: Result) -> list[list[int]]:
    """Ids of proposals that share a rank undecided, group by group."""
    groups: dict[int, list[int]] = {}
    for one in result.tally.proposals:
        if one.tie_undecided and one.rank is not None:
            groups.setdefault(one.rank, []).append(int(one.id))
    return list(groups.values())


def record_tie(
    session: Session, *, actor: Actor, call_id: int, proposal_ids: Sequence[int], means: TieMeans, note: str
) -> TieDecision:
    """Keep the order of a tied group, best first. Raises Invalid when that group is not tied, or nothing is told."""
    call = require_secretariat(session, actor, call_id)
    missing = "だれがどのように決めたか(くじは立会人も)を書いてください。"
    text = checked_text(note, "経緯", field="note", length=2_000, required=missing)
    with act(session, actor, "conclusion:tie", f"{call.name}の同率の順を記録しました"):
        queries.lock_review(session, call_id)
        wanted = sorted(proposal_ids)
        if len(set(wanted)) != len(wanted) or wanted not in [sorted(group) for group in _groups(session, call)]:
            sentence = "同率の提案のすべてを、1つずつ順に選んでください。"
            raise Invalid(sentence, fields={"order": sentence})
        for row in ties_in_force(session, call_id):
            if set(row.proposal_ids) & set(wanted):
                row.replaced_at = utc_now()
        decision = TieDecision(
            call_id=call_id, proposal_ids=list(proposal_ids), means=means, note=text, recorded_by_id=actor.user_id
        )
        session.add(decision)
        session.flush()
    return decision


def ties_in_force(session: Session, call_id: int) -> Sequence[TieDecision]:
    """Orders that stand, in the order in which they were recorded."""
    return session.scalars(
        select(TieDecision)
        .where(TieDecision.call_id == call_id, TieDecision.replaced_at.is_(None))
        .order_by(TieDecision.id)
    ).all()


def _groups(session: Session, call: Call) -> list[list[int]]:
    """Groups that are tied now, and those that a recorded decision parts (which may be decided again)."""
    decided = [list(row.proposal_ids) for row in ties_in_force(session, call.id)]
    return [*tied_groups(result_of(session, call)), *decided]
