"""Searching: what a substring of the folded text is, is found, and nothing else, on both databases."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.search import criteria, plan, sampling
from app.search.bigrams import search_text
from app.search.documents import documents_of
from app.search.index import update_many
from app.search.query import MAX_LENGTH, parse_query
from tests.app.search.groups import Group, found

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
LETTERS = st.sampled_from("介護市民活動の会かいごガｶﾞーNPO1一第丁目 　・()㈱\n😀𠮷葛\U000e0100é'\"*%_\\")
TEXTS = st.lists(LETTERS, max_size=30).map("".join) | st.text(max_size=12)


@pytest.mark.parametrize(
    "query",
    [
        "介護",
        "ｶｲｺﾞ",
        "かいご",
        "護",
        "介護予防",
        "NPO法人",
        "npo",
        "特定非営利活動法人",
        "特定非営利",
        "(特非)",
        "特非",
        "渡邊",
        "渡辺花子",
        "渡辺 花子",
        "渡邉　花子",
        "三丁目",
        "３丁目",
        "カフェ 3丁目",
        "子育て",
        "子ども・子育て",
        "小平介護",
        "😀",
    ],
)
def test_a_group_is_found_by_any_spelling(session: Session, query: str) -> None:
    purpose = "小川町三丁目の渡邉 花子さん宅で、介護予防のカフェ(ｶｲｺﾞｶﾌｪ)を開く😀。子ども子育ても。"
    session.add_all([Group(name="特定非営利活動法人 小平 介護の会", purpose=purpose), Group(name="囲碁の会")])
    session.flush()
    assert found(session, query) == ["特定非営利活動法人 小平 介護の会"]


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("みどりこども食堂", "子ども食堂"),
        ("みどり子供食堂", "こども食堂"),
        ("NPO法人みどり障がい者の会", "特非みどり障碍者"),
        ("みどり街づくりの会", "まちづくりの会"),
        ("みどりバイオリンの会", "ヴァイオリン"),
        ("みどり工房株式会社", "㈱みどり工房"),
        ("みどり工房株式会社", "(株)みどり"),
        ("株式会社みどり工房", "みどり工房㈱"),
        ("一般社団法人みどり工房", "一社みどり"),
        ("一社みどり工房", "一般社団法人みどり"),
        ("一社みどり工房", "(一社)みどり工房"),
        ("特定非営利活動法人みどり工房", "特非みどり"),
        ("(特非)みどり工房", "NPOみどり"),
        ("社福みどり園", "社会福祉法人みどり園"),
        ("プリンタの使い方", "プリンター"),
        ("コンピューター", "コンピュータ"),
    ],
)
def test_a_legal_form_is_found_on_either_side_of_the_name(session: Session, name: str, query: str) -> None:
    session.add_all([Group(name=name), Group(name="株式会社あおば"), Group(name="一般社団法人あおば")])
    session.flush()
    assert found(session, query) == [name]


@pytest.mark.parametrize(
    "query", ["NPO法人", "認定NPO法人", "株式会社", "一般社団法人", "学習支援", "社会福祉", "サッカー"]
)
def test_a_word_without_a_name_beside_a_legal_form_is_not_parted(query: str) -> None:
    assert [len(parse_query(query).words), parse_query(query).words[0][0]] == [1, search_text(query)]


@pytest.mark.parametrize("query", ["介護", "護介", "予介", "介", "会介護", "介護 看護", "市民活動", "%", "・"])
def test_characters_apart_are_not_found(session: Session, query: str) -> None:
    session.add(Group(name="紹会", purpose="弁護 予 市民 民活 活動の護"))
    session.flush()
    assert found(session, query) == []


def test_a_word_is_not_found_across_two_fields(session: Session) -> None:
    session.add(Group(name="小平市", purpose="民活動"))
    session.flush()
    assert found(session, "市民") == []
    assert found(session, "小平 民活動") == ["小平市"]


def test_a_blank_query_asks_for_everything_and_one_too_long_for_nothing(session: Session) -> None:
    session.add(Group(name="介護" * 600))
    session.flush()
    assert found(session, "") == found(session, " 　\n") == ["介護" * 600]
    assert found(session, "介護" * (MAX_LENGTH // 2)) == ["介護" * 600]
    assert found(session, "介護" * 501) == []
    assert parse_query("介護" * 501).is_too_long


@SHARED
@given(text=TEXTS, data=st.data())
def test_every_piece_of_a_text_is_found(session: Session, text: str, data: st.DataObject) -> None:
    folded = search_text(text)
    start = data.draw(st.integers(0, len(folded)))
    piece = folded[start : start + data.draw(st.integers(1, 12))].strip()
    if piece and piece == search_text(piece):
        update_many(session, "toy_group", [(1, {0: {"A": text}})])
        assert _ids(session, piece) == [1]


@SHARED
@given(text=TEXTS, query=TEXTS)
@example(text="介の護", query="介護")
@example(text="市民の民活", query="市民活")
def test_nothing_else_is_found_than_what_holds_all_words(session: Session, text: str, query: str) -> None:
    update_many(session, "toy_group", [(1, {0: {"A": text}})])
    words = parse_query(query).words
    folded = search_text(text)
    holds = bool(words) and all(any(spelling in folded for spelling in word) for word in words)
    assert _ids(session, query) == ([1] if holds else [])


@pytest.mark.parametrize(
    "query",
    [
        "'",
        '"',
        '"介護',
        "*",
        "介*",
        "a OR b",
        "NEAR(a b)",
        "a AND",
        "-介護",
        "(",
        ":*",
        "&|!<->",
        "\\",
        "%",
        "\x00",
        "介\x00護",
        "\ud800",
        "😀" * 300,
        "あ" * 10_000,
        "あ い " * 5_000,
        " ".join(map(chr, range(0x4E00, 0x4E10))),
        " ".join(chr(0x4E00 + n) * 40 for n in range(16)),
        "゛゜",
        "\u0301\u3099",
        "ﷺ" * 900,
        "tokens:a",
        "^a",
        "{a}",
        "; DROP TABLE search_document",
    ],
)
def test_no_query_is_an_error(session: Session, query: str) -> None:
    session.add(Group(name="小平みどりの会"))
    session.flush()
    found(session, query)
    plan.plan(session, "toy_group", query, 0)
    session.execute(criteria.ranked("toy_group", query, 0, session.connection().dialect.name)).all()


@SHARED
@given(query=st.text(max_size=30))
def test_no_text_is_an_error(session: Session, query: str) -> None:
    update_many(session, "toy_group", [(1, {0: {"A": query}})])
    _ids(session, query)


def test_hits_are_ranked_by_where_they_are(session: Session) -> None:
    session.add_all(
        [
            Group(id=1, name="みどり", purpose="花の介護"),
            Group(id=2, name="小平介護の会"),
            Group(id=3, name="介護の会"),
            Group(id=4, name="介護"),
            Group(id=5, name="そら", aliases=[]),
            Group(id=6, name="別", purpose="介護", note="介護"),
        ]
    )
    session.flush()
    dialect = session.connection().dialect.name
    statement = criteria.ranked("toy_group", "介護", 0, dialect)
    assert [tuple(row) for row in session.execute(statement)] == [(4, 8), (3, 6), (2, 4), (1, 1), (6, 1)]
    capped = criteria.ranked("toy_group", "介護", 0, dialect, candidates=3)
    assert [row.record_id for row in session.execute(capped)][:3] == [4, 3, 2]


def test_a_page_is_the_same_by_index_and_by_walk(session: Session) -> None:
    update_many(session, "toy_group", [(n, {0: {"A": f"介護の会{n}" if n % 3 else "別"}}) for n in range(1, 701)])
    session.execute(
        Group.__table__.insert(),
        [{"id": n, "name": f"{n % 7}", "purpose": "", "note": ""} for n in range(1, 701)],
    )  # type: ignore[attr-defined]
    ordered = select(Group.id).order_by(Group.name, Group.id)
    asked = {"entity": "toy_group", "query": "介護", "level": 0, "id_column": Group.id}
    few = plan.plan(session, "toy_group", "介護", 0)
    many = plan.plan(session, "toy_group", "介護", 0, cap=100)
    assert (few, many) == (plan.Plan("in", 467), plan.Plan("exists", 101, True))
    for limit, offset in ((25, 0), (25, 25), (100, 400), (1000, 0), (5, 600)):
        pages = [
            plan.page_ids(session, ordered, limit=limit, offset=offset, planned=each, **asked)  # type: ignore[arg-type]
            for each in (few, many)
        ]
        assert pages[0] == pages[1]
    for query in ("会7", "会70", "介護の会70"):  # so few hits that the plan knows them
        rare = plan.plan(session, "toy_group", query, 0)
        assert rare.ids is not None and sorted(rare.ids) == sorted(_ids(session, query))
        by_index = dataclasses.replace(rare, ids=None)
        again = asked | {"query": query, "limit": 7, "offset": 2}
        assert plan.page_ids(session, ordered, planned=rare, **again) == plan.page_ids(  # type: ignore[arg-type]
            session,
            ordered,
            planned=by_index,
            **again,  # type: ignore[arg-type]
        )
        best = [
            criteria.ranked("toy_group", query, 0, session.connection().dialect.name, ids=ids)
            for ids in (rare.ids, None)
        ]
        assert session.execute(best[0]).all() == session.execute(best[1]).all() != []
    assert plan.page_ids(session, ordered, limit=5, **(asked | {"query": "囲碁"})) == []  # type: ignore[arg-type]
    assert len(plan.page_ids(session, ordered, limit=5, **(asked | {"query": ""}))) == 5  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_sample_tells_postgresql_that_a_long_word_is_frequent(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [
        (n, {0: {"A": f"介護の会{n}" if n % 2 else "別", "B": "介護の会" if n % 4 == 0 else "無"}})
        for n in range(1, 401)
    ]
    update_many(session, "toy_group", texts)
    monkeypatch.setattr(sampling, "PERCENT", 100)
    monkeypatch.setattr(plan, "_WORTH_A_SAMPLE", 0)
    parsed = parse_query("介護の会")
    assert sampling.sample_of(session, "toy_group", parsed, 0) == sampling.Sample(400, 300, 200)
    assert sampling.sample_of(session, "toy_group", parsed, 1) == sampling.Sample(0, 0, 0)
    assert plan.plan(session, "toy_group", "介護の会", 0, cap=50) == plan.Plan("exists", 51, True, shares=(0.5, 0.75))
    assert plan.plan(session, "toy_group", "介護の会", 0) == plan.Plan("in", 300)
    walked = criteria.ranked(
        "toy_group", "介護の会", 0, "postgresql", candidates=20, is_heading_enough=True, shares=(0.5, 0.75)
    )
    assert [row.record_id for row in session.execute(walked)] == list(range(1, 40, 2))
    both = criteria.ranked("toy_group", "介護の会", 0, "postgresql", candidates=20, shares=(0.0, 0.75))
    assert {row.record_id for row in session.execute(both)} >= {n for n in range(1, 25) if n % 2 or n % 4 == 0}
    price = "SELECT procost FROM pg_proc WHERE proname = 'search_tokens'"
    assert session.connection().exec_driver_sql(price).scalar_one() == 1_000


def test_a_text_longer_than_the_index_holds_is_searched_up_to_there() -> None:
    [document] = documents_of(1, {0: {"A": "あ" * 3_000, "B": ["い" * 10], "C": "介" * 100_000}})
    assert (document.a_end, document.b_end, len(document.body)) == (2_000, 2_011, 30_000)


def test_a_long_text_of_ever_new_characters_fits_the_index(session: Session) -> None:
    body = "".join(chr(0x20000 + n) for n in range(60_000))
    update_many(session, "toy_group", [(1, {0: {"A": body[:5_000], "C": body[5_000:]}})])
    assert _ids(session, body[20_000:20_003]) == [1]
    assert _ids(session, body[50_000:50_003]) == []


def _ids(session: Session, query: str) -> list[int]:
    dialect = session.connection().dialect.name
    return (
        list(session.scalars(criteria.hits("toy_group", parse_query(query), 0, dialect)))
        if parse_query(query).words
        else []
    )
