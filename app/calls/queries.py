"""Reads of calls, challenges and proposals, within the actor's scope; ordered, eager."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.access.scopes import get_visible, scoped, visible_to
from app.actor import Actor
from app.directory.identity import cluster_ids
from app.problems import NotFound
from models.calls import Call, CallState, Challenge, ChallengeState
from models.coordination import CoordinationNote, CoordinationTask, CouncilOpinion, DepartmentOpinion, OpinionDraft
from models.proposal_story import ProposalEvent, ProposalPaper, ProposalVersion, RuleOverride
from models.proposals import Proposal, ProposalState
from models.reference import Program

#: What a list of proposals shows.
LIST_OPTIONS = (
    joinedload(Proposal.call).joinedload(Call.program),
    joinedload(Proposal.organization),
    joinedload(Proposal.challenge),
    joinedload(Proposal.department),
    joinedload(Proposal.receipt),
)

OPINION_OPTIONS = (
    joinedload(DepartmentOpinion.department),
    joinedload(DepartmentOpinion.proposal).joinedload(Proposal.call),
)


def find_proposal(session: Session, key: object, actor: Actor) -> Proposal | None:
    """A proposal with its lines, if the actor may see it."""
    statement = scoped(Proposal, actor).where(Proposal.id == key)
    options = (
        selectinload(Proposal.budget_lines),
        selectinload(Proposal.partners),
        selectinload(Proposal.other_subsidies),
    )
    return session.scalars(statement.options(*LIST_OPTIONS, *options)).unique().one_or_none()


def calls_of_year(session: Session, actor: Actor, fiscal_year: int) -> Sequence[Call]:
    """The calls of a fiscal year, in the order of the programs."""
    statement = scoped(Call, actor).join(Program, Program.id == Call.program_id)
    return session.scalars(
        statement.where(Call.fiscal_year == fiscal_year)
        .options(joinedload(Call.program))
        .order_by(Program.id, Call.round_number, Call.id)
    ).all()


def earlier_call(session: Session, actor: Actor, call: Call) -> Call | None:
    """The call that this one was copied from; else the latest of the program in an earlier year."""
    if call.copied_from_id is not None:
        return session.scalars(scoped(Call, actor).where(Call.id == call.copied_from_id)).one_or_none()
    return session.scalars(
        scoped(Call, actor)
        .where(Call.program_id == call.program_id, Call.fiscal_year < call.fiscal_year)
        .order_by(Call.fiscal_year.desc(), Call.round_number.desc(), Call.id.desc())
        .limit(1)
    ).one_or_none()


def open_calls(session: Session, actor: Actor) -> Sequence[Call]:
    """Calls into which proposals can be entered, the latest year first."""
    return session.scalars(
        scoped(Call, actor)
        .where(Call.state == CallState.OPEN)
        .options(joinedload(Call.program), selectinload(Call.challenges))
        .order_by(Call.fiscal_year.desc(), Call.program_id, Call.round_number, Call.id)
    ).all()


def state_counts(session: Session, actor: Actor, call_ids: Sequence[int]) -> dict[int, dict[ProposalState, int]]:
    """{call: {state: number of proposals that the actor sees}}."""
    rows = session.execute(
        select(Proposal.call_id, Proposal.state, func.count())
        .where(Proposal.call_id.in_(call_ids), visible_to(Proposal, actor))
        .group_by(Proposal.call_id, Proposal.state)
    )
    counts: dict[int, dict[ProposalState, int]] = {}
    for call_id, state, number in rows:
        counts.setdefault(call_id, {})[state] = number
    return counts


def proposals_of_call(session: Session, actor: Actor, call: Call) -> Sequence[Proposal]:
    """The proposals of a call, by state and receipt."""
    rows = session.scalars(
        scoped(Proposal, actor).where(Proposal.call_id == call.id).options(*LIST_OPTIONS).order_by(Proposal.id)
    ).unique()
    order = {state: place for place, state in enumerate(ProposalState)}
    return sorted(rows, key=lambda one: (order[one.state], one.receipt.number if one.receipt else 0, one.id))


def earlier_proposals(session: Session, actor: Actor, organization_id: int, *, besides: int = 0) -> Sequence[Proposal]:
    """Every proposal of the same group (by merged identity) that the actor may see, the newest first."""
    ids = cluster_ids(session, organization_id)
    return (
        session.scalars(
            scoped(Proposal, actor)
            .join(Call, Call.id == Proposal.call_id)
            .where(Proposal.organization_id.in_(sorted(ids)), Proposal.id != besides)
            .options(*LIST_OPTIONS)
            .order_by(Call.fiscal_year.desc(), Proposal.id.desc())
            .limit(50)
        )
        .unique()
        .all()
    )


def challenges_for_call(session: Session, actor: Actor, call: Call) -> Sequence[Challenge]:
    """Chosen challenges that a call may show: its own, and those of its program and year that no call shows."""
    return session.scalars(
        scoped(Challenge, actor)
        .where(
            Challenge.program_id == call.program_id,
            Challenge.fiscal_year == call.fiscal_year,
            Challenge.state == ChallengeState.CHOSEN,
            (Challenge.call_id == call.id) | Challenge.call_id.is_(None),
        )
        .options(joinedload(Challenge.department))
        .order_by(Challenge.position, Challenge.id)
    ).all()


# --- what hangs on a proposal ----------------------------------------------------------------------------------------


def opinions_of(session: Session, actor: Actor, proposal: Proposal) -> Sequence[DepartmentOpinion]:
    """The 所見書 that the actor may see, by due day."""
    return session.scalars(
        scoped(DepartmentOpinion, actor)
        .where(DepartmentOpinion.proposal_id == proposal.id)
        .options(joinedload(DepartmentOpinion.department), selectinload(DepartmentOpinion.submissions))
        .order_by(DepartmentOpinion.due_on, DepartmentOpinion.id)
    ).all()


def get_opinion(session: Session, actor: Actor, key: object) -> DepartmentOpinion:
    """One 所見書 within the scope. Raises NotFound."""
    return get_visible(session, DepartmentOpinion, key, actor)


def find_draft(session: Session, actor: Actor, opinion: DepartmentOpinion) -> OpinionDraft | None:
    """What the actor's department is writing."""
    return session.scalars(scoped(OpinionDraft, actor).where(OpinionDraft.opinion_id == opinion.id)).one_or_none()


def council_opinions(session: Session, actor: Actor, proposal: Proposal) -> Sequence[CouncilOpinion]:
    """The council's opinions, oldest first."""
    statement = scoped(CouncilOpinion, actor).where(CouncilOpinion.proposal_id == proposal.id)
    return session.scalars(statement.order_by(CouncilOpinion.given_on, CouncilOpinion.id)).all()


def notes_of(session: Session, actor: Actor, proposal: Proposal) -> Sequence[CoordinationNote]:
    """Conversations, the latest first."""
    return session.scalars(
        scoped(CoordinationNote, actor)
        .where(CoordinationNote.proposal_id == proposal.id)
        .options(joinedload(CoordinationNote.department), joinedload(CoordinationNote.written_by))
        .order_by(CoordinationNote.held_on.desc(), CoordinationNote.id.desc())
    ).all()


def tasks_of(session: Session, actor: Actor, proposal: Proposal) -> Sequence[CoordinationTask]:
    """Tasks, open ones first, by due day."""
    return session.scalars(
        scoped(CoordinationTask, actor)
        .where(CoordinationTask.proposal_id == proposal.id)
        .options(joinedload(CoordinationTask.department), joinedload(CoordinationTask.done_by))
        .order_by(CoordinationTask.done_at.is_not(None), CoordinationTask.due_on, CoordinationTask.id)
    ).all()


def events_of(session: Session, actor: Actor, proposal: Proposal) -> Sequence[ProposalEvent]:
    """The history's lines, the latest first."""
    statement = scoped(ProposalEvent, actor).where(ProposalEvent.proposal_id == proposal.id)
    return session.scalars(statement.order_by(ProposalEvent.id.desc())).all()


def versions_of(session: Session, actor: Actor, proposal: Proposal) -> Sequence[ProposalVersion]:
    """Frozen versions, oldest first."""
    return session.scalars(
        scoped(ProposalVersion, actor)
        .where(ProposalVersion.proposal_id == proposal.id)
        .options(joinedload(ProposalVersion.made_by))
        .order_by(ProposalVersion.number)
    ).all()


def get_version(session: Session, actor: Actor, proposal: Proposal, number: int) -> ProposalVersion:
    """One frozen version. Raises NotFound."""
    statement = scoped(ProposalVersion, actor).where(
        ProposalVersion.proposal_id == proposal.id, ProposalVersion.number == number
    )
    found = session.scalars(statement.options(joinedload(ProposalVersion.made_by))).one_or_none()
    if found is None:
        raise NotFound
    return found


def overrides_of(session: Session, actor: Actor, proposal: Proposal) -> Sequence[RuleOverride]:
    """What was set aside with a reason, oldest first."""
    return session.scalars(
        scoped(RuleOverride, actor)
        .where(RuleOverride.proposal_id == proposal.id)
        .options(joinedload(RuleOverride.made_by))
        .order_by(RuleOverride.id)
    ).all()


def papers_of_proposal(session: Session, actor: Actor, proposal: Proposal) -> Sequence[ProposalPaper]:
    """The checklist, in its order."""
    statement = scoped(ProposalPaper, actor).where(ProposalPaper.proposal_id == proposal.id)
    return session.scalars(statement.order_by(ProposalPaper.position, ProposalPaper.id)).all()


def followers_of(session: Session, actor: Actor, proposal: Proposal) -> Sequence[Proposal]:
    """Proposals of later years that continue this one."""
    return (
        session.scalars(
            scoped(Proposal, actor)
            .where(Proposal.predecessor_id == proposal.id)
            .options(*LIST_OPTIONS)
            .order_by(Proposal.id)
        )
        .unique()
        .all()
    )
