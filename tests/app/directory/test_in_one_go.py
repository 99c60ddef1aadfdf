"""Many changes in one act: what follows from them is there at its end, the same as one by one."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.recorder import act
from app.directory import rows, services
from app.directory.finding import search_groups
from app.directory.in_one_go import in_one_go
from models.directory import Organization
from models.directory_registration import DuplicateCandidate
from models.people import Role
from models.search import SearchDocument
from tests.support.registry import actor

_VALUES: tuple[dict[str, Any], ...] = (
    {"name": "架空ひとまとめ水辺の会", "purpose": "水辺のひとまとめを守る。", "activities": "川の清掃。"},
    {"name": "架空ひとまとめ水辺の金", "purpose": "水辺。"},
)


@pytest.fixture
def center(any_session: Session) -> Actor:
    return actor(any_session, Role.CENTER)


def _work(session: Session, center: Actor) -> list[int]:
    made = [services.create_organization(session, actor=center, values=values) for values in _VALUES]
    line = {"fiscal_year": 2025, "heading": "ひとまとめ祭"}
    rows.save_rows(session, actor=center, organization=made[0], kind=rows.KINDS["activity_records"], rows=[line])
    services.update_organization(
        session, actor=center, organization=made[1], version=None, values={"founded_year": 1999, "policy": "方針"}
    )
    return [one.id for one in made]


def _follows(session: Session, ids: list[int]) -> tuple[Any, ...]:
    """What is kept beside these groups, with the group's place instead of its id."""
    place = {key: number for number, key in enumerate(ids)}
    documents = select(SearchDocument).where(SearchDocument.entity == "organization", SearchDocument.record_id.in_(ids))
    pairs = select(DuplicateCandidate).where(DuplicateCandidate.first_id.in_(ids))
    levels = [session.get(Organization, key) for key in ids]
    return (
        sorted((place[row.record_id], row.level, row.body) for row in session.scalars(documents)),
        [(place[row.first_id], place[row.second_id], row.reason, row.score) for row in session.scalars(pairs)],
        [(one.completeness_public, one.completeness_staff, one.completeness_center) for one in levels if one],
    )


def test_the_same_follows_as_from_one_by_one(any_session: Session, center: Actor) -> None:
    session = any_session
    with act(session, center, "organization:create", "一度に"), in_one_go(session):
        together = _work(session, center)
    once = _follows(session, together)
    hits = [one.id for one in search_groups(session, center, "ひとまとめ祭").organizations]
    for one in (session.get(Organization, key) for key in together):
        assert one is not None
        services.delete_organization(session, actor=center, organization=one)
    apart = _follows(session, _work(session, center))
    assert once == apart
    assert hits == together[:1] and once[1], "the near names are a pair"


def test_outside_an_act_nothing_is_put_off(any_session: Session) -> None:
    with pytest.raises(RuntimeError, match="act"), in_one_go(any_session):
        pass


def test_what_fails_leaves_nothing_behind(any_session: Session, center: Actor) -> None:
    session = any_session

    def fail() -> None:
        with act(session, center, "organization:create", "一度に"), in_one_go(session):
            _work(session, center)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not search_groups(session, center, "ひとまとめ").organizations
    ids = _work(session, center)  # and the next act reckons as ever
    assert [one.id for one in search_groups(session, center, "ひとまとめ祭").organizations] == ids[:1]
    documents, pairs, _ = _follows(session, ids)
    assert len(documents) == 6 and len(pairs) == 1


def test_a_change_that_no_search_reads_rewrites_no_document(any_session: Session, center: Actor) -> None:
    session = any_session
    key = _work(session, center)[0]
    group = session.get(Organization, key)
    assert group is not None
    statement = SearchDocument.__table__.delete().where(SearchDocument.record_id == key)  # type: ignore[attr-defined]
    session.rollback()
    session.connection().execute(statement)
    with act(session, center, "organization:edit", "備考"):
        session.get(Organization, key).note = "内部"  # type: ignore[union-attr]
        session.flush()
        gone = select(SearchDocument.id).where(SearchDocument.record_id == key, SearchDocument.entity == "organization")
        assert session.scalars(gone).all() == []
        session.get(Organization, key).pr = "見学できます。"  # type: ignore[union-attr]
        session.flush()
        assert len(session.scalars(gone).all()) == 3
