"""Talents by Excel: new ones and changed ones, what is refused, and no name in the log."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exchange import services
from app.exchange.columns import CellError
from app.japanese.normalize import fold
from app.jobs.worker import run_pending
from app.talents import erasure
from app.talents.facts import TIMES
from app.talents.imports import TalentImport
from models.base import db
from models.exchange import ImportRow, ImportRun, ImportStatus
from models.records import AuditChange, AuditEntry
from models.reference import Skill
from models.talents import ConsentWay, Talent, TalentStatus
from tests.app.talents.rows import a_talent
from tests.factories import SYSTEM

HEAD = ["人財の番号", "氏名・団体名", "技能", "できること・経験", "対象", "行ける地域", "活動できる曜日・時間帯",
        "登録への同意日", "同意の方法", "登録の有効期限"]  # fmt: skip
NEW = ["", "取込 とりこ", "網戸の修繕、棚づくり", "取込子の経験です。", "だれでも", "市内全域", "土曜午前、日曜午後",
       "2026-04-01", "書面", "2029-03-31"]  # fmt: skip


def _workbook(rows: Sequence[Sequence[Any]], head: Sequence[str] = HEAD) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([head, *rows]):
            sheet.write_row(number, 0, list(row))
    return target.getvalue()


def _upload(app: Flask, rows: Sequence[Sequence[Any]], head: Sequence[str] = HEAD) -> int:
    with app.app_context():
        session, settings = db.session(), app.extensions["settings"]
        run = services.start_import(
            session,
            actor=SYSTEM,
            settings=settings,
            spec_name="talents",
            content=_workbook(rows, head),
            name="人財.xlsx",
        )
        run_id = run.id
        db.session.remove()
        run_pending(app)
    return run_id


def _apply(app: Flask, run_id: int) -> None:
    with app.app_context():
        services.request_apply(db.session(), actor=SYSTEM, settings=app.extensions["settings"], run_id=run_id)
        db.session.remove()
        run_pending(app)


def test_a_sheet_becomes_talents_and_no_name_enters_the_log(any_app: Flask) -> None:
    run_id = _upload(any_app, [NEW])
    _apply(any_app, run_id)
    with any_app.app_context():
        session = db.session()
        assert session.get_one(ImportRun, run_id).status is ImportStatus.APPLIED
        talent = session.scalars(select(Talent).where(Talent.name == "取込 とりこ")).one()
        assert (talent.free_skills, talent.availability) == (["網戸の修繕", "棚づくり"], ["sat-am", "sun-pm"])
        assert (talent.consent_way, talent.status, talent.capacity) == (ConsentWay.PAPER, TalentStatus.ACTIVE, 1)
        told = repr([tuple(row) for row in session.execute(select(*AuditChange.__table__.columns))])
        told += repr([tuple(row) for row in session.execute(select(*AuditEntry.__table__.columns))])
        assert [mark for mark in ("とりこ", "取込子", "網戸の修繕") if mark in told] == []
        erasure.erase_talent(
            session, actor=SYSTEM, settings=any_app.extensions["settings"], talent=talent, version=None
        )
        left = repr([tuple(row) for row in session.execute(select(*ImportRow.__table__.columns))])
        assert "とりこ" not in left
        session.rollback()


def test_a_number_names_the_talent_that_changes(any_app: Flask) -> None:
    with any_app.app_context():
        key = a_talent(db.session(), name="前の 名前").id
        db.session.remove()
    _apply(any_app, _upload(any_app, [[key, *NEW[1:]]]))
    with any_app.app_context():
        assert db.session.get_one(Talent, key).name == "取込 とりこ"
        db.session.rollback()


def _undo(app: Flask, run_id: int) -> None:
    with app.app_context():
        services.request_undo(db.session(), actor=SYSTEM, settings=app.extensions["settings"], run_id=run_id)
        db.session.remove()
        run_pending(app)


def _joined(app: Flask, name: str) -> tuple[set[str], set[int]]:
    with app.app_context():
        talent = db.session.scalars(select(Talent).where(Talent.name == name)).one()
        found = {row.name for row in talent.skills}, {row.number for row in talent.fields}
        db.session.rollback()
    return found


def test_skills_and_fields_are_set_changed_and_taken_back(any_app: Flask) -> None:
    with any_app.app_context():
        first, second = db.session.scalars(select(Skill).order_by(Skill.id).limit(2))
        alias, names = _alias(db.session()), (first.name, second.name)
        db.session.rollback()
    head = [*HEAD, "技能の分類", "活動分野", "希望する謝礼"]
    _apply(any_app, _upload(any_app, [[*NEW, f"{names[0]}、{alias[0]}\n{names[0]}", "6、13", "交通費"]], head))
    assert _joined(any_app, NEW[1]) == ({names[0], alias[1]}, {6, 13})
    changing = _upload(any_app, [[*NEW, names[1], "", "交通費"]], head)
    _apply(any_app, changing)
    assert _joined(any_app, NEW[1]) == ({names[1]}, set())
    _undo(any_app, changing)
    assert _joined(any_app, NEW[1]) == ({names[0], alias[1]}, {6, 13})
    unmarked = _upload(any_app, [NEW])  # a sheet without these columns touches neither
    with any_app.app_context():
        assert db.session.get_one(ImportRun, unmarked).unchanged_count == 1
        db.session.rollback()


def test_a_new_talent_with_skills_is_taken_back_whole(app: Flask) -> None:
    with app.app_context():
        name = db.session.scalars(select(Skill.name).limit(1)).one()
        db.session.rollback()
    run_id = _upload(app, [[*NEW, name, "1"]], [*HEAD, "技能の分類", "活動分野"])
    _apply(app, run_id)
    _undo(app, run_id)
    with app.app_context():
        assert db.session.get_one(ImportRun, run_id).status is ImportStatus.UNDONE
        assert db.session.scalar(select(Talent.id).where(Talent.name == NEW[1])) is None
        db.session.rollback()


@pytest.mark.parametrize(("skills", "fields"), [("架空の技能", "1"), ("", "21"), ("", "架空の分野"), ("、、架空", "")])
def test_a_skill_or_field_that_is_not_listed_is_told(app: Flask, skills: str, fields: str) -> None:
    run_id = _upload(app, [[*NEW, skills, fields]], [*HEAD, "技能の分類", "活動分野"])
    with app.app_context():
        assert db.session.get_one(ImportRun, run_id).wrong_count == 1
        db.session.rollback()


def _alias(session: Session) -> tuple[str, str]:
    """A synonym that one skill alone has, and the skill."""
    rows = session.scalars(select(Skill).order_by(Skill.id.desc())).all()
    names = {fold(row.name) for row in rows}
    words = [fold(word) for row in rows for word in row.synonyms]
    return next(
        (word, row.name)
        for row in rows
        for word in row.synonyms
        if words.count(fold(word)) == 1 and fold(word) not in names and "、" not in word
    )


WORDS = st.lists(st.sampled_from([*TIMES.values(), "土曜", "", " 日曜午後 ", "x", "\x00", "'=1+1"]), max_size=8)


@given(words=WORDS, mark=st.sampled_from(["、", ",", "・", "/", ";", "\n", "、 "]))
def test_any_cell_of_several_words_is_read_or_refused_in_a_sentence(words: list[str], mark: str) -> None:
    column = next(one for one in TalentImport.columns if one.key == "availability")
    known = {word.strip() for word in words if word.strip()}
    try:
        read = column.parser()(mark.join(words))
    except CellError as error:
        assert str(error).endswith("。")
        assert not known <= set(TIMES.values())
    else:
        assert {TIMES[code] for code in read or ()} == known


@pytest.mark.parametrize(
    ("place", "value"),
    [(1, ""), (4, "宇宙人"), (5, "架空町"), (6, "土曜昼"), (7, ""), (7, "2199-01-01"), (9, "2020-01-01"), (0, 999_999)],
)
def test_what_cannot_be_read_is_told_by_cell(app: Flask, place: int, value: Any) -> None:
    row = list(NEW)
    row[place] = value
    run_id = _upload(app, [row])
    with app.app_context():
        assert db.session.get_one(ImportRun, run_id).wrong_count == 1
        db.session.rollback()
