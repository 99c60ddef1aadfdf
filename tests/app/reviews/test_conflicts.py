"""Conflicts of interest: derived, declared, set, lifted; what they take away at once."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.scopes import find_visible, scoped
from app.audit.recorder import act
from app.directory.affiliations import tell_affiliation
from app.directory.merging import merge
from app.japanese.dates import today_in_tokyo
from app.japanese.normalize import fold_name
from app.problems import Conflict as Refusal
from app.problems import Invalid, NotAllowed, NotFound
from app.reviews import conflicts, declarations, queries, setting_up
from app.reviews.hooks import memberships_in_conflict
from app.reviews.waiting import tell_office
from models.directory_records import OrganizationOfficer
from models.people import Role
from models.proposal_lines import ProposalPartner
from models.proposal_story import ProposalVersion
from models.proposals import Proposal
from models.review_conflicts import Conflict, ConflictSource, ConflictSuspicion, InterestKind, SuspicionState
from models.review_sheets import ScoreSheet, SheetState
from models.reviews import ReviewStage
from tests import factories
from tests.app.reviews.support import SYSTEM, Case, a_case, actor_for, affiliate

REASON = "事務局の確認による"


def _sees(case: Case, number: int) -> list[int]:
    visible = set(case.session.scalars(scoped(Proposal, case.actor(number))))
    return [place for place, one in enumerate(case.proposals) if one in visible]


def test_before_declaring_a_member_sees_nothing_and_afterwards_what_is_declared(any_session: Session) -> None:
    case = a_case(any_session)
    assert [_sees(case, number) for number in range(3)] == [[], [], []]
    case.declare(0, 1)
    assert [_sees(case, number) for number in range(3)] == [[1], [], []]
    asked = declarations.pending_of(any_session, case.actor(0))
    assert [one.proposal_id for one in asked] == [case.proposals[0].id]
    assert case.proposals[0].title not in str(asked)


def test_a_declared_interest_closes_the_papers_and_no_later_none_opens_them(any_session: Session) -> None:
    case = a_case(any_session)
    case.declare(0)
    declarations.declare(
        any_session, actor=case.actor(0), proposal_id=case.proposals[0].id, has_interest=True, kind=InterestKind.FAMILY
    )
    assert _sees(case, 0) == [1]
    with pytest.raises(NotFound):
        case.declare(0, 0)
    assert declarations.pending_of(any_session, case.actor(0)) == []


def test_an_interest_needs_its_kind_and_another_its_text(any_session: Session) -> None:
    case = a_case(any_session)
    for kind in (None, InterestKind.OTHER):
        with pytest.raises(Invalid):
            declarations.declare(
                any_session, actor=case.actor(0), proposal_id=case.proposals[0].id, has_interest=True, kind=kind
            )
    assert len(declarations.pending_of(any_session, case.actor(0))) == 2


def test_a_declaration_is_signed_once_and_by_members_of_the_list_alone(any_session: Session) -> None:
    case = a_case(any_session)
    case.declare(0, 0)
    with pytest.raises(Refusal):
        case.declare(0, 0)
    stranger = actor_for(factories.make_user(any_session, Role.COMMITTEE), Role.COMMITTEE)
    with pytest.raises(NotFound):
        declarations.declare(any_session, actor=stranger, proposal_id=case.proposals[0].id, has_interest=False)
    with pytest.raises(NotAllowed):
        declarations.declare(any_session, actor=case.office, proposal_id=case.proposals[0].id, has_interest=False)


@pytest.mark.parametrize("way", ["applicant", "merged", "partner", "merged upwards"])
def test_an_affiliation_is_a_conflict_whether_or_not_it_is_declared(any_session: Session, way: str) -> None:
    case = a_case(any_session)
    case.declare(0)
    proposal = case.proposals[0]
    group = factories.an_organization(any_session)
    with act(any_session, SYSTEM, "test:way", "試験"):
        if way == "applicant":
            group = proposal.organization
        elif way == "merged":
            group.merged_into_id = proposal.organization_id
        elif way == "merged upwards":
            proposal.organization.merged_into_id = group.id
        else:
            any_session.add(ProposalPartner(proposal_id=proposal.id, organization_id=group.id, name="協力の会"))
    affiliate(any_session, case.users[0], group.id)
    assert _sees(case, 0) == [1]  # at once, though no verb of this room has run
    setting_up.look_for_conflicts(any_session, actor=case.office, call_id=case.call.id)
    found = any_session.scalars(select(Conflict)).one()
    assert (found.source, found.proposal_id, found.member_id) == (
        ConflictSource.DERIVED,
        proposal.id,
        case.members[0].id,
    )


def test_an_affiliation_of_the_past_is_none_but_one_that_ends_stays_until_the_office_lifts_it(
    any_session: Session,
) -> None:
    case = a_case(any_session)
    case.declare(0)
    yesterday = today_in_tokyo() - dt.timedelta(days=1)
    row = affiliate(any_session, case.users[0], case.proposals[0].organization_id, until_on=yesterday)
    assert _sees(case, 0) == [0, 1]
    with act(any_session, SYSTEM, "test:affiliation", "試験の所属"):
        row.until_on = None
        any_session.flush()
        tell_affiliation(any_session, SYSTEM, row)
    with act(any_session, SYSTEM, "test:affiliation", "試験の所属"):
        row.until_on = yesterday
    assert _sees(case, 0) == [1]
    conflict = any_session.scalars(select(Conflict)).one()
    with pytest.raises(Invalid):
        conflicts.lift_conflict(any_session, actor=case.office, conflict_id=conflict.id, reason=" ")
    with pytest.raises(NotAllowed):
        conflicts.lift_conflict(any_session, actor=case.actor(0), conflict_id=conflict.id, reason=REASON)
    conflicts.lift_conflict(any_session, actor=case.office, conflict_id=conflict.id, reason=REASON)
    assert _sees(case, 0) == [0, 1]


def test_a_derived_conflict_that_was_lifted_stays_lifted(any_session: Session) -> None:
    case = a_case(any_session)
    case.declare(0)
    affiliate(any_session, case.users[0], case.proposals[0].organization_id)
    setting_up.look_for_conflicts(any_session, actor=case.office, call_id=case.call.id)
    conflict = any_session.scalars(select(Conflict)).one()
    conflicts.lift_conflict(any_session, actor=case.office, conflict_id=conflict.id, reason=REASON)
    assert setting_up.look_for_conflicts(any_session, actor=case.office, call_id=case.call.id) == 0
    assert (_sees(case, 0), queries.conflict_pairs(any_session, case.call.id)) == ([0, 1], set())


def test_another_role_opens_nothing_to_a_member(any_session: Session) -> None:
    case = a_case(any_session)
    user = case.users[0]
    for roles in ({Role.OFFICE, Role.COMMITTEE}, {Role.OFFICE}, {Role.DEPARTMENT, Role.COMMITTEE}, {Role.DEPARTMENT}):
        departments = frozenset({case.proposals[0].department_id or 0})
        actor = actor_for(user, *roles, departments=departments)
        assert not set(any_session.scalars(scoped(Proposal, actor))) & set(case.proposals)
        assert find_visible(any_session, Proposal, case.proposals[0].id, actor) is None
        follows = any_session.scalars(scoped(ProposalVersion, actor)).all()
        assert not {one.proposal_id for one in follows} & {one.id for one in case.proposals}


def test_the_committee_sees_nothing_of_a_call_on_whose_list_it_is_not(any_session: Session) -> None:
    case, other = a_case(any_session), a_case(any_session)
    case.declare(0)
    assert not set(any_session.scalars(scoped(Proposal, case.actor(0)))) & set(other.proposals)


def test_a_conflict_found_after_sealing_voids_the_sheet_and_lifting_it_brings_it_back(any_session: Session) -> None:
    case = a_case(any_session)
    for number in range(3):
        case.declare(number)
    case.seal_all()
    assert queries.open_stages(any_session, case.call.id) == {ReviewStage.DOCUMENT}
    found = conflicts.set_conflict(
        any_session,
        actor=case.office,
        member_id=case.members[1].id,
        proposal_id=case.proposals[0].id,
        kind=InterestKind.TRADE,
        reason=REASON,
    )
    voided = any_session.scalars(select(ScoreSheet).where(ScoreSheet.state == SheetState.VOIDED)).one()
    assert (voided.member_id, voided.proposal_id) == (case.members[1].id, case.proposals[0].id)
    assert "取引" not in (voided.void_reason or "")
    assert queries.open_stages(any_session, case.call.id) == {ReviewStage.DOCUMENT}
    conflicts.lift_conflict(any_session, actor=case.office, conflict_id=found.id, reason=REASON)
    any_session.refresh(voided)
    assert voided.state is SheetState.SEALED


def test_nobody_sets_twice_or_lifts_their_own(any_session: Session) -> None:
    case = a_case(any_session)
    member, proposal = case.members[0], case.proposals[0]
    values = {"member_id": member.id, "proposal_id": proposal.id, "kind": InterestKind.OTHER}
    found = conflicts.set_conflict(any_session, actor=case.office, reason=REASON, **values)  # type: ignore[arg-type]
    with pytest.raises(Refusal):
        conflicts.set_conflict(any_session, actor=case.office, reason=REASON, **values)  # type: ignore[arg-type]
    both = actor_for(case.users[0], Role.OFFICE, Role.COMMITTEE)
    with pytest.raises(NotFound):  # the office's own member does not even see it
        conflicts.lift_conflict(any_session, actor=both, conflict_id=found.id, reason=REASON)


def test_an_equal_name_is_a_question_to_the_office(any_session: Session) -> None:
    case = a_case(any_session)
    with act(any_session, SYSTEM, "test:officer", "試験の役員"):
        for place, name in enumerate(("試験委員1", "試験 委員2")):
            any_session.add(
                OrganizationOfficer(
                    organization_id=case.proposals[place].organization_id, name=name, folded_name=fold_name(name)
                )
            )
    assert setting_up.look_for_conflicts(any_session, actor=case.office, call_id=case.call.id) == 2
    assert setting_up.look_for_conflicts(any_session, actor=case.office, call_id=case.call.id) == 0
    first, second = any_session.scalars(select(ConflictSuspicion).order_by(ConflictSuspicion.proposal_id)).all()
    assert queries.conflict_pairs(any_session, case.call.id) == set()
    (line,) = [one for one in tell_office(any_session, case.office) if one.kind == "suspicion"]
    assert (line.key, line.detail) == (str(case.call.id), case.call.name) and "(2件)" in line.label
    conflicts.settle_suspicion(
        any_session, actor=case.office, suspicion_id=first.id, is_same_person=True, reason="電話で本人に確認"
    )
    conflicts.settle_suspicion(
        any_session, actor=case.office, suspicion_id=second.id, is_same_person=False, reason="生年月日が異なる"
    )
    assert queries.conflict_pairs(any_session, case.call.id) == {(case.members[1].id, case.proposals[0].id)}
    assert (first.state, second.state) == (SuspicionState.CONFIRMED, SuspicionState.DISMISSED)
    with pytest.raises(Refusal):
        conflicts.settle_suspicion(
            any_session, actor=case.office, suspicion_id=second.id, is_same_person=True, reason="再確認"
        )


def test_a_merge_that_makes_a_conflict_voids_what_was_sealed(session: Session) -> None:
    case = a_case(session)
    former = factories.an_organization(session)
    affiliate(session, case.users[0], former.id)
    case.declare(0)
    version = case.seal(0, 0)
    center = actor_for(factories.make_user(session, Role.CENTER), Role.CENTER)
    merge(session, actor=center, absorbed=former, into=case.proposals[0].organization)
    sheet = session.get_one(ScoreSheet, version.sheet_id)
    assert (sheet.state, _sees(case, 0)) == (SheetState.VOIDED, [1])
    assert [one.source for one in session.scalars(select(Conflict))] == [ConflictSource.DERIVED]


def test_meetings_are_told_who_is_out_of_an_item(any_session: Session) -> None:
    case = a_case(any_session)
    affiliate(any_session, case.users[2], case.proposals[1].organization_id)
    memberships = [one.membership for one in case.members if one.membership is not None]
    assert memberships_in_conflict(any_session, case.proposals[1].id, memberships) == {case.members[2].membership_id}
    assert memberships_in_conflict(any_session, case.proposals[0].id, memberships) == set()
