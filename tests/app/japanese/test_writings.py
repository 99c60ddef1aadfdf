"""Words that groups write in several ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.japanese.normalize import fold
from app.japanese.writings import MOST, WRITINGS, writings_of


@pytest.mark.parametrize(
    ("word", "others"),
    [
        ("子ども", {"子ども", "子供", "こども"}),
        ("コドモ食堂", {"こども食堂", "子ども食堂", "子供食堂"}),
        ("障害者", {"障害者", "障がい者", "障碍者"}),
        ("取組みの会", {"取組みの会", "取組の会", "取り組みの会", "取りくみの会"}),
        ("バイオリン", {"ばいおりん", "ゔぁいおりん"}),
        ("ヴェルディ", {"ゔぇるでぃ", "べるでぃ"}),
        ("ボランティア", {"ぼらんてぃあ"}),
        ("介護", {"介護"}),
    ],
)
def test_a_word_is_looked_for_as_others_write_it(word: str, others: set[str]) -> None:
    found = writings_of(fold(word))
    assert found[0] == fold(word)
    assert set(found) == others


def test_each_writing_leads_to_all_others_of_its_line() -> None:
    for words in WRITINGS:
        assert len(set(words)) == len(words) > 1
        for word in words:
            assert fold(word) == word
            assert set(writings_of(word)) >= set(words), words


@given(st.lists(st.sampled_from([word for words in WRITINGS for word in words] + ["会", "の", "x"]), max_size=6))
def test_any_word_has_few_writings_itself_first(pieces: list[str]) -> None:
    word = "".join(pieces)
    found = writings_of(word)
    assert found[0] == word
    assert len(found) == len(set(found)) <= MOST
