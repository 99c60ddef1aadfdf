"""What hangs on a group, by Excel: records, statements, officers, affiliations; bad rows named, and undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.directory import services
from app.directory.affiliations import organizations_of_user
from app.problems import Conflict, NotAllowed
from models.base import db
from models.directory import Organization, OrganizationKind
from models.directory_records import ActivityRecord, Affiliation, FinancialStatement, OrganizationOfficer
from models.exchange import ImportRow, ImportStatus
from models.people import Role
from models.records import AuditChange
from tests.app.exchange.conftest import actor_for, load_run, make_xlsx, user_of
from tests.app.exchange.test_pipeline import request
from tests.support.people import make_user
from tests.support.registry import actor

RunImport = Callable[..., int]
GROUP = "架空取込みの会"


@pytest.fixture
def center(app: Flask) -> int:
    """A centre user; the group is there."""
    with app.app_context():
        session = db.session()
        found = user_of(session, Role.CENTER)
        values = {"name": GROUP, "kind": OrganizationKind.CIVIC_GROUP}
        services.create_organization(session, actor=actor(session, Role.CENTER), values=values)
        db.session.remove()
    return found


def _read(app: Flask, run: Callable[[Any], Any]) -> Any:
    with app.app_context():
        found = run(db.session())
        db.session.remove()
    return found


def _problems(app: Flask, run_id: int) -> dict[int, str]:
    rows = _read(app, lambda s: s.scalars(select(ImportRow).where(ImportRow.run_id == run_id)).all())
    return {row.row_number: str(row.problems) for row in rows if row.problems}


def _held(app: Flask, *columns: Any) -> list[tuple[Any, ...]]:
    """Rows of the group, in plain values."""
    statement = select(*columns).join(Organization).where(Organization.name == GROUP).order_by(columns[0])
    found: list[tuple[Any, ...]] = _read(app, lambda s: [tuple(row) for row in s.execute(statement)])
    return found


def test_bad_rows_are_named_and_nothing_is_taken_until_they_are_mended(
    app: Flask, center: int, run_import: RunImport
) -> None:
    rows: list[list[Any]] = [
        ["団体名", "年度", "収入", "支出", "繰越"],
        [GROUP, "令和7年度", 100_000, 120_000, -20_000],  # more spent than came in: allowed, marked
        [GROUP, "R6", "-5", 10, None],
        [GROUP, "2024", 1, 1, None],  # the same year as the line above
        ["架空どこにもない会", "R7", 1, 1, None],
        ["架空取込みの会", "R5", "100,000円", 90_000, None],
    ]
    year, income = FinancialStatement.fiscal_year, FinancialStatement.income_yen
    run_id = run_import(app, center, "financial_statements", make_xlsx(rows))
    told = _problems(app, run_id)
    assert "1つに決まりません" in told[5] and set(told) >= {3, 5} and not {2, 6} & set(told)
    with pytest.raises(Conflict, match="誤りのある行"):
        request(app, center, "apply", run_id)
    assert _held(app, year) == []
    run_id = run_import(app, center, "financial_statements", make_xlsx([rows[0], rows[1], rows[5]]))
    request(app, center, "apply", run_id)
    assert _held(app, year, income, FinancialStatement.expenditure_yen) == [
        (2023, 100_000, 90_000),
        (2025, 100_000, 120_000),
    ]
    request(app, center, "undo", run_id)
    assert load_run(app, run_id).status is ImportStatus.UNDONE
    assert _held(app, year) == []


def test_a_record_told_again_is_changed_and_undone_to_what_stood_there(
    app: Flask, center: int, run_import: RunImport
) -> None:
    columns = (ActivityRecord.fiscal_year, ActivityRecord.heading, ActivityRecord.participant_count)
    head = ["団体名", "年度", "活動の名称", "参加者数"]
    request(
        app, center, "apply", run_import(app, center, "activity_records", make_xlsx([head, [GROUP, "R7", "祭", 5]]))
    )
    again = run_import(app, center, "activity_records", make_xlsx([head, [GROUP, "R7", "祭", 50]]))
    request(app, center, "apply", again)
    assert _held(app, *columns) == [(2025, "祭", 50)]
    request(app, center, "undo", again)
    assert _held(app, *columns) == [(2025, "祭", 5)]


def test_a_blank_cell_empties_a_text_and_leaves_what_a_group_cannot_be_without(
    app: Flask, center: int, run_import: RunImport
) -> None:
    head = ["団体名", "種別", "よみ", "活動目的", "会員数"]
    full = [GROUP, "大学等", "かくう", "目的。", "12人"]
    for row in (full, [GROUP, None, None, None, None]):
        run_id = run_import(app, center, "organizations", make_xlsx([head, row]))
        request(app, center, "apply", run_id)
        assert load_run(app, run_id).status is ImportStatus.APPLIED
    kept = _read(app, lambda s: s.scalars(select(Organization).where(Organization.name == GROUP)).one())
    assert (kept.kind.value, kept.reading, kept.purpose, kept.member_count) == ("university", "かくう", None, None)


def test_a_new_row_that_looks_like_a_known_group_is_asked_about(app: Flask, center: int, run_import: RunImport) -> None:
    head = ["団体名", "電話番号", "ウェブサイト"]
    known = run_import(app, center, "organizations", make_xlsx([head, [GROUP, "042-341-0000", "https://a.example.jp"]]))
    request(app, center, "apply", known)
    rows = [
        head,
        ["架空一の会", "(042)341-0000", None],
        ["架空二の会", None, "www.a.example.jp/"],
        ["架空三の会", None, None],
    ]
    told = _problems(app, run_import(app, center, "organizations", make_xlsx(rows)))
    assert set(told) == {2, 3} and "電話番号が同じ" in told[2] and "ウェブサイトが同じ" in told[3] and GROUP in told[3]


def test_officers_come_by_excel_and_their_names_stay_out_of_the_log(
    app: Flask, center: int, run_import: RunImport
) -> None:
    rows = [
        ["団体名", "氏名", "役職", "就任日", "退任日"],
        [GROUP, "架空 はな子", "代表", "2025/4/1", None],
        [GROUP, "架空 太郎", "会計", "2025/4/1", "2024/3/31"],  # ends before it begins
        [GROUP, None, "監事", None, None],
    ]
    bad = run_import(app, center, "officers", make_xlsx(rows))
    assert set(_problems(app, bad)) == {3, 4}
    request(app, center, "apply", run_import(app, center, "officers", make_xlsx(rows[:2])))
    again = run_import(
        app, center, "officers", make_xlsx([rows[0], [GROUP, "架空　はな子", "副代表", "2025/4/1", None]])
    )
    request(app, center, "apply", again)
    held = _held(app, OrganizationOfficer.role)
    assert held == [("副代表",)], "the same name however it is spaced is the same officer"
    values = _read(
        app, lambda s: s.scalars(select(AuditChange).where(AuditChange.table_name == "organization_officer")).all()
    )
    assert values and not any("はな子" in f"{one.record_label}{one.values}" for one in values)


def test_an_affiliation_by_excel_counts_as_one_entered_by_hand(app: Flask, center: int, run_import: RunImport) -> None:
    member = _read(app, lambda s: make_user(s, Role.COMMITTEE, email="iin@example.jp").id)
    rows = [["団体名", "利用者", "関係"], [GROUP, "iin@example.jp", "役員"], [GROUP, "だれでもない人", "会員"]]
    assert set(_problems(app, run_import(app, center, "affiliations", make_xlsx(rows)))) == {3}
    run_id = run_import(app, center, "affiliations", make_xlsx(rows[:2]))
    request(app, center, "apply", run_id)
    group = _read(app, lambda s: s.scalar(select(Organization.id).where(Organization.name == GROUP)))
    assert group in _read(app, lambda s: list(s.scalars(organizations_of_user(member))))
    request(app, center, "undo", run_id)
    assert not _read(app, lambda s: s.scalars(select(Affiliation.id).where(Affiliation.user_id == member)).all())


@pytest.mark.parametrize("spec", ["officers", "affiliations", "activity_records", "financial_statements"])
def test_only_the_centre_imports_what_hangs_on_groups(app: Flask, run_import: RunImport, spec: str) -> None:
    office = _read(app, lambda s: user_of(s, Role.OFFICE))
    assert _read(app, lambda s: actor_for(s, office)).has(Role.OFFICE)
    with pytest.raises(NotAllowed):
        run_import(app, office, spec, make_xlsx([["団体名"], [GROUP]]))
