"""The city's lexicon: readable, whole, and finding what it should."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from app.japanese.normalize import fold
from app.talents.lexicon import Lexicon, load_lexicon

FOLDER = Path(__file__).parents[3] / "seed" / "kodaira"


def test_every_skill_of_the_city_is_known_to_the_lexicon() -> None:
    lexicon = load_lexicon("kodaira")
    with (FOLDER / "skills.csv").open(encoding="utf-8") as file:
        unknown = [row["name"] for row in csv.DictReader(file) if not lexicon.find(fold(row["name"]))]
    assert unknown == []


def test_every_saying_belongs_to_a_concept_and_every_concept_has_words_and_sayings() -> None:
    lexicon = load_lexicon("kodaira")
    names = [concept.name for concept in lexicon.concepts]
    assert len(names) == len(set(names))
    with (FOLDER / "matching_sayings.csv").open(encoding="utf-8") as file:
        assert {row["concept"] for row in csv.DictReader(file)} <= set(names)
    assert all(concept.words and concept.cues and len(concept.sayings) > 1 for concept in lexicon.concepts)
    assert all(1 <= number <= 20 for concept in lexicon.concepts for number in concept.fields)


def test_words_count_more_than_cues_and_the_longest_is_named_first() -> None:
    lexicon = load_lexicon("kodaira")
    names = {concept.name: number for number, concept in enumerate(lexicon.concepts)}
    repair = names["修理・大工"]
    found = lexicon.find(fold("戸がきしんで閉まらない"))[repair]
    assert (found.strength, found.words) == (2.0, ("閉まらな…", "きし…"))
    assert lexicon.find(fold("修理"))[repair].strength == 2.0


def test_a_city_without_a_lexicon_has_an_empty_one() -> None:
    assert len(load_lexicon("nowhere")) == 0
    assert Lexicon(()).find("修理") == {}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("戸がきしんで困る", "きし…"),
        ("閉まらない。", "閉まらな…"),
        ("棚を直す", "棚"),
        ("網戸を張る", "網戸"),
        ("戸がきし", "きし"),
    ],
)
def test_a_stem_is_shown_as_a_stem(text: str, shown: str) -> None:
    found = load_lexicon("kodaira").find(fold(text))
    assert shown in {word for one in found.values() for word in one.words}


@pytest.mark.parametrize(
    "text", ["", "戸", "戸がきしんで閉まらない。棚と網戸の修理", "網戸網戸網戸", "英語で話せて写真も撮れる人"]
)
def test_strengths_are_those_of_what_is_found(text: str) -> None:
    lexicon = load_lexicon("kodaira")
    assert lexicon.strengths(fold(text)) == {number: one.strength for number, one in lexicon.find(fold(text)).items()}
