"""Publishing a year: numbers, the frozen rows, corrections beside them."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.problems import Conflict, Invalid, NotAllowed
from app.registry import publication, services
from app.registry.comparison import compare
from app.registry.lines import PartnerLine, line_of
from models.people import Role
from tests.support.registry import actor, department, form_id, row


def _plan(session: Session, name: str, code: str, *, predecessor: int | None = None, with_partner: bool = True) -> None:
    services.create_project(
        session,
        actor=actor(session, Role.OFFICE),
        values={"fiscal_year": 2019, "name": name},
        department_ids=[department(session, code).id],
        partners=[PartnerLine(name="架空の会", form_id=form_id(session, "cooperation"))] if with_partner else [],
        predecessor=row(session, predecessor) if predecessor else None,
    )


def test_numbers_follow_the_last_list(session: Session) -> None:
    _plan(session, "図書館の新しい会", "toshokan")
    _plan(session, "選挙の会", "senkyo-kanri")
    _plan(session, "善行の会", "somu")
    _plan(session, "おはなし会", "toshokan", predecessor=162)
    _plan(session, "講演会", "toshokan", predecessor=160)
    published = publication.publish_list(session, actor=actor(session, Role.OFFICE), fiscal_year=2019)
    assert [(frozen["number"], frozen["name"]) for frozen in published.snapshot or []] == [
        (1, "善行の会"),
        (2, "講演会"),
        (3, "おはなし会"),
        (4, "図書館の新しい会"),
        (5, "選挙の会"),
    ]
    assert published.title == "協働や連携の取組一覧(令和元年度)"
    assert all(row(session, number, 2019).is_published for number in range(1, 6))
    with pytest.raises(Conflict, match="公表済み"):
        publication.publish_list(session, actor=actor(session, Role.OFFICE), fiscal_year=2019)


def test_an_incomplete_row_is_named_and_nothing_is_published(session: Session) -> None:
    _plan(session, "相手のない事業", "toshokan", with_partner=False)
    with pytest.raises(Invalid, match="「相手のない事業」の協働相手"):
        publication.publish_list(session, actor=actor(session, Role.OFFICE), fiscal_year=2019)
    with pytest.raises(Invalid, match="事業がありません"):
        publication.publish_list(session, actor=actor(session, Role.OFFICE), fiscal_year=2030)


def test_only_the_office_publishes(session: Session) -> None:
    with pytest.raises(NotAllowed):
        publication.publish_list(session, actor=actor(session, Role.DEPARTMENT), fiscal_year=2019)


def test_a_correction_stands_beside_what_was_published(session: Session) -> None:
    office, project = actor(session, Role.OFFICE), row(session, 43)
    assert publication.corrections_of_project(session, project) == []
    first, second = (line_of(line) for line in project.partners)
    services.update_project(
        session,
        actor=office,
        project=project,
        version=None,
        values={"name": "木彫ワークショップ(改)"},
        partners=[second, first],
    )
    expected = [
        ("事業名称", "木彫ワークショップ", "木彫ワークショップ(改)"),
        (
            "協働相手",
            "武蔵野美術大学彫刻学科研究室、小平市文化振興財団",
            "小平市文化振興財団、武蔵野美術大学彫刻学科研究室",
        ),
    ]
    assert publication.corrections_of_project(session, project) == expected
    from app.registry.queries import find_published_list

    published = find_published_list(session, 2018)
    assert published is not None
    assert [(one.number, one.changes) for one in publication.corrections_of(session, published)] == [(43, expected)]


def test_a_row_deleted_after_publication_stays_in_the_list(session: Session) -> None:
    from app.registry.queries import find_published_list

    services.delete_project(session, actor=actor(session, Role.OFFICE), project=row(session, 7))
    published = find_published_list(session, 2018)
    assert published is not None
    assert len(published.snapshot or []) == 168
    assert [one.number for one in publication.corrections_of(session, published)] == [7]


def test_years_are_compared_through_those_between(any_session: Session) -> None:
    session = any_session
    office = actor(session, Role.OFFICE)
    following = row(session, 74)
    for year in (2019, 2021):
        following = services.carry_over(session, actor=office, project=following, fiscal_year=year)
    found = compare(session, office, 2018, 2021)
    assert (found.earlier.projects, found.later.projects) == (168, 1)
    assert (found.went_on, found.new, found.ended) == (1, 0, 167)
    assert found.rows("forms")[0] == ("協力", [95, 1])
