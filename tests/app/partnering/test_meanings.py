"""Meanings of groups: the worker computes each text once, a page computes none and says what is still to come."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from flask import Flask

from app.access.actors import actor_of
from app.audit.recorder import act
from app.extensions import db
from app.partnering import matching, meanings
from app.talents.vector_store import ready_mark
from app.talents.vectors import TextKind, Vectors
from models.directory import Organization
from models.people import Role
from tests.app.partnering.support import a_search
from tests.factories import SYSTEM, a_department, a_user, an_organization


class Listening:
    """An encoder that keeps what it is asked: a vector of letters."""

    name, size = "listening-1", 8

    def __init__(self) -> None:
        self.offered: list[str] = []

    def encode(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        """One row a text."""
        self.offered += texts if kind == "passage" else []
        rows = [[sum(map(ord, text)) % (7 + at) + 1 for at in range(self.size)] for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), self.size)


def test_the_worker_computes_each_text_once_and_pages_none(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder, settings = Listening(), app.extensions["settings"]
    for module in (meanings, matching):
        monkeypatch.setattr(module, "find_encoder", lambda: encoder)
    monkeypatch.setattr(matching, "has_encoder", lambda: True)
    matching._encoded.cache_clear()
    with app.app_context():
        session = db.session()
        group = an_organization(session, name="架空の会あ", activities="竹林の手入れ")
        search = a_search(session, a_department(session).id, title="竹やぶ", problem="竹が伸びて道をふさぐ。")
        office = actor_of(session, a_user(session, Role.OFFICE))
        session.commit()

        def page() -> matching.Ranking:
            encoder.offered.clear()
            found = matching.rank_groups(session, settings, office, search)
            session.commit()
            return found

        assert meanings.keep_meanings(session, settings) == 0  # the sayings come first
        assert page().is_preparing
        mark = ready_mark(settings)
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(encoder.name, encoding="utf-8")
        page()  # encodes what the lexicon offers, once
        found = page()
        assert (found.has_vectors, found.is_partial, encoder.offered) == (True, True, [])
        assert meanings.keep_meanings(session, settings) >= 1
        assert any("竹林の手入れ" in text for text in encoder.offered)
        found = page()
        assert (found.is_partial, encoder.offered) == (False, [])
        assert meanings.keep_meanings(session, settings) == 0
        with act(session, SYSTEM, "test:edit", "試験"):
            session.get_one(Organization, group.id).activities = "門松づくり"
        assert page().is_partial
        assert meanings.keep_meanings(session, settings) == 1
        assert [text for text in encoder.offered if "門松づくり" in text]
        assert not page().is_partial
        kept = meanings.kept_meanings(meanings.file_of(settings))
        with act(session, SYSTEM, "test:edit", "試験"):
            session.get_one(Organization, group.id).deleted_at = group.created_at
        assert meanings.keep_meanings(session, settings) == 0
        assert len(meanings.kept_meanings(meanings.file_of(settings))) == len(kept) - 1
        session.rollback()
    matching._encoded.cache_clear()


def test_a_broken_file_is_as_none(app: Flask) -> None:
    file = app.extensions["settings"].data_dir / "groups.npz"
    assert meanings.kept_meanings(file) == {}
    file.write_bytes(b"PK half")
    assert meanings.kept_meanings(file) == {}
