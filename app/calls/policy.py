"""Who may see and change calls, challenges, proposals and opinions (domain.md 1).

The office all; a department the proposals that it is asked about or in charge of; the committee those in review and
decided (reviews adds "declared and not in conflict" to Proposal, and all that hangs on one follows). Nobody else.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from app.access.permissions import Permission
from app.access.scopes import Criterion, register_field_scope, register_scope, visible_to
from app.actor import Actor
from app.calls.workflow import OPEN_STATES, REVIEWED_STATES
from app.meetings.policy import taken_up_by_departments
from models.base import Base
from models.calls import Call, CallBriefing, CallQuestion, CallState, Challenge, ChallengeState
from models.coordination import (
    CoordinationNote,
    CoordinationTask,
    CouncilOpinion,
    DepartmentOpinion,
    OpinionDraft,
    OpinionReminder,
    OpinionState,
    OpinionSubmission,
)
from models.people import Role
from models.proposal_lines import BudgetLine, OtherSubsidy, ProposalPartner
from models.proposal_story import ProposalEvent, ProposalPaper, ProposalVersion, RuleOverride
from models.proposals import Proposal, ProposalState, ReceiptNumber


def is_office(actor: Actor) -> bool:
    """Whether the actor runs the calls."""
    return actor.is_system or actor.has(Role.OFFICE)


# --- calls and challenges --------------------------------------------------------------------------------------------


def calls_visible_to(actor: Actor) -> ColumnElement[bool]:
    """The office all; others from the day a call is opened."""
    if not actor.may(Permission.CALL_READ):
        return false()
    return true() if is_office(actor) else Call.state != CallState.PREPARING


def _calls_editable_by(actor: Actor) -> ColumnElement[bool]:
    return true() if actor.may(Permission.CALL_EDIT) else false()


def _questions_visible_to(actor: Actor) -> ColumnElement[bool]:
    follows = CallQuestion.call_id.in_(select(Call.id).where(visible_to(Call, actor)))
    return follows if is_office(actor) else and_(follows, CallQuestion.is_public.is_(True))


def _briefings_visible_to(actor: Actor) -> ColumnElement[bool]:
    return CallBriefing.call_id.in_(select(Call.id).where(visible_to(Call, actor)))


def _challenges_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Those that were chosen; a department its own from the first draft, and those that the council takes up in a
    meeting where it sits; the office those of all."""
    if not actor.may(Permission.CHALLENGE_READ):
        return false()
    if is_office(actor):
        return true()
    chosen = Challenge.state == ChallengeState.CHOSEN
    if not actor.has(Role.DEPARTMENT):
        return chosen
    asked_in_council = and_(
        Challenge.state != ChallengeState.DRAFT, Challenge.id.in_(taken_up_by_departments(actor, "challenge"))
    )
    return or_(chosen, Challenge.department_id.in_(sorted(actor.departments)), asked_in_council)


def _challenges_editable_by(actor: Actor) -> ColumnElement[bool]:
    """The office until a call shows it; a department its own drafts."""
    if not actor.may(Permission.CHALLENGE_EDIT):
        return false()
    if is_office(actor):
        return Challenge.state.in_((ChallengeState.DRAFT, ChallengeState.SUBMITTED))
    return and_(
        Challenge.department_id.in_(sorted(actor.departments)),
        Challenge.state == ChallengeState.DRAFT,
    )


# --- proposals -------------------------------------------------------------------------------------------------------


def proposals_of_departments(actor: Actor) -> ColumnElement[bool]:
    """Proposals that the actor's departments are in charge of, or are asked about by an opinion or a task."""
    own = sorted(actor.departments)
    asked = select(DepartmentOpinion.proposal_id).where(DepartmentOpinion.department_id.in_(own))
    tasks = select(CoordinationTask.proposal_id).where(CoordinationTask.department_id.in_(own))
    return or_(Proposal.department_id.in_(own), Proposal.id.in_(asked), Proposal.id.in_(tasks))


def proposals_visible_to(actor: Actor) -> ColumnElement[bool]:
    """domain.md 1, column 「proposals, opinions」. What the office still types is nobody else's."""
    if not actor.may(Permission.PROPOSAL_READ):
        return false()
    if is_office(actor):
        return true()
    criteria: list[ColumnElement[bool]] = []
    if actor.has(Role.DEPARTMENT) and actor.departments:
        asked_in_council = Proposal.id.in_(taken_up_by_departments(actor, "proposal"))
        own = or_(proposals_of_departments(actor), asked_in_council)
        criteria.append(and_(Proposal.state != ProposalState.DRAFT, own))
    if actor.has(Role.COMMITTEE):
        criteria.append(Proposal.state.in_(REVIEWED_STATES))
    return or_(*criteria) if criteria else false()


def _proposals_editable_by(actor: Actor) -> ColumnElement[bool]:
    """The office, before the committee's door: what is reviewed, and all after it, is no longer changed."""
    return Proposal.state.in_(OPEN_STATES) if actor.may(Permission.PROPOSAL_EDIT) else false()


def _follows(model: type[Base]) -> Criterion:
    column: ColumnElement[int] = model.__table__.c.proposal_id

    def criterion(actor: Actor) -> ColumnElement[bool]:
        return column.in_(select(Proposal.id).where(visible_to(Proposal, actor)))

    return criterion


def _by_office_while_open(model: type[Base], permission: Permission) -> Criterion:
    column: ColumnElement[int] = model.__table__.c.proposal_id

    def criterion(actor: Actor) -> ColumnElement[bool]:
        if not actor.may(permission):
            return false()
        return column.in_(select(Proposal.id).where(Proposal.state.in_(OPEN_STATES)))

    return criterion


# --- opinions --------------------------------------------------------------------------------------------------------


def _own_opinions(actor: Actor) -> ColumnElement[bool]:
    if not actor.has(Role.DEPARTMENT):
        return false()
    return DepartmentOpinion.department_id.in_(sorted(actor.departments))


def _opinions_visible_to(actor: Actor) -> ColumnElement[bool]:
    """The office all; a department its own, and those of others, once submitted, where it is in charge; the committee
    after submission."""
    if not actor.may(Permission.OPINION_READ):
        return false()
    follows = DepartmentOpinion.proposal_id.in_(select(Proposal.id).where(visible_to(Proposal, actor)))
    if is_office(actor):
        return follows
    done = DepartmentOpinion.state.in_((OpinionState.SUBMITTED, OpinionState.WAIVED))
    criteria = [_own_opinions(actor)]
    if actor.has(Role.DEPARTMENT):
        in_charge = select(Proposal.id).where(Proposal.department_id.in_(sorted(actor.departments)))
        criteria.append(and_(done, DepartmentOpinion.proposal_id.in_(in_charge)))
    if actor.has(Role.COMMITTEE):
        reviewed = select(Proposal.id).where(Proposal.state.in_(REVIEWED_STATES))
        criteria.append(and_(done, DepartmentOpinion.proposal_id.in_(reviewed)))
    return and_(follows, or_(*criteria))


def _opinions_editable_by(actor: Actor) -> ColumnElement[bool]:
    """The office asks, returns and waives; a department writes its own. Before the committee's door."""
    is_open = DepartmentOpinion.proposal_id.in_(select(Proposal.id).where(Proposal.state.in_(OPEN_STATES)))
    if actor.may(Permission.OPINION_MANAGE):
        return is_open
    return and_(is_open, _own_opinions(actor)) if actor.may(Permission.OPINION_ANSWER) else false()


def _submissions_visible_to(actor: Actor) -> ColumnElement[bool]:
    return OpinionSubmission.opinion_id.in_(select(DepartmentOpinion.id).where(visible_to(DepartmentOpinion, actor)))


def _drafts_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Nobody reads a draft but the department that writes it: not the office, not the committee."""
    return OpinionDraft.opinion_id.in_(
        select(DepartmentOpinion.id).where(_own_opinions(actor), visible_to(DepartmentOpinion, actor))
    )


def _reminders_visible_to(actor: Actor) -> ColumnElement[bool]:
    if not (is_office(actor) or actor.has(Role.DEPARTMENT)):
        return false()
    return OpinionReminder.opinion_id.in_(select(DepartmentOpinion.id).where(visible_to(DepartmentOpinion, actor)))


# --- notes and tasks -------------------------------------------------------------------------------------------------


def _notes_editable_by(actor: Actor) -> ColumnElement[bool]:
    """Whoever noted it (the office, or the department), until the proposal goes into review."""
    is_open = CoordinationNote.proposal_id.in_(select(Proposal.id).where(Proposal.state.in_(OPEN_STATES)))
    if is_office(actor) and actor.may(Permission.PROPOSAL_EDIT):
        return is_open
    if not (actor.may(Permission.OPINION_ANSWER) and actor.has(Role.DEPARTMENT)):
        return false()
    return and_(is_open, CoordinationNote.department_id.in_(sorted(actor.departments)))


def _tasks_editable_by(actor: Actor) -> ColumnElement[bool]:
    if is_office(actor) and actor.may(Permission.PROPOSAL_EDIT):
        return true()
    if not (actor.may(Permission.OPINION_ANSWER) and actor.has(Role.DEPARTMENT)):
        return false()
    return CoordinationTask.department_id.in_(sorted(actor.departments))


def reads_contacts(actor: Actor) -> bool:
    """The group's contact persons: the office. A department in charge asks for them on purpose (domain.md 3)."""
    return is_office(actor)


def reads_participants(actor: Actor) -> bool:
    """Names in coordination notes: those who coordinate."""
    return is_office(actor) or actor.has(Role.DEPARTMENT)


def reads_opinions(actor: Actor) -> bool:
    """What was submitted, in the rows that the actor may see."""
    return actor.may(Permission.OPINION_READ)


register_scope(Call, visible=calls_visible_to, editable=_calls_editable_by)
register_scope(CallBriefing, visible=_briefings_visible_to, editable=_calls_editable_by)
register_scope(CallQuestion, visible=_questions_visible_to, editable=_calls_editable_by)
register_scope(Challenge, visible=_challenges_visible_to, editable=_challenges_editable_by)
register_scope(Proposal, visible=proposals_visible_to, editable=_proposals_editable_by)
register_field_scope(Proposal, "personal", reads_contacts)
for _line in (BudgetLine, ProposalPartner, OtherSubsidy, ProposalPaper):
    register_scope(_line, visible=_follows(_line), editable=_by_office_while_open(_line, Permission.PROPOSAL_EDIT))
for _story in (ReceiptNumber, ProposalVersion, ProposalEvent, RuleOverride):
    register_scope(_story, visible=_follows(_story))
register_scope(
    CouncilOpinion,
    visible=_follows(CouncilOpinion),
    editable=_by_office_while_open(CouncilOpinion, Permission.OPINION_MANAGE),
)
register_scope(CoordinationNote, visible=_follows(CoordinationNote), editable=_notes_editable_by)
register_field_scope(CoordinationNote, "personal", reads_participants)
register_scope(CoordinationTask, visible=_follows(CoordinationTask), editable=_tasks_editable_by)
register_scope(DepartmentOpinion, visible=_opinions_visible_to, editable=_opinions_editable_by)
register_field_scope(DepartmentOpinion, "sealed", reads_opinions)
register_scope(OpinionSubmission, visible=_submissions_visible_to)
register_field_scope(OpinionSubmission, "sealed", reads_opinions)
register_scope(OpinionDraft, visible=_drafts_visible_to, editable=_drafts_visible_to)
register_scope(OpinionReminder, visible=_reminders_visible_to)
