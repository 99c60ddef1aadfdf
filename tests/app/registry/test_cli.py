"""`flask registry list|summary` as the issue words it."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from typing import Any

import pytest
from flask import Flask

from seed.files import city_folder


def _run(app: Flask, *args: str) -> Any:
    result = app.test_cli_runner().invoke(args=["registry", *args])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_list_is_the_published_one_row_by_row(any_app: Flask) -> None:
    rows = _run(any_app, "list", "--fiscal-year", "2018", "--json")
    folder = city_folder("kodaira")
    with (folder / "projects_2018_published.csv").open(encoding="utf-8") as file:
        printed = [line for line in csv.DictReader(file) if line["line"] == "1"]
    partners: dict[int, list[str]] = defaultdict(list)
    with (folder / "projects_2018_reading.csv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            partners[int(line["number"])].append(line["partner_published"])
    assert [row["number"] for row in rows] == list(range(1, 169))
    assert [row["name"] for row in rows] == [line["name"] for line in printed]
    assert [row["partners"] for row in rows] == [partners[number] for number in range(1, 169)]
    assert {"・".join(row["departments"]) == line["department"] for row, line in zip(rows, printed, strict=True)} == {
        True
    }
    assert all(set(row) == {"number", "departments", "name", "partners", "forms"} for row in rows)
    by_form = Counter(form for row in rows for form in row["forms"])
    assert by_form == {"協力": 95, "共催": 36, "実行委員会": 14, "委託": 12, "協議会": 10, "連絡会": 1}
    assert [rows[number - 1]["forms"] for number in (43, 58, 65, 121)] == [["共催"], ["連絡会"], ["協力"], ["協力"]]
    assert rows[156]["departments"] == ["図書館", "公民館"]
    assert rows[12]["departments"] == ["市民協働・男女参画推進課"]


def test_the_summary_counts_the_published_list(any_app: Flask) -> None:
    summary = _run(any_app, "summary", "--fiscal-year", "2018", "--json")
    assert {key: summary[key] for key in ("projects", "partner_links", "organizations", "departments")} == {
        "projects": 168,
        "partner_links": 201,
        "organizations": 126,
        "departments": 24,
    }
    assert summary["by_form"] == {"協力": 95, "共催": 36, "実行委員会": 14, "委託": 12, "協議会": 10, "連絡会": 1}
    assert (sum(summary["by_department"].values()), summary["by_department"]["公民館"]) == (173, 32)
    assert set(summary) == {"projects", "partner_links", "organizations", "departments", "by_form", "by_department"}


@pytest.mark.parametrize("command", ["list", "summary"])
@pytest.mark.parametrize(
    ("year", "code", "sentence"),
    [("2030", 1, "令和12年度の取組は登録されていません"), ("abc", 2, "年度として読めません"), ("-1", 2, "")],
)
def test_a_year_that_is_not_there_gets_a_sentence(
    app: Flask, command: str, year: str, code: int, sentence: str
) -> None:
    result = app.test_cli_runner().invoke(args=["registry", command, f"--fiscal-year={year}", "--json"])
    assert (result.exit_code, result.stdout) == (code, "")
    assert sentence in result.stderr


def test_without_json_a_person_can_read_it(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["registry", "list", "--fiscal-year", "H30"])
    assert (
        result.stdout.splitlines()[42]
        == "43\t文化スポーツ課\t木彫ワークショップ\t武蔵野美術大学彫刻学科研究室、小平市文化振興財団\t共催"
    )
