"""Scopes, references, retention and the command line of imports."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.actor import system_actor
from app.audit.recorder import act
from app.exchange import retention, services
from app.exchange.columns import ColumnKind, ImportColumn
from app.exchange.mapped import column_of, lookup_by
from app.exchange.specs import Context, register_import
from app.exchange.table_import import Match, TableImport
from app.files.services import store_of
from app.jobs.worker import run_pending
from app.problems import NotAllowed
from models.base import db, utc_now
from models.directory import Organization
from models.exchange import ImportRow, ImportRun, ImportStatus, Job, RowKind
from models.people import Role, User
from models.records import StoredFile
from models.reference import Department
from models.registry import Project
from tests.app.exchange.conftest import actor_for, load_run, make_xlsx, user_of


class DepartmentTable(TableImport):
    """Test import with a reference, a code as key and no soft deletion."""

    name = "test_department"
    title = "課(試験)"
    permission = "reference:edit"
    model = Department
    matches = (Match(("code",)),)
    attributes = {"successor": "successor_id"}
    columns = (
        column_of(Department, "code"),
        column_of(Department, "name"),
        column_of(Department, "valid_until"),
        ImportColumn("successor", "引継ぎ先", ColumnKind.REFERENCE, lookup=lookup_by(Department, "name", "code")),
    )


register_import(DepartmentTable())


def ask(app: Flask, user_id: int, verb: str, run_id: int) -> None:
    with app.app_context():
        session = db.session()
        service: Callable[..., Any] = getattr(services, f"request_{verb}")
        service(session, actor=actor_for(session, user_id), settings=app.extensions["settings"], run_id=run_id)
        db.session.remove()
        run_pending(app)


def rows_of(app: Flask, run_id: int) -> list[tuple[RowKind, list[list[str]], dict[str, Any]]]:
    with app.app_context():
        rows = db.session.scalars(select(ImportRow).where(ImportRow.run_id == run_id).order_by(ImportRow.row_number))
        found = [(row.kind, row.problems, row.old) for row in rows]
        db.session.remove()
    return found


@pytest.fixture
def projects(any_app: Flask) -> tuple[int, int]:
    """A user of the first department, and its project 1 beside project 2 of another department, in 2031."""
    with any_app.app_context():
        session = db.session()
        first, other = session.scalars(select(Department).order_by(Department.id).limit(2)).all()
        with act(session, system_actor("試験"), "project:create", "試験"):
            for number, department in ((1, first), (2, other)):
                project = Project(fiscal_year=2031, number=number, name=f"事業{number}", departments=[department])
                session.add(project)
        user_id = user_of(session, Role.DEPARTMENT, department=first)
        other_id = other.id
        db.session.remove()
    return user_id, other_id


def test_rows_of_another_department_are_wrong_only_when_they_would_change(
    any_app: Flask, projects: tuple[int, int], run_import: Callable[..., int]
) -> None:
    header = ["年度", "番号", "事業名称"]
    rows = [header, ["令和13年度", 1, "事業1改"], ["R13", 2, "事業2"]]
    assert [
        kind for kind, _, _ in rows_of(any_app, run_import(any_app, projects[0], "test_project", make_xlsx(rows)))
    ] == [
        RowKind.CHANGED,
        RowKind.UNCHANGED,
    ]
    rows = [header, [2031, 2, "よその事業"]]
    found = rows_of(any_app, run_import(any_app, projects[0], "test_project", make_xlsx(rows)))
    assert found == [(RowKind.WRONG, [["2行目", "", "この行を変更する権限がありません(ほかの担当の記録です)。"]], {})]


def test_nothing_is_written_that_could_not_be_edited_on_screen(
    any_app: Flask, projects: tuple[int, int], run_import: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [["年度", "番号", "事業名称"], [2031, 3, "課のない事業"], [2031, 1, "事業1改"]]
    run_id = run_import(any_app, projects[0], "test_project", make_xlsx(rows))
    ask(any_app, projects[0], "apply", run_id)
    run = load_run(any_app, run_id)
    assert run.job is not None and "2行目は、登録・変更する権限がありません" in run.job.message
    with any_app.app_context():
        names = db.session.scalars(select(Project.name).where(Project.fiscal_year == 2031).order_by(Project.id)).all()
        db.session.remove()
    assert names == ["事業1", "事業2"]


def test_a_permission_that_was_taken_away_stops_the_job(app: Flask, run_import: Callable[..., int]) -> None:
    with app.app_context():
        center = user_of(db.session(), Role.CENTER)
        db.session.remove()
    run_id = run_import(app, center, "test_organization", make_xlsx([["団体名"], ["権限の会"]]))
    with app.app_context():
        session = db.session()
        services.request_apply(
            session, actor=actor_for(session, center), settings=app.extensions["settings"], run_id=run_id
        )
        with act(session, system_actor("試験"), "user:unassign", "試験"):
            for assignment in list(session.get_one(User, center).assignments):
                session.delete(assignment)
        db.session.remove()
        run_pending(app)
        assert db.session.scalar(select(func.count()).where(Organization.name == "権限の会")) == 0
        with pytest.raises(NotAllowed):
            services.start_import(
                db.session(),
                actor=actor_for(db.session(), center),
                settings=app.extensions["settings"],
                spec_name="test_organization",
                content=b"x",
                name="x.csv",
            )
        db.session.remove()


def test_references_are_looked_up_shown_by_name_and_taken_back(any_app: Flask, run_import: Callable[..., int]) -> None:
    with any_app.app_context():
        office = user_of(db.session(), Role.OFFICE)
        one, two = db.session.scalars(select(Department).order_by(Department.id).limit(2)).all()
        code, name, target_id, target = one.code, one.name, two.id, two.name
        db.session.remove()
    rows = [
        ["コード", "課名", "廃止日", "引継ぎ先"],
        [code, name, "令和8年3月31日", target],
        ["new-one", "新しい課", None, name],
        ["new-two", "別の課", None, "ない課"],
    ]
    run_id = run_import(any_app, office, "test_department", make_xlsx(rows))
    assert rows_of(any_app, run_id) == [
        (RowKind.CHANGED, [], {"valid_until": None, "successor": None}),
        (RowKind.NEW, [], {}),
        (
            RowKind.WRONG,
            [["D4", "successor", "「ない課」は登録されていません。登録されている名称で入力してください。"]],
            {},
        ),
    ]
    run_id = run_import(any_app, office, "test_department", make_xlsx(rows[:3]))
    ask(any_app, office, "apply", run_id)
    with any_app.app_context():
        changed = db.session.scalars(select(Department).where(Department.code == code)).one()
        assert (changed.successor_id, changed.valid_until) == (target_id, dt.date(2026, 3, 31))
        new_id = db.session.scalars(select(Department.id).where(Department.code == "new-one")).one()
        with act(db.session(), system_actor("試験"), "project:create", "試験"):
            project = Project(fiscal_year=2032, name="新しい課の事業")
            db.session.add(project)
            db.session.flush()
            project.departments.append(db.session.get_one(Department, new_id))
        project_id = project.id
        db.session.remove()
    ask(any_app, office, "undo", run_id)
    run = load_run(any_app, run_id)
    assert run.job is not None and "「新しい課」は、その後に登録された「協働事業」から使われています" in run.job.message
    with any_app.app_context():
        with act(db.session(), system_actor("試験"), "project:edit", "試験"):
            project = db.session.get_one(Project, project_id)
            project.departments.clear()
        db.session.remove()
    ask(any_app, office, "undo", run_id)
    assert load_run(any_app, run_id).status is ImportStatus.UNDONE
    with any_app.app_context():
        assert db.session.scalar(select(func.count()).where(Department.code == "new-one")) == 0
        kept = db.session.scalars(select(Department).where(Department.code == code)).one()
        assert (kept.successor_id, kept.valid_until) == (None, None)
        db.session.remove()


def test_what_expired_or_is_erased_is_purged(app: Flask, run_import: Callable[..., int]) -> None:
    with app.app_context():
        center = user_of(db.session(), Role.CENTER)
        db.session.remove()
    old = run_import(app, center, "test_organization", make_xlsx([["団体名"], ["古い会"]]))
    erased = run_import(app, center, "test_organization", make_xlsx([["団体名"], ["消す会"]]))
    kept = run_import(app, center, "test_organization", make_xlsx([["団体名"], ["残る会"]]))
    ask(app, center, "apply", erased)
    with app.app_context():
        session, settings = db.session(), app.extensions["settings"]
        with act(session, system_actor("試験"), "import:test", "試験"):
            session.get_one(ImportRun, old).expires_at = utc_now() - dt.timedelta(days=1)
        digest = session.scalars(select(StoredFile.sha256).where(StoredFile.owner_key == str(old))).one()
        assert retention.purge_expired(session, settings) == 1
        assert not store_of(settings).path_of(digest).exists()
        record = session.scalars(select(Organization.id).where(Organization.name == "消す会")).one()
        purged = retention.purge_records(
            session, actor=system_actor("試験"), settings=settings, spec_names=["test_organization"], record_key=record
        )
        assert purged == 1
        left = session.scalars(select(ImportRow.run_id)).all()
        assert left == [kept]
        states = session.execute(select(ImportRun.id, ImportRun.is_purged, ImportRun.file_id.is_(None))).all()
        assert [tuple(state) for state in states] == [(old, True, True), (erased, True, True), (kept, False, False)]
        assert session.scalars(select(StoredFile.owner_key)).all() == [str(kept)]
        db.session.remove()
    run = load_run(app, erased)
    assert (run.status, run.is_purged) == (ImportStatus.APPLIED, True)


def test_the_command_line_imports_and_tells_json_alone(app: Flask, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("団体名,種別\r\n端末の会,大学等\r\n", encoding="cp932", newline="")
    bad.write_text("団体名,種別\r\n端末の会2,?\r\n", encoding="utf-8", newline="")
    runner = app.test_cli_runner()
    result = runner.invoke(args=["imports", "run", "test_organization", str(good), "--apply", "--json"])
    told = json.loads(result.stdout)
    assert (result.exit_code, told["status"], told["new"], told["wrong"]) == (0, "applied", 1, 0)
    result = runner.invoke(args=["imports", "run", "test_organization", str(bad), "--json"])
    told = json.loads(result.stdout)
    assert (result.exit_code, told["status"], told["wrong"]) == (1, "ready", 1)
    result = runner.invoke(args=["imports", "run", "nothing", str(bad)])
    assert (result.exit_code, "ありません" in result.output) == (1, True)
    assert "test_organization\t団体(試験)" in runner.invoke(args=["imports", "kinds"]).stdout
    assert runner.invoke(args=["imports", "purge"]).exit_code == 0
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Job)) == 4
        db.session.remove()


def test_an_apply_is_found_by_search(any_app: Flask, run_import: Callable[..., int]) -> None:
    from app.search.documents import all_specs
    from models.search import SearchDocument

    assert "organization" in {spec.entity for spec in all_specs()}
    with any_app.app_context():
        center = user_of(db.session(), Role.CENTER)
        db.session.remove()
    run_id = run_import(any_app, center, "test_organization", make_xlsx([["団体名"], ["検索される会"]]))
    ask(any_app, center, "apply", run_id)
    with any_app.app_context():
        key = db.session.scalars(select(Organization.id).where(Organization.name == "検索される会")).one()
        documents = select(func.count()).select_from(SearchDocument)
        wanted = documents.where(SearchDocument.entity == "organization", SearchDocument.record_id == key)
        assert (db.session.scalar(wanted) or 0) > 0
        db.session.remove()


def test_a_context_says_which_columns_are_there(session: Any) -> None:
    context = Context(session, system_actor("試験"), {}, frozenset({"code", "successor"}))
    assert [attribute for _, attribute in DepartmentTable().written_columns(context)] == ["code", "successor_id"]
