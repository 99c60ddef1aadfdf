"""Creating, changing, ordering partner lines, starting, deleting and carrying over projects."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.problems import Conflict, Invalid, NotAllowed, StaleRecord
from app.registry import services
from app.registry.lines import PartnerLine, line_of
from models.directory import Organization, OrganizationKind
from models.people import Role
from models.records import AuditChange, AuditEntry
from models.reference import Effect
from models.registry import Project, ProjectStatus
from tests.support.registry import actor, department, form_id, row

PLAN = {
    "why_this_partner": "地域の事情に詳しい",
    "selection_method": "公募",
    "common_goal": "公園を使いやすくする",
    "group_role": "花壇の手入れ",
    "city_role": "苗の用意",
    "evaluation_plan": "年度末に双方で話し合う",
    "publication_plan": "一覧に載せる",
    "agreed_on": dt.date(2026, 4, 10),
    "agreement_note": "代表者と課長",
}


def _create(session: Session, form: str = "cooperation", **more: object) -> Project:
    values = {"fiscal_year": 2026, "name": "花壇づくり"} | more
    return services.create_project(
        session,
        actor=actor(session, Role.OFFICE),
        values=values,
        department_ids=[department(session, "mizu-midori-koen").id],
        partners=[
            PartnerLine(name="架空みどりの会", form_id=form_id(session, form), kind=OrganizationKind.CIVIC_GROUP)
        ],
        effect_ids=[session.scalars(select(Effect.id).order_by(Effect.id)).first() or 0],
    )


def _last(session: Session) -> AuditEntry:
    return session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()


def test_a_project_is_registered_with_its_lines_in_one_entry(session: Session) -> None:
    project = _create(session)
    assert (project.status, project.number, project.is_published) == (ProjectStatus.PLANNED, None, False)
    assert [(line.position, line.name_as_published, line.form.code) for line in project.partners] == [
        (1, "架空みどりの会", "cooperation")
    ]
    entry = _last(session)
    assert (entry.verb, entry.label) == ("project:create", "協働事業の登録: 花壇づくり")
    assert {change.root_table for change in entry.changes} == {"project"}


def test_a_department_registers_only_what_it_takes_part_in(session: Session) -> None:
    clerk = actor(session, Role.DEPARTMENT, "kominkan")
    with pytest.raises(NotAllowed):
        services.create_project(
            session,
            actor=clerk,
            values={"fiscal_year": 2026, "name": "道路の花壇"},
            department_ids=[department(session, "doro").id],
        )
    assert session.scalars(select(Project).where(Project.name == "道路の花壇")).all() == []


@pytest.mark.parametrize("role", [Role.CENTER, Role.COMMITTEE, Role.AGENCY, Role.ADMINISTRATOR], ids=str)
def test_other_roles_change_nothing(session: Session, role: Role) -> None:
    with pytest.raises(NotAllowed):
        services.update_project(
            session, actor=actor(session, role), project=row(session, 1), version=None, values={"summary": "x"}
        )


def test_a_department_does_not_change_another_ones_row(session: Session) -> None:
    clerk = actor(session, Role.DEPARTMENT, "kominkan")
    with pytest.raises(NotAllowed, match="ほかの課の事業"):
        services.update_project(session, actor=clerk, project=row(session, 1), version=None, values={"summary": "x"})


def test_who_saves_second_is_told(session: Session) -> None:
    office, project = actor(session, Role.OFFICE), row(session, 1)
    seen = project.version
    services.update_project(session, actor=office, project=project, version=seen, values={"summary": "先"})
    with pytest.raises(StaleRecord):
        services.update_project(session, actor=office, project=project, version=seen, values={"summary": "後"})
    assert row(session, 1).summary == "先"


def test_changed_lines_count_as_a_change_of_the_project(session: Session) -> None:
    office, project = actor(session, Role.OFFICE), row(session, 1)
    seen = project.version
    lines = [dataclasses.replace(line_of(project.partners[0]), note="確認済み")]
    services.update_project(session, actor=office, project=project, version=seen, values={}, partners=lines)
    assert project.version == seen + 1


@pytest.mark.parametrize(
    "order", [[3, 2, 1], [2, 3, 1], [1, 3], [3], [], [3, 0, 1]], ids=lambda order: "-".join(map(str, order))
)
def test_lines_are_put_in_order_added_and_removed(any_session: Session, order: list[int]) -> None:
    session = any_session
    office, project = actor(session, Role.OFFICE), row(session, 11)
    before = {line.position: line_of(line) for line in project.partners}
    new = PartnerLine(name="架空大学", form_id=form_id(session, "co_hosting"))
    lines = [before.get(place, new) for place in order]
    services.update_project(session, actor=office, project=project, version=None, values={}, partners=lines)
    session.expire_all()
    stored = row(session, 11).partners
    assert [line.position for line in stored] == list(range(1, len(order) + 1))
    assert [line.name_as_published for line in stored] == [line.name for line in lines]
    removed = [change for change in _last(session).changes if change.kind == "deleted"]
    assert len(removed) == 3 - len([place for place in order if place])


def test_lines_that_stay_as_they_are_leave_no_trace(session: Session) -> None:
    office, project = actor(session, Role.OFFICE), row(session, 11)
    before = _last(session).sequence
    lines = [line_of(line) for line in project.partners]
    services.update_project(session, actor=office, project=project, version=None, values={}, partners=lines)
    assert _last(session).sequence == before


def test_a_line_of_another_project_is_refused(session: Session) -> None:
    office, project = actor(session, Role.OFFICE), row(session, 1)
    stolen = line_of(row(session, 2).partners[0])
    with pytest.raises(Invalid) as caught:
        services.update_project(session, actor=office, project=project, version=None, values={}, partners=[stolen])
    assert "ほかの事業の協働相手" in caught.value.fields["partners"]


def test_a_commission_starts_with_its_contract_alone(session: Session) -> None:
    project = _create(session, "commission", **PLAN)
    office = actor(session, Role.OFFICE)
    start = {"status": ProjectStatus.IN_PROGRESS}
    with pytest.raises(Invalid) as caught:
        services.update_project(session, actor=office, project=project, version=None, values=start)
    assert sorted(caught.value.fields) == ["contract_note", "contract_on"]
    assert "実践編1(2)" in caught.value.fields["contract_on"]
    contract = {"contract_on": dt.date(2026, 4, 20), "contract_note": "花壇の手入れの委託"}
    services.update_project(session, actor=office, project=project, version=None, values=start | contract)
    assert project.status is ProjectStatus.IN_PROGRESS


def test_a_start_without_the_plan_says_what_is_missing(session: Session) -> None:
    clerk = actor(session, Role.DEPARTMENT, "mizu-midori-koen")
    project = _create(session)
    with pytest.raises(Invalid) as caught:
        services.update_project(
            session,
            actor=clerk,
            project=project,
            version=None,
            values={"status": ProjectStatus.IN_PROGRESS},
            reason="急ぐため",
        )
    assert set(caught.value.fields) == set(PLAN)


def test_the_office_starts_it_with_a_reason_that_is_kept(session: Session) -> None:
    project = _create(session)
    services.update_project(
        session,
        actor=actor(session, Role.OFFICE),
        project=project,
        version=None,
        values={"status": ProjectStatus.IN_PROGRESS},
        reason="紙で合意済み",
    )
    assert _last(session).reason == "紙で合意済み"


def test_a_published_commission_of_an_earlier_year_can_be_edited(session: Session) -> None:
    project = row(session, 13)
    services.update_project(
        session, actor=actor(session, Role.OFFICE), project=project, version=None, values={"summary": "電話相談"}
    )
    assert (project.summary, _last(session).label) == ("電話相談", "公表後の修正: 女性相談事業")


def test_what_is_not_pursued_says_why(session: Session) -> None:
    project = _create(session)
    with pytest.raises(Invalid, match="見送りの理由"):
        services.update_project(
            session,
            actor=actor(session, Role.OFFICE),
            project=project,
            version=None,
            values={"status": ProjectStatus.NOT_PURSUED},
        )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "あ" * 301}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"summary": "あ" * 20_001}, "summary"),
        ({"cost_yen": -1}, "cost_yen"),
        ({"starts_on": dt.date(2026, 5, 2), "ends_on": dt.date(2026, 5, 1)}, "ends_on"),
        ({"fiscal_year": None}, "fiscal_year"),
        ({"category_id": 999}, "category_id"),
    ],
)
def test_what_cannot_be_kept_gets_a_sentence(session: Session, values: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        _create(session, **values)
    assert list(caught.value.fields) == [field]


def test_a_deleted_project_comes_back(session: Session) -> None:
    office, project = actor(session, Role.OFFICE), row(session, 1)
    services.delete_project(session, actor=office, project=project, reason="重複")
    assert (project.deleted_at is not None, _last(session).reason) == (True, "重複")
    services.restore_project(session, actor=office, project=project)
    assert project.deleted_at is None


def test_a_department_deletes_nothing(session: Session) -> None:
    clerk = actor(session, Role.DEPARTMENT, "kominkan")
    with pytest.raises(NotAllowed):
        services.delete_project(session, actor=clerk, project=row(session, 130))


def test_linking_keeps_what_was_published(session: Session) -> None:
    line = row(session, 74).partners[0]
    organization = session.scalars(select(Organization).where(Organization.seed_key == "sanno-jutaku-jichikai")).one()
    services.link_partner(session, actor=actor(session, Role.OFFICE), line=line, organization=organization)
    assert (line.name_as_published, line.organization) == ("自治会", organization)
    change = session.scalars(select(AuditChange).order_by(AuditChange.id.desc()).limit(1)).one()
    assert change.values["organization_id"][-1] == "山王住宅自治会"


def test_the_next_year_takes_over_what_was_agreed(session: Session) -> None:
    office, project = actor(session, Role.OFFICE), row(session, 18)
    services.update_project(
        session, actor=office, project=project, version=None, values={"common_goal": "まちを楽しむ", "cost_yen": 100}
    )
    following = services.carry_over(session, actor=office, project=project, fiscal_year=2019)
    assert (following.predecessor_id, following.fiscal_year, following.number) == (project.id, 2019, None)
    assert (following.common_goal, following.cost_yen, following.status) == (
        "まちを楽しむ",
        None,
        ProjectStatus.PLANNED,
    )
    assert [line.organization_id for line in following.partners] == [line.organization_id for line in project.partners]
    with pytest.raises(Conflict, match="引き継ぎ済み"):
        services.carry_over(session, actor=office, project=project, fiscal_year=2019)
