"""Who sees what of a review: the conflict of interest in front of every proposal, and sheets closed until all are sealed.

Rules 24–26; domain.md 4.2. The criterion on Proposal is ANDed to what the calls say, so that everything that hangs on
a proposal — versions, budget, opinions, files, agenda items, history, search, exports — follows, in whatever role the
person comes.
"""

from __future__ import annotations

import functools

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import aliased

from app.access.permissions import Permission
from app.access.scopes import Criterion as Scope
from app.access.scopes import register_field_scope, register_scope, visible_to
from app.actor import Actor
from app.reviews import log_policy  # noqa: F401  (registers its scopes)
from app.reviews.clearance import is_office, is_on_list, proposals_open_to
from models.base import Base
from models.proposals import Proposal
from models.review_conflicts import Conflict, ConflictDeclaration, ConflictSuspicion
from models.review_records import PublicationRecord, ReviewCorrection, ReviewDisclosure, SealedRecord
from models.review_results import CityDecision, Conclusion, ReviewConclusion, TieDecision
from models.review_sheets import Score, ScoreDraft, ScoreSheet, ScoreSheetVersion, SheetState, StageOpening
from models.reviews import Criterion, DecisionRule, ReviewMember, ReviewSetting, StageAbsence


def _visible_proposals(actor: Actor) -> Select[int]:
    return select(Proposal.id).where(visible_to(Proposal, actor))


def _column(model: type[Base], name: str) -> ColumnElement[int]:
    column: ColumnElement[int] = model.__table__.c[name]
    return column


def _reads_reviews(actor: Actor) -> bool:
    return actor.may(Permission.SCORE_READ)


def _may(permission: Permission, actor: Actor) -> bool:
    return actor.may(permission)


def _granted(permission: Permission) -> Scope:
    def criterion(actor: Actor) -> ColumnElement[bool]:
        return true() if actor.may(permission) else false()

    return criterion


def _of_own_calls(column: ColumnElement[int]) -> Scope:
    """The office all calls, a member those of the list."""

    def criterion(actor: Actor) -> ColumnElement[bool]:
        if not _reads_reviews(actor):
            return false()
        return true() if is_office(actor) else is_on_list(actor, column)

    return criterion


def _of_office_off_list(column: ColumnElement[int]) -> Scope:
    """Records over all proposals of a call: the office, but nobody who stands on the call's list."""

    def criterion(actor: Actor) -> ColumnElement[bool]:
        if not (is_office(actor) and actor.may(Permission.CONCLUSION_READ)):
            return false()
        return ~is_on_list(actor, column)

    return criterion


def _of_visible_proposals(column: ColumnElement[int], permission: Permission) -> Scope:
    def criterion(actor: Actor) -> ColumnElement[bool]:
        return column.in_(_visible_proposals(actor)) if actor.may(permission) else false()

    return criterion


def _absences_visible_to(actor: Actor) -> ColumnElement[bool]:
    return StageAbsence.member_id.in_(select(ReviewMember.id).where(visible_to(ReviewMember, actor)))


def _own_member_ids(actor: Actor) -> Select[int]:
    return select(ReviewMember.id).where(ReviewMember.user_id == actor.user_id, ReviewMember.left_on.is_(None))


def _declarations_visible_to(actor: Actor) -> ColumnElement[bool]:
    """The office those of proposals that it sees; a member the own ones, which are the member's own words."""
    criteria: list[ColumnElement[bool]] = []
    if actor.may(Permission.CONFLICT_MANAGE):
        criteria.append(ConflictDeclaration.proposal_id.in_(_visible_proposals(actor)))
    if actor.may(Permission.DECLARATION_SIGN) and actor.user_id is not None:
        criteria.append(ConflictDeclaration.member_id.in_(_own_member_ids(actor)))
    return or_(*criteria) if criteria else false()


def _own_sheets(actor: Actor) -> ColumnElement[bool]:
    if not actor.may(Permission.SCORE_ENTER) or actor.user_id is None:
        return false()
    return ScoreSheet.member_id.in_(_own_member_ids(actor))


def _entered_now(actor: Actor) -> ColumnElement[bool]:
    """Sheets that this person of the office is entering from paper at this moment."""
    if not actor.may(Permission.SHEET_MANAGE) or actor.user_id is None:
        return false()
    return and_(ScoreSheet.entered_by_id == actor.user_id, ScoreSheet.state == SheetState.DRAFT)


def _opened_sheets() -> ColumnElement[bool]:
    """Sealed sheets of a stage in which all have sealed."""
    proposal = aliased(Proposal)
    opened = (
        select(StageOpening.id)
        .join(proposal, proposal.call_id == StageOpening.call_id)
        .where(
            proposal.id == ScoreSheet.proposal_id,
            StageOpening.stage == ScoreSheet.stage,
            StageOpening.ended_at.is_(None),
        )
        .correlate(ScoreSheet)
        .exists()
    )
    return and_(ScoreSheet.state == SheetState.SEALED, opened)


def sheets_visible_to(actor: Actor) -> ColumnElement[bool]:
    """domain.md 1: own; all of the stage once all are sealed. Never of a proposal that the actor does not see."""
    if actor.is_system:
        return true()
    if not _reads_reviews(actor):
        return false()
    return and_(
        ScoreSheet.proposal_id.in_(_visible_proposals(actor)),
        or_(_own_sheets(actor), _entered_now(actor), _opened_sheets()),
    )


def _sheets_editable_by(actor: Actor) -> ColumnElement[bool]:
    return and_(ScoreSheet.state == SheetState.DRAFT, or_(_own_sheets(actor), _entered_now(actor)))


def _visible_sheets(actor: Actor) -> Select[int]:
    return select(ScoreSheet.id).where(visible_to(ScoreSheet, actor))


def _drafts_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Who writes it, and nobody else: not the office, not after the others have sealed."""
    if actor.is_system:
        return false()
    writing = select(ScoreSheet.id).where(visible_to(ScoreSheet, actor), _sheets_editable_by(actor))
    return ScoreDraft.sheet_id.in_(writing)


def _versions_visible_to(actor: Actor) -> ColumnElement[bool]:
    return ScoreSheetVersion.sheet_id.in_(_visible_sheets(actor))


def _scores_visible_to(actor: Actor) -> ColumnElement[bool]:
    return Score.version_id.in_(select(ScoreSheetVersion.id).where(visible_to(ScoreSheetVersion, actor)))


def _results_visible_to(actor: Actor) -> ColumnElement[bool]:
    if not actor.may(Permission.CONCLUSION_READ):
        return false()
    confirmed = select(ReviewConclusion.id).where(ReviewConclusion.confirmed_at.is_not(None))
    follows = Conclusion.proposal_id.in_(_visible_proposals(actor))
    return follows if is_office(actor) else and_(follows, Conclusion.conclusion_id.in_(confirmed))


def _conclusions_visible_to(actor: Actor) -> ColumnElement[bool]:
    if not actor.may(Permission.CONCLUSION_READ):
        return false()
    return true() if is_office(actor) else is_on_list(actor, _column(ReviewConclusion, "call_id"))


def _decisions_visible_to(actor: Actor) -> ColumnElement[bool]:
    if not actor.may(Permission.REVIEW_DECISION_READ):
        return false()
    follows = CityDecision.proposal_id.in_(_visible_proposals(actor))
    return follows if is_office(actor) else and_(follows, CityDecision.decided_at.is_not(None))


# --- registered ------------------------------------------------------------------------------------------------------

_set_up_by_office = _granted(Permission.CRITERION_EDIT)
register_scope(Proposal, visible=proposals_open_to)


_SET_UP: tuple[type[Base], ...] = (ReviewSetting, DecisionRule, Criterion, ReviewMember)
_OVER_ALL: tuple[type[Base], ...] = (
    TieDecision,
    SealedRecord,
    ReviewCorrection,
    ReviewDisclosure,
    PublicationRecord,
)
_INTERESTS: tuple[type[Base], ...] = (Conflict, ConflictSuspicion)
for _model in _SET_UP:
    register_scope(_model, visible=_of_own_calls(_column(_model, "call_id")), editable=_set_up_by_office)
for _model in _INTERESTS:
    register_scope(_model, visible=_of_visible_proposals(_column(_model, "proposal_id"), Permission.CONFLICT_MANAGE))
for _model in _OVER_ALL:
    register_scope(_model, visible=_of_office_off_list(_column(_model, "call_id")))
register_scope(StageOpening, visible=_of_own_calls(_column(StageOpening, "call_id")))
register_scope(StageAbsence, visible=_absences_visible_to)
register_scope(ConflictDeclaration, visible=_declarations_visible_to)
register_scope(ScoreSheet, visible=sheets_visible_to, editable=_sheets_editable_by)
register_scope(ScoreDraft, visible=_drafts_visible_to, editable=_drafts_visible_to)
register_scope(ScoreSheetVersion, visible=_versions_visible_to)
register_scope(Score, visible=_scores_visible_to)
register_scope(ReviewConclusion, visible=_conclusions_visible_to)
register_scope(Conclusion, visible=_results_visible_to)
register_scope(CityDecision, visible=_decisions_visible_to)

_SEALED: dict[type[Base], Permission] = {
    ScoreSheetVersion: Permission.SCORE_READ,
    Score: Permission.SCORE_READ,
    ConflictDeclaration: Permission.CONFLICT_MANAGE,
    Conflict: Permission.CONFLICT_MANAGE,
    ReviewConclusion: Permission.CONCLUSION_READ,
    Conclusion: Permission.CONCLUSION_READ,
    CityDecision: Permission.REVIEW_DECISION_READ,
    TieDecision: Permission.CONCLUSION_EDIT,
    SealedRecord: Permission.CONCLUSION_EDIT,
    ReviewCorrection: Permission.CONCLUSION_EDIT,
    ReviewDisclosure: Permission.CONCLUSION_EDIT,
}
for _model, _permission in _SEALED.items():
    register_field_scope(_model, "sealed", functools.partial(_may, _permission))
register_field_scope(ReviewDisclosure, "personal", functools.partial(_may, Permission.CONCLUSION_EDIT))
