"""Editions in plain values: order, indexes, seal, differences."""

from hypothesis import given
from hypothesis import strategies as st

from app.directory.edition_contents import (
    Changed,
    Entry,
    changed_lines,
    chapters,
    differences,
    entry_from,
    field_index,
    hash_of,
    ordered,
    reading_index,
    seal_of,
)
from app.directory.profile_texts import text_of_field
from models.directory import Organization
from models.directory_profile import Audience
from models.directory_rounds import EditionOrder

NAMES = {1: "保健", 7: "環境の保全"}


def entry(number, name, reading, fields=(), **values):
    return Entry(number, name, reading, tuple(fields), values)


HANA = entry(1, "架空はなの会", "はなのかい", (7, 1), purpose="花を植える")
GAKU = entry(2, "架空がくの会", "がくのかい", (1,), purpose="音楽")
KAGE = entry(3, "架空かげの会", "かげのかい", (1,))
ABC = entry(4, "ABC", "", ())


def test_by_field_the_main_field_counts_then_the_reading_and_groups_without_a_field_come_last():
    assert ordered([ABC, HANA, GAKU, KAGE], EditionOrder.FIELD) == [GAKU, KAGE, HANA, ABC]
    assert chapters([ABC, HANA, GAKU, KAGE], EditionOrder.FIELD, NAMES) == [
        ("1 保健", [GAKU, KAGE]), ("7 環境の保全", [HANA]), ("分野の登録なし", [ABC]),
    ]  # fmt: skip


def test_by_reading_voiced_kana_stand_in_the_row_of_their_plain_kana():
    assert reading_index([HANA, ABC, KAGE, GAKU]) == [("か", [GAKU, KAGE]), ("は", [HANA]), ("他", [ABC])]
    assert [title for title, _ in chapters([HANA, GAKU, ABC], EditionOrder.READING, NAMES)] == [
        "か行",
        "は行",
        "その他",
    ]


def test_the_index_by_field_names_a_group_under_each_of_its_fields():
    assert field_index([ABC, HANA, GAKU], NAMES) == [
        ("1 保健", [GAKU, HANA]), ("7 環境の保全", [HANA]), ("分野の登録なし", [ABC]),
    ]  # fmt: skip


def test_differences_name_what_came_what_went_and_each_cell_that_changed():
    now = entry(1, "架空はなの会", "はなのかい", (7,), purpose="花と木を植える", web="https://example.jp/")
    found = differences([HANA, GAKU, KAGE], [now, KAGE, ABC], {"purpose": "活動目的", "web": "ウェブ"}, NAMES)
    assert (found.added, found.gone, found.unchanged) == ([ABC], [GAKU], 1)
    assert found.changed == [
        Changed(now, (
            ("活動分野", "環境の保全、保健", "環境の保全"),
            ("活動目的", "花を植える", "花と木を植える"),
            ("ウェブ", "", "https://example.jp/"),
        ))
    ]  # fmt: skip


def test_a_merged_record_is_the_same_group_in_both_editions():
    moved = entry(9, "架空はなの会", "はなのかい", (7, 1), purpose="花を植える")
    found = differences([HANA], [moved], {}, NAMES, same=lambda number: {9: 1}.get(number, number))
    assert (found.added, found.gone, found.changed, found.unchanged) == ([], [], [], 1)


texts = st.text(max_size=20)
entries = st.builds(
    Entry,
    st.integers(1, 10**9),
    texts,
    texts,
    st.lists(st.integers(1, 20), max_size=3, unique=True).map(tuple),
    st.dictionaries(texts, texts, max_size=4),
)


@given(st.lists(entries, max_size=12, unique_by=lambda one: one.organization_id))
def test_every_group_stands_in_one_chapter_and_in_the_kana_index_once(found):
    for order in EditionOrder:
        printed = [one.organization_id for _, part in chapters(found, order, NAMES) for one in part]
        assert printed == [one.organization_id for one in ordered(found, order)]
        assert sorted(printed) == sorted(one.organization_id for one in found)
    indexed = [one.organization_id for _, part in reading_index(found) for one in part]
    assert sorted(indexed) == sorted(printed)


@given(entries)
def test_a_content_is_read_back_and_hashes_alike(one):
    content = one.as_json()
    assert entry_from(one.organization_id, content) == one
    assert hash_of(entry_from(1, content).as_json()) == hash_of(content)


def test_the_seal_depends_on_every_hash_and_on_their_order():
    assert len({seal_of(["a", "b"]), seal_of(["b", "a"]), seal_of(["a"]), seal_of([])}) == 4


def test_of_many_lines_only_those_that_differ_are_told() -> None:
    assert changed_lines("甲\n乙\n丙", "丁\n乙\n丙") == ("甲\n(ほか2行は同じ)", "丁\n(ほか2行は同じ)")
    assert changed_lines("甲", "乙") == ("甲", "乙")
    assert changed_lines("", "乙\n丙") == ("", "乙\n丙")


def test_a_list_is_told_in_the_order_of_the_page_however_it_was_entered() -> None:
    """Else an edition frozen from lists just entered would differ from the next by nothing but their order."""
    rows = [Audience(id=2, name="若者", position=3), Audience(id=5, name="大人", position=1)]
    assert text_of_field(Organization(audiences=rows), "audiences") == "大人、若者"
