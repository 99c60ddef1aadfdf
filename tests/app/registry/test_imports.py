"""Next year's list from Excel: preview, apply, undo; whatever is wrong is named."""

from __future__ import annotations

import csv
import dataclasses
import time
from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.japanese.dates import fiscal_year_of, today_in_tokyo
from app.registry import services as registry
from app.registry.lines import line_of
from app.registry.published import printed_lines
from models.exchange import ImportRow, ImportStatus, RowKind
from models.people import Role
from models.registry import Project, ProjectPartner, ProjectStatus
from seed.files import city_folder
from tests import factories
from tests.app.exchange.conftest import actor_for, load_run, make_xlsx, run_import, user_of
from tests.app.exchange.test_pipeline import request
from tests.support.registry import department, row

__all__ = ["run_import"]
#: The present fiscal year: what is imported for it has not ended.
YEAR = fiscal_year_of(today_in_tokyo())
HEADER = ["番号", "課名", "事業名称", "協働相手(団体名)", "協働形態"]
FIRST = [1, "図書館・公民館", "なかまちテラスまつり", "なかまちテラスまつり実行委員会", "実行委員会"]
SECOND = [2, "環境政策課", "花の講座", "武蔵野美術大学 津田塾大学", "協力"]


def _user(app: Flask, role: Role = Role.OFFICE, code: str | None = None) -> int:
    with app.app_context():
        found = department(db.session(), code) if code else None
        user = user_of(db.session(), role, department=found)
        db.session.remove()
    return user


def _projects(app: Flask, year: int = YEAR) -> list[tuple[Any, ...]]:
    with app.app_context():
        rows = db.session.scalars(
            select(Project).where(Project.fiscal_year == year, Project.deleted_at.is_(None)).order_by(Project.id)
        ).all()
        found = [
            (
                project.name,
                [one.name for one in project.departments],
                [
                    (line.name_as_published, line.organization.name if line.organization else None, line.form.name)
                    for line in project.partners
                ],
                project.status,
            )
            for project in rows
        ]
        db.session.remove()
    return found


def _kinds(app: Flask, run_id: int) -> list[tuple[RowKind, list[list[str]]]]:
    with app.app_context():
        rows = db.session.scalars(select(ImportRow).where(ImportRow.run_id == run_id).order_by(ImportRow.row_number))
        found = [(one.kind, list(one.problems or [])) for one in rows]
        db.session.remove()
    return found


def test_the_layout_of_the_list_is_read_previewed_applied_and_undone(any_app: Flask, run_import: Any) -> None:
    user = _user(any_app)
    run = run_import(any_app, user, "projects", make_xlsx([HEADER, FIRST, SECOND]), fiscal_year=str(YEAR))
    assert [kind for kind, _ in _kinds(any_app, run)] == [RowKind.NEW, RowKind.NEW]
    assert _projects(any_app) == []
    request(any_app, user, "apply", run)
    assert load_run(any_app, run).status is ImportStatus.APPLIED
    assert _projects(any_app) == [
        (
            "なかまちテラスまつり",
            ["公民館", "図書館"],
            [("なかまちテラスまつり実行委員会", "なかまちテラスまつり実行委員会", "実行委員会")],
            ProjectStatus.IN_PROGRESS,
        ),
        (
            "花の講座",
            ["環境政策課"],
            [("武蔵野美術大学", "武蔵野美術大学", "協力"), ("津田塾大学", "津田塾大学", "協力")],
            ProjectStatus.IN_PROGRESS,
        ),
    ]
    with any_app.app_context():
        project = db.session.scalars(select(Project).where(Project.fiscal_year == YEAR).order_by(Project.id)).first()
        assert project is not None
        assert (project.number, project.department_as_published, project.is_published) == (
            None,
            "図書館・公民館",
            False,
        )
        assert printed_lines(project) == [["なかまちテラスまつり実行委員会", "実行委員会"]]
        db.session.remove()
    request(any_app, user, "undo", run)
    assert load_run(any_app, run).status is ImportStatus.UNDONE
    assert _projects(any_app) == []


def test_what_is_there_is_found_again_and_changes_cell_by_cell(app: Flask, run_import: Any) -> None:
    user = _user(app)
    request(
        app,
        user,
        "apply",
        run_import(app, user, "projects", make_xlsx([HEADER, FIRST, SECOND]), fiscal_year=f"R{YEAR - 2018}"),
    )
    changed = [*SECOND[:3], "武蔵野美術大学、架空の会", "共催"]
    run = run_import(app, user, "projects", make_xlsx([HEADER, FIRST, changed]), fiscal_year=str(YEAR))
    assert [kind for kind, _ in _kinds(app, run)] == [RowKind.UNCHANGED, RowKind.CHANGED]
    before = _projects(app)
    request(app, user, "apply", run)
    assert _projects(app)[1][2] == [("武蔵野美術大学", "武蔵野美術大学", "共催"), ("架空の会", None, "共催")]
    request(app, user, "undo", run)
    assert _projects(app) == before


def test_undoing_brings_back_what_a_person_had_set_by_hand(any_app: Flask, run_import: Any) -> None:
    user = _user(any_app)
    imported = run_import(any_app, user, "projects", make_xlsx([HEADER, FIRST, SECOND]), fiscal_year=f"R{YEAR - 2018}")
    request(any_app, user, "apply", imported)
    with any_app.app_context():
        session = db.session()
        project = session.scalars(select(Project).where(Project.fiscal_year == YEAR, Project.name == "花の講座")).one()
        linked = factories.an_organization(session, name="手で結んだ別の団体")
        lines = [line_of(partner) for partner in project.partners]
        by_hand = dataclasses.replace(lines[1], organization_id=linked.id, note="呼び名が違う")
        registry.update_project(
            session,
            actor=actor_for(session, user),
            project=project,
            version=None,
            values={},
            partners=[lines[0], by_hand],
        )
        db.session.remove()
    before = _projects(any_app)
    assert before[1][2][1] == ("津田塾大学", "手で結んだ別の団体", "協力")
    changed = [*SECOND[:3], "武蔵野美術大学", "共催"]
    run = run_import(any_app, user, "projects", make_xlsx([HEADER, FIRST, changed]), fiscal_year=str(YEAR))
    request(any_app, user, "apply", run)
    assert _projects(any_app)[1][2] == [("武蔵野美術大学", "武蔵野美術大学", "共催")]
    request(any_app, user, "undo", run)
    assert load_run(any_app, run).status is ImportStatus.UNDONE
    assert _projects(any_app) == before
    with any_app.app_context():
        notes = select(ProjectPartner.note).join(Project).where(Project.fiscal_year == YEAR, ProjectPartner.note != "")
        assert db.session.scalars(notes).all() == ["呼び名が違う"]
        db.session.remove()


def test_nothing_is_undone_over_a_later_change(app: Flask, run_import: Any) -> None:
    user = _user(app)
    run = run_import(app, user, "projects", make_xlsx([HEADER, FIRST]), fiscal_year=str(YEAR))
    request(app, user, "apply", run)
    with app.app_context():
        session = db.session()
        project = session.scalars(select(Project).where(Project.fiscal_year == YEAR)).one()
        registry.update_project(
            session, actor=actor_for(session, user), project=project, version=None, values={"summary": "あとから"}
        )
        db.session.remove()
    request(app, user, "undo", run)
    assert load_run(app, run).status is ImportStatus.APPLIED
    assert len(_projects(app)) == 1


def test_last_years_project_is_taken_up(app: Flask, run_import: Any) -> None:
    user = _user(app)
    run = run_import(app, user, "projects", make_xlsx([HEADER, FIRST]), fiscal_year="2019")
    request(app, user, "apply", run)
    with app.app_context():
        project = db.session.scalars(select(Project).where(Project.fiscal_year == 2019)).one()
        assert (project.predecessor_id, project.status) == (row(db.session(), 158).id, ProjectStatus.FINISHED)
        db.session.remove()


def test_the_published_list_reads_as_unchanged(app: Flask, run_import: Any) -> None:
    with (city_folder("kodaira") / "projects_2018_published.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    rows: list[list[Any]] = []
    for line in lines:
        if line["line"] == "1":
            rows.append([int(line["number"]), line["department"], line["name"], line["partners"], line["form"]])
        else:
            rows[-1][3] += "\n" + line["partners"]
    run = run_import(app, _user(app), "projects", make_xlsx([HEADER, *rows]), fiscal_year="2018")
    kinds = _kinds(app, run)
    assert [number for number, (kind, _) in enumerate(kinds, start=1) if kind is not RowKind.UNCHANGED] == []


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ([1, "ない課", "会", "架空の会", "協力"], "departments", "「ない課」という課は登録されていません"),
        ([1, "公民館", "会", "架空の会", "応援"], "form", "「応援」という形態はありません"),
        ([1, "公民館", None, "架空の会", "協力"], "name", "空欄です"),
        ([1, "公民館", "会", None, "協力"], "partners", "空欄です"),
        ([1, "公民館", "会", "架空の会\n別の会\n次の会", "協力\n共催"], "form", "行数"),
        ([1, "公民館", "会" * 301, "架空の会", "協力"], "name", "300文字まで"),
        (["一", "公民館", "会", "架空の会", "協力"], "number", "整数として読めません"),
    ],
)
def test_a_wrong_cell_is_named(app: Flask, run_import: Any, cells: Sequence[Any], column: str, sentence: str) -> None:
    run = run_import(app, _user(app), "projects", make_xlsx([HEADER, cells]), fiscal_year=str(YEAR))
    [(kind, problems)] = _kinds(app, run)
    assert kind is RowKind.WRONG
    assert [problem[1] for problem in problems] == [column]
    assert sentence in problems[0][2]


def test_a_department_brings_its_own_rows(app: Flask, run_import: Any) -> None:
    user = _user(app, Role.DEPARTMENT, "kominkan")
    run = run_import(app, user, "projects", make_xlsx([HEADER, FIRST, SECOND]), fiscal_year=str(YEAR))
    kinds = _kinds(app, run)
    assert [kind for kind, _ in kinds] == [RowKind.NEW, RowKind.WRONG]
    assert "ほかの課の行です" in kinds[1][1][0][2]


def test_a_commission_without_its_contract_waits(app: Flask, run_import: Any) -> None:
    user = _user(app)
    header = [*HEADER, "協定・契約の日", "協定・契約の内容", "団体の役割", "市の役割"]
    with_contract = [1, "公民館", "委託の講座", "架空の会", "委託", f"R{YEAR - 2018}.4.1", "講座の運営", "講師", "会場"]
    without = [2, "公民館", "別の講座", "架空の会", "委託", None, None, None, None]
    run = run_import(app, user, "projects", make_xlsx([header, with_contract, without]), fiscal_year=str(YEAR))
    request(app, user, "apply", run)
    assert [project[3] for project in _projects(app)] == [ProjectStatus.IN_PROGRESS, ProjectStatus.PLANNED]


def test_names_of_persons_are_marked_and_stay_out_of_the_log(app: Flask, run_import: Any) -> None:
    from models.records import AuditChange

    user = _user(app)
    cells = [1, "公民館", "写真の講座", "写真家 架空 太郎さん", "協力"]
    request(app, user, "apply", run_import(app, user, "projects", make_xlsx([HEADER, cells]), fiscal_year=str(YEAR)))
    with app.app_context():
        project = db.session.scalars(select(Project).where(Project.fiscal_year == YEAR)).one()
        assert [line.is_person for line in project.partners] == [True]
        told = [str(change.values) + change.record_label for change in db.session.scalars(select(AuditChange))]
        assert [text for text in told if "架空 太郎" in text] == []
        db.session.remove()


def test_many_rows_take_a_bearable_time(app: Flask, run_import: Any) -> None:
    user = _user(app)
    rows = [[place, "公民館", f"講座{place}", f"架空の会{place % 50}", "協力"] for place in range(1, 1001)]
    start = time.monotonic()
    run = run_import(app, user, "projects", make_xlsx([HEADER, *rows]), fiscal_year=str(YEAR))
    previewed = time.monotonic()
    request(app, user, "apply", run)
    assert (previewed - start, time.monotonic() - previewed) < (20, 30)
    assert len(_projects(app)) == 1000
