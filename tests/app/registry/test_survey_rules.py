"""The survey's rules without a database: cells, differences, what settles an intention."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.registry.survey_rules import (
    STEPS,
    Line,
    RowContent,
    differences,
    form_of,
    partners_of,
    reminder_text,
    response_problems,
    row_hints,
    row_problems,
    settled_intention,
    tidy_form,
)
from models.survey import Intention, SurveyState

FORMS = ["協力", "共催", "委託"]
BEFORE = RowContent(Intention.CONTINUES, "各種善行事業", (Line("日本善行会 小平支部", "協力"),))
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
contents = st.builds(
    RowContent,
    st.sampled_from(Intention),
    texts,
    st.lists(st.builds(Line, texts, texts, st.booleans()), max_size=4).map(tuple),
    st.lists(st.sampled_from(["総務課", "市民課", "図書館"]), max_size=3, unique=True).map(tuple),
    texts,
    texts,
)


@pytest.mark.parametrize(
    ("cell", "tidy", "form"),
    [
        ("協力 協力", "協力", "協力"),  # row 65
        ("協力 開催行事は基本的に「共催」扱い", "協力 開催行事は基本的に「共催」扱い", "協力"),  # row 121
        ("実行委員会", "実行委員会", "実行委員会"),
        ("", "", ""),
    ],
)
def test_form_cells_as_the_published_list_writes_them(cell: str, tidy: str, form: str) -> None:
    assert (tidy_form(cell), form_of(cell)) == (tidy, form)


def test_partners_are_split_at_commas_and_lines_but_not_at_spaces_or_dots() -> None:
    assert partners_of("一般社団法人 日本善行会 小平支部") == ["一般社団法人 日本善行会 小平支部"]
    assert partners_of("嘉悦大学・武蔵野美術大学") == ["嘉悦大学・武蔵野美術大学"]
    assert partners_of("小平商工会、 \nJA東京むさし、") == ["小平商工会", "JA東京むさし"]


def test_differences_name_each_cell() -> None:
    after = RowContent(
        Intention.CHANGED, "善行事業", (Line("日本善行会", "共催"), Line("市民の会", "協力")), ("総務課",), "概要"
    )
    assert differences(BEFORE, after) == [
        ("事業名称", "各種善行事業", "善行事業"),
        ("共同の課", "", "総務課"),
        ("協働相手(団体名)", "日本善行会 小平支部", "日本善行会"),
        ("協働形態", "協力", "共催"),
        ("協働相手(団体名)(2行目)", "", "市民の会"),
        ("協働形態(2行目)", "", "協力"),
        ("事業の概要", "", "概要"),
    ]


def test_a_removed_line_is_a_difference() -> None:
    two = dataclasses.replace(BEFORE, lines=(*BEFORE.lines, Line("文化振興財団", "共催")))
    assert differences(two, dataclasses.replace(BEFORE, intention=Intention.CHANGED)) == [
        ("協働相手(団体名)(2行目)", "文化振興財団", ""),
        ("協働形態(2行目)", "共催", ""),
    ]


@given(contents, contents)
def test_an_intention_always_fits_its_cells(before: RowContent, after: RowContent) -> None:
    assert settled_intention(None, after) is Intention.NEW
    settled = settled_intention(before, after)
    if after.intention is Intention.ENDED:
        assert settled is Intention.ENDED
    else:
        same = (before.name, before.other_departments, before.summary) == (
            after.name,
            after.other_departments,
            after.summary,
        )
        assert settled in {Intention.CONTINUES, Intention.CHANGED}
        if not same:
            assert settled is Intention.CHANGED
        assert settled_intention(after, dataclasses.replace(after, intention=Intention.CHANGED)) is Intention.CONTINUES


@given(contents, contents)
def test_rules_never_fail_on_any_text(before: RowContent, after: RowContent) -> None:
    assert set(row_problems(before, after, FORMS)) <= {"name", "intention", "lines"}
    assert set(row_problems(None, after, FORMS)) <= {"name", "intention", "lines"}


def test_an_ended_row_needs_no_partners() -> None:
    assert row_problems(BEFORE, RowContent(Intention.ENDED, "各種善行事業"), FORMS) == {}


def test_commission_is_reminded_of_its_contract() -> None:
    row = RowContent(Intention.NEW, "調査", (Line("市民の会", "委託"),))
    assert row_problems(None, row, FORMS) == {}
    assert "計画中" in row_hints(row)[0]
    assert row_hints(dataclasses.replace(row, contract_note="協定書", contract_on=dt.date(2019, 4, 1))) == []


def test_what_keeps_a_response_from_being_handed_in() -> None:
    assert response_problems(False, 3, []) == []
    assert response_problems(True, 0, []) == []
    assert "どちらか" in response_problems(True, 2, [])[0]
    assert "該当なし" in response_problems(False, 0, [])[0]


def test_steps_against_a_table_written_by_hand() -> None:
    S = SurveyState
    assert {(code, source, step.target) for code, step in STEPS.items() for source in step.sources} == {
        ("submit", S.NOT_STARTED, S.SUBMITTED),
        ("submit", S.IN_PROGRESS, S.SUBMITTED),
        ("submit", S.RETURNED, S.SUBMITTED),
        ("withdraw", S.SUBMITTED, S.IN_PROGRESS),
        ("accept", S.SUBMITTED, S.ACCEPTED),
        ("return", S.SUBMITTED, S.RETURNED),
        ("return", S.ACCEPTED, S.RETURNED),
    }


def test_the_reminder_says_when() -> None:
    due = dt.date(2026, 7, 31)
    assert "回答期限は令和8年7月31日(金)です。" in reminder_text("総務課", "令和8年度", due, dt.date(2026, 7, 20))
    assert "過ぎています" in reminder_text("総務課", "令和8年度", due, dt.date(2026, 8, 1))
