"""The reference data of seed/kodaira: counts, codes, and the published list against its reading."""

import csv
import re
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "seed" / "kodaira"
FILES = sorted(p for p in FOLDER.iterdir() if p.suffix in {".csv", ".toml", ".md"})
MISPRINTS = ["府内", "実行性", "重點", "望される", "長期総合基本計画"]
KINDS = {
    "neighbourhood",
    "civic_group",
    "university",
    "business",
    "government",
    "committee",
    "school",
    "person",
    "other",
}
SEPARATORS = " 、・"


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def by_number(name: str) -> dict[int, list[dict[str, str]]]:
    groups: dict[int, list[dict[str, str]]] = defaultdict(list)
    for row in rows(name):
        groups[int(row["number"])].append(row)
    return groups


PUBLISHED = by_number("projects_2018_published.csv")
READING = by_number("projects_2018_reading.csv")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_files_are_utf8_with_lf_and_no_byte_order_mark(path: Path) -> None:
    raw = path.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n") and not raw.endswith(b"\n\n")
    raw.decode("utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_no_misprint_of_the_handbook_enters(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [word for word in MISPRINTS if word in text] == []


@pytest.mark.parametrize("path", [p for p in FILES if p.suffix == ".csv"], ids=lambda p: p.name)
def test_every_line_has_as_many_cells_as_the_header_and_none_is_repeated(
    path: Path,
) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file, strict=True))
    assert {len(line) for line in lines} == {len(lines[0])}
    assert len({tuple(line) for line in lines}) == len(lines)
    assert all(cell == cell.strip() for line in lines for cell in line)


@pytest.mark.parametrize(
    ("name", "count", "keys"),
    [
        ("departments.csv", 27, ["code", "name"]),
        ("activity_fields.csv", 20, ["number", "name"]),
        ("collaboration_forms.csv", 11, ["code", "name"]),
        ("project_categories.csv", 5, ["code", "number", "name"]),
        ("principles.csv", 8, ["code", "number", "name"]),
        ("effects.csv", 4, ["code", "number", "name"]),
        ("evaluation_points.csv", 5, ["code", "number", "name"]),
        ("policy_bases.csv", 6, ["code", "name"]),
        ("areas.csv", 22, ["code", "name", "reading"]),
        ("skills.csv", 89, ["code", "name"]),
        ("check_items.csv", 12, ["wording"]),
        ("check_points.csv", 5, ["heading"]),
        ("chronicle.csv", 13, ["text"]),
    ],
)
def test_each_list_is_complete_and_its_keys_are_unique(name: str, count: int, keys: list[str]) -> None:
    table = rows(name)
    assert len(table) == count
    for key in keys:
        values = [row[key] for row in table]
        assert all(values)
        assert len(set(values)) == count
        if key == "code":
            assert [v for v in values if not re.fullmatch(r"[a-z][a-z0-9_-]*", v)] == []


@pytest.mark.parametrize(
    "name",
    [
        "activity_fields.csv",
        "project_categories.csv",
        "principles.csv",
        "effects.csv",
        "evaluation_points.csv",
    ],
)
def test_numbered_lists_stand_in_order(name: str) -> None:
    table = rows(name)
    assert [int(row["number"]) for row in table] == list(range(1, len(table) + 1))


def test_the_council_has_fifteen_departments_in_the_handbooks_order() -> None:
    council = [row for row in rows("departments.csv") if row["is_council_member"] == "true"]
    assert [(int(row["council_order"]), row["bureau"] + row["name"]) for row in council] == [
        (1, "地域振興部市民協働・男女参画推進課"),
        (2, "企画政策部政策課"),
        (3, "総務部地域安全課"),
        (4, "総務部防災危機管理課"),
        (5, "地域振興部産業振興課"),
        (6, "地域振興部文化スポーツ課"),
        (7, "子ども家庭部子育て支援課"),
        (8, "健康福祉部地域包括ケア推進担当"),
        (9, "環境部環境政策課"),
        (10, "環境部水と緑と公園課"),
        (11, "都市開発部都市計画課"),
        (12, "教育部指導課"),
        (13, "教育部地域学習支援課"),
        (14, "教育部公民館"),
        (15, "教育部図書館"),
    ]
    others = [row for row in rows("departments.csv") if row["is_council_member"] == "false"]
    assert {(row["bureau"], row["council_order"]) for row in others} == {("未確認", "")}


def test_only_the_last_activity_field_is_left_to_an_ordinance() -> None:
    flagged = [row["number"] for row in rows("activity_fields.csv") if row["is_left_to_ordinance"] == "true"]
    assert flagged == ["20"]


def test_six_forms_are_defined_in_the_handbook_and_parents_exist() -> None:
    forms = rows("collaboration_forms.csv")
    defined = [(row["handbook_order"], row["name"]) for row in forms if row["is_defined_in_handbook"] == "true"]
    assert defined == [
        ("1", "後援"),
        ("2", "補助・助成"),
        ("3", "協力"),
        ("4", "共催"),
        ("5", "実行委員会・協議会"),
        ("6", "委託"),
    ]
    assert {row["code"]: row["parent"] for row in forms if row["parent"]} == {
        "executive_committee": "committee_council",
        "council": "committee_council",
    }


def test_check_items_are_three_stages_of_four() -> None:
    numbers = [(row["stage"], int(row["number"])) for row in rows("check_items.csv")]
    assert numbers == [(stage, number) for stage in ("I", "II", "III") for number in (1, 2, 3, 4)]


def test_the_last_evaluation_point_opens_into_the_principles() -> None:
    assert [row["opens_into"] for row in rows("evaluation_points.csv")] == [
        "",
        "",
        "",
        "",
        "principles",
    ]


def test_no_word_means_two_skills_and_no_name_two_areas() -> None:
    for name, column in (("skills.csv", "synonyms"), ("areas.csv", "variants")):
        words = [
            word
            for row in rows(name)
            for word in [row["name"], row.get("reading", ""), *row[column].split("|")]
            if word
        ]
        assert [word for word, times in Counter(words).items() if times > 1] == []
    assert len({row["group_code"] for row in rows("skills.csv")}) == 12
    assert len({(row["group_code"], row["group"]) for row in rows("skills.csv")}) == 12


def test_area_readings_are_hiragana() -> None:
    assert [row["name"] for row in rows("areas.csv") if not re.fullmatch("[ぁ-ん]+", row["reading"])] == []


def test_programs_hold_the_handbooks_money_and_months() -> None:
    programs = tomllib.loads((FOLDER / "programs.toml").read_text(encoding="utf-8"))["program"]
    assert [(p["code"], p["is_closed"]) for p in programs] == [
        ("suggested", False),
        ("ikiiki", False),
        ("shien_kobo", True),
        ("ikiiki_teian", True),
    ]
    suggested, ikiiki, *_ = programs
    period = ("year_offset", "first_month", "last_month")
    assert suggested["money"]["cap_yen"] == 100_000
    assert (suggested["money"]["rate"], suggested["money"]["rate_assumed"]) == (
        "10/10",
        False,
    )
    assert [suggested["period"][key] for key in period] == [0, 7, 3]
    assert (ikiiki["money"]["cap_yen"], ikiiki["money"]["tax"]) == (
        1_000_000,
        "included",
    )
    assert (ikiiki["money"]["rate"], ikiiki["money"]["rate_assumed"]) == ("10/10", True)
    assert [ikiiki["period"][key] for key in period] == [1, 4, 3]
    codes = {p["code"] for p in programs}
    for program in programs:
        assert program["status"]["unset"]
        assert program.get("succeeds", "suggested") in codes
        assert set(program.get("applicants", {}).get("kinds", [])) <= KINDS
        for window in program.get("calendar", []):
            for day in ("starts_on", "ends_on"):
                assert re.fullmatch(r"(0[1-9]|1[0-2])-([0-2]\d|3[01])", window.get(day, "01-01"))


def test_the_published_list_is_described() -> None:
    lists = tomllib.loads((FOLDER / "published_lists.toml").read_text(encoding="utf-8"))["list"]
    programs = {p["code"] for p in tomllib.loads((FOLDER / "programs.toml").read_text(encoding="utf-8"))["program"]}
    assert [entry["fiscal_year"] for entry in lists] == [2018]
    for entry in lists:
        assert (FOLDER / entry["published_file"]).is_file()
        assert (FOLDER / entry["reading_file"]).is_file()
        assert (entry["numbered_rows"], entry["printed_lines"]) == (
            len(PUBLISHED),
            sum(len(lines) for lines in PUBLISHED.values()),
        )
        assert {link["program"] for link in entry["program_link"]} <= programs


def test_the_published_list_has_168_rows_and_two_second_lines() -> None:
    assert list(PUBLISHED) == list(range(1, 169))
    second = {number: lines[1:] for number, lines in PUBLISHED.items() if len(lines) > 1}
    line = {
        "line": "2",
        "department": "",
        "name": "",
        "partners": "小平市文化振興財団",
        "form": "共催",
    }
    assert second == {43: [{"number": "43", **line}], 44: [{"number": "44", **line}]}
    assert all(all(lines[0].values()) and lines[0]["line"] == "1" for lines in PUBLISHED.values())


def test_odd_cells_stand_as_printed() -> None:
    assert PUBLISHED[65][0]["form"] == "協力 協力"
    assert PUBLISHED[121][0]["form"] == "協力 開催行事は基本的に「共催」扱い"
    assert PUBLISHED[58][0]["form"] == "連絡会"
    assert PUBLISHED[156][0]["partners"] == "忘れない3. 11展実行委員会"
    assert PUBLISHED[76][0] == {
        "number": "76",
        "line": "1",
        "department": "水と緑と公園課",
        "name": "小平市公園等アダプト制度",
        "partners": "森林を楽しむ会",
        "form": "協力",
    }


def test_forms_by_row_come_out_as_published() -> None:
    names = {row["code"]: row["name"] for row in rows("collaboration_forms.csv")}
    assert Counter(names[lines[0]["form"]] for lines in READING.values()) == {
        "協力": 95,
        "共催": 36,
        "実行委員会": 14,
        "委託": 12,
        "協議会": 10,
        "連絡会": 1,
    }


def test_a_form_is_read_as_printed_in_all_rows_but_two() -> None:
    names = {row["code"]: row["name"] for row in rows("collaboration_forms.csv")}
    other = [
        number
        for number, lines in READING.items()
        if any(names[line["form"]] != line["form_published"] for line in lines)
    ]
    assert other == [65, 121]


def test_the_reading_names_24_departments_and_splits_three_texts_in_five_rows() -> None:
    names = {row["code"]: row["name"] for row in rows("departments.csv")}
    read = {number: lines[0]["departments"].split("|") for number, lines in READING.items()}
    assert len({code for codes in read.values() for code in codes}) == 24
    for number, codes in read.items():
        assert "・".join(names[code] for code in codes) == PUBLISHED[number][0]["department"]
        assert {line["departments"] for line in READING[number]} == {"|".join(codes)}
    assert [number for number, codes in read.items() if len(codes) > 1] == [
        4,
        82,
        157,
        158,
        159,
    ]


def test_segments_are_verbatim_in_order_and_leave_only_separators() -> None:
    for number, printed in PUBLISHED.items():
        read = READING[number]
        assert [int(line["position"]) for line in read] == list(range(1, len(read) + 1))
        segments = iter(read)
        for line in printed:
            rest = line["partners"]
            while rest:
                segment = next(segments)
                assert segment["form_published"] == line["form"]
                assert rest.startswith(segment["partner_published"]), number
                rest = rest.removeprefix(segment["partner_published"])
                rest = rest.lstrip(SEPARATORS)
        assert next(segments, None) is None


def test_eighteen_rows_hold_several_partners_in_one_cell() -> None:
    several = {number: len(lines) for number, lines in READING.items() if len(lines) > len(PUBLISHED[number])}
    assert several == {
        11: 3,
        18: 6,
        27: 2,
        28: 2,
        30: 2,
        55: 2,
        58: 2,
        65: 7,
        82: 2,
        108: 3,
        113: 2,
        118: 2,
        120: 2,
        126: 2,
        139: 3,
        141: 2,
        142: 3,
        166: 2,
    }
    assert sum(len(lines) for lines in READING.values()) == 201


def test_private_persons_are_marked() -> None:
    marked = [number for number, lines in READING.items() if any(line["is_person"] == "true" for line in lines)]
    assert marked == [55, 88, 89, 97, 107, 139, 166, 167]


def test_one_key_is_one_name_and_one_kind() -> None:
    lines = [line for group in READING.values() for line in group]
    bodies = {(line["organization_key"], line["partner_name"], line["kind"]) for line in lines if line["partner_name"]}
    assert len(bodies) == len({key for key, _, _ in bodies}) == len({name for _, name, _ in bodies}) == 126
    assert [key for key, _, _ in bodies if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key)] == []
    assert {line["kind"] for line in lines} == KINDS
    for line in lines:
        assert (line["is_generic"] == "true") == (line["organization_key"] == "") == (line["partner_name"] == "")
        assert {line["is_generic"], line["is_person"]} <= {"true", "false"}


def test_different_texts_of_one_body_share_its_key() -> None:
    def key(number: int, position: int = 1) -> str:
        return READING[number][position - 1]["organization_key"]

    assert key(23) == key(75)
    assert key(91) == key(106)
    assert key(88) == key(97) != key(89)
    assert {key(n) for n in (1, 31, 43, 44, 55, 107, 143, 166)} == {"musashino-bijutsu-daigaku"}
    art_university = [
        number
        for number, lines in READING.items()
        if any("武蔵野美術大学" in line["partner_published"] for line in lines)
    ]
    assert art_university == [
        number
        for number, lines in READING.items()
        if any(line["organization_key"] == "musashino-bijutsu-daigaku" for line in lines)
    ]


def test_one_text_of_eleven_bodies_has_eleven_keys() -> None:
    committees = [READING[number] for number in range(128, 139)]
    assert {len(lines) for lines in committees} == {1}
    assert {lines[0]["partner_published"] for lines in committees} == {"事業企画委員会"}
    assert len({lines[0]["organization_key"] for lines in committees}) == 11
    for lines in committees:
        assert lines[0]["partner_name"] == PUBLISHED[int(lines[0]["number"])][0]["name"]


def test_readings_that_leave_the_printed_name_carry_a_note() -> None:
    unexplained = [
        (number, line["partner_published"])
        for number, lines in READING.items()
        for line in lines
        if line["partner_name"] != line["partner_published"] and not line["note"]
    ]
    assert unexplained == []
