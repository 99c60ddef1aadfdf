"""Searches for a partner: own departments, shortlist, the choice with its reasons, what it leads to."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access.actors import actor_of
from app.access.scopes import scoped
from app.actor import Actor
from app.calls.challenge_services import delete_challenge
from app.partnering import following, services, shortlist
from app.partnering.waiting import partnering_waiting
from app.problems import Conflict, Invalid, NotAllowed, NotFound, StaleRecord
from models.calls import ChallengeState
from models.directory import OrganizationKind
from models.partnering import PartnerSearch, Verdict
from models.people import Role
from models.reference import Department, Program
from tests.app.partnering.support import a_search
from tests.factories import SYSTEM, a_department, a_user, an_organization

TODAY = dt.date(2026, 1, 10)


def of(session: Session, department: Department) -> Actor:
    return actor_of(session, a_user(session, Role.DEPARTMENT, department=department))


def judged(session: Session, search: PartnerSearch, *, method: bool = True) -> None:
    for candidate in search.candidates:
        shortlist.judge_candidate(
            session, actor=SYSTEM, candidate=candidate, version=None,
            values={"has_common_purpose": True, "has_workable_method": method},
        )  # fmt: skip


def chosen(session: Session) -> PartnerSearch:
    search = a_search(session, a_department(session).id)
    candidate = shortlist.take_candidate(
        session, actor=SYSTEM, search=search, organization_id=an_organization(session, name="架空の会").id
    )
    judged(session, search)
    return shortlist.decide(
        session, actor=SYSTEM, search=search, version=search.version, candidate_ids=[candidate.id], reason="実績がある",
        decided_on=TODAY,
    )  # fmt: skip


def test_a_department_sees_and_writes_its_own_searches_alone(any_session: Session) -> None:
    session = any_session
    mine, theirs = a_department(session), a_department(session)
    me = of(session, mine)
    own = a_search(session, mine.id, me)
    other = a_search(session, theirs.id)
    office = actor_of(session, a_user(session, Role.OFFICE))
    committee = actor_of(session, a_user(session, Role.COMMITTEE))
    assert [row.id for row in session.scalars(scoped(PartnerSearch, me))] == [own.id]
    assert {own.id, other.id} <= {row.id for row in session.scalars(scoped(PartnerSearch, office))}
    assert session.scalars(scoped(PartnerSearch, committee)).all() == []
    with pytest.raises(Invalid) as refusal:
        a_search(session, theirs.id, me)
    assert list(refusal.value.fields) == ["department_id"]
    session.rollback()
    with pytest.raises(NotAllowed):
        services.update_search(session, actor=me, search=other, version=None, values={"title": "別"})
    with pytest.raises(NotAllowed):
        a_search(session, mine.id, committee)


def test_what_was_saved_by_somebody_else_is_not_overwritten(session: Session) -> None:
    search = a_search(session, a_department(session).id)
    seen = search.version
    services.update_search(session, actor=SYSTEM, search=search, version=seen, values={"goal": "先に保存"})
    with pytest.raises(StaleRecord):
        services.update_search(session, actor=SYSTEM, search=search, version=seen, values={"goal": "後から"})


def test_a_verdict_needs_its_reason(session: Session) -> None:
    with pytest.raises(Invalid) as refusal:
        a_search(session, a_department(session).id, verdict=Verdict.NOT_SUITED)
    assert refusal.value.fields == {"verdict_reason": "見極めの理由を書いてください。"}


def test_the_shortlist_takes_groups_once_and_no_persons_or_the_city(session: Session) -> None:
    search = a_search(session, a_department(session).id)
    group = an_organization(session)
    shortlist.take_candidate(session, actor=SYSTEM, search=search, organization_id=group.id, rank=2, reasons=["近い"])
    assert [(row.organization_id, row.rank_when_taken, row.reasons) for row in search.candidates] == [
        (group.id, 2, ["近い"])
    ]
    with pytest.raises(Conflict):
        shortlist.take_candidate(session, actor=SYSTEM, search=search, organization_id=group.id)
    for values in ({"is_person": True}, {"kind": OrganizationKind.GOVERNMENT}, {"merged_into_id": group.id}):
        other = an_organization(session, **values)
        with pytest.raises(NotFound):
            shortlist.take_candidate(session, actor=SYSTEM, search=search, organization_id=other.id)
    shortlist.drop_candidate(session, actor=SYSTEM, candidate=search.candidates[0])
    assert search.candidates == []


def test_a_choice_needs_answers_a_fit_candidate_a_reason_and_a_day(session: Session) -> None:
    search = a_search(session, a_department(session).id)
    candidate = shortlist.take_candidate(
        session, actor=SYSTEM, search=search, organization_id=an_organization(session).id
    )

    def decide(**more: object) -> None:
        values = {"candidate_ids": [candidate.id], "reason": "理由", "decided_on": TODAY} | more
        shortlist.decide(session, actor=SYSTEM, search=search, version=search.version, **values)  # type: ignore[arg-type]

    with pytest.raises(Invalid, match="確かめていない候補"):
        decide()
    judged(session, search, method=False)
    with pytest.raises(Invalid) as refusal:
        decide(reason=" ", decided_on=dt.date(2999, 1, 1))
    assert sorted(refusal.value.fields) == ["candidates", "decided_on", "reason"]
    judged(session, search)
    decide()
    assert (search.decided_on, [one.id for one in search.chosen]) == (TODAY, [candidate.id])


def test_after_the_choice_nothing_that_led_to_it_changes_until_it_is_taken_back(session: Session) -> None:
    search = chosen(session)
    with pytest.raises(Conflict):
        services.update_search(session, actor=SYSTEM, search=search, version=None, values={"goal": "別"})
    with pytest.raises(Conflict):
        shortlist.drop_candidate(session, actor=SYSTEM, candidate=search.candidates[0])
    with pytest.raises(Invalid):
        shortlist.reopen(session, actor=SYSTEM, search=search, reason=" ")
    shortlist.reopen(session, actor=SYSTEM, search=search, reason="誤り")
    assert (search.decided_on, search.chosen) == (None, [])


def test_the_database_keeps_a_choice_without_its_reasons_out(any_session: Session) -> None:
    search = a_search(any_session, a_department(any_session).id)
    search.decided_on = TODAY
    with pytest.raises(IntegrityError):
        any_session.flush()
    any_session.rollback()


def test_a_choice_becomes_a_project_once_with_all_that_was_written(session: Session) -> None:
    search = chosen(session)
    project = following.make_project(session, actor=SYSTEM, search=search)
    assert (project.name, project.fiscal_year, project.summary, project.common_goal) == (
        "用水沿いの清掃", 2027, "落ち葉が積もって人が滑ります。", "安心して歩ける道",
    )  # fmt: skip
    assert (project.why_this_partner, project.selection_method) == (
        "実績がある",
        "むすぶから挙げて話を聞く\n実績があること",
    )
    assert [(line.name_as_published, line.form_id) for line in project.partners] == [("架空の会", search.form_id)]
    assert [row.id for row in project.departments] == [search.department_id]
    with pytest.raises(Conflict):
        following.make_project(session, actor=SYSTEM, search=search)
    with pytest.raises(Conflict):
        shortlist.reopen(session, actor=SYSTEM, search=search, reason="誤り")


def test_a_problem_becomes_a_draft_of_a_challenge(session: Session) -> None:
    search = a_search(session, a_department(session).id)
    program = session.scalars(select(Program).where(Program.is_closed.is_(False)).order_by(Program.id)).first()
    assert program is not None
    challenge = following.make_challenge(session, actor=SYSTEM, search=search, program_id=program.id)
    assert (challenge.title, challenge.background, challenge.expectation, challenge.state) == (
        "用水沿いの清掃", "落ち葉が積もって人が滑ります。", "安心して歩ける道", ChallengeState.DRAFT,
    )  # fmt: skip
    with pytest.raises(Conflict):
        following.make_challenge(session, actor=SYSTEM, search=search, program_id=program.id)


def test_a_decided_search_waits_for_its_project(session: Session) -> None:
    search = chosen(session)
    me = of(session, search.department)
    assert [line.label for line in partnering_waiting(session, me)] == [
        "相手を選定しました。協働事業として登録してください: 用水沿いの清掃"
    ]
    following.make_project(session, actor=SYSTEM, search=search)
    assert list(partnering_waiting(session, me)) == []


def test_what_became_a_challenge_is_not_decided_here_until_the_challenge_is_gone(session: Session) -> None:
    search = a_search(session, a_department(session).id)
    candidate = shortlist.take_candidate(
        session, actor=SYSTEM, search=search, organization_id=an_organization(session, name="架空の会").id
    )
    judged(session, search)
    program = session.scalars(select(Program.id).where(Program.is_closed.is_(False)).limit(1)).one()
    challenge = following.make_challenge(session, actor=SYSTEM, search=search, program_id=program)
    choice = {"candidate_ids": [candidate.id], "reason": "実績がある", "decided_on": TODAY}
    with pytest.raises(Conflict, match="募集で選びます"):
        shortlist.decide(session, actor=SYSTEM, search=search, version=search.version, **choice)
    with pytest.raises(Conflict, match="もう課題"):
        following.make_challenge(session, actor=SYSTEM, search=search, program_id=program)
    office = actor_of(session, a_user(session, Role.OFFICE))
    delete_challenge(session, actor=SYSTEM, challenge=challenge)
    assert str(search.id) not in {line.key for line in partnering_waiting(session, office)}
    shortlist.decide(session, actor=SYSTEM, search=search, version=search.version, **choice)
    assert str(search.id) in {line.key for line in partnering_waiting(session, office)}
    with pytest.raises(Conflict, match="先に選定を取り消して"):
        following.make_challenge(session, actor=SYSTEM, search=search, program_id=program)
