"""Kept features: the same as fresh ones, never of an older record, gone with the talent, made once."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import Settings
from app.japanese.dates import today_in_tokyo
from app.talents import erasure, feature_store, features, live, services, vector_store
from app.talents.facts import TalentFacts
from app.talents.features import talent_features
from app.talents.lexicon import load_lexicon
from app.talents.matching import facts_of_talent
from models.base import db
from models.talents import Talent, TalentFeatures
from tests.app.talents.rows import a_talent
from tests.app.talents.support import talent
from tests.factories import SYSTEM

LEXICON = load_lexicon("kodaira")


def _settings(app: Flask) -> Settings:
    found: Settings = app.extensions["settings"]
    return found


def _kept(session: Session) -> dict[int, TalentFacts]:
    return {int(facts.id): facts for _, facts, _ in feature_store.kept_features(session, LEXICON)}


@pytest.mark.parametrize(
    "facts",
    [
        talent(1, skills=("浴衣の着付け", "着付け"), fields=(6, "未知の分野"), description="戸を直します。 \n😀 a b"),
        talent(2, skills=(), fields=(), description="", guarantees=frozenset({"18歳以上"}), free_places=3),
    ],
)
def test_what_is_kept_comes_back_as_it_was(facts: TalentFacts) -> None:
    made = talent_features(facts, LEXICON)
    read, found = feature_store._unpacked(feature_store._packed(facts, made))
    assert read == facts
    assert (found.grams, found.tags, found.fields, found.concepts) == (
        made.grams,
        made.tags,
        made.fields,
        made.concepts,
    )


def test_a_started_index_takes_what_is_kept_and_makes_what_is_not(
    any_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with any_app.app_context():
        session, settings = db.session(), _settings(any_app)
        first, second = a_talent(session, description="戸を直します。"), a_talent(session)
        session.commit()
        feature_store.keep_missing(session, settings)
        assert feature_store.keep_missing(session, settings) == 0
        assert _kept(session)[first.id] == facts_of_talent(first, today_in_tokyo())
        services.update_talent(session, actor=SYSTEM, talent=second, version=None, values={"description": "窓を磨く。"})
        assert second.id not in _kept(session)
        made: list[object] = []
        monkeypatch.setattr("app.talents.index.talent_features", lambda facts, _: made.append(facts.id) or _made(facts))
        with live.live_index(session, settings) as found:
            assert (found.index.facts[found.index.rows[second.id]] or first).description == "窓を磨く。"
        assert made == [second.id]
        session.rollback()


def _made(facts: TalentFacts) -> features.Features:
    return talent_features(facts, LEXICON)


def test_a_renamed_skill_and_an_erasure_leave_nothing_old(any_app: Flask) -> None:
    with any_app.app_context():
        session, settings = db.session(), _settings(any_app)
        person = a_talent(session, description="わたしのことば")
        session.commit()
        feature_store.keep_missing(session, settings)
        row = session.get_one(TalentFeatures, person.id)
        assert "わたしのことば" in row.content
        row.made_by = "an older lexicon"
        session.commit()
        assert person.id not in _kept(session)
        assert feature_store.keep_missing(session, settings) == 1
        erasure.erase_talent(session, actor=SYSTEM, settings=settings, talent=person, version=None)
        feature_store.keep_missing(session, settings)
        assert session.get(TalentFeatures, person.id) is None
        session.rollback()


def test_who_is_erased_while_it_is_computed_is_not_written_back(
    any_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with any_app.app_context():
        session, settings = db.session(), _settings(any_app)
        person = a_talent(session)
        session.commit()
        key, packed = person.id, feature_store._packed

        def erased_meanwhile(facts: TalentFacts, made: features.Features) -> str:
            if facts.id == key:
                with any_app.app_context():
                    other = db.session()
                    erasure.erase_talent(
                        other, actor=SYSTEM, settings=settings, talent=other.get_one(Talent, key), version=None
                    )
            return packed(facts, made)

        session.rollback()
        monkeypatch.setattr(feature_store, "_packed", erased_meanwhile)
        feature_store.keep_missing(session, settings)
        assert session.scalar(select(TalentFeatures.talent_id).where(TalentFeatures.talent_id == key)) is None
        assert [row[0] for row in session.execute(vector_store._still_there("talent_id", [key]))] == []
        session.rollback()
