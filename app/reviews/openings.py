"""When all members of a stage have sealed, the stage opens; an unsealing closes it (rules.md 26, domain.md 4.2)."""

from __future__ import annotations

import dataclasses

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.reviews import queries
from app.reviews.queries import Pair
from models.base import utc_now
from models.review_sheets import ScoreSheet, SheetState, StageOpening
from models.reviews import Criterion, ReviewMember, ReviewStage


@dataclasses.dataclass(frozen=True)
class StageProgress:
    """Who is done in a stage: counts and states of sheets, never what is in them."""

    stage: ReviewStage
    expected: frozenset[Pair]
    states: dict[Pair, SheetState]

    def is_done(self, pair: Pair) -> bool:
        """Whether that sheet is sealed."""
        return self.states.get(pair) is SheetState.SEALED

    @property
    def missing(self) -> list[Pair]:
        """Sheets still to be sealed, in order."""
        return sorted(pair for pair in self.expected if not self.is_done(pair))

    @property
    def is_complete(self) -> bool:
        """Whether all that is expected is sealed."""
        return bool(self.expected) and not self.missing


def progress_of(session: Session, call_id: int) -> list[StageProgress]:
    """Of each stage that has criteria."""
    scored = set(session.scalars(select(Criterion.stage).where(Criterion.call_id == call_id).distinct()))
    conflicts = queries.conflict_pairs(session, call_id)
    absences = queries.absences_of(session, call_id)
    members = queries.member_ids(session, call_id)
    proposals = queries.proposal_ids(session, call_id)
    states = _states(session, call_id)
    return [
        StageProgress(
            stage,
            frozenset(
                (member, proposal)
                for member in members
                if (member, stage) not in absences
                for proposal in proposals
                if (member, proposal) not in conflicts
            ),
            {pair: state for (pair, of_stage), state in states.items() if of_stage is stage},
        )
        for stage in ReviewStage
        if stage in scored
    ]


def _states(session: Session, call_id: int) -> dict[tuple[Pair, ReviewStage], SheetState]:
    rows = session.execute(
        select(ScoreSheet.member_id, ScoreSheet.proposal_id, ScoreSheet.stage, ScoreSheet.state)
        .join(ReviewMember, ReviewMember.id == ScoreSheet.member_id)
        .where(ReviewMember.call_id == call_id)
    )
    return {((row.member_id, row.proposal_id), row.stage): row.state for row in rows}


def refresh_openings(session: Session, call_id: int) -> None:
    """Open what is complete, close what no longer is. Called inside every act that may change it."""
    session.flush()
    opened = {
        row.stage: row
        for row in session.scalars(
            select(StageOpening).where(StageOpening.call_id == call_id, StageOpening.ended_at.is_(None))
        )
    }
    for progress in progress_of(session, call_id):
        row = opened.get(progress.stage)
        if progress.is_complete and row is None:
            session.add(StageOpening(call_id=call_id, stage=progress.stage))
        elif not progress.is_complete and row is not None:
            row.ended_at = utc_now()
    session.flush()


def was_open(session: Session, call_id: int, stage: ReviewStage) -> bool:
    """Whether the stage was ever open: what is sealed again afterwards says so."""
    return (
        session.scalar(
            select(StageOpening.id).where(StageOpening.call_id == call_id, StageOpening.stage == stage).limit(1)
        )
        is not None
    )
