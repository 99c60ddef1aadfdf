"""Reads of the registry."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.actor import system_actor
from app.audit.recorder import act
from app.registry import queries, services
from models.directory import Organization
from models.people import Role
from tests.support.registry import actor, row


def test_the_years_are_those_that_the_actor_sees(any_session: Session) -> None:
    session = any_session
    office, agency = actor(session, Role.OFFICE), actor(session, Role.AGENCY)
    for year in (2021, 2019):
        services.carry_over(session, actor=office, project=row(session, 74), fiscal_year=year)
    assert queries.fiscal_years(session, office) == [2021, 2019, 2018]
    assert queries.fiscal_years(session, agency) == [2018]


def test_there_may_be_no_year_at_all(any_session: Session) -> None:
    session = any_session
    from app.actor import NOBODY

    assert queries.fiscal_years(session, NOBODY) == []


def test_the_years_of_a_project_are_a_chain(session: Session) -> None:
    office, first = actor(session, Role.OFFICE), row(session, 74)
    second = services.carry_over(session, actor=office, project=first, fiscal_year=2019)
    third = services.carry_over(session, actor=office, project=second, fiscal_year=2020)
    for one in (first, second, third):
        assert queries.years_chain(session, office, one) == [first, second, third]


def test_merged_organisations_show_their_projects_together(session: Session) -> None:
    from sqlalchemy import select

    office = actor(session, Role.OFFICE)
    by_key = {one.seed_key: one for one in session.scalars(select(Organization))}
    university, other = by_key["musashino-bijutsu-daigaku"], by_key["hotarukai"]
    assert len(queries.projects_of_organization(session, office, university)) == 13
    with act(session, system_actor(), "organization:merge", "統合"):
        other.merged_into_id = university.id
    for one in (university, other):
        assert len(queries.projects_of_organization(session, office, one)) == 14
