"""The documents follow every change in its own transaction, each level with its own text."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, inspect, select, text
from sqlalchemy.orm import Session

from app.search import ddl, documents, index
from app.search.documents import SearchSpec, cumulative
from models.search import SearchDocument
from tests.app.search.groups import GROUP, Alias, Group, found


def test_new_changed_and_deleted_records_are_followed(session: Session) -> None:
    group = Group(name="介護の会")
    session.add(group)
    session.flush()
    assert found(session, "介護") == ["介護の会"]
    group.name = "看護の会"
    session.flush()
    assert (found(session, "介護"), found(session, "看護")) == ([], ["看護の会"])
    session.delete(group)
    session.flush()
    assert found(session, "看護") == []
    assert _count(session) == 0


def test_what_hangs_on_a_record_is_followed(session: Session) -> None:
    group = Group(name="みどりの会", aliases=[Alias(name="旧称ひかり")])
    other = Group(name="そらの会")
    session.add_all([group, other])
    session.flush()
    assert found(session, "ひかり") == ["みどりの会"]
    session.add(Alias(group_id=other.id, name="旧称ひかり台"))
    session.flush()
    assert found(session, "ひかり") == ["みどりの会", "そらの会"]
    session.delete(group.aliases[0])
    session.flush()
    assert found(session, "ひかり") == ["そらの会"]


def test_both_records_are_followed_when_what_hangs_on_one_moves_to_the_other(session: Session) -> None:
    alias = Alias(name="旧称ひかり")
    group, other = Group(name="みどりの会", aliases=[alias]), Group(name="そらの会")
    session.add_all([group, other])
    session.flush()
    alias.group = other
    session.flush()
    assert found(session, "ひかり") == ["そらの会"]
    alias.group_id = group.id
    session.flush()
    assert found(session, "ひかり") == ["みどりの会"]


def test_a_level_finds_only_what_it_may(session: Session) -> None:
    session.add(Group(name="みどりの会", note="内密の相談"))
    session.flush()
    assert [found(session, "内密", level) for level in (0, 1, 2)] == [[], [], ["みどりの会"]]
    assert [found(session, "みどり 相談", level) for level in (0, 1, 2)] == [[], [], ["みどりの会"]]
    tokens = documents.tokens_of("toy_group", 0, 0, "内密\n") + documents.tokens_of("toy_group", 1, 0, "内密\n")
    assert not set(tokens) & set(documents.tokens_of("toy_group", 2, 0, "内密\n"))


def test_a_text_moved_to_a_stricter_level_is_gone_from_the_wider(session: Session) -> None:
    group = Group(name="みどりの会", purpose="連絡先は本町")
    session.add(group)
    session.flush()
    group.purpose, group.note = "", "連絡先は本町"
    session.flush()
    assert [found(session, "連絡先", level) for level in (0, 1, 2)] == [[], [], ["みどりの会"]]


def test_the_document_goes_with_the_transaction(engine: Engine, session: Session) -> None:
    with session.begin_nested() as savepoint:
        session.add(Group(name="介護の会"))
        session.flush()
        assert found(session, "介護") == ["介護の会"]
        savepoint.rollback()
    assert found(session, "介護") == []
    assert _count(session) == 0


def test_what_has_not_changed_is_not_written(session: Session) -> None:
    group = Group(name="介護の会")
    session.add(group)
    session.flush()
    assert index.refresh(session, "toy_group", [group.id]) == 0
    group.note = "相談"
    session.flush()
    assert index.refresh(session, "toy_group", [group.id]) == 0


def test_reindexing_repairs_whatever_bulk_writers_left(session: Session) -> None:
    session.add_all([Group(id=n, name=f"介護の会{n}") for n in (1, 2, 3)])
    session.flush()
    session.execute(delete(Group).where(Group.id == 2))
    session.execute(text("UPDATE toy_group SET name = '囲碁の会' WHERE id = 3"))
    index.update_many(session, "toy_group", [(n, {0: {"A": "介護の亡霊"}}) for n in (-5, 9)])
    seen: list[int] = []
    assert index.reindex(session, "toy_group", progress=seen.append) == 2
    assert seen == [2]
    assert found(session, "介護") == ["介護の会1"]
    assert found(session, "囲碁") == ["囲碁の会"]
    assert _count(session) == 6
    assert index.forget(session, "toy_group", [1, 3]) == 6
    assert _count(session) == 0
    ddl.optimize_search_index(session.connection())


def test_removed_words_are_gone_from_the_index_itself(session: Session) -> None:
    session.add(Group(name="秘密基地"))
    session.flush()
    index.forget(session, "toy_group", session.scalars(select(Group.id)).all())
    ddl.optimize_search_index(session.connection())
    assert _count(session) == 0
    if session.connection().dialect.name != "sqlite":
        return  # PostgreSQL indexes the rows themselves: none is left
    session.execute(text("CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'search_index', 'row')"))
    words = session.scalars(text("SELECT term FROM temp.words")).all()
    session.execute(text("DROP TABLE temp.words"))
    assert not [word for word in words if "密" in word]


def test_two_entities_do_not_find_each_others_records(session: Session) -> None:
    index.update_many(session, "other_entity", [(1, {0: {"A": "介護"}})])
    session.add(Group(id=1, name="囲碁"))
    session.flush()
    assert found(session, "介護") == []


def test_entities_that_would_share_an_index_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    documents.register(GROUP)
    monkeypatch.setattr(documents, "scope", lambda entity, level: "same")
    with pytest.raises(ValueError, match="same scope"):
        documents.register(SearchSpec("other", Group, lambda group: {}))
    documents.unregister("toy_group")


def test_fields_are_open_to_their_level_and_those_above() -> None:
    fields: list[Any] = [(0, "A", "名"), (1, "B", "庁内"), (2, "C", "内部"), (0, "C", None)]
    assert cumulative(fields) == {
        0: {"A": ["名"]},
        1: {"A": ["名"], "B": ["庁内"]},
        2: {"A": ["名"], "B": ["庁内"], "C": ["内部"]},
    }


def _count(session: Session) -> int:
    rows = session.execute(
        select(func.count()).select_from(SearchDocument).where(SearchDocument.entity == "toy_group")
    ).scalar_one()
    return int(rows)


def test_the_index_goes_away_and_comes_back(engine: Engine) -> None:
    with engine.begin() as connection:
        ddl.drop_search_index(connection)
        ddl.create_search_index(connection)
        names = [(name, "table") for name in inspect(connection).get_table_names()]
        names += [(index["name"], "index") for index in inspect(connection).get_indexes("search_document")]
    own = {"index", "config", "data", "idx"} if engine.dialect.name == "sqlite" else {"tokens"}
    assert {str(name).rpartition("_")[2] for name, kind in names if ddl.is_own(name, kind)} == own
