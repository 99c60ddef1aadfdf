"""The demonstration set: everybody can sign in and has work waiting; real data never gets it; 2018 stays as it was."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actors import actor_of
from app.access.passwords import verify_password
from app.actor import system_actor
from app.calls.findings import check_proposal
from app.extensions import db
from app.meetings.queries import find_body, members_on
from app.problems import Conflict
from app.registry.services import create_project
from app.work import waiting_for
from models.calls import Call
from models.directory import Organization, OrganizationSource
from models.meetings import Meeting
from models.people import Role, User
from models.proposal_story import RuleOverride
from models.proposals import Proposal
from models.records import AuditEntry
from models.registry import Project, ProjectPartner, PublishedList
from seed import demo, demo_meetings
from seed.files import city_folder
from seed.state import COMPLETE, state_of
from tests.support.people import make_user
from tests.support.registry import department


@pytest.fixture
def demo_session(demo_app: Flask) -> Iterator[Session]:
    """A session over the demonstration set."""
    with demo_app.app_context():
        yield db.session()
        db.session.rollback()


def _user(session: Session, login: demo.Login) -> User:
    return session.scalars(select(User).where(User.email == login.email)).one()


def test_every_role_has_a_login_with_a_long_password(demo_session: Session) -> None:
    _check_logins(demo_session)


@pytest.mark.postgresql
def test_the_set_is_loaded_into_postgresql_too(postgres_app: Flask) -> None:
    with postgres_app.app_context():
        session = db.session()
        assert demo.load(session) is True
        _check_logins(session)
        session.rollback()


def _check_logins(session: Session) -> None:
    assert {login.role for login in demo.LOGINS} == set(Role)
    for login in demo.LOGINS:
        user = _user(session, login)
        assert (user.is_demo, user.must_change_password, len(login.password) >= 12) == (True, False, True)
        assert verify_password(user.password_hash, login.password)
        actor = actor_of(session, user)
        assert actor.roles == {login.role}
        assert len(actor.departments) == len(login.departments)
    assert (state_of(session, "demo"), demo.load(session)) == (COMPLETE, False)
    assert session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.verb == "demo:load")) == 1


def test_meetings_of_a_year_are_numbered_in_the_order_of_their_days(demo_session: Session) -> None:
    rows = demo_session.execute(
        select(Meeting.body_id, Meeting.fiscal_year, Meeting.number, Meeting.held_on).order_by(
            Meeting.body_id, Meeting.fiscal_year, Meeting.number
        )
    ).all()
    assert len(rows) > 6
    assert rows == sorted(rows, key=lambda row: (row.body_id, row.fiscal_year, row.held_on))


def test_sixty_groups_over_all_twenty_fields_in_every_state_of_freshness(demo_session: Session) -> None:
    groups = demo_session.scalars(select(Organization).where(Organization.source == OrganizationSource.DEMO)).all()
    assert len(groups) >= 60
    assert {row.activity_field.number for one in groups for row in one.fields} == set(range(1, 21))
    assert len({one.confirmed_on.year if one.confirmed_on else None for one in groups}) >= 3
    assert len({one.completeness_center for one in groups}) >= 4
    assert sum(len(one.activity_records) for one in groups) > 100 and sum(len(one.statements) for one in groups) > 50


def test_calls_and_proposals_show_both_programs_over_the_years_with_breaches_and_exceptions(
    demo_session: Session,
) -> None:
    calls = demo_session.scalars(select(Call)).all()
    shown = {(call.program.code, call.fiscal_year) for call in calls}
    assert all(len({year for code, year in shown if code == program}) >= 3 for program in ("suggested", "ikiiki"))
    proposals = demo_session.scalars(select(Proposal)).all()
    before_the_door = {"draft", "submitted", "coordinating", "reviewing"}
    assert before_the_door <= {one.state.value for one in proposals}
    latest = max(call.fiscal_year for call in calls)
    taken_over = [one for one in proposals if one.call.fiscal_year < latest and one.decided_on is not None]
    assert taken_over
    broken = [
        one for one in proposals if one.state.value in before_the_door and not check_proposal(demo_session, one).ok
    ]
    assert broken
    assert demo_session.scalar(select(func.count()).select_from(RuleOverride))


def test_work_waits_for_everybody_who_signs_in(demo_session: Session) -> None:
    idle = [
        login.email
        for login in demo.LOGINS
        if not waiting_for(demo_session, actor_of(demo_session, _user(demo_session, login)))
    ]
    assert (len(demo.LOGINS) >= 7, idle) == (True, [])


def test_the_command_tells_the_logins_and_adds_nothing_a_second_time(demo_app: Flask) -> None:
    def entries() -> int:
        with demo_app.app_context():
            count = db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0
            db.session.remove()
        return count

    before = entries()
    result = demo_app.test_cli_runner().invoke(args=["seed", "demo"])
    told = [line.split("\t")[1:] for line in result.stdout.splitlines()]
    assert (result.exit_code, told) == (0, [[login.email, login.password] for login in demo.LOGINS])
    assert entries() == before > 0


def test_nothing_is_added_to_the_published_year(app: Flask, demo_app: Flask) -> None:
    arguments = ["registry", "summary", "--fiscal-year", "2018", "--json"]
    plain, demonstration = (json.loads(one.test_cli_runner().invoke(args=arguments).stdout) for one in (app, demo_app))
    assert demonstration == plain


def test_demonstration_years_are_marked_published_and_linked(demo_session: Session) -> None:
    session = demo_session
    years = session.scalars(select(PublishedList.fiscal_year).order_by(PublishedList.fiscal_year)).all()
    assert years[0] == 2018 and len(years) >= 4
    assert (
        session.scalar(
            select(func.count()).select_from(Project).where(Project.is_demo.is_(False), Project.fiscal_year != 2018)
        )
        == 0
    )
    chained = select(func.count()).select_from(Project).where(Project.predecessor_id.is_not(None))
    assert (session.scalar(chained) or 0) > 50
    real = select(Organization.id).where(Organization.seed_key.is_not(None))
    mixed = (
        select(func.count())
        .select_from(ProjectPartner)
        .join(Project)
        .where(Project.is_demo, ProjectPartner.organization_id.in_(real))
    )
    assert session.scalar(mixed) == 0


def test_the_export_leaves_the_demonstration_out(demo_app: Flask, tmp_path: Path) -> None:
    runner = demo_app.test_cli_runner()
    out = tmp_path / "out"
    assert runner.invoke(args=["seed", "export", "--out", str(out)]).exit_code == 0
    folder = city_folder("kodaira")
    seeded = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in {".csv", ".toml"}}
    written = {path.name: path.read_bytes() for path in out.iterdir()}
    assert written.keys() == seeded.keys()
    assert {name for name in seeded if written[name] != seeded[name]} == set()


def _real_user(session: Session) -> None:
    make_user(session, Role.OFFICE)


def _real_project(session: Session) -> None:
    create_project(
        session,
        actor=system_actor(),
        values={"fiscal_year": 2026, "name": "本物の事業"},
        department_ids=[department(session, "kominkan").id],
    )


@pytest.mark.parametrize("make", [_real_user, _real_project])
def test_real_data_never_gets_it(session: Session, make: Callable[[Session], None]) -> None:
    make(session)
    with pytest.raises(Conflict, match="実データ"):
        demo.load(session)
    assert session.scalar(select(func.count()).select_from(User).where(User.is_demo)) == 0
    assert state_of(session, "demo") == "none"


@pytest.mark.parametrize("today", [dt.date(2027, 3, 31), dt.date(2027, 4, 1), dt.date(2028, 2, 29)])
def test_the_committee_has_members_for_its_meetings_ahead_on_any_day(session: Session, today: dt.date) -> None:
    committee = find_body(session, "committee")
    assert committee is not None
    demo_meetings.seat_committee(session, system_actor("テスト"), committee, today)
    for ahead in (0, 21, 60):
        names = [member.name for member in members_on(session, committee.id, today + dt.timedelta(days=ahead))]
        assert names == [*(name for name, *_ in demo_meetings.COMMITTEE), demo_meetings.SUBSTITUTE[0]]
