"""Reading talents and requests from JSON: tolerant of words, strict about shape, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.problems import Invalid
from app.talents.facts import RequestFacts, TalentFacts, times_in_short, times_in_words
from app.talents.facts_json import as_record, read_requests, read_talents, request_of, talent_of
from models.week import WEEKDAYS

TALENT = {
    "id": "T001", "kind": "person", "name": "架空 花子", "fields": [6, 13], "skills": ["着付け"],
    "description": "浴衣も着せられます", "audiences": ["だれでも"], "areas": ["市内全域"], "availability": ["sat-am"],
    "reward": "交通費",
}  # fmt: skip
REQUEST = {
    "id": "R01", "organization": "架空の会", "title": "浴衣の着方", "description": "夏祭りの前に", "fields": [6],
    "skills_wanted": ["着付け"], "audiences": ["中高生"], "area": "小川町", "times": ["sat-am"], "reward_offered": "交通費",
    "headcount": 2,
}  # fmt: skip


def test_a_record_comes_back_as_it_was_written() -> None:
    assert as_record(talent_of(TALENT)) == TALENT
    assert as_record(request_of(REQUEST)) == REQUEST


def test_missing_and_null_values_are_empty() -> None:
    assert talent_of({"id": 7, "skills": None}) == TalentFacts(id=7)
    assert request_of({"id": "R", "headcount": None, "description": ""}) == RequestFacts(id="R")


def test_unknown_words_are_kept_as_written() -> None:
    facts = talent_of(
        {
            "id": 1,
            "fields": [99, "その他", "6"],
            "audiences": ["宇宙人"],
            "reward": "応相談",
            "availability": ["SAT-AM", "正月"],
        }
    )
    assert facts.fields == (99, "その他", 6)
    assert facts.audiences == ("宇宙人",)
    assert facts.availability == ("sat-am", "正月")
    assert facts.reward == "応相談"


@pytest.mark.parametrize(
    "text",
    ["", "あ", "長" * 20_000, "😀🎉👨‍👩‍👧", "\ud800", "a\0b"],
    ids=["empty", "one", "long", "emoji", "surrogate", "nul"],
)
def test_any_text_is_taken(text: str) -> None:
    request_of({"id": "R", "title": text, "description": text}).description.encode()


@pytest.mark.parametrize("headcount", [0, 1, 10_000, 3.0])
def test_a_headcount_from_none_to_many(headcount: float) -> None:
    assert request_of({"id": "R", "headcount": headcount}).headcount == headcount


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        ([], "依頼が記録({…})ではありません。"),
        ({}, "依頼にidがありません。"),
        ({"id": True}, "依頼のidは文字列か整数にしてください。"),
        ({"id": 1, "times": "sat-am"}, "依頼のtimesは配列([…])にしてください。"),
        ({"id": 1, "title": 5}, "依頼のtitleは文字列にしてください。"),
        ({"id": 1, "headcount": -1}, "依頼のheadcountは0以上の整数にしてください。"),
        ({"id": 1, "headcount": "二人"}, "依頼のheadcountは0以上の整数にしてください。"),
        ({"id": 1, "fields": [{}]}, "依頼のfieldsは文字列か整数にしてください。"),
    ],
)
def test_a_wrong_shape_is_refused_in_a_sentence(record: object, sentence: str) -> None:
    with pytest.raises(Invalid) as refusal:
        request_of(record)
    assert refusal.value.message == sentence


def test_two_records_with_one_id_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "R.json"
    file.write_text(json.dumps([REQUEST, REQUEST]), encoding="utf-8")
    with pytest.raises(Invalid, match="1件目と2件目のidが同じ"):
        read_requests(file)


def test_a_file_cut_anywhere_gives_a_sentence(tmp_path: Path) -> None:
    whole = json.dumps([TALENT], ensure_ascii=False).encode()
    file = tmp_path / "T.json"
    for end in range(len(whole)):
        file.write_bytes(whole[:end])
        with pytest.raises(Invalid, match=r"T\.json"):
            read_talents(file)


@pytest.mark.parametrize(
    "content", [b"[NaN]", b"[" * 100_000, b'{"a": 1}', b'[{"id": ' + b"9" * 9000 + b"}]", b"\xff[]", b"null"]
)
def test_a_file_of_something_else_gives_a_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "T.json"
    file.write_bytes(content)
    with pytest.raises(Invalid):
        read_talents(file)


def test_a_file_that_is_not_there_gives_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="見つかりません"):
        read_talents(tmp_path / "none.json")


def test_a_byte_order_mark_and_a_wrapper_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "T.json"
    file.write_text(json.dumps({"talents": [TALENT]}), encoding="utf-8-sig")
    assert read_talents(file) == [talent_of(TALENT)]


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*TALENT, *REQUEST]), inner, max_size=6)
        ),
        max_leaves=8,
    )
)
def test_no_record_makes_anything_but_facts_or_a_sentence(record: object) -> None:
    for reader in (talent_of, request_of):
        try:
            reader(record)
        except Invalid as refusal:
            assert refusal.message.endswith("。")


def test_times_are_read_out_in_the_weeks_order() -> None:
    assert times_in_words(["sun-pm", "sat-am", "正月"]) == "土曜午前・日曜午後・正月"


@pytest.mark.parametrize(
    ("codes", "shown"),
    [
        ([], ""),
        (["sun-pm", "sat-am"], "土曜午前・日曜午後"),
        (["sat-am", "sat-pm", "sun-am"], "土日の午前、土の午後"),
        (["mon-am", "mon-pm", "wed-am", "wed-pm"], "月水の午前・午後"),
        (["mon-evening", "tue-evening", "wed-evening", "sat-evening", "正月"], "月〜水土の夜間、正月"),
        ([f"{day}-am" for day in WEEKDAYS], "毎日の午前"),
    ],
)
def test_times_are_drawn_together_for_lists(codes: list[str], shown: str) -> None:
    assert times_in_short(codes) == shown
