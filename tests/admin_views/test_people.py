"""The administrator's screens for users and roles, by real requests."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access import roles, users
from app.access.passwords import verify_password
from app.actor import system_actor
from app.audit.recorder import act
from app.extensions import db
from app.japanese.dates import format_date, today_in_tokyo
from models.people import LoginSession, Role, RoleAssignment, RoleSetting, User
from models.records import AuditEntry
from models.reference import Department
from tests.support.pages import CheckingClient
from tests.support.people import make_user, sign_in_as

SYSTEM = system_actor("試験")


@pytest.fixture
def other_id(app: Flask) -> int:
    with app.app_context():
        user = users.create_user(
            db.session(), actor=SYSTEM, display_name="小平 花子", email="hanako@example.jp", staff_number="S001"
        )
        roles.assign(db.session(), actor=SYSTEM, user=user, role=Role.OFFICE)
        return user.id


@pytest.fixture
def chief(client: CheckingClient, login: Callable[..., int]) -> int:
    return login(client, Role.ADMINISTRATOR)


def user_of(app: Flask, user_id: int) -> dict[str, object]:
    with app.app_context():
        user = db.session.get_one(User, user_id)
        return {
            "name": user.display_name,
            "active": user.is_active,
            "roles": sorted(str(one) for one in user.assignments),
            "ended": [one.until_on is not None for one in user.assignments],
        }


def entries(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(AuditEntry.verb).order_by(AuditEntry.sequence)))


PAGES = [
    "/user/",
    "/user/new/",
    "/user/{id}/",
    "/user/{id}/edit/",
    "/user/{id}/history/",
    "/user/{id}/roles/new/",
    "/user/{id}/roles/{role}/end/",
    "/user/{id}/reset-password/",
    "/user/{id}/deactivate/",
    "/user/{id}/activate/",
    "/user/{id}/reset-second-factor/",
    "/user/{id}/hand-over/",
    "/user/lookup/?q=花",
    "/user/export/csv/",
    "/role-setting/",
]


@pytest.mark.parametrize("role", list(Role))
def test_these_pages_are_the_administrators(
    app: Flask, client: CheckingClient, login: Callable[..., int], other_id: int, role: Role
) -> None:
    login(client, role)
    with app.app_context():
        key = db.session.scalars(select(RoleAssignment.id).where(RoleAssignment.user_id == other_id)).one()
    before = user_of(app, other_id), len(entries(app))
    wanted = 200 if role is Role.ADMINISTRATOR else 403
    for page in PAGES:
        path = page.format(id=other_id, role=key)
        assert (path, client.get(path).status_code) == (path, wanted)
        if role is not Role.ADMINISTRATOR:
            answer = client.post(path, data={"reason": "x", "is_required": "1", "role": "office"})
            assert answer.status_code in {403, 405}
    assert (user_of(app, other_id), len(entries(app))) == before


def test_a_user_is_registered_gets_a_role_and_a_password_once(app: Flask, client: CheckingClient, chief: int) -> None:
    response = client.post("/user/new/", data={"display_name": "新 人", "email": "shin@example.jp"})
    assert response.status_code == 303
    key = int(re.findall(r"\d+", response.headers["Location"])[0])
    with app.app_context():
        department_id = db.session.scalars(select(Department.id).order_by(Department.id)).first()
    data = {"role": "department", "department": str(department_id), "from_on": "令和8年4月1日"}
    assert client.post(f"/user/{key}/roles/new/", data=data).status_code == 303
    page = client.post(f"/user/{key}/reset-password/")
    assert page.status_code == 200
    password = re.findall(r"<code>(.*?)</code>", page.text)[0]
    with app.app_context():
        kept = db.session.get_one(User, key)
        assert verify_password(kept.password_hash, password)
        assert kept.must_change_password
    assert password not in client.get(f"/user/{key}/").text
    assert entries(app)[-3:] == ["user:create", "user:assign", "user:reset_password"]


def test_refusals_stand_at_their_fields(app: Flask, client: CheckingClient, chief: int, other_id: int) -> None:
    before = user_of(app, other_id)
    for path, data, sentence in (
        ("/user/new/", {"display_name": "x", "email": "hanako@example.jp"}, "ほかの利用者が使っています"),
        ("/user/new/", {"display_name": "x"}, "どちらかを入力してください"),
        (f"/user/{other_id}/roles/new/", {"role": "department"}, "課を選んでください"),
        (f"/user/{other_id}/roles/new/", {"role": "king"}, "一覧にある項目から"),
        (f"/user/{other_id}/roles/new/", {"role": "office"}, "重なる期間"),
        (f"/user/{other_id}/roles/new/", {"role": "agency", "until_on": "2020-13-45"}, ""),
        (f"/user/{other_id}/deactivate/", {"reason": " "}, "理由を入力してください"),
        (f"/user/{chief}/deactivate/", {"reason": "x"}, "自分自身を無効に"),
        (f"/user/{other_id}/hand-over/", {"to_user": str(other_id), "last_day": "2030-03-31"}, "同じです"),
        (f"/user/{other_id}/hand-over/", {"to_user": "999999", "last_day": "2030-03-31"}, "見つかりません"),
    ):
        response = client.post(path, data=data)
        assert (path, response.status_code) == (path, 422)
        assert sentence in response.text
    assert user_of(app, other_id) == before


def test_ids_that_are_none_are_not_found(client: CheckingClient, chief: int, other_id: int) -> None:
    for key in ("0", "999999", "abc", "1e3", str(10**30), "-1"):
        for page in ("", "edit/", "roles/new/", "deactivate/", "hand-over/", "reset-password/"):
            assert client.get(f"/user/{key}/{page}").status_code == 404
        assert client.post(f"/user/{key}/reset-password/").status_code == 404
    assert client.get(f"/user/{other_id}/roles/999999/end/").status_code == 404


def test_a_role_of_somebody_else_is_not_ended_through_this_user(
    app: Flask, client: CheckingClient, chief: int, other_id: int
) -> None:
    with app.app_context():
        key = db.session.scalars(select(RoleAssignment.id).where(RoleAssignment.user_id == other_id)).one()
    assert client.post(f"/user/{chief}/roles/{key}/end/").status_code == 404
    assert client.post(f"/user/{other_id}/roles/{key}/end/", data={"last_day": "2030-03-31"}).status_code == 303
    assert user_of(app, other_id)["ended"] == [True]


def test_a_closed_account_is_signed_out_everywhere(
    app: Flask, client: CheckingClient, chief: int, other_id: int
) -> None:
    other = app.test_client()
    sign_in_as(other, other_id)
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(LoginSession.user_id == other_id)) == 1
    assert client.post(f"/user/{other_id}/deactivate/", data={"reason": "退職"}).status_code == 303
    assert other.get("/").headers["Location"].startswith("/login")
    assert client.post(f"/user/{other_id}/activate/", data={"reason": "復職"}).status_code == 303
    assert user_of(app, other_id)["active"] is True


def test_the_successor_is_told_what_was_handed_over(
    app: Flask, client: CheckingClient, chief: int, other_id: int
) -> None:
    with app.app_context():
        new_id = make_user(db.session(), None, name="後任").id
    data = {"to_user": str(new_id), "last_day": "令和9年3月31日", "reason": "人事異動"}
    response = client.post(f"/user/{other_id}/hand-over/", data=data)
    assert response.status_code == 303
    assert "引継ぎを登録しました" in client.get(response.headers["Location"]).text
    assert user_of(app, new_id)["roles"] == ["推進担当"]
    assert entries(app)[-1] == "user:hand_over"


def test_a_role_setting_is_switched(app: Flask, client: CheckingClient, chief: int) -> None:
    assert client.post("/role-setting/", data={"role": "king", "is_required": "1"}).status_code == 404
    for is_required in ("1", "0"):
        assert client.post("/role-setting/", data={"role": "center", "is_required": is_required}).status_code == 303
        with app.app_context():
            found = db.session.execute(select(RoleSetting.role, RoleSetting.requires_second_factor)).all()
            assert found == [(Role.CENTER, is_required == "1")]


def test_lists_filter_by_what_people_are_now(app: Flask, client: CheckingClient, chief: int, other_id: int) -> None:
    for query, is_there in (
        ("f-who=花子", True),
        ("f-who=s001", True),
        ("f-who=HANAKO", True),
        ("f-who=%25", False),
        ("f-role=office", True),
        ("f-role=center", False),
        ("f-role=king", True),  # unreadable: said, and not applied
        ("f-state=active", True),
        ("f-state=inactive", False),
        ("f-state=must_change", True),
        ("f-department=999", False),
    ):
        page = client.get(f"/user/?{query}")
        assert page.status_code == 200
        assert (query, "小平 花子" in page.text) == (query, is_there)


def test_hashes_and_secrets_are_on_no_page(app: Flask, client: CheckingClient, chief: int, other_id: int) -> None:
    client.post(f"/user/{other_id}/reset-password/")
    for path in (f"/user/{other_id}/", "/user/", f"/user/{other_id}/history/", "/user/export/csv/"):
        text = client.get(path).text
        assert "argon2" not in text


def test_passwords_for_several_people_are_asked_about_and_shown_once(
    app: Flask, client: CheckingClient, chief: int, other_id: int
) -> None:
    with app.app_context():
        second = make_user(db.session(), Role.CENTER, name="二人目").id
    data = {"action": "issue_passwords", "rowid": [str(other_id), str(second)]}
    before = len(entries(app))
    asked = client.post("/user/action/", data=data)
    assert (asked.status_code, asked.text.count("<code>")) == (200, 0)
    assert len(entries(app)) == before
    page = client.post("/user/action/", data=data | {"confirmed": "yes"})
    shown = re.findall(r"<code>(.*?)</code>", page.text)
    assert len(shown) == 2
    assert entries(app)[before:] == ["user:reset_password"]
    with app.app_context():
        for key, password in zip((other_id, second), shown, strict=True):
            assert verify_password(db.session.get_one(User, key).password_hash, password)
    for rows in ([], ["abc"], ["999999"], [str(number) for number in range(1, 60)]):
        answer = client.post("/user/action/", data=data | {"confirmed": "yes", "rowid": rows})
        assert answer.status_code in {404, 409}
    assert entries(app)[before:] == ["user:reset_password"]


def test_what_waits_for_the_administrator_is_what_its_list_shows(
    app: Flask, client: CheckingClient, chief: int
) -> None:
    today = today_in_tokyo()
    last_day = today + dt.timedelta(10)
    with app.app_context(), act(db.session(), SYSTEM, "user:create", "試験の利用者"):
        db.session.get_one(User, chief).password_hash = "x"
        for name, terms, password_hash in (
            ("新任 一人", [(today, None)], None),
            ("異動 済子", [(today - dt.timedelta(30), today - dt.timedelta(1))], "x"),
            ("終わる 三郎", [(today, last_day)], "x"),
            ("続く 四郎", [(today, last_day), (last_day + dt.timedelta(1), None)], "x"),
        ):
            user = User(display_name=name, must_change_password=False, password_hash=password_hash)
            user.staff_number = f"S{db.session.query(User).count()}"
            user.assignments += [RoleAssignment(role=Role.CENTER, from_on=day, until_on=until) for day, until in terms]
            db.session.add(user)
    home = client.get("/").text
    for state, name, sentence in (
        ("no_password", "新任 一人", "まだログインできない利用者が1人います。"),
        ("no_role", "異動 済子", "1人います。異動・退職した人は無効にし"),
        ("ending", "終わる 三郎", "後に続く役割のない人が1人います。"),
    ):
        assert f'href="/user/?f-state={state}"' in home
        assert sentence in home
        listed = client.get(f"/user/?f-state={state}").text
        assert [one for one in ("新任 一人", "異動 済子", "終わる 三郎", "続く 四郎") if one in listed] == [name]
    assert format_date(last_day) in home
    assert "推進担当の利用者がまだいません。" in home
    sign_in_as(client, make_id(app, Role.OFFICE))
    assert "/user/?f-state=" not in client.get("/").text
    sign_in_as(client, chief)
    assert "推進担当の利用者がまだいません。" not in client.get("/").text


def make_id(app: Flask, role: Role) -> int:
    with app.app_context():
        return make_user(db.session(), role).id
