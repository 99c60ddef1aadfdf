"""What is masked is gone: from the JSON, from sentences, from keys of names written with other blanks."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.problems import Invalid
from app.reviews.disclosing import checked_marks
from app.reviews.record_paper import RecordPaper
from app.reviews.redaction import redact
from app.reviews.redaction_marks import PARTS, SIGN, Ground, Mark


def _version(score: int, **more: Any) -> dict[str, Any]:
    return {
        "number": 1, "comment": "SECRET-SHEET", "sealed_by_id": 7, "is_on_behalf": False, "unsealed_at": None,
        "unseal_reason": None, "scores": [{"criterion_id": 5, "value": score, "comment": "SECRET-SCORE"}],
    } | more  # fmt: skip


def _content() -> dict[str, Any]:
    tallied = {
        "id": 1, "percent": "81.25", "percent_exact": "325/4", "rank": 1, "outcome": "adopt", "amount": 50_000,
        "points": {"11": "37", "12": "28"},
        "steps": [
            {"about": "points", "text": "委員ごとの得点: 小平 花子 37、玉川 次郎 28。", "figures": {"points": {"11": "37"}}},
            {"about": "percent", "text": "得点率81.25%。", "figures": {"percent": "325/4"}},
        ],
    }  # fmt: skip
    line = {
        "proposal_id": 1, "outcome": "adopted", "amount_yen": 50_000, "conditions": "", "reason": "小平花子委員が推した",
        "departure_reason": "", "percent": "81.25", "votes_for": 1, "votes_against": 1, "votes_abstained": 0,
    }  # fmt: skip
    return {
        "format": 1,
        "call": {"id": 1, "name": "募集", "fiscal_year": 2026, "budget_yen": 100_000},
        "rule": {"minimum_percent": "50", "missing": "drop", "quorum": "majority", "tie": ["chair"], "next_best": "pass"},
        "criteria": [{"id": 5, "stage": "document", "label": "公益性", "lowest": 0, "highest": 40, "weight": "1", "veto_at": None}],
        "members": [
            {"id": 11, "membership_id": 101, "user_id": 7, "name": "小平 花子", "title": "学識", "is_chair": True, "left_on": None, "left_reason": None},
            {"id": 12, "membership_id": 102, "user_id": 8, "name": "玉川 次郎", "title": "市民", "is_chair": False, "left_on": None, "left_reason": None},
        ],
        "absences": [],
        "attendance": {"members": [{"membership_id": 101, "state": "present"}, {"membership_id": 102, "state": "present"}], "withdrawn": []},
        "declarations": [{"member_id": 11, "proposal_id": 1, "has_interest": False, "kind": None, "text": "", "replaced_at": None, "signed_at": "2026-07-01T00:00:00+00:00", "signed_by_id": 7}],
        "conflicts": [],
        "proposals": [{"id": 1, "title": "花の道", "organization": "花の会", "organization_id": 3, "requested_yen": 50_000, "overrides": []}],
        "opinions": [{"proposal_id": 1, "department_id": 2, "verdict": "favourable", "waived_reason": None, "questions": [{"key": "need", "label": "必要性"}], "answers": {"need": "SECRET-OPINION"}, "submissions": [{"answers": {"need": "SECRET-OPINION"}}]}],
        "council_opinions": [],
        "sheets": [
            {"member_id": 11, "proposal_id": 1, "stage": "document", "state": "sealed", "void_reason": None, "versions": [_version(37)]},
            {"member_id": 12, "proposal_id": 1, "stage": "document", "state": "sealed", "void_reason": None, "versions": [_version(28)]},
        ],
        "tie_decisions": [],
        "conclusion": {"note": "玉川　次郎の意見", "concluded_on": "2026-09-01", "confirmed_at": None, "confirmed_by_means": None, "lines": [line]},
        "files": [{"name": "花の会 会則.pdf", "sha256": "0"}],
        "ballot": {
            "criteria": [{"key": "5", "stage": "document", "max": 40, "weight": "1"}],
            "members": [{"id": "11", "present": True, "label": "小平 花子"}, {"id": "12", "present": True, "label": "玉川 次郎"}],
            "proposals": [{"id": 1, "requested": 50_000, "scores": {"11": {"5": 37}, "12": {"5": 28}}, "conflicts": [], "label": "花の道"}],
        },
        "tally": {"proposals": [tallied], "budget_yen": 100_000, "adopted_yen": 50_000},
    }  # fmt: skip


def _mark(part: str, *words: str) -> Mark:
    return Mark(part, Ground.PERSON, "条例第7条", words)


@pytest.mark.parametrize(
    ("part", "gone"),
    [
        ("member_names", ("小平 花子", "小平花子", "玉川 次郎", "玉川　次郎", "学識")),
        ("comments", ("SECRET-SHEET", "SECRET-SCORE")),
        ("opinions", ("SECRET-OPINION", "favourable")),
        ("applicants", ("花の道", "花の会")),
        ("reasons", ("小平花子委員が推した", "の意見")),
    ],
)
def test_what_is_masked_is_gone_everywhere(part: str, gone: tuple[str, ...]) -> None:
    content = _content()
    before = copy.deepcopy(content)
    text = json.dumps(redact(content, [_mark(part)]), ensure_ascii=False)
    assert all(word not in text for word in gone)
    assert all(word in json.dumps(before, ensure_ascii=False) for word in gone)
    assert content == before


def test_masked_scores_leave_no_figure_of_one_member_behind() -> None:
    masked = redact(_content(), [_mark("member_scores")])
    text = json.dumps(
        [masked["sheets"], masked["ballot"]["proposals"][0]["scores"], masked["tally"]], ensure_ascii=False
    )
    assert "37" not in text and "28" not in text
    assert masked["tally"]["proposals"][0]["percent"] == "81.25"


def test_the_percent_of_one_scoring_member_is_that_member_s_score() -> None:
    content = _content()
    del content["tally"]["proposals"][0]["points"]["12"]
    text = json.dumps(redact(content, [_mark("member_scores")])["tally"])
    assert "81.25" not in text and "325" not in text


def test_only_refused_applicants_are_masked_when_so_marked() -> None:
    content = _content()
    assert "花の道" in json.dumps(redact(content, [_mark("refused_applicants")]), ensure_ascii=False)
    content["conclusion"]["lines"][0]["outcome"] = "rejected"
    assert "花の道" not in json.dumps(redact(content, [_mark("refused_applicants")]), ensure_ascii=False)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sets(st.sampled_from([part.key for part in PARTS])))
def test_any_choice_of_parts_gives_a_copy_that_prints_and_keeps_its_shape(parts: set[str]) -> None:
    content = _content()
    masked = redact(content, [_mark(part, "推した") for part in sorted(parts)])
    assert _shape(masked) == _shape(content) or "member_scores" in parts
    sections = RecordPaper(masked, {2: "公園課"}).sections()
    assert sections[0]["heading"] == "審査結果"
    told = json.dumps(sections, ensure_ascii=False)
    assert (SIGN in told) or not parts - {
        "votes",
        "overrides",
        "refused_applicants",
        "files",
        "interests",
        "attendance",
    }
    if "member_names" in parts:
        assert "小平" not in told and '"欠席"' not in told


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape(one) for key, one in value.items()}
    return [_shape(one) for one in value] if isinstance(value, list) else None


def test_marks_need_their_ground_and_words_of_a_length() -> None:
    with pytest.raises(Invalid) as refused:
        checked_marks([("comments", "person", " ")], "")
    assert list(refused.value.fields) == ["text_comments"]
    for words in ("", "あ", "\n"):
        with pytest.raises(Invalid) as refused:
            checked_marks([("words", "person", "第7条")], words)
        assert "words" in refused.value.fields
    with pytest.raises(Invalid) as refused:
        checked_marks([], "小平")
    assert "words" in refused.value.fields
    assert checked_marks([("words", "law", "第7条")], "小平\n小平\n 玉川")[0].words == ("小平", "玉川")
