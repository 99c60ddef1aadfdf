"""Reading the cells of 資料3 by rule, against what was read by hand."""

from __future__ import annotations

import csv
from collections import defaultdict

import pytest

from app.japanese.normalize import fold, fold_name
from app.registry.reading import form_named, is_generic, names_person, split_departments, split_partners
from seed.files import city_folder, read_csv

FOLDER = city_folder("kodaira")
PRINTED = read_csv(FOLDER / "projects_2018_published.csv")
READING: dict[int, list[dict[str, str]]] = defaultdict(list)
for _line in read_csv(FOLDER / "projects_2018_reading.csv"):
    READING[int(_line["number"])].append(_line)
KNOWN = {
    fold_name(line[key])
    for lines in READING.values()
    for line in lines
    if line["organization_key"]
    for key in ("partner_name", "partner_published")
}
DEPARTMENTS = {row["code"]: row["name"] for row in csv.DictReader((FOLDER / "departments.csv").open(encoding="utf-8"))}


@pytest.mark.parametrize("known", [KNOWN, frozenset()], ids=["with the directory", "by rule alone"])
def test_cells_are_split_as_they_were_by_hand_but_for_a_few(known: set[str]) -> None:
    cells: dict[int, list[str]] = defaultdict(list)
    for row in PRINTED:
        cells[int(row["number"])] += split_partners(row["partners"], known)
    different = [number for number in cells if cells[number] != [line["partner_published"] for line in READING[number]]]
    # 他生徒2名 stays with its professor; one body of two names is split when nobody knows it.
    assert different == ([55, 166] if known else [55, 83, 166])


def test_departments_are_told_apart_though_a_dot_may_be_part_of_a_name() -> None:
    for row in PRINTED:
        if row["department"]:
            expected = [DEPARTMENTS[code] for code in READING[int(row["number"])][0]["departments"].split("|")]
            assert split_departments(row["department"], DEPARTMENTS.values()) == (expected, [])
    assert split_departments("公民館、ない課", DEPARTMENTS.values()) == (["公民館"], ["ない課"])
    assert split_departments("", DEPARTMENTS.values()) == ([], [])


def test_persons_are_marked_and_few_others() -> None:
    marked = {line["partner_published"] for lines in READING.values() for line in lines if line["is_person"] == "true"}
    found = {
        line["partner_published"]
        for lines in READING.values()
        for line in lines
        if names_person(line["partner_published"])
    }
    assert found == marked


def test_generic_words_are_no_bodies() -> None:
    for lines in READING.values():
        for line in lines:
            if is_generic(line["partner_published"]):
                assert line["is_generic"] == "true", line["partner_published"]
    assert is_generic("自治会等") and not is_generic("山王住宅自治会")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("協力", 1),
        ("協力 協力", 1),
        ("協力 開催行事は基本的に「共催」扱い", 1),
        ("共　催", None),
        ("", None),
        ("協力的", None),
    ],
)
def test_a_form_is_the_first_word_of_its_cell(cell: str, expected: int | None) -> None:
    assert form_named(cell, {fold("協力"): 1, fold("共催"): 2}) == expected
