"""The way of a match: the table against one written by hand, what must hold first, reminders. No database."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from app.talents.stages import (
    CLOSED,
    DISCLOSED,
    HOLDS_PLACE,
    HOLDS_SEAT,
    MatchFacts,
    awaits_reply,
    find_step,
    follow_up_due,
    hindrances,
    steps_from,
)
from models.matches import ContactResult, Stage

#: domain.md 2.3: 候補 → 打診中 → 承諾 → 紹介済 → 成立 → 終了; 辞退・不成立 at any step before 成立, 中止 after it.
BY_HAND = {
    Stage.CANDIDATE: {"approach": Stage.APPROACHED, "decline": Stage.DECLINED, "unmatch": Stage.UNMATCHED},
    Stage.APPROACHED: {"accept": Stage.ACCEPTED, "decline": Stage.DECLINED, "unmatch": Stage.UNMATCHED},
    Stage.ACCEPTED: {"introduce": Stage.INTRODUCED, "decline": Stage.DECLINED, "unmatch": Stage.UNMATCHED},
    Stage.INTRODUCED: {"engage": Stage.ENGAGED, "decline": Stage.DECLINED, "unmatch": Stage.UNMATCHED},
    Stage.ENGAGED: {"finish": Stage.FINISHED, "cancel": Stage.CANCELLED},
    Stage.FINISHED: {},
    Stage.DECLINED: {"reopen": Stage.CANDIDATE},
    Stage.UNMATCHED: {"reopen": Stage.CANDIDATE},
    Stage.CANCELLED: {"reopen": Stage.CANDIDATE},
}
NOW = dt.datetime(2026, 11, 23, 3, tzinfo=dt.UTC)


def test_the_table_is_the_one_of_the_domain() -> None:
    assert {stage: {step.code: step.target for step in steps_from(stage)} for stage in Stage} == BY_HAND


def test_contacts_are_known_only_after_both_have_agreed() -> None:
    assert {Stage.INTRODUCED, Stage.ENGAGED, Stage.FINISHED} == DISCLOSED
    assert set() == HOLDS_PLACE & CLOSED
    assert DISCLOSED <= HOLDS_SEAT


@pytest.mark.parametrize(
    ("code", "wanting"),
    [
        ("approach", {"is_active": False}),
        ("approach", {"has_valid_consent": False}),
        ("approach", {"has_free_place": False}),
        ("approach", {"is_request_open": False}),
        ("accept", {"has_free_seat": False}),
        ("introduce", {"talent_has_contact": False}),
        ("introduce", {"group_has_contact": False}),
        ("introduce", {"missing": ("18歳以上",)}),
    ],
)
def test_a_step_says_what_it_waits_for(code: str, wanting: dict[str, object]) -> None:
    step = find_step(code)
    assert step is not None
    assert hindrances(step, MatchFacts()) == []
    told = hindrances(step, dataclasses.replace(MatchFacts(), **wanting))  # type: ignore[arg-type]
    assert len(told) == 1
    assert told[0].endswith("。")


def test_ending_is_never_hindered() -> None:
    nothing = MatchFacts(False, False, False, False, False, False, False, ("18歳以上",))
    for code in ("decline", "unmatch", "cancel", "finish", "reopen"):
        step = find_step(code)
        assert step is not None
        assert hindrances(step, nothing) == []


def test_an_approach_without_an_answer_for_a_week_waits() -> None:
    assert not awaits_reply(Stage.APPROACHED, NOW - dt.timedelta(days=6), None, NOW)
    assert awaits_reply(Stage.APPROACHED, NOW - dt.timedelta(days=7), None, NOW)
    assert awaits_reply(Stage.APPROACHED, NOW - dt.timedelta(days=9), ContactResult.ABSENT, NOW)
    assert not awaits_reply(Stage.APPROACHED, NOW - dt.timedelta(days=9), ContactResult.ANSWERED, NOW)
    assert not awaits_reply(Stage.ACCEPTED, NOW - dt.timedelta(days=90), None, NOW)


def test_both_sides_are_asked_two_months_after_the_end() -> None:
    begun, end = dt.date(2026, 4, 1), dt.date(2026, 6, 1)
    assert follow_up_due(Stage.ENGAGED, begun, end) == dt.date(2026, 7, 31)
    assert follow_up_due(Stage.FINISHED, begun, None) == dt.date(2026, 5, 31)
    assert follow_up_due(Stage.INTRODUCED, begun, end) is None
