"""Forms, categories and what is missing on the way to a partner (実践編1(1)-(3))."""

from __future__ import annotations

import pytest

from app.partnering.rules import category_hints, form_hints, missing_for_choice, steps_of
from models.directory import Organization
from models.partnering import Lead, PartnerCandidate, PartnerSearch, Support, Verdict


@pytest.mark.parametrize(
    ("lead", "supports", "codes"),
    [
        (None, [], []),
        (Lead.GROUP, [Support.NAME], ["endorsement"]),
        (Lead.GROUP, [Support.MONEY, Support.HELP], ["subsidy", "cooperation"]),
        (Lead.CITY, [], ["cooperation"]),
        (Lead.CITY, [Support.SERVICE], ["commission"]),
        (Lead.BOTH, [Support.HELP], ["co_hosting"]),
        (Lead.MANY, [], ["committee_council"]),
    ],
)
def test_a_form_follows_from_who_carries_it_and_what_the_city_gives(
    lead: Lead | None, supports: list[Support], codes: list[str]
) -> None:
    assert [hint.code for hint in form_hints(lead, [one.value for one in supports])] == codes


def test_categories_are_hinted_at_by_their_examples() -> None:
    examples = {
        1: "調査研究\n循環型社会づくり(ごみの減量・環境)",
        3: "イベント・講演会・講座",
        4: "公園などの管理\n緑化推進",
    }
    assert category_hints("公園で講演会を開きたい", examples) == {3: ["講演会"], 4: ["公園などの管理"]}
    assert category_hints("緑化に取り組みたい", examples) == {4: ["緑化推進"]}
    assert category_hints("", examples) == {}


def _search(**values: object) -> PartnerSearch:
    return PartnerSearch(**({"title": "件", "problem": "困りごと", "gains": [], "supports": []} | values))


def test_a_choice_needs_method_criteria_and_answers_for_every_candidate() -> None:
    search = _search()
    assert missing_for_choice(search) == [
        "選定方法を書いてください。",
        "選定基準を書いてください。",
        "候補の団体を挙げてください。",
    ]
    search.method, search.criteria = "話を聞く", "実績"
    candidate = PartnerCandidate(organization=Organization(name="架空の会"), has_common_purpose=True)
    search.candidates.append(candidate)
    assert missing_for_choice(search) == ["共通の目的と実施手法を確かめていない候補があります(架空の会)。"]
    candidate.has_workable_method = False
    assert missing_for_choice(search) == []
    search.verdict = Verdict.NOT_SUITED
    assert missing_for_choice(search) == [
        "見極めの結果が「協働に向いていない」です。相手を選ぶときは、見極めを直してください。"
    ]


def test_steps_say_what_is_missing_in_each() -> None:
    steps = steps_of(_search(goal="目指す姿", wanted="期待"))
    assert [(step.name, step.is_done) for step in steps] == [
        ("課題", True),
        ("可能性の検討", False),
        ("形態の選択", False),
        ("相手の選択", False),
    ]
