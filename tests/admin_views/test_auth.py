"""Signing in and out by real requests: what an attacker would try, over both databases."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from app.access import passwords, roles, second_factor, throttle, users
from app.access.login import PUBLIC_ENDPOINTS, safe_next
from app.access.sessions import hash_token
from app.actor import system_actor
from app.extensions import db
from app.factory import create_app
from models.base import utc_now
from models.people import LoginAttempt, LoginSession, Role, RoleAssignment, User
from models.records import AuditEntry

PASSWORD = "brisk-otter-lamp-42"
OTHER_PASSWORD = "quiet-heron-kite-73"
EMAIL = "hanako@example.jp"
SYSTEM = system_actor("試験")
REFUSED = "ログインできません。メールアドレス(または職員番号)とパスワードを確認してください。"


@pytest.fixture
def user_id(any_app: Flask) -> int:
    with any_app.app_context():
        session = db.session()
        user = users.create_user(
            session, actor=SYSTEM, display_name="小平 花子", email=EMAIL, staff_number="S001", password=PASSWORD
        )
        roles.assign(session, actor=SYSTEM, user=user, role=Role.OFFICE)
        user_id = user.id
        session.commit()
    change(any_app, User, user_id, must_change_password=False)
    return user_id


@pytest.fixture
def visitor(any_app: Flask) -> FlaskClient:
    return any_app.test_client()


def change(app: Flask, model: type, key: int, **values: object) -> None:
    """Write straight at the table, as time or another program would."""
    with app.app_context(), db.engine.begin() as connection:
        table = model.__table__  # type: ignore[attr-defined]
        connection.execute(update(table).where(table.c.id == key).values(**values))


def rows(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def sign_in(
    client: FlaskClient, identifier: str = EMAIL, password: str = PASSWORD, target: str | None = None, **more: object
) -> TestResponse:
    data = {"identifier": identifier, "password": password} | ({"next": target} if target else {})
    return client.post("/login", data=data, **more)  # type: ignore[arg-type]


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account/").status_code == 200


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("kyodo_session")
    assert cookie is not None
    return cookie.value


def token_of(client: FlaskClient) -> str:
    with client.session_transaction() as cookie:
        return str(cookie["_user_id"])


# --- the door ---------------------------------------------------------------------------------------------------


def test_signed_out_people_come_to_the_login_and_back(visitor: FlaskClient, user_id: int) -> None:
    response = visitor.get("/account/?x=1")
    assert (response.status_code, response.headers["Location"]) == (303, "/login?next=/account/?x%3D1")
    response = sign_in(visitor, target="/account/?x=1")
    assert (response.status_code, response.headers["Location"]) == (303, "/account/?x=1")
    assert visitor.get("/login").headers["Location"] == "/"


def test_every_endpoint_demands_a_login_unless_it_is_named(any_app: Flask, visitor: FlaskClient) -> None:
    open_ones = set()
    for rule in any_app.url_map.iter_rules():
        # <any(pdf, xlsx):kind> takes one of its words, everything else a number.
        values = {name: next(iter(getattr(rule._converters[name], "items", (1,)))) for name in rule.arguments}
        with any_app.test_request_context():
            from flask import url_for

            path = url_for(rule.endpoint, **values)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            response = visitor.open(path, method=method, check=False)
            is_refused = response.status_code == 401 or (
                response.status_code == 303 and response.headers["Location"].startswith("/login")
            )
            if not is_refused:
                open_ones.add(rule.endpoint)
    assert {name for name in open_ones if not name.endswith("static")} == {
        name for name in PUBLIC_ENDPOINTS if not name.endswith("static")
    }


@pytest.mark.parametrize("headers", [{"Accept": "application/json"}, {"X-Requested-With": "XMLHttpRequest"}])
def test_scripts_are_told_401_not_a_page(visitor: FlaskClient, headers: dict[str, str]) -> None:
    assert visitor.get("/account/", headers=headers).status_code == 401
    assert visitor.post("/logout").status_code == 401


# --- who may sign in --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", [EMAIL, " Hanako@Example.JP ", "ｈａｎａｋｏ＠example.jp", "s001", "Ｓ００１"])
def test_an_address_or_a_number_signs_in(visitor: FlaskClient, user_id: int, identifier: str) -> None:
    assert sign_in(visitor, identifier).status_code == 303
    assert is_signed_in(visitor)


@pytest.mark.parametrize("case", ["unknown", "wrong", "inactive", "no_password", "nul", "huge"])
def test_every_refusal_has_the_same_answer_and_the_same_work(
    any_app: Flask, visitor: FlaskClient, user_id: int, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords.verify_password(None, "warm up")
    work = []
    verify = passwords._hasher.verify
    hasher = type("Counting", (), {})()
    hasher.hash, hasher.check_needs_rehash = passwords._hasher.hash, passwords._hasher.check_needs_rehash
    hasher.verify = lambda known, password: work.append(known[:40]) or verify(known, password)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    identifier, password = EMAIL, "wrong-password-1"
    if case == "unknown":
        identifier = "nobody@example.jp"
    elif case == "inactive":
        change(any_app, User, user_id, is_active=False)
        password = PASSWORD
    elif case == "no_password":
        change(any_app, User, user_id, password_hash=None)
    elif case == "nul":
        identifier = "hanako\x00@example.jp\x00 OR 1=1"
    elif case == "huge":
        identifier, password = "x" * 200_000, "y" * 200_000
    response = sign_in(visitor, identifier, password)
    if case == "huge":  # refused at the field
        assert response.status_code == 422
        return
    assert (response.status_code, REFUSED in response.text) == (422, True)
    assert len(work) == 1
    assert work[0].startswith("$argon2id$")
    assert not is_signed_in(visitor)


def test_hashing_holds_no_lock(
    any_app: Flask, visitor: FlaskClient, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one signs in, another program can write at once."""
    verify = passwords.verify_password
    written = []

    def slow(known: str | None, password: str) -> bool:
        with db.engine.connect() as connection:
            if any_app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
                connection.exec_driver_sql("PRAGMA busy_timeout = 1")
            table = User.__table__
            connection.execute(update(table).where(table.c.id == user_id).values(notice_email="ka@example.jp"))
            connection.commit()
            written.append(1)
            connection.invalidate()
        return verify(known, password)

    monkeypatch.setattr(passwords, "verify_password", slow)
    assert sign_in(visitor).status_code == 303
    assert written == [1]


def test_an_old_hash_is_renewed_at_login(any_app: Flask, visitor: FlaskClient, user_id: int) -> None:
    from argon2 import PasswordHasher

    change(any_app, User, user_id, password_hash=PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD))
    assert sign_in(visitor).status_code == 303
    with any_app.app_context():
        kept = db.session.get_one(User, user_id).password_hash
    assert kept is not None
    assert not passwords.needs_rehash(kept)
    assert sign_in(any_app.test_client()).status_code == 303


def test_login_and_logout_stand_in_the_log(any_app: Flask, visitor: FlaskClient, user_id: int) -> None:
    before = rows(any_app, AuditEntry)
    sign_in(visitor, password="wrong-password-1")
    sign_in(visitor)
    visitor.post("/logout")
    with any_app.app_context():
        found = db.session.execute(
            select(AuditEntry.verb, AuditEntry.actor_id, AuditEntry.address).order_by(AuditEntry.sequence)
        ).all()[before:]
    assert found == [("session:begin", user_id, "127.0.0.1"), ("session:end", user_id, "127.0.0.1")]


# --- next -------------------------------------------------------------------------------------------------------

EVIL = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https://evil.example/",
    "http:evil.example",
    "javascript:alert(1)",
    "evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "/a\r\nSet-Cookie: x=1",
    "/" + "a" * 2001,
    "",
]


@pytest.mark.parametrize("target", EVIL)
def test_a_foreign_next_is_not_followed(target: str) -> None:
    assert safe_next(target) is None


@pytest.mark.parametrize("target", EVIL[:8])
def test_login_goes_home_instead(visitor: FlaskClient, user_id: int, target: str) -> None:
    response = sign_in(visitor, target=target)
    assert (response.status_code, response.headers["Location"]) == (303, "/")


@pytest.mark.parametrize("target", ["/", "/project/?f-year=2018&q=%E4%BB%8B", "/a//b", "/?x=//y"])
def test_our_own_paths_are(target: str) -> None:
    assert safe_next(target) == target


# --- sessions ---------------------------------------------------------------------------------------------------


def test_a_session_given_before_login_is_not_the_one_after(any_app: Flask, user_id: int) -> None:
    attacker, victim = any_app.test_client(), any_app.test_client()
    attacker.get("/login")
    victim.set_cookie("kyodo_session", cookie_of(attacker))
    with attacker.session_transaction() as cookie:
        planted = dict(cookie)
    assert sign_in(victim).status_code == 303
    with victim.session_transaction() as cookie:
        assert cookie.get("csrf_token") != planted.get("csrf_token") or "csrf_token" not in cookie
    assert is_signed_in(victim)
    assert not is_signed_in(attacker)


def test_the_cookie_is_httponly_and_secure_behind_tls(any_app: Flask, user_id: int) -> None:
    plain = sign_in(any_app.test_client()).headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    client = any_app.test_client()
    assert (
        "Secure"
        in sign_in(client, base_url="https://localhost", headers={"Referer": "https://localhost/login"}).headers[
            "Set-Cookie"
        ]
    )


def test_a_token_is_worth_nothing_after_logout(any_app: Flask, visitor: FlaskClient, user_id: int) -> None:
    sign_in(visitor)
    stolen = cookie_of(visitor)
    thief = any_app.test_client()
    thief.set_cookie("kyodo_session", stolen)
    assert is_signed_in(thief)
    visitor.post("/logout")
    assert not is_signed_in(visitor)
    thief.set_cookie("kyodo_session", stolen)
    assert not is_signed_in(thief)


def test_a_cookie_alone_authenticates_nobody(any_app: Flask, visitor: FlaskClient, user_id: int) -> None:
    for forged in (str(user_id), "x", "", 1, None, ["a"], {"a": 1}, "x" * 3000):
        with visitor.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = forged, True
        assert not is_signed_in(visitor)
    with any_app.app_context():
        kept = db.session.scalars(select(LoginSession.token_hash)).all()
    assert kept == []
    sign_in(visitor)
    token = token_of(visitor)
    with visitor.session_transaction() as cookie:
        cookie["_user_id"] = hash_token(token)  # what the table holds is no key
    assert not is_signed_in(visitor)


def test_sessions_end_when_idle_and_at_their_absolute_end(any_app: Flask, visitor: FlaskClient, user_id: int) -> None:
    settings = any_app.extensions["settings"]
    now = utc_now()
    for values in (
        {"last_seen_at": now - dt.timedelta(minutes=settings.session_idle_minutes, seconds=1)},
        {"expires_at": now - dt.timedelta(seconds=1)},
    ):
        sign_in(visitor)
        assert is_signed_in(visitor)
        with any_app.app_context():
            key = db.session.scalars(select(LoginSession.id).order_by(LoginSession.id.desc())).first()
        assert key is not None
        change(any_app, LoginSession, key, **values)
        assert not is_signed_in(visitor)


def test_the_last_use_is_noted_at_most_once_a_minute(any_app: Flask, visitor: FlaskClient, user_id: int) -> None:
    sign_in(visitor)

    def seen() -> dt.datetime:
        with any_app.app_context():
            return db.session.scalars(select(LoginSession.last_seen_at)).one()

    first = seen()
    assert is_signed_in(visitor)
    assert seen() == first
    with any_app.app_context():
        key = db.session.scalars(select(LoginSession.id)).one()
    change(any_app, LoginSession, key, last_seen_at=utc_now() - dt.timedelta(minutes=2))
    assert is_signed_in(visitor)
    assert seen() > first


def test_a_role_removed_an_account_closed_or_a_term_over_counts_at_the_next_request(
    any_app: Flask, visitor: FlaskClient, user_id: int
) -> None:
    page = "/department/new/"  # the office's
    sign_in(visitor)
    assert visitor.get(page).status_code == 200
    with any_app.app_context():
        key = db.session.scalars(select(RoleAssignment.id)).one()
    change(any_app, RoleAssignment, key, until_on=dt.date(2021, 3, 31), from_on=dt.date(2020, 4, 1))
    assert visitor.get(page).status_code == 403
    change(any_app, RoleAssignment, key, until_on=None)
    assert visitor.get(page).status_code == 200
    with any_app.app_context():
        session = db.session()
        user = session.get_one(User, user_id)
        roles.unassign(session, actor=SYSTEM, assignment=user.assignments[0])
    assert visitor.get(page).status_code == 303
    sign_in(visitor)
    assert visitor.get(page).status_code == 403
    change(any_app, User, user_id, is_active=False)
    assert visitor.get("/account/").headers["Location"].startswith("/login")


def test_a_new_password_ends_every_other_session(any_app: Flask, visitor: FlaskClient, user_id: int) -> None:
    other = any_app.test_client()
    sign_in(visitor)
    sign_in(other)
    old = cookie_of(visitor)
    new = {"password": OTHER_PASSWORD, "repeated": OTHER_PASSWORD}
    response = visitor.post("/account/password", data={"current_password": "wrong-password-1", **new})
    assert response.status_code == 422
    assert is_signed_in(other)
    response = visitor.post("/account/password", data={"current_password": PASSWORD, **new})
    assert response.status_code == 303
    assert is_signed_in(visitor)
    assert not is_signed_in(other)
    replayed = any_app.test_client()
    replayed.set_cookie("kyodo_session", old)
    assert not is_signed_in(replayed)
    assert sign_in(any_app.test_client()).status_code == 422
    assert sign_in(any_app.test_client(), password=OTHER_PASSWORD).status_code == 303


def test_one_ends_ones_own_sessions_and_nobody_elses(any_app: Flask, visitor: FlaskClient, user_id: int) -> None:
    other = any_app.test_client()
    sign_in(visitor)
    sign_in(other)
    with any_app.app_context():
        keys = db.session.scalars(select(LoginSession.id).order_by(LoginSession.id)).all()
        stranger = users.create_user(
            db.session(), actor=SYSTEM, display_name="他人", email="x@example.jp", password=PASSWORD
        ).id
        db.session.commit()
    change(any_app, User, stranger, must_change_password=False)
    foreign = any_app.test_client()
    sign_in(foreign, "x@example.jp")
    for key in (*keys, "x", 10**30):
        assert foreign.post(f"/account/sessions/{key}/end").status_code == 404
    assert visitor.post(f"/account/sessions/{keys[1]}/end").status_code == 303
    assert not is_signed_in(other)
    assert is_signed_in(visitor)


def test_a_temporary_password_opens_nothing_but_its_own_change(
    any_app: Flask, visitor: FlaskClient, user_id: int
) -> None:
    with any_app.app_context():
        temporary = users.reset_password(db.session(), actor=SYSTEM, user_id=user_id)
    sign_in(visitor, password=temporary)
    for path in ("/", "/account/", "/account/second-factor", "/project/"):
        assert visitor.get(path).headers["Location"] == "/account/password"
    assert visitor.post("/account/second-factor", data={"step": "begin"}).headers["Location"] == "/account/password"
    data = {"current_password": temporary, "password": temporary, "repeated": temporary}
    assert visitor.post("/account/password", data=data).status_code == 422
    data |= {"password": OTHER_PASSWORD, "repeated": OTHER_PASSWORD}
    assert visitor.post("/account/password", data=data).status_code == 303
    assert is_signed_in(visitor)


def test_demonstration_users_need_not_change_theirs(any_app: Flask, visitor: FlaskClient) -> None:
    with any_app.app_context():
        users.create_user(
            db.session(), actor=SYSTEM, display_name="デモ", email="demo@example.jp", password="demo", is_demo=True
        )
    assert sign_in(visitor, "demo@example.jp", "demo").status_code == 303
    assert is_signed_in(visitor)


# --- CSRF -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/login", "/logout", "/account/password", "/account/second-factor"])
def test_a_post_without_the_token_is_refused(any_app: Flask, visitor: FlaskClient, user_id: int, path: str) -> None:
    if path != "/login":
        sign_in(visitor)
    data = {"identifier": EMAIL, "password": PASSWORD, "step": "begin"}
    assert visitor.post(path, data=data, csrf=False).status_code == 400  # type: ignore[call-arg]
    foreign = {"X-CSRFToken": any_app.test_client().csrf_token() + "x"}  # type: ignore[attr-defined]
    assert visitor.post(path, data=data, headers=foreign).status_code == 400
    assert is_signed_in(visitor) is (path != "/login")


# --- throttling -------------------------------------------------------------------------------------------------


def test_guessing_is_stopped_over_two_servers_and_a_restart(any_app: Flask, user_id: int) -> None:
    second = create_app(any_app.extensions["settings"])
    second.test_client_class = any_app.test_client_class
    clients = [any_app.test_client(), second.test_client()]
    answers = [
        sign_in(clients[turn % 2], password=f"wrong-password-{turn}").status_code
        for turn in range(throttle.LIMITS["account"])
    ]
    assert set(answers) == {422}
    third = create_app(any_app.extensions["settings"])
    third.test_client_class = any_app.test_client_class
    for client in (*clients, third.test_client()):
        response = sign_in(client)  # the right password, too
        assert response.status_code == 429
        assert 0 < int(response.headers["Retry-After"]) <= 15 * 60
        assert "分後にもう一度お試しください" in response.text
    assert sign_in(clients[0], "S001").status_code == 429  # the same account under its other name
    for app in (second, third):
        with app.app_context():
            db.engine.dispose()


def test_an_unknown_account_is_stopped_in_the_same_way(visitor: FlaskClient, user_id: int) -> None:
    answers = [sign_in(visitor, "nobody@example.jp", "wrong-password-1").status_code for _ in range(12)]
    assert answers == [422] * 10 + [429] * 2
    assert sign_in(visitor).status_code == 303


def test_one_address_is_stopped_over_many_accounts_and_a_success_does_not_help(
    any_app: Flask, visitor: FlaskClient, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(throttle.LIMITS, "address", 5)
    for number in range(4):
        assert sign_in(visitor, f"{number}@example.jp", "wrong-password-1").status_code == 422
    assert sign_in(visitor).status_code == 303
    fresh = any_app.test_client()
    assert sign_in(fresh, "4@example.jp", "wrong-password-1").status_code == 422
    assert sign_in(fresh).status_code == 429
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert sign_in(any_app.test_client(), environ_overrides=elsewhere).status_code == 303


def test_a_success_forgets_the_accounts_failures_and_time_forgets_all(
    any_app: Flask, visitor: FlaskClient, user_id: int
) -> None:
    for _ in range(9):
        sign_in(visitor, password="wrong-password-1")
    assert sign_in(visitor).status_code == 303
    fresh = any_app.test_client()
    for _ in range(10):
        assert sign_in(fresh, password="wrong-password-1").status_code == 422
    assert sign_in(fresh).status_code == 429
    with any_app.app_context(), db.engine.begin() as connection:
        connection.execute(update(LoginAttempt.__table__).values(attempted_at=utc_now() - throttle.WINDOW))
    assert sign_in(fresh).status_code == 303


def test_old_attempts_are_swept_away(any_app: Flask, visitor: FlaskClient, user_id: int) -> None:
    sign_in(visitor, password="wrong-password-1")
    with any_app.app_context(), db.engine.begin() as connection:
        connection.execute(update(LoginAttempt.__table__).values(attempted_at=utc_now() - dt.timedelta(days=2)))
    sign_in(visitor, password="wrong-password-1")
    assert rows(any_app, LoginAttempt) == 2  # one account, one address


def test_nobody_types_a_password_into_the_table(any_app: Flask, visitor: FlaskClient, user_id: int) -> None:
    sign_in(visitor, "my-secret-password", "x")
    with any_app.app_context():
        kept = db.session.scalars(select(LoginAttempt.subject)).all()
    assert len(kept) == 2
    assert not any("secret" in item or "127" in item for item in kept)


# --- the second factor ------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Clock:
    """Moves the time of codes on, one step a code, as a code is good once."""

    now: dt.datetime

    def code(self, secret: str) -> str:
        self.now += dt.timedelta(seconds=30)
        return pyotp.TOTP(secret).at(self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    ticking = Clock(utc_now())
    monkeypatch.setattr(second_factor, "utc_now", lambda: ticking.now)
    return ticking


def set_up(client: FlaskClient, clock: Clock, password: str = PASSWORD) -> tuple[str, list[str]]:
    """Switch the second factor on as the page leads; returns (secret, recovery codes)."""
    assert client.post("/account/second-factor", data={"step": "begin"}).status_code == 303
    secret = re.findall(r"<code>(.*?)</code>", client.get("/account/second-factor").text)[0].replace(" ", "")
    data = {"code": clock.code(secret), "current_password": password}
    response = client.post("/account/second-factor", data=data)
    assert response.status_code == 200
    return secret, re.findall(r"<code>(.*?)</code>", response.text)


def test_the_second_factor_stands_between_password_and_house(
    any_app: Flask, visitor: FlaskClient, user_id: int, clock: Clock
) -> None:
    other = any_app.test_client()
    sign_in(other)
    sign_in(visitor)
    secret, codes = set_up(visitor, clock)
    assert len(codes) == 10
    assert is_signed_in(visitor)
    assert not is_signed_in(other)  # every other session ended
    used = pyotp.TOTP(secret).at(clock.now)
    assert sign_in(other, target="/account/").headers["Location"] == "/login/code?next=/account/"
    for path in ("/", "/account/", "/account/password", "/account/second-factor", "/project/"):
        assert other.get(path).headers["Location"] == "/login/code"
    assert other.get("/login/code?next=/account/").status_code == 200
    assert other.post("/login/code", data={"code": used}).status_code == 422  # it proved the set-up
    assert other.post("/login/code", data={"code": "000000"}).status_code == 422
    pending = cookie_of(other)
    code = clock.code(secret)
    response = other.post("/login/code", data={"code": code, "next": "/account/"})
    assert (response.status_code, response.headers["Location"]) == (303, "/account/")
    assert is_signed_in(other)
    replay = any_app.test_client()
    replay.set_cookie("kyodo_session", pending)
    assert replay.get("/login/code").headers["Location"].startswith("/login?")  # the pending session is gone
    third = any_app.test_client()
    sign_in(third)
    assert third.post("/login/code", data={"code": code}).status_code == 422  # a code is good once
    assert third.post("/login/code", data={"code": codes[0]}).status_code == 303
    fourth = any_app.test_client()
    sign_in(fourth)
    assert fourth.post("/login/code", data={"code": codes[0]}).status_code == 422  # a recovery code, too


def test_guessing_codes_is_stopped(any_app: Flask, visitor: FlaskClient, user_id: int, clock: Clock) -> None:
    sign_in(visitor)
    secret, _ = set_up(visitor, clock)
    guesser = any_app.test_client()
    sign_in(guesser)
    answers = [guesser.post("/login/code", data={"code": f"{number:06}"}).status_code for number in range(10)]
    assert set(answers) <= {422, 303}
    assert guesser.post("/login/code", data={"code": clock.code(secret)}).status_code == 429
    sign_in(guesser)  # signing in again gives no new tries
    assert guesser.post("/login/code", data={"code": clock.code(secret)}).status_code == 429


def test_a_pending_login_expires_soon(any_app: Flask, visitor: FlaskClient, user_id: int, clock: Clock) -> None:
    sign_in(visitor)
    secret, _ = set_up(visitor, clock)
    other = any_app.test_client()
    sign_in(other)
    with any_app.app_context():
        pending = db.session.scalars(select(LoginSession).where(LoginSession.is_pending)).one()
        assert pending.expires_at - utc_now() <= dt.timedelta(minutes=10)
        key = pending.id
    change(any_app, LoginSession, key, expires_at=utc_now())
    assert other.post("/login/code", data={"code": clock.code(secret)}).status_code == 401


def test_neither_off_nor_to_another_telephone_without_the_password(
    any_app: Flask, visitor: FlaskClient, user_id: int, clock: Clock
) -> None:
    sign_in(visitor)
    secret, codes = set_up(visitor, clock)
    for path in ("/account/second-factor/off", "/account/recovery-codes"):
        assert visitor.get(path).status_code == 200
        assert visitor.post(path).status_code == 422
        assert visitor.post(path, data={"current_password": "wrong-password-1"}).status_code == 422
    visitor.post("/account/second-factor", data={"step": "begin"})
    fresh = re.findall(r"<code>(.*?)</code>", visitor.get("/account/second-factor").text)[0].replace(" ", "")
    assert fresh != secret
    bad = {"code": clock.code(fresh), "current_password": "wrong-password-1"}
    assert visitor.post("/account/second-factor", data=bad).status_code == 422
    with any_app.app_context():
        kept = db.session.get_one(User, user_id).totp_secret
        assert kept is not None
        assert second_factor.unseal(kept) == secret
        assert second_factor.count_recovery_codes(db.session(), user_id) == 10
    good = visitor.post("/account/recovery-codes", data={"current_password": PASSWORD})
    renewed = re.findall(r"<code>(.*?)</code>", good.text)
    assert len(renewed) == 10
    assert not set(renewed) & set(codes)
    assert visitor.post("/account/second-factor/off", data={"current_password": PASSWORD}).status_code == 303
    assert sign_in(any_app.test_client()).headers["Location"] == "/"


def test_a_role_that_requires_it_leads_there_first_and_does_not_let_go(
    any_app: Flask, visitor: FlaskClient, user_id: int, clock: Clock
) -> None:
    sign_in(visitor)
    assert is_signed_in(visitor)
    with any_app.app_context():
        roles.require_second_factor(db.session(), actor=SYSTEM, role=Role.OFFICE)
    for path in ("/", "/account/", "/project/"):
        assert visitor.get(path).headers["Location"] == "/account/second-factor"
    set_up(visitor, clock)
    assert is_signed_in(visitor)
    response = visitor.post("/account/second-factor/off", data={"current_password": PASSWORD})
    assert response.status_code == 422
    assert "必須" in response.text
    account = visitor.get("/account/").text
    assert ("必須のため、解除できません" in account, "/account/second-factor/off" in account) == (True, False)


def test_the_picture_is_for_this_session_alone_and_is_not_kept(
    any_app: Flask, visitor: FlaskClient, user_id: int
) -> None:
    other = any_app.test_client()
    sign_in(visitor)
    sign_in(other)
    assert visitor.get("/account/second-factor/picture.svg").status_code == 404
    visitor.post("/account/second-factor", data={"step": "begin"})
    picture = visitor.get("/account/second-factor/picture.svg")
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    assert picture.headers["Cache-Control"] == "no-store"
    assert other.get("/account/second-factor/picture.svg").status_code == 404


def test_home_says_what_waits_about_ones_own_login(
    any_app: Flask, visitor: FlaskClient, user_id: int, clock: Clock
) -> None:
    sign_in(visitor)
    _, codes = set_up(visitor, clock)
    with any_app.app_context():
        for code in codes[:8]:
            assert second_factor.accept_recovery_code(db.session(), user_id, code)
        db.session.commit()
    assert "回復コードを発行し直してください" in visitor.get("/").text


def test_of_ipv6_the_network_is_counted(any_app: Flask) -> None:
    with any_app.app_context():
        same = {throttle.address_subject(text) for text in ("2001:db8::1", "2001:db8::ffff:2", "2001:DB8:0:0::3")}
        assert len(same) == 1
        assert throttle.address_subject("2001:db8:0:1::1") not in same
        assert throttle.address_subject("::ffff:192.0.2.7") == throttle.address_subject("192.0.2.7")
        assert throttle.address_subject("192.0.2.8") != throttle.address_subject("192.0.2.7")
        assert throttle.address_subject(None)
        assert throttle.address_subject("unix:")
