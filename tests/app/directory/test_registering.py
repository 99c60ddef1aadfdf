"""Registration: how long the card runs, renewals, lapses, requirements, withdrawal."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views.directory_registration import registration_facts
from app.directory import registering, services
from app.directory.registering import RegistrationState, state_criterion, state_of, valid_until_of
from app.directory.waiting import registrations_waiting
from app.japanese.dates import fiscal_year_of
from app.problems import Conflict, Invalid, NotAllowed
from models.directory import Organization, OrganizationKind
from models.directory_registration import Registration, RegistrationRule
from models.people import Role
from tests.factories import save
from tests.support.registry import actor

TODAY = dt.date(2026, 11, 23)


def _group(session: Session, name: str = "架空登録の会") -> Organization:
    values = {"name": name, "kind": OrganizationKind.CIVIC_GROUP}
    return services.create_organization(session, actor=actor(session, Role.CENTER), values=values)


def test_the_card_runs_to_the_end_of_the_fiscal_year_two_years_after_the_year_of_issue() -> None:
    assert valid_until_of(dt.date(2026, 5, 1), 2) == dt.date(2029, 3, 31)
    assert valid_until_of(dt.date(2027, 3, 31), 2) == dt.date(2029, 3, 31)
    assert valid_until_of(dt.date(2027, 4, 1), 2) == dt.date(2030, 3, 31)


@given(st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 20))
def test_a_card_ends_on_31_march_of_its_year(issued: dt.date, years: int) -> None:
    until = valid_until_of(issued, years)
    assert (until.month, until.day) == (3, 31)
    assert fiscal_year_of(until) == fiscal_year_of(issued) + years


def test_the_length_is_the_citys_to_change(session: Session) -> None:
    rule = session.scalars(select(RegistrationRule)).one()
    rule.valid_years = 1
    save(session, rule)
    found = registering.register_group(
        session,
        actor=actor(session, Role.CENTER),
        organization=_group(session),
        number="1",
        issued_on=dt.date(2026, 5, 1),
    )
    assert found.valid_until == dt.date(2028, 3, 31)


def test_registered_renewed_withdrawn_and_taken_up_again(any_session: Session) -> None:
    session = any_session
    center, group = actor(session, Role.CENTER), _group(session)
    found = registering.register_group(
        session, actor=center, organization=group, number="１２３", issued_on=dt.date(2023, 5, 1), checks={1: True}
    )
    assert (found.number, found.valid_until) == ("123", dt.date(2026, 3, 31))
    assert state_of(found, TODAY, 90) is RegistrationState.LAPSED
    registering.renew(session, actor=center, organization=group, renewed_on=dt.date(2026, 11, 1))
    assert [row.valid_until for row in found.renewals] == [found.valid_until] == [dt.date(2029, 3, 31)]
    assert state_of(found, TODAY, 90) is RegistrationState.ACTIVE
    registering.withdraw(session, actor=center, organization=group, on=dt.date(2026, 11, 20), reason="解散")
    assert state_of(found, TODAY, 90) is RegistrationState.WITHDRAWN
    registering.renew(session, actor=center, organization=group, renewed_on=dt.date(2026, 11, 23))
    assert state_of(found, TODAY, 90) is RegistrationState.ACTIVE
    for state in RegistrationState:
        ids = session.scalars(select(Organization.id).where(state_criterion(state, TODAY, 90))).all()
        assert (group.id in ids) is (state is RegistrationState.ACTIVE)


def test_a_card_that_ends_within_the_notice_lapses_soon() -> None:
    card = Registration(number="1", issued_on=dt.date(2024, 4, 1), valid_until=dt.date(2027, 3, 31))
    assert state_of(card, dt.date(2026, 12, 30), 90) is RegistrationState.ACTIVE
    assert state_of(card, dt.date(2026, 12, 31), 90) is RegistrationState.LAPSING
    assert state_of(card, dt.date(2027, 3, 31), 90) is RegistrationState.LAPSING
    assert state_of(card, dt.date(2027, 4, 1), 90) is RegistrationState.LAPSED


def test_what_does_not_fit_is_refused_with_a_sentence(session: Session) -> None:
    center, group = actor(session, Role.CENTER), _group(session)
    with pytest.raises(Conflict):
        registering.renew(session, actor=center, organization=group, renewed_on=TODAY)
    with pytest.raises(NotAllowed):
        registering.register_group(
            session, actor=actor(session, Role.OFFICE), organization=group, number="9", issued_on=TODAY
        )
    registering.register_group(session, actor=center, organization=group, number="9", issued_on=TODAY)
    with pytest.raises(Conflict):
        registering.register_group(session, actor=center, organization=group, number="10", issued_on=TODAY)
    with pytest.raises(Invalid) as problem:
        registering.register_group(
            session, actor=center, organization=_group(session, "架空よその会"), number=" 9 ", issued_on=TODAY
        )
    assert "9" in problem.value.fields["number"]
    with pytest.raises(Invalid):
        registering.renew(session, actor=center, organization=group, renewed_on=dt.date(2020, 1, 1))
    with pytest.raises(Invalid) as problem:
        registering.withdraw(session, actor=center, organization=group, on=dt.date(2020, 1, 1), reason=" ")
    assert set(problem.value.fields) == {"reason", "withdrawn_on"}


def test_a_requirement_that_is_no_longer_asked_is_not_counted(session: Session) -> None:
    center, group = actor(session, Role.CENTER), _group(session)
    asked = registering.requirements(session)
    found = registering.register_group(
        session,
        actor=center,
        organization=group,
        number="9901",
        issued_on=dt.date(2026, 5, 1),
        checks={one.id: True for one in asked},
    )
    asked[0].is_active = False
    save(session, asked[0])
    facts = dict(registration_facts(session, found))
    assert facts["登録の要件"] == f"{len(asked) - 1}項目のうち{len(asked) - 1}項目を確認"


def test_who_leaves_later_is_reminded_until_then(session: Session) -> None:
    """The line on the home page counts what the list behind it shows."""
    center, group = actor(session, Role.CENTER), _group(session)
    registering.register_group(session, actor=center, organization=group, number="9902", issued_on=dt.date(2020, 5, 1))
    told = [line.detail for line in registrations_waiting(session, center) if line.key == "f-state=lapsed"]
    registering.withdraw(session, actor=center, organization=group, on=dt.date(2999, 1, 1), reason="解散")
    again = [line.detail for line in registrations_waiting(session, center) if line.key == "f-state=lapsed"]
    assert told == again != []
