"""Where groups were hit: the same as looking at every text of every group, with no more reading than is needed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.directory import merging, services
from app.directory.matching import Match, matches_of_page
from app.directory.searching import texts_of
from app.extensions import db
from app.search.bigrams import search_text
from app.search.marking import snippet
from app.search.query import parse_query
from models.directory import Organization, OrganizationKind
from models.people import Role
from models.search import SearchDocument
from tests.support.queries import counted_statements
from tests.support.registry import actor


def _plainly(session: Session, key: int, query: str, level: int) -> list[Match]:
    """Every text that a reader of that level may know, folded and looked at, up to two places, none twice in a weight."""
    spellings = {spelling for word in parse_query(query).words for spelling in word}
    held = select(SearchDocument.body).where(
        SearchDocument.entity == "organization", SearchDocument.level == level, SearchDocument.record_id == key
    )
    lines = (session.scalar(held) or "").split("\n")
    hits = sum(any(spelling in line for spelling in spellings) for line in lines)
    group = session.get(Organization, key)
    assert group is not None
    found: dict[tuple[str, str], Match] = {}
    for open_to, weight, label, text in texts_of(group):
        folded = search_text(text or "")
        if text and open_to <= level and any(spelling in folded for spelling in spellings):
            found.setdefault((weight, folded), Match(label, snippet(text, query, 60)))
    assert not hits or len(found) == hits
    return list(found.values())[:2]


def _made(session: Session, center: Actor, name: str, aliases: Sequence[str] = (), **values: object) -> Organization:
    known = {"name": name, "kind": OrganizationKind.CIVIC_GROUP} | values
    return services.create_organization(session, actor=center, values=known, aliases=aliases)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_what_is_left_unread_changes_nothing(session: Session, level: int) -> None:
    center = actor(session, Role.CENTER)
    head = _made(session, center, "架空ネコの会", ["ねこ友"], purpose="子どもと猫のために。", activities="介護の猫。")
    other = _made(session, center, "架空みけの会", ["旧三毛ねこ"], purpose="猫。")
    merging.merge(session, actor=center, absorbed=other, into=head)
    ids = session.scalars(select(Organization.id).where(Organization.merged_into_id.is_(None))).all()
    for query in ("ねこ", "介護", "子ども", "環境", "NPO法人", "の会 小平", "三毛"):
        found = matches_of_page(session, ids, query, level)
        assert found == {key: _plainly(session, key, query, level) for key in ids}


def test_a_word_in_texts_alone_reads_no_names_and_no_rows(app: Flask) -> None:
    with app.app_context():
        session = db.session()
        group = _made(session, actor(session, Role.CENTER), "架空よみの会", purpose="かくうひとつだけのことば。")
        key = group.id
        with counted_statements(app) as statements:
            found = matches_of_page(session, [key], "かくうひとつだけ", 2)
        assert [match.label for match in found[key]] == ["活動目的"]
        assert len(statements) == 1, statements
        session.rollback()
