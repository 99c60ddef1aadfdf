"""The department's Excel form: out, filled in by another library, back; and every way in which it comes back wrong."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.exchange.excel_forms import sign_form_id
from app.problems import Conflict, Invalid, NotFound, Problem
from app.registry import survey_rounds, survey_uploads
from app.registry.survey_exchange import form_file
from app.registry.survey_queries import content_of_row, get_response
from models.people import Role
from models.survey import Intention, SurveyResponse, SurveyUpload
from tests.app.registry.survey_support import DUE, SYSTEM, actor, open_2019, response_of, row_of, save, submit

SECRET = "試験の鍵"
DEPARTMENT = "文化スポーツ課"  # rows 37 to 48, two of them with two lines


def sheet_of(content: bytes) -> tuple[openpyxl.Workbook, Worksheet, int]:
    """(workbook, sheet, header row) of a form."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    header = next(row for row in range(1, 20) if sheet.cell(row, 1).value == "行番号")
    return book, sheet, header


def edited(session: Session, response: SurveyResponse, change: Callable[[Worksheet, int], None]) -> bytes:
    book, sheet, header = sheet_of(form_file(session, SYSTEM, response.id, SECRET)[1])
    change(sheet, header)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def receive(
    session: Session, response: SurveyResponse, content: bytes, who: object = SYSTEM
) -> survey_uploads.Differences:
    upload = survey_uploads.receive(
        session, actor=who, response_id=response.id, content=content, file_name="様式.xlsx", secret=SECRET
    )
    return survey_uploads.differences_of(session, get_response(session, SYSTEM, response.id), upload)


def take(session: Session, response: SurveyResponse) -> survey_uploads.Differences:
    upload = survey_uploads.find_upload(session, SYSTEM, response.id)
    seen = survey_uploads.fingerprint(get_response(session, SYSTEM, response.id), upload)
    return survey_uploads.take(session, actor=SYSTEM, response_id=response.id, seen=seen)


def column(sheet: Worksheet, header: int, label: str) -> int:
    return next(cell.column for cell in sheet[header] if str(cell.value).removesuffix("(必須)") == label)


def test_the_form_holds_the_rows_and_comes_back_unchanged(session: Session) -> None:
    open_2019(session)
    response = response_of(session, DEPARTMENT)
    name, content = form_file(session, SYSTEM, response.id, SECRET)
    book, sheet, header = sheet_of(content)
    assert name == "取組調査_令和元年度_文化スポーツ課.xlsx"
    assert sheet.protection.sheet
    assert sheet.cell(header + 1, 1).protection.locked
    assert not sheet.cell(header + 1, 3).protection.locked
    assert sheet.cell(2, 2).value.startswith(f"survey:{response.round_id}:{response.id}-")
    assert book.worksheets[1].sheet_state == "hidden"
    assert [sheet.cell(header + 1 + number, 3).value for number in range(2)] == [row.name for row in response.rows[:2]]
    found = receive(session, response, content)
    assert (found.count("unchanged"), found.count("changed"), found.kept) == (len(response.rows), 0, [])


def test_what_was_filled_in_is_shown_cell_by_cell_and_then_taken(session: Session) -> None:
    open_2019(session)
    response = response_of(session, DEPARTMENT)
    first, second, two_lines = response.rows[0], response.rows[1], row_of(session, 43)

    def fill(sheet: Worksheet, header: int) -> None:
        sheet.cell(header + 1, column(sheet, header, "事業名称")).value = "変えた名称"
        sheet.cell(header + 2, column(sheet, header, "区分")).value = "終了"
        last = header + len(response.rows) + 1
        for label, value in {
            "区分": "新規",
            "事業名称": "=1+1",  # a formula that Excel never computed
            "協働相手(団体名)1": "市民の会\n学生の会",
            "協働形態1": "協力",
            "個人名1": "はい",
        }.items():
            sheet.cell(last, column(sheet, header, label)).value = value
        sheet.cell(last, column(sheet, header, "事業名称")).value = "新しい取組"

    found = receive(session, response, edited(session, response, fill))
    assert {(row.kind, row.cells[:2]) for row in found.rows if row.kind != "unchanged"} == {
        ("changed", (("区分", "継続", "変更"), ("事業名称", first.name, "変えた名称"))),
        ("changed", (("区分", "継続", "終了"),)),
        ("new", (("区分", "", "新規"), ("事業名称", "", "新しい取組"))),
    }
    assert first.name != "変えた名称"
    take(session, response)
    assert (first.name, first.intention, second.intention) == ("変えた名称", Intention.CHANGED, Intention.ENDED)
    assert len(two_lines.lines) == 2
    new = response.rows[-1]
    assert [(line.partners, line.form, line.is_person) for line in new.lines] == [("市民の会、学生の会", "協力", True)]
    assert session.scalar(select(func.count()).select_from(SurveyUpload)) == 0


@pytest.mark.parametrize(
    ("form_id", "sentence"),
    [
        (lambda one: sign_form_id(SECRET, "survey", one.round_id, one.id + 1), "別の課の様式"),
        (lambda one: sign_form_id(SECRET, "survey", one.round_id + 1, one.id), "別の年度"),
        (lambda one: sign_form_id("ほかの鍵", "survey", one.round_id, one.id), "様式番号が正しくありません"),
        (lambda one: f"survey:{one.round_id}:{one.id}-0000000000000000", "様式番号が正しくありません"),
        (lambda one: sign_form_id(SECRET, "proposal", 1, 2), "取組調査の様式ではありません"),
        (lambda one: "", "様式番号がありません"),
        (lambda one: "=1+1", "様式番号"),
    ],
)
def test_forms_of_others_and_forged_numbers_are_refused(session: Session, form_id, sentence) -> None:
    open_2019(session)
    response = response_of(session, DEPARTMENT)

    def forge(sheet: Worksheet, header: int) -> None:
        sheet.cell(2, 2).value = form_id(response)

    with pytest.raises(Invalid, match=sentence):
        receive(session, response, edited(session, response, forge))


def test_another_departments_real_form_and_last_years_form_are_refused(session: Session) -> None:
    open_2019(session)
    survey_rounds.open_round(session, actor=SYSTEM, fiscal_year=2020, due_on=DUE)
    mine = response_of_year(session, DEPARTMENT, 2019)
    for name, year, sentence in (("下水道課", 2019, "別の課"), (DEPARTMENT, 2020, "別の年度")):
        other = form_file(session, SYSTEM, response_of_year(session, name, year).id, SECRET)[1]
        with pytest.raises(Invalid, match=sentence):
            receive(session, mine, other)


def response_of_year(session: Session, name: str, year: int) -> SurveyResponse:
    return next(
        one
        for one in session.scalars(select(SurveyResponse))
        if one.department.name == name and one.round.fiscal_year == year
    )


def test_a_stranger_can_neither_fetch_nor_hand_in_the_form(session: Session) -> None:
    open_2019(session)
    response = response_of(session, DEPARTMENT)
    stranger = actor(session, Role.DEPARTMENT, "下水道課")
    content = form_file(session, SYSTEM, response.id, SECRET)[1]
    with pytest.raises(NotFound):
        form_file(session, stranger, response.id, SECRET)
    with pytest.raises(NotFound):
        receive(session, response, content, stranger)


def test_row_numbers_of_others_twice_or_garbled_are_named(session: Session) -> None:
    open_2019(session)
    response = response_of(session, DEPARTMENT)
    foreign = row_of(session, 2).id

    def garble(sheet: Worksheet, header: int) -> None:
        sheet.cell(header + 1, 1).value = str(foreign)
        sheet.cell(header + 2, 1).value = "十二"
        sheet.cell(header + 4, 1).value = sheet.cell(header + 3, 1).value
        sheet.cell(header + 5, 1).value = 10**20

    found = receive(session, response, edited(session, response, garble))
    sentences = " ".join(sentence for row in found.rows for _, sentence in row.problems)
    for part in ("この回答にない行番号", "行番号が変わっています", "2回出てきます"):
        assert part in sentences
    with pytest.raises(Invalid, match="読み取れない行"):
        take(session, response)
    assert row_of(session, 2).name == "各種善行事業"


def test_wrong_cells_are_named_and_nothing_is_taken(session: Session) -> None:
    open_2019(session)
    response = response_of(session, DEPARTMENT)
    names = [row.name for row in response.rows]

    def spoil(sheet: Worksheet, header: int) -> None:
        sheet.cell(header + 1, column(sheet, header, "区分")).value = "たぶん継続"
        sheet.cell(header + 2, column(sheet, header, "事業名称")).value = None
        sheet.cell(header + 3, column(sheet, header, "協働形態1")).value = "応援"
        sheet.cell(header + 4, column(sheet, header, "協定・契約の日")).value = "令和8年2月30日"
        sheet.cell(header + 5, column(sheet, header, "共同の課")).value = "ない課"
        sheet.cell(header + 6, column(sheet, header, "区分")).value = "新規"
        sheet.cell(header + 7, column(sheet, header, "事業名称")).value = "よい変更"

    found = receive(session, response, edited(session, response, spoil))
    assert [row.number for row in found.rows if row.kind == "wrong"] == [found.rows[0].number + n for n in range(6)]
    with pytest.raises(Invalid, match="6行"):
        take(session, response)
    session.expire_all()
    assert [row.name for row in response.rows] == names


def test_every_wrong_cell_of_a_row_is_named_at_once(session: Session) -> None:
    open_2019(session)
    response = response_of(session, DEPARTMENT)

    def spoil(sheet: Worksheet, header: int) -> None:
        sheet.cell(header + 1, column(sheet, header, "区分")).value = "たぶん継続"
        sheet.cell(header + 1, column(sheet, header, "協働形態1")).value = "応援"
        sheet.cell(header + 1, column(sheet, header, "協定・契約の日")).value = "令和8年2月30日"

    found = receive(session, response, edited(session, response, spoil))
    sentences = [sentence for _, sentence in found.rows[0].problems]
    assert len(sentences) == 3
    for part in ("「たぶん継続」は選べません", "令和8年2月30日", "「応援」"):
        assert sum(part in sentence for sentence in sentences) == 1, (part, sentences)


def test_a_day_is_told_as_people_read_it(session: Session) -> None:
    open_2019(session)
    response = response_of(session, DEPARTMENT)

    def date(sheet: Worksheet, header: int) -> None:
        sheet.cell(header + 1, column(sheet, header, "協定・契約の日")).value = "2019-05-01"

    found = receive(session, response, edited(session, response, date))
    assert found.rows[0].cells == (("協定・契約の日", "", "令和元年5月1日"),)


def test_a_missing_column_is_a_sentence_not_an_emptied_answer(session: Session) -> None:
    open_2019(session)
    response = response_of(session, DEPARTMENT)

    def drop(sheet: Worksheet, header: int) -> None:
        sheet.delete_cols(column(sheet, header, "協働相手(団体名)2"))

    with pytest.raises(Invalid, match="協働相手\\(団体名\\)2"):
        receive(session, response, edited(session, response, drop))


def test_rows_taken_out_of_the_file_stay_as_they_are(session: Session) -> None:
    open_2019(session)
    response = response_of(session, DEPARTMENT)
    gone = response.rows[0].name
    found = receive(session, response, edited(session, response, lambda sheet, header: sheet.delete_rows(header + 1)))
    assert found.kept == [gone]
    take(session, response)
    assert response.rows[0].intention is Intention.CONTINUES


def test_an_answer_changed_after_the_differences_were_shown_is_not_overwritten(session: Session) -> None:
    open_2019(session)
    response = response_of(session, DEPARTMENT)

    def rename(sheet: Worksheet, header: int) -> None:
        sheet.cell(header + 1, column(sheet, header, "事業名称")).value = "様式の名称"

    receive(session, response, edited(session, response, rename))
    upload = survey_uploads.find_upload(session, SYSTEM, response.id)
    seen = survey_uploads.fingerprint(get_response(session, SYSTEM, response.id), upload)
    save(session, SYSTEM, response.rows[0], name="画面の名称")
    with pytest.raises(Conflict, match="もう一度確かめて"):
        survey_uploads.take(session, actor=SYSTEM, response_id=response.id, seen=seen)
    assert response.rows[0].name == "画面の名称"
    take(session, response)
    assert response.rows[0].name == "様式の名称"


def test_a_submitted_answer_takes_no_form(session: Session) -> None:
    open_2019(session)
    response = response_of(session, DEPARTMENT)
    content = form_file(session, SYSTEM, response.id, SECRET)[1]
    receive(session, response, content)
    submit(session, response)
    with pytest.raises(Conflict, match="提出済み"):
        survey_uploads.take(session, actor=SYSTEM, response_id=response.id, seen="")
    with pytest.raises(Conflict, match="提出済み"):
        receive(session, response, content)
    assert session.scalar(select(func.count()).select_from(SurveyUpload)) == 0  # it may have held persons' names


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\x00" * 100, b"%PDF-1.7", "行番号,区分\n".encode("cp932"), b"<html>"]
)
def test_other_files_get_a_sentence(session: Session, content: bytes) -> None:
    open_2019(session)
    with pytest.raises(Invalid) as refused:
        receive(session, response_of(session, DEPARTMENT), content)
    assert refused.value.message.endswith(("。", ")"))


def test_hostile_texts_come_back_as_they_went_out(session: Session) -> None:
    open_2019(session)
    response = response_of(session, DEPARTMENT)
    texts = ["=cmd|'/c calc'!A0", "+81", "-1", "@SUM(A1)", "'quoted", "髙﨑 ㈱ 🎉", "a,b;c"]
    for row, text in zip(response.rows, texts, strict=False):
        save(session, SYSTEM, row, name=text, lines=content_of_row(row).lines)
    found = receive(session, response, form_file(session, SYSTEM, response.id, SECRET)[1])
    assert found.count("unchanged") == len(response.rows)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    cells=st.lists(
        st.tuples(
            st.integers(1, 12),
            st.integers(1, 16),
            st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30) | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.dates() | st.booleans(),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_no_filling_in_breaks_more_than_a_sentence(session: Session, cells) -> None:
    if session.scalar(select(func.count()).select_from(SurveyResponse)) == 0:
        open_2019(session)
    response = response_of(session, DEPARTMENT)

    def fill(sheet: Worksheet, header: int) -> None:
        for row, place, value in cells:
            sheet.cell(header + row, place).value = value if not isinstance(value, int) or abs(value) < 10**15 else 1

    try:
        receive(session, response, edited(session, response, fill))
        take(session, response)
    except Problem as problem:
        assert problem.message
