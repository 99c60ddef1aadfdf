"""What an administrator does to users: rules, who may, sessions that end, and the last administrator."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access import handover, roles, sessions, users
from app.access.actors import actor_of
from app.access.second_factor import seal
from app.actor import Actor, system_actor
from app.audit.recorder import act
from app.config import Settings
from app.japanese.dates import today_in_tokyo
from app.problems import Conflict, Invalid, NotAllowed, NotFound
from models.base import utc_now
from models.people import LoginSession, Role, RoleAssignment, RoleSetting, SavedView, User
from models.records import AuditEntry
from models.reference import Department
from tests.support.people import make_user

SYSTEM = system_actor("試験")
DAY = dt.timedelta(days=1)


@pytest.fixture
def administrator(any_session: Session) -> User:
    return make_user(any_session, Role.ADMINISTRATOR, name="管理 者")


@pytest.fixture
def chief(any_session: Session, administrator: User) -> Actor:
    return actor_of(any_session, administrator)


def department(session: Session, place: int = 0) -> Department:
    return session.scalars(select(Department).order_by(Department.id)).all()[place]


def open_sessions(session: Session, user: User) -> int:
    count = session.scalar(select(func.count()).where(LoginSession.user_id == user.id))
    session.commit()
    return count or 0


def sign_in(session: Session, user: User, settings: Settings) -> None:
    sessions.open_session(session, user.id, settings, address="127.0.0.1")
    session.commit()


@pytest.fixture
def own_settings(any_app: object) -> Settings:
    return any_app.extensions["settings"]  # type: ignore[attr-defined,no-any-return]


def test_a_user_is_created_with_normal_names_and_one_entry(any_session: Session, chief: Actor) -> None:
    before = any_session.scalar(select(func.count()).select_from(AuditEntry))
    user = users.create_user(
        any_session, actor=chief, display_name=" 新 人 ", email=" Ｓhin@Example.JP ", staff_number="ｓ００１"
    )
    assert (user.display_name, user.email, user.staff_number) == ("新 人", "shin@example.jp", "S001")
    assert user.password_hash is None
    assert user.must_change_password
    entries = any_session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).all()
    assert len(entries) - (before or 0) == 1
    assert (entries[0].verb, entries[0].actor_label) == ("user:create", "管理 者")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "no-address"}, "email"),
        ({"email": "a@b@example.jp"}, "email"),
        ({"email": "a b@example.jp"}, "email"),
        ({"email": None}, "email"),
        ({"email": "a@example.jp", "staff_number": "x@y"}, "staff_number"),
        ({"email": "a@example.jp", "staff_number": "9" * 41}, "staff_number"),
        ({"email": "a@example.jp", "display_name": "  "}, "display_name"),
        ({"email": "a@example.jp", "display_name": "あ" * 101}, "display_name"),
        ({"email": "a@example.jp", "notice_email": "x"}, "notice_email"),
        ({"email": "a@example.jp", "password": "short"}, "password"),
        ({"email": "otterlamp@example.jp", "password": "otterlamp-brisk-9"}, "password"),
    ],
)
def test_wrong_values_are_refused_at_their_field(session: Session, values: dict[str, str | None], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        users.create_user(session, actor=SYSTEM, **({"display_name": "新 人"} | values))  # type: ignore[arg-type]
    assert field in refused.value.fields
    assert session.scalar(select(func.count()).select_from(User)) == 0


def test_an_address_belongs_to_one_user(any_session: Session) -> None:
    users.create_user(any_session, actor=SYSTEM, display_name="一", email="a@example.jp", staff_number="1")
    with pytest.raises(Invalid) as refused:
        users.create_user(any_session, actor=SYSTEM, display_name="二", email="A@EXAMPLE.jp", staff_number="1")
    assert set(refused.value.fields) == {"email", "staff_number"}


def test_a_shared_mailbox_is_for_notices(any_session: Session) -> None:
    for number in ("1", "2"):
        users.create_user(
            any_session, actor=SYSTEM, display_name=number, staff_number=number, notice_email="ka@example.jp"
        )
    assert any_session.scalar(select(func.count()).select_from(User)) == 2


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else_manages_users(any_session: Session, administrator: User, role: Role) -> None:
    actor = actor_of(any_session, make_user(any_session, role))
    assignment = administrator.assignments[0]
    refused = 0
    for attempt in (
        lambda: users.create_user(any_session, actor=actor, display_name="x", email="x@example.jp"),
        lambda: users.update_user(
            any_session,
            actor=actor,
            user=administrator,
            display_name="x",
            email="x@example.jp",
            staff_number=None,
            notice_email=None,
        ),
        lambda: users.deactivate(any_session, actor=actor, user=administrator, reason="x"),
        lambda: users.activate(any_session, actor=actor, user=administrator, reason="x"),
        lambda: roles.assign(any_session, actor=actor, user=administrator, role=Role.OFFICE),
        lambda: roles.unassign(any_session, actor=actor, assignment=assignment),
        lambda: users.reset_password(any_session, actor=actor, user_id=administrator.id),
        lambda: users.reset_second_factor(any_session, actor=actor, user=administrator, reason="x"),
        lambda: roles.require_second_factor(any_session, actor=actor, role=role),
        lambda: handover.hand_over(
            any_session, actor=actor, from_user=administrator, to_user=administrator, last_day=today_in_tokyo()
        ),
    ):
        with pytest.raises((NotAllowed, NotFound)):
            attempt()
        refused += 1
    assert refused == 10


def test_only_the_loader_makes_demonstration_users(any_session: Session, chief: Actor) -> None:
    with pytest.raises(Invalid):
        users.create_user(any_session, actor=chief, display_name="x", email="x@example.jp", is_demo=True)
    demo = users.create_user(
        any_session, actor=SYSTEM, display_name="x", email="x@example.jp", password="demo", is_demo=True
    )
    assert not demo.must_change_password


def test_an_older_form_does_not_overwrite(any_session: Session, chief: Actor) -> None:
    user = make_user(any_session, Role.OFFICE)
    values = {"email": "x@example.jp", "staff_number": None, "notice_email": None}
    users.update_user(any_session, actor=chief, user=user, display_name="一", version=user.version, **values)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        users.update_user(any_session, actor=chief, user=user, display_name="二", version=1, **values)  # type: ignore[arg-type]
    any_session.refresh(user)
    assert user.display_name == "一"


# --- roles ------------------------------------------------------------------------------------------------------


def test_a_role_needs_what_belongs_to_it(any_session: Session, chief: Actor) -> None:
    user = make_user(any_session, None)
    today = today_in_tokyo()
    for field, values in (
        ("department", {"role": Role.DEPARTMENT}),
        ("department", {"role": Role.OFFICE, "department": department(any_session)}),
        ("until_on", {"role": Role.COMMITTEE}),
        ("until_on", {"role": Role.OFFICE, "from_on": today, "until_on": today - DAY}),
    ):
        with pytest.raises(Invalid) as refused:
            roles.assign(any_session, actor=chief, user=user, **values)  # type: ignore[arg-type]
        assert list(refused.value.fields) == [field]
    assert user.assignments == []


def test_the_same_role_twice_in_one_period_is_refused_and_two_departments_are_taken(
    any_session: Session, chief: Actor
) -> None:
    user = make_user(any_session, None)
    today = today_in_tokyo()
    first, second = department(any_session), department(any_session, 1)
    roles.assign(any_session, actor=chief, user=user, role=Role.DEPARTMENT, department=first, until_on=today)
    with pytest.raises(Invalid):
        roles.assign(any_session, actor=chief, user=user, role=Role.DEPARTMENT, department=first)
    roles.assign(any_session, actor=chief, user=user, role=Role.DEPARTMENT, department=second)
    roles.assign(any_session, actor=chief, user=user, role=Role.DEPARTMENT, department=first, from_on=today + DAY)
    assert len(user.assignments) == 3


@pytest.mark.parametrize(
    ("from_in", "until_in", "is_in_force"),
    [(-9, None, True), (0, 0, True), (-9, -1, False), (1, None, False), (-9, 0, True)],
)
def test_both_days_of_a_role_count(session: Session, from_in: int, until_in: int | None, is_in_force: bool) -> None:
    user = make_user(session, None)
    today = today_in_tokyo()
    with act(session, SYSTEM, "user:assign", "試験"):
        until = today + until_in * DAY if until_in is not None else None
        session.add(RoleAssignment(user=user, role=Role.OFFICE, from_on=today + from_in * DAY, until_on=until))
    session.refresh(user)
    assert (Role.OFFICE in actor_of(session, user).roles) is is_in_force


def test_a_change_of_rights_ends_the_sessions(any_session: Session, chief: Actor, own_settings: Settings) -> None:
    user = make_user(any_session, Role.OFFICE)
    today = today_in_tokyo()

    def left_after(change: object) -> int:
        sign_in(any_session, user, own_settings)
        assert open_sessions(any_session, user) > 0
        change()  # type: ignore[operator]
        return open_sessions(any_session, user)

    given: list[RoleAssignment] = []
    assert left_after(lambda: given.append(roles.assign(any_session, actor=chief, user=user, role=Role.AGENCY))) == 0
    assert left_after(lambda: roles.unassign(any_session, actor=chief, assignment=given[0])) == 0
    assert left_after(lambda: users.reset_password(any_session, actor=chief, user_id=user.id)) == 0
    assert left_after(lambda: users.reset_second_factor(any_session, actor=chief, user=user, reason="紛失")) == 0
    assert left_after(lambda: users.deactivate(any_session, actor=chief, user=user, reason="退職")) == 0
    # What begins or ends on another day changes nothing today.
    users.activate(any_session, actor=chief, user=user, reason="復職")
    later = today + 30 * DAY
    assert left_after(lambda: roles.assign(any_session, actor=chief, user=user, role=Role.AGENCY, from_on=later)) == 1
    office = next(one for one in user.assignments if one.role is Role.OFFICE)
    assert left_after(lambda: roles.unassign(any_session, actor=chief, assignment=office, last_day=later)) == 2


def test_a_role_that_began_today_is_removed_and_an_older_one_keeps_its_term(any_session: Session, chief: Actor) -> None:
    user = make_user(any_session, Role.OFFICE)
    fresh = roles.assign(any_session, actor=chief, user=user, role=Role.AGENCY)
    roles.unassign(any_session, actor=chief, assignment=fresh)
    roles.unassign(any_session, actor=chief, assignment=user.assignments[0], reason="異動")
    assert [(one.role, one.until_on) for one in user.assignments] == [(Role.OFFICE, today_in_tokyo() - DAY)]


def test_the_last_administrator_stays(any_session: Session, administrator: User, chief: Actor) -> None:
    own = administrator.assignments[0]
    for actor in (chief, SYSTEM):
        with pytest.raises(Invalid):
            roles.unassign(any_session, actor=actor, assignment=own)
        with pytest.raises(Invalid):
            roles.unassign(any_session, actor=actor, assignment=own, last_day=today_in_tokyo() + 9 * DAY)
        with pytest.raises(Invalid):
            users.deactivate(any_session, actor=actor, user=administrator, reason="x")
    any_session.refresh(administrator)
    assert administrator.is_active
    assert own.until_on is None


def test_an_administrator_does_not_end_their_own_role_but_another_may(
    any_session: Session, administrator: User, chief: Actor
) -> None:
    other = make_user(any_session, Role.ADMINISTRATOR)
    with pytest.raises(Invalid):
        roles.unassign(any_session, actor=chief, assignment=administrator.assignments[0])
    roles.unassign(any_session, actor=actor_of(any_session, other), assignment=administrator.assignments[0])
    any_session.refresh(administrator)
    assert Role.ADMINISTRATOR not in actor_of(any_session, administrator).roles


def test_a_successor_who_is_inactive_or_whose_term_is_over_is_no_administrator(
    any_session: Session, administrator: User
) -> None:
    gone = make_user(any_session, Role.ADMINISTRATOR)
    users.deactivate(any_session, actor=SYSTEM, user=gone, reason="退職")
    ending = make_user(any_session, Role.ADMINISTRATOR)
    roles.unassign(any_session, actor=SYSTEM, assignment=ending.assignments[0], last_day=today_in_tokyo())
    with pytest.raises(Invalid):
        roles.unassign(any_session, actor=SYSTEM, assignment=administrator.assignments[0])


def test_a_role_setting_is_made_once(any_session: Session, chief: Actor) -> None:
    for is_required in (True, True, False):
        roles.require_second_factor(any_session, actor=chief, role=Role.OFFICE, is_required=is_required)
    rows = any_session.execute(select(RoleSetting.role, RoleSetting.requires_second_factor)).all()
    assert rows == [(Role.OFFICE, False)]


def test_a_lost_second_factor_is_taken_away_with_its_reason(any_session: Session, chief: Actor) -> None:
    user = make_user(any_session, Role.OFFICE)
    with act(any_session, SYSTEM, "account:enable_second_factor", "試験"):
        user.totp_secret, user.totp_enabled_at = seal("A" * 32), utc_now()
    with pytest.raises(Invalid):
        users.reset_second_factor(any_session, actor=chief, user=user, reason=" ")
    users.reset_second_factor(any_session, actor=chief, user=user, reason="スマートフォンの紛失")
    assert (user.totp_secret, user.totp_enabled_at) == (None, None)
    entry = any_session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
    assert entry is not None
    assert (entry.verb, entry.reason) == ("user:reset_second_factor", "スマートフォンの紛失")


# --- 引継ぎ -----------------------------------------------------------------------------------------------------


def test_a_successor_gets_the_roles_the_views_and_what_hooks_move(
    any_session: Session, chief: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = make_user(any_session, Role.OFFICE, name="前任"), make_user(any_session, None, name="後任")
    with act(any_session, SYSTEM, "saved_view:create", "試験"):
        for user in (old, new):
            any_session.add(SavedView(user_id=user.id, endpoint="project", name="わたしの一覧", query="q=1"))
    moved: list[tuple[int, int]] = []

    def hook(session: Session, actor: Actor, from_user: User, to_user: User) -> list[str]:
        moved.append((from_user.id, to_user.id))
        return ["下書き2件を移しました。"]

    monkeypatch.setattr(handover, "_hooks", [*handover._hooks, hook])
    last_day = today_in_tokyo() + 10 * DAY
    before = any_session.scalar(select(func.max(AuditEntry.sequence))) or 0
    told = handover.hand_over(
        any_session, actor=chief, from_user=old, to_user=new, last_day=last_day, reason="4月1日付け人事異動"
    )
    assert len(told) == 3
    assert moved == [(old.id, new.id)]
    assert [(one.role, one.from_on, one.until_on) for one in old.assignments] == [
        (Role.OFFICE, dt.date(2020, 4, 1), last_day)
    ]
    assert [(one.role, one.from_on, one.until_on) for one in new.assignments] == [(Role.OFFICE, last_day + DAY, None)]
    names = any_session.scalars(select(SavedView.name).where(SavedView.user_id == new.id).order_by(SavedView.id)).all()
    assert sorted(names) == ["わたしの一覧", "わたしの一覧(前任から)"]
    entries = any_session.scalars(select(AuditEntry).where(AuditEntry.sequence > before)).all()
    assert [(entry.verb, entry.reason) for entry in entries] == [("user:hand_over", "4月1日付け人事異動")]


def test_a_failing_hook_leaves_everything_as_it_was(
    any_session: Session, chief: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = make_user(any_session, Role.OFFICE), make_user(any_session, None)

    def hook(session: Session, actor: Actor, from_user: User, to_user: User) -> list[str]:
        raise Conflict("移せません。")

    monkeypatch.setattr(handover, "_hooks", [*handover._hooks, hook])
    with pytest.raises(Conflict):
        handover.hand_over(any_session, actor=chief, from_user=old, to_user=new, last_day=today_in_tokyo())
    any_session.refresh(old)
    any_session.refresh(new)
    assert (old.assignments[0].until_on, new.assignments) == (None, [])


def test_the_only_administrator_may_hand_over_to_a_successor(
    any_session: Session, administrator: User, chief: Actor
) -> None:
    new = make_user(any_session, None)
    handover.hand_over(any_session, actor=chief, from_user=administrator, to_user=new, last_day=today_in_tokyo())
    assert [one.role for one in new.assignments] == [Role.ADMINISTRATOR]
    assert administrator.assignments[0].until_on == today_in_tokyo()


def test_nothing_is_handed_over_to_oneself_to_the_inactive_or_when_there_is_nothing(
    any_session: Session, chief: Actor
) -> None:
    old, new = make_user(any_session, Role.OFFICE), make_user(any_session, None)
    today = today_in_tokyo()
    with pytest.raises(Invalid):
        handover.hand_over(any_session, actor=chief, from_user=old, to_user=old, last_day=today)
    with pytest.raises(Invalid):
        handover.hand_over(any_session, actor=chief, from_user=old, to_user=new, last_day=today - 30 * DAY)
    with pytest.raises(Invalid):
        handover.hand_over(any_session, actor=chief, from_user=new, to_user=old, last_day=today)
    users.deactivate(any_session, actor=chief, user=new, reason="退職")
    with pytest.raises(Invalid):
        handover.hand_over(any_session, actor=chief, from_user=old, to_user=new, last_day=today)
