"""Placeholders, honorifics, addresses and headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.notices.addresses import clean_address
from app.notices.wording import addressed, check_words, clean_name, fill, placeholders_in
from app.problems import Invalid
from models.notices import Honorific


def test_an_unknown_placeholder_is_a_sentence_that_names_the_known_ones() -> None:
    with pytest.raises(Invalid) as refused:
        check_words(["事業名"], body="{事業}について")
    assert refused.value.fields["body"].startswith("「{事業}」という差込み項目はありません。使えるのは {事業名}、")


@pytest.mark.parametrize("text", ["{事業名", "事業名}", "{{事業名}", "{}"])
def test_stray_braces_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        check_words(["事業名"], body=text)


@pytest.mark.parametrize("text", ["{宛名}殿", "{宛名} 殿\n次のとおり", "架空 一郎 殿"])
def test_dono_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_words([], body=text)
    assert "殿" in refused.value.fields["body"]


def test_a_palace_is_no_honorific() -> None:
    check_words([], body="宮殿のような御殿で行います。")


@given(st.dictionaries(st.sampled_from(["事業名", "期限", "理由"]), st.text(max_size=30), min_size=3))
def test_what_is_filled_in_is_not_read_again(values: dict[str, str]) -> None:
    assert fill("{事業名}/{期限}/{理由}", values) == f"{values['事業名']}/{values['期限']}/{values['理由']}"


def test_a_missing_value_is_a_sentence() -> None:
    with pytest.raises(Invalid, match="差込み項目「期限」に入れる内容がありません。"):
        fill("{期限}まで", {})


def test_full_width_braces_are_braces() -> None:
    assert placeholders_in("｛期限｝と{ 期限 }") == ["期限"]
    assert fill("｛期限｝まで", {"期限": "明日"}) == "明日まで"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("架空の会 御中", "架空の会"),
        ("小平 花子様", "小平 花子"),
        ("小平 花子 殿", "小平 花子"),
        ("架空御殿", "架空御殿"),
    ],
)
def test_no_honorific_twice(typed: str, name: str) -> None:
    assert clean_name(typed) == name
    assert addressed(name, Honorific.PERSON) == f"{name} 様"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "a@",
        "@example.jp",
        "a@example.jp, b@example.jp",
        "a@example.jp\r\nBcc: b@example.jp",
        "a@example.jp\x00",
        "<a@example.jp>",
        "a b@example.jp",
        "a@-example.jp",
        "あ@example.jp",
        f"{'a' * 65}@example.jp",
    ],
)
def test_only_one_plain_address(address: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean_address(address)
    assert len(address) < 13 or address not in refused.value.message


@pytest.mark.parametrize("address", ["hana@example.jp", "h.n+tag@sub.example.jp", "x@localhost"])
def test_usual_addresses(address: str) -> None:
    assert clean_address(f" {address} ") == address


def test_an_empty_placeholder_alone_on_its_line_takes_the_blank_line_after_it_along() -> None:
    text = "理由 {理由}\n\n{評価}\n\n手続は{評価}のとおり"
    assert fill(text, {"理由": "よい", "評価": "平均\n3点"}) == "理由 よい\n\n平均\n3点\n\n手続は平均\n3点のとおり"
    assert fill(text, {"理由": "よい", "評価": ""}) == "理由 よい\n\n手続はのとおり"
    assert fill("提出してください。\n\n{評価}", {"評価": ""}) == "提出してください。"
