"""What a member finds on 「採点」: the proposals that they are cleared for, their own sheets, and their own statistics."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.access.scopes import scoped
from app.actor import Actor
from app.reviews import queries
from app.reviews.counting import two_places
from app.reviews.sheet_values import SheetValues, full_marks_of, points_of
from app.reviews.sheets import token_of, values_of
from models.calls import Call
from models.proposals import Proposal, ProposalState
from models.review_sheets import ScoreDraft, ScoreSheet, ScoreSheetVersion, SheetState
from models.reviews import Criterion, ReviewMember, ReviewSetting, ReviewStage


@dataclasses.dataclass(frozen=True)
class OwnSheet:
    """One sheet of the member's own. percent: of the full mark, two places; None where nothing is sealed."""

    proposal: Proposal
    stage: ReviewStage
    state: SheetState | None
    percent: Fraction | None
    version: ScoreSheetVersion | None


@dataclasses.dataclass(frozen=True)
class Statistics:
    """A member's own marks in one stage, over what they have sealed. Texts with two places."""

    stage: ReviewStage
    count: int
    mean: str
    lowest: str
    highest: str


@dataclasses.dataclass(frozen=True)
class OwnCall:
    """One review of the member's."""

    call: Call
    setting: ReviewSetting
    member: ReviewMember
    stages: list[ReviewStage]
    #: In which the member is recorded as not scoring.
    absent: frozenset[ReviewStage]
    proposals: Sequence[Proposal]
    sheets: dict[tuple[int, ReviewStage], OwnSheet]
    statistics: list[Statistics]

    def next_of(self, stage: ReviewStage, after: int | None = None) -> Proposal | None:
        """The next proposal whose sheet is not sealed, after that one and round again; none in a stage without them."""
        if stage in self.absent:
            return None
        open_ones = [
            one
            for one in self.proposals
            if one.state is ProposalState.REVIEWING and self.sheets[(one.id, stage)].state in (None, SheetState.DRAFT)
        ]
        later = [one for one in open_ones if after is not None and one.id > after]
        left = [one for one in (later or open_ones) if one.id != after]
        return left[0] if left else None

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to score; a call of which nothing is to be seen yet is not."""
        return bool(self.proposals) and all(self.next_of(stage) is None for stage in self.stages)

    def due_on(self, stage: ReviewStage) -> dt.date | None:
        """By when."""
        return self.setting.due_on(stage)


def own_calls(session: Session, actor: Actor) -> list[OwnCall]:
    """The reviews on whose list the actor stands, newest first."""
    if actor.user_id is None:
        return []
    rows = session.execute(
        select(ReviewMember, ReviewSetting)
        .join(ReviewSetting, ReviewSetting.call_id == ReviewMember.call_id)
        .where(ReviewMember.user_id == actor.user_id, ReviewMember.left_on.is_(None))
        .order_by(ReviewMember.call_id.desc())
    ).all()
    return [_own_call(session, actor, member, setting) for member, setting in rows]


def _own_call(session: Session, actor: Actor, member: ReviewMember, setting: ReviewSetting) -> OwnCall:
    criteria = queries.criteria_of(session, setting.call_id)
    proposals = session.scalars(
        scoped(Proposal, actor)
        .where(Proposal.call_id == setting.call_id)
        .options(selectinload(Proposal.organization))
        .order_by(Proposal.id)
    ).all()
    rows = session.scalars(
        select(ScoreSheet)
        .where(ScoreSheet.member_id == member.id)
        .options(selectinload(ScoreSheet.versions).selectinload(ScoreSheetVersion.scores))
    )
    held = {(row.proposal_id, row.stage): row for row in rows}
    stages = queries.stages_of(criteria)
    sheets = {
        (proposal.id, stage): _own_sheet(
            proposal, stage, held.get((proposal.id, stage)), [one for one in criteria if one.stage is stage]
        )
        for proposal in proposals
        for stage in stages
    }
    absent = frozenset(
        stage for member_id, stage in queries.absences_of(session, setting.call_id) if member_id == member.id
    )
    statistics = _statistics(stages, list(sheets.values()))
    return OwnCall(setting.call, setting, member, stages, absent, proposals, sheets, statistics)


def _own_sheet(
    proposal: Proposal, stage: ReviewStage, row: ScoreSheet | None, criteria: Sequence[Criterion]
) -> OwnSheet:
    version = in_force(row) if row is not None else None
    percent = None
    if version is not None and criteria:
        percent = 100 * points_of(values_of(version), criteria) / full_marks_of(criteria)
    return OwnSheet(proposal, stage, row.state if row else None, percent, version)


def in_force(sheet: ScoreSheet) -> ScoreSheetVersion | None:
    """The sealed version that counts."""
    return next((one for one in sheet.versions if one.unsealed_at is None), None)


def _statistics(stages: Sequence[ReviewStage], sheets: Sequence[OwnSheet]) -> list[Statistics]:
    found = []
    for stage in stages:
        percents = [one.percent for one in sheets if one.stage is stage and one.percent is not None]
        if percents:
            mean = sum(percents, Fraction(0)) / len(percents)
            found.append(
                Statistics(stage, len(percents), two_places(mean), two_places(min(percents)), two_places(max(percents)))
            )
    return found


def draft_of(session: Session, sheet: ScoreSheet | None) -> tuple[SheetValues, int, dt.datetime | None]:
    """(values, token, saved at) of what is being written; nothing, 0 and None before the first save."""
    draft = session.scalars(select(ScoreDraft).where(ScoreDraft.sheet_id == sheet.id)).one_or_none() if sheet else None
    if sheet is None or draft is None:
        return SheetValues(), 0, None
    return SheetValues.from_json(draft.values), token_of(sheet, draft), draft.saved_at
