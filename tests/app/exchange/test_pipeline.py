"""From upload to undo, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.actor import system_actor
from app.audit.recorder import act
from app.exchange import services
from app.jobs.worker import run_pending
from app.problems import Conflict
from models.base import db
from models.directory import Organization, OrganizationKind
from models.exchange import ImportRow, ImportStatus, JobStatus, RowKind
from models.people import Role
from models.records import AuditChange, AuditEntry
from tests.app.exchange.conftest import actor_for, load_run, make_xlsx, user_of

HEADER = ["団体名", "よみ", "種別", "確認済み", "備考"]
ROWS = [
    HEADER,
    ["みどりの会試験", "みどりのかい", "自治会・町会", "はい", "=1+1"],
    ["ひかりの会試験", "ひかりのかい", "ボランティア団体・市民活動団体", "いいえ", None],
]


@pytest.fixture
def center(any_app: Flask) -> int:
    with any_app.app_context():
        found = user_of(db.session(), Role.CENTER)
        db.session.remove()
    return found


def request(app: Flask, user_id: int, verb: str, run_id: int) -> None:
    """Ask for apply or undo and let the worker do it."""
    with app.app_context():
        session = db.session()
        actor = actor_for(session, user_id)
        getattr(services, f"request_{verb}")(session, actor=actor, settings=app.extensions["settings"], run_id=run_id)
        db.session.remove()
        run_pending(app)


def stored(app: Flask) -> list[tuple[str, str, OrganizationKind, bool, str | None, int]]:
    with app.app_context():
        rows = db.session.execute(
            select(
                Organization.name,
                Organization.reading,
                Organization.kind,
                Organization.is_confirmed,
                Organization.note,
                Organization.version,
            )
            .where(Organization.name.like("%の会試験"), Organization.deleted_at.is_(None))
            .order_by(Organization.id)
        ).all()
        db.session.remove()
    return [tuple(row) for row in rows]


def entries(app: Flask) -> list[tuple[str, str, int]]:
    with app.app_context():
        rows = db.session.execute(
            select(AuditEntry.verb, AuditEntry.label, AuditEntry.change_count)
            .where(AuditEntry.verb.like("import:%"))
            .order_by(AuditEntry.sequence)
        ).all()
        db.session.remove()
    return [tuple(row) for row in rows]


def test_an_import_runs_from_upload_to_undo(any_app: Flask, center: int, run_import: Callable[..., int]) -> None:
    run_id = run_import(any_app, center, "test_organization", make_xlsx(ROWS))
    run = load_run(any_app, run_id)
    assert (run.status, run.message, run.new_count, run.wrong_count) == (ImportStatus.READY, "", 2, 0)
    assert stored(any_app) == []

    request(any_app, center, "apply", run_id)
    run = load_run(any_app, run_id)
    assert run.job is not None and run.job.message == ""
    assert run.status is ImportStatus.APPLIED
    assert stored(any_app) == [
        ("みどりの会試験", "みどりのかい", OrganizationKind.NEIGHBOURHOOD, True, "=1+1", 1),
        ("ひかりの会試験", "ひかりのかい", OrganizationKind.CIVIC_GROUP, False, None, 1),
    ]

    changed = [HEADER, ["みどりの会試験", "みどりのかい", "自治会・町会", "はい", None], ROWS[2]]
    second = run_import(any_app, center, "test_organization", make_xlsx(changed))
    run = load_run(any_app, second)
    assert (run.new_count, run.changed_count, run.unchanged_count, run.wrong_count) == (0, 1, 1, 0)
    with any_app.app_context():
        row = db.session.scalars(select(ImportRow).where(ImportRow.run_id == second, ImportRow.kind == "changed")).one()
        assert (row.old, row.values["note"], row.row_number) == ({"note": "=1+1"}, None, 2)
        db.session.remove()
    request(any_app, center, "apply", second)
    assert [row[4:] for row in stored(any_app)] == [(None, 2), (None, 1)]

    request(any_app, center, "undo", second)
    assert load_run(any_app, second).status is ImportStatus.UNDONE
    assert [row[4:] for row in stored(any_app)] == [("=1+1", 3), (None, 1)]
    request(any_app, center, "undo", run_id)  # nothing stands on top of the first any more
    assert load_run(any_app, run_id).status is ImportStatus.UNDONE
    assert stored(any_app) == []
    assert entries(any_app) == [
        ("import:upload", "「団体(試験)」の取込ファイルを受け付けました", 2),
        ("import:apply", "「団体(試験)」を取り込みました(新規2件、変更0件)", 2),
        ("import:upload", "「団体(試験)」の取込ファイルを受け付けました", 2),
        ("import:apply", "「団体(試験)」を取り込みました(新規0件、変更1件)", 1),
        ("import:undo", "「団体(試験)」の取込を取り消しました(新規0件、変更1件)", 1),
        ("import:undo", "「団体(試験)」の取込を取り消しました(新規2件、変更0件)", 2),
    ]


def test_the_first_import_cannot_be_undone_under_a_later_change(
    any_app: Flask, center: int, run_import: Callable[..., int]
) -> None:
    run_id = run_import(any_app, center, "test_organization", make_xlsx(ROWS))
    request(any_app, center, "apply", run_id)
    with any_app.app_context(), act(db.session(), system_actor("試験"), "organization:edit", "変更"):
        db.session.scalars(select(Organization).where(Organization.name == "ひかりの会試験")).one().note = "後から"
    request(any_app, center, "undo", run_id)
    run = load_run(any_app, run_id)
    assert run.status is ImportStatus.APPLIED
    assert run.job is not None and run.job.status is JobStatus.FAILED
    assert "3行目「ひかりの会試験」" in run.job.message and "2行目" not in run.job.message
    assert len(stored(any_app)) == 2


def test_an_undo_removes_what_was_new(any_app: Flask, center: int, run_import: Callable[..., int]) -> None:
    run_id = run_import(any_app, center, "test_organization", make_xlsx(ROWS))
    request(any_app, center, "apply", run_id)
    request(any_app, center, "undo", run_id)
    assert load_run(any_app, run_id).status is ImportStatus.UNDONE
    assert stored(any_app) == []


def test_apply_refuses_when_a_record_changed_since_the_preview(
    any_app: Flask, center: int, run_import: Callable[..., int]
) -> None:
    first = run_import(any_app, center, "test_organization", make_xlsx(ROWS))
    request(any_app, center, "apply", first)
    changed = [HEADER, ["みどりの会試験", "べつのよみ", None, None, None], ["あおぞらの会試験", None, None, None, None]]
    run_id = run_import(any_app, center, "test_organization", make_xlsx(changed))
    with any_app.app_context(), act(db.session(), system_actor("試験"), "organization:edit", "変更"):
        db.session.scalars(select(Organization).where(Organization.name == "みどりの会試験")).one().note = "先に"
    request(any_app, center, "apply", run_id)
    run = load_run(any_app, run_id)
    assert run.status is ImportStatus.READY
    assert run.job is not None and "2行目「みどりの会試験」" in run.job.message
    assert [row[0] for row in stored(any_app)] == ["みどりの会試験", "ひかりの会試験"]


def test_apply_refuses_when_somebody_added_the_same_record(
    any_app: Flask, center: int, run_import: Callable[..., int]
) -> None:
    one = run_import(any_app, center, "test_organization", make_xlsx(ROWS))
    two = run_import(any_app, center, "test_organization", make_xlsx(ROWS))
    request(any_app, center, "apply", one)
    request(any_app, center, "apply", two)
    run = load_run(any_app, two)
    assert run.status is ImportStatus.READY
    assert run.job is not None and "2行目「みどりの会試験」、3行目「ひかりの会試験」" in run.job.message
    assert len(stored(any_app)) == 2


def test_wrong_rows_stand_in_the_way_of_all(any_app: Flask, center: int, run_import: Callable[..., int]) -> None:
    rows = [*ROWS, [None, "なまえなし", "町内会", "たぶん", None], ["みどりの会試験", None, None, None, None]]
    run_id = run_import(any_app, center, "test_organization", make_xlsx(rows))
    run = load_run(any_app, run_id)
    assert (run.status, run.new_count, run.wrong_count) == (ImportStatus.READY, 2, 2)
    with any_app.app_context():
        wrong = db.session.scalars(
            select(ImportRow)
            .where(ImportRow.run_id == run_id, ImportRow.kind == RowKind.WRONG)
            .order_by(ImportRow.row_number)
        ).all()
        assert [row.problems for row in wrong] == [
            [
                ["A4", "name", "「団体名」が空欄です。入力してください。"],
                [
                    "C4",
                    "kind",
                    (
                        "「町内会」は選べません。「自治会・町会」「ボランティア団体・市民活動団体」「大学等」「民間事業者・団体」「行政」"
                        "「実行委員会・協議会等」「学校・PTA」「個人」「その他」から選んでください。"
                    ),
                ],
                ["D4", "is_confirmed", "「たぶん」は読めません。「はい」か「いいえ」で入力してください。"],
            ],
            [["5行目", "", "2行目と同じものです。どちらかの行を削除してください。"]],
        ]
        session = db.session()
        with pytest.raises(Conflict, match="2行"):
            services.request_apply(
                session, actor=actor_for(session, center), settings=any_app.extensions["settings"], run_id=run_id
            )
        db.session.remove()


def test_an_import_that_reaches_the_databases_constraint_changes_nothing(
    any_app: Flask, center: int, run_import: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = run_import(any_app, center, "test_organization", make_xlsx(ROWS))
    from tests.app.exchange.conftest import OrganizationTable

    monkeypatch.setattr(OrganizationTable, "defaults", lambda self, context: {"seed_key": "same"})
    request(any_app, center, "apply", run_id)
    run = load_run(any_app, run_id)
    assert run.job is not None and "ほかの記録と重なる" in run.job.message
    assert (run.status, stored(any_app)) == (ImportStatus.READY, [])
    with any_app.app_context():
        assert (
            db.session.scalar(
                select(func.count())
                .select_from(AuditChange)
                .where(AuditChange.table_name == "organization", AuditChange.record_label.like("%の会試験"))
            )
            == 0
        )
        db.session.remove()
