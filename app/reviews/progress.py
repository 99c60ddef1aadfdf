"""For the office: who has declared and who is done, by member and proposal. States of sheets, never what is in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session, selectinload

from app.access.scopes import scoped
from app.actor import Actor
from app.reviews import queries
from app.reviews.openings import progress_of
from models.proposals import Proposal
from models.review_sheets import ScoreSheet, ScoreSheetVersion, SheetState
from models.reviews import ReviewMember, ReviewStage, StageAbsence


@dataclasses.dataclass(frozen=True)
class SheetMark:
    """One sheet as the office sees it: where it stands. state None: not begun; not expected: absent in the stage."""

    stage: ReviewStage
    state: SheetState | None
    sheet_id: int | None
    is_expected: bool
    #: Who of the office is entering it from paper just now.
    entered_by_id: int | None
    #: How often it was sealed.
    versions: int = 0
    #: Entered by the office from paper.
    is_on_behalf: bool = False


@dataclasses.dataclass(frozen=True)
class Cell:
    """One member before one proposal."""

    proposal_id: int
    is_conflicted: bool
    is_declared: bool
    sheets: tuple[SheetMark, ...]


@dataclasses.dataclass(frozen=True)
class MemberRow:
    """One member's cells, and the stages in which they do not score."""

    member: ReviewMember
    cells: tuple[Cell, ...]
    absences: tuple[StageAbsence, ...]


@dataclasses.dataclass(frozen=True)
class Board:
    """The whole: only proposals that the reader sees."""

    proposals: Sequence[Proposal]
    rows: tuple[MemberRow, ...]
    #: (stage, sealed, expected, is open)
    stages: tuple[tuple[ReviewStage, int, int, bool], ...]


def _versions(*, on_behalf: bool = False) -> ScalarSelect[int]:
    """How many sealings of a sheet there are; of those on behalf, only the one in force."""
    found = select(func.count(ScoreSheetVersion.id)).where(ScoreSheetVersion.sheet_id == ScoreSheet.id)
    if on_behalf:
        found = found.where(ScoreSheetVersion.is_on_behalf, ScoreSheetVersion.unsealed_at.is_(None))
    return found.correlate(ScoreSheet).scalar_subquery()


def board_of(session: Session, actor: Actor, call_id: int) -> Board:
    """The board of a call. The caller has made sure that the actor runs the review."""
    proposals = session.scalars(
        scoped(Proposal, actor)
        .where(Proposal.call_id == call_id, Proposal.state.in_(queries.IN_REVIEW))
        .options(selectinload(Proposal.organization))
        .order_by(Proposal.id)
    ).all()
    shown = {one.id for one in proposals}
    members = queries.members_of(session, call_id, with_left=True)
    declared, conflicts = queries.declared_pairs(session, call_id), queries.conflict_pairs(session, call_id)
    progress = progress_of(session, call_id)
    absences = session.scalars(
        select(StageAbsence).where(StageAbsence.member_id.in_([one.id for one in members])).order_by(StageAbsence.id)
    ).all()
    sheets = {
        (row.member_id, row.proposal_id, row.stage): row
        for row in session.execute(
            select(
                ScoreSheet.id, ScoreSheet.member_id, ScoreSheet.proposal_id, ScoreSheet.stage, ScoreSheet.state,
                ScoreSheet.entered_by_id, _versions().label("versions"), _versions(on_behalf=True).label("on_behalf"),
            ).where(ScoreSheet.member_id.in_([one.id for one in members]))
        )
    }  # fmt: skip
    opened = queries.open_stages(session, call_id)
    rows = []
    for member in members:
        cells = []
        for proposal in proposals:
            pair = (member.id, proposal.id)
            marks = []
            for one in progress:
                sheet = sheets.get((*pair, one.stage))
                marks.append(
                    SheetMark(
                        one.stage,
                        sheet.state if sheet else None,
                        sheet.id if sheet else None,
                        pair in one.expected,
                        sheet.entered_by_id if sheet else None,
                        sheet.versions if sheet else 0,
                        bool(sheet and sheet.on_behalf),
                    )
                )
            cells.append(Cell(proposal.id, pair in conflicts, pair in declared, tuple(marks)))
        own = tuple(one for one in absences if one.member_id == member.id)
        rows.append(MemberRow(member, tuple(cells), own))
    stages = []
    for one in progress:
        expected = {pair for pair in one.expected if pair[1] in shown}
        stages.append((one.stage, sum(one.is_done(pair) for pair in expected), len(expected), one.stage in opened))
    return Board(proposals, tuple(rows), tuple(stages))
