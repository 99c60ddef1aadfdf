"""`flask users` and `flask access`: what they print, what they refuse, and what the log says."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.matrix import as_markdown, as_objects
from app.access.passwords import verify_password
from app.access.permissions import ROLE_PERMISSIONS, Permission
from app.extensions import db
from models.people import Role, User
from models.records import AuditEntry
from models.reference import Department

CREATE = ["users", "create", "--name", "管理 者", "--email", "Kanri@Example.jp", "--role", "administrator"]


def run(app: Flask, *arguments: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr)."""
    result = app.test_cli_runner().invoke(args=list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_a_first_administrator_is_made_by_one_command(any_app: Flask) -> None:
    code, out, _ = run(any_app, *CREATE)
    assert code == 0
    password = out.splitlines()[-1].removeprefix("仮のパスワード: ")
    with any_app.app_context():
        user = db.session.scalars(select(User)).one()
        assert user.email == "kanri@example.jp"
        assert user.must_change_password
        assert verify_password(user.password_hash, password)
        assert [one.role for one in user.assignments] == [Role.ADMINISTRATOR]
        last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
        assert last is not None
        assert (last.verb, last.channel, last.change_count) == ("user:create", "cli", 2)
        assert "コマンドライン" in last.actor_label


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["users", "create", "--name", "x"], "どちらかを入力してください"),
        (["users", "create", "--name", "x", "--email", "kanri@example.jp"], "ほかの利用者が使っています"),
        (["users", "create", "--name", "x", "--email", "x@example.jp", "--role", "department"], "課を選んでください"),
        (
            [
                "users",
                "create",
                "--name",
                "x",
                "--email",
                "x@example.jp",
                "--role",
                "department",
                "--department",
                "ない課",
            ],
            "課「ない課」が見つかりません",
        ),
        (["users", "assign", "nobody@example.jp", "office"], "flask users list"),
        (["users", "assign", "kanri@example.jp", "committee"], "任期"),
        (["users", "unassign", "kanri@example.jp", "administrator"], "最後のシステム管理者"),
        (["users", "unassign", "kanri@example.jp", "center"], "ありません"),
        (["users", "reset-password", "S999"], "見つかりません"),
    ],
)
def test_refusals_are_sentences_with_exit_code_1_and_change_nothing(
    app: Flask, arguments: list[str], sentence: str
) -> None:
    run(app, *CREATE)
    with app.app_context():
        before = db.session.scalars(select(AuditEntry.sequence)).all()
    code, out, err = run(app, *arguments)
    assert (code, out) == (1, "")
    assert sentence in err
    assert "Traceback" not in err
    with app.app_context():
        assert db.session.scalars(select(AuditEntry.sequence)).all() == before


def test_a_date_or_a_role_that_is_none_is_a_usage_error(app: Flask) -> None:
    run(app, *CREATE)
    code, _, err = run(app, "users", "assign", "kanri@example.jp", "office", "--from", "令和99年13月1日")
    assert code == 2
    assert "令和" in err
    assert run(app, "users", "assign", "kanri@example.jp", "king")[0] == 2


def test_roles_are_given_and_ended_with_japanese_dates(any_app: Flask) -> None:
    run(any_app, *CREATE)
    with any_app.app_context():
        department = db.session.scalars(select(Department).order_by(Department.id)).first()
        assert department is not None
        code_of_department, name = department.code, department.name
    for text, day in ((code_of_department, "R9.4.1"), (name, "2099-04-01")):
        code, out, err = run(
            any_app, "users", "assign", "kanri@example.jp", "department", "--department", text, "--from", day,
            "--until", day,
        )  # fmt: skip
        assert (code, err) == (0, "")
        assert name in out
    code, _, err = run(any_app, "users", "unassign", "kanri@example.jp", "department", "--department", name)
    assert (code, "複数" in err) == (1, True)
    code, out, _ = run(any_app, "users", "reset-password", "kanri@example.jp")
    assert code == 0
    assert out.startswith("仮のパスワード: ")


def test_json_is_alone_on_stdout(any_app: Flask) -> None:
    run(any_app, *CREATE)
    run(any_app, "users", "create", "--name", "課 員", "--staff-number", "k1")
    _, out, _ = run(any_app, "users", "list", "--json")
    rows = json.loads(out)
    assert [(row["email"], row["staff_number"], [one["role"] for one in row["assignments"]]) for row in rows] == [
        ("kanri@example.jp", None, ["administrator"]),
        (None, "K1", []),
    ]
    assert "argon2" not in out
    _, out, _ = run(any_app, "users", "list", "--role", "administrator", "--json")
    assert len(json.loads(out)) == 1
    _, out, err = run(any_app, "users", "list")
    assert ("管理 者" in out, "2人" in err) == (True, True)


def test_the_matrix_says_what_the_table_grants(app: Flask) -> None:
    _, out, _ = run(app, "access", "matrix", "--format", "json")
    rows = json.loads(out)
    assert rows == as_objects()
    assert {row["permission"] for row in rows} == {permission.value for permission in Permission}
    for row in rows:
        granted = {role.value for role in Role if row["permission"] in ROLE_PERMISSIONS[role]}
        assert {role for role, is_granted in row["roles"].items() if is_granted} == granted
    assert run(app, "access", "matrix", "--format", "markdown")[1].strip() == as_markdown()
    lines = run(app, "access", "matrix")[1].splitlines()
    assert len(lines) == len(Permission) + 1


def test_every_permission_has_words(app: Flask) -> None:
    from app.access.matrix import ACTIONS, RESOURCES

    for permission in Permission:
        resource, action = permission.value.split(":")
        assert resource in RESOURCES
        assert action in ACTIONS
