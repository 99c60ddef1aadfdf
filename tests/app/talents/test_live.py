"""The live index follows the records: new words, a taken place, an erased talent, vectors as the worker brings them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.recorder import act
from app.config import Settings
from app.extensions import db
from app.japanese.dates import today_in_tokyo
from app.talents import advice, erasure, live, services, vector_store, vectors
from models.reference import Skill
from models.talent_requests import TalentRequest
from models.talents import ConsentWay, Reward, TalentStatus, TextVector
from tests.app.talents.rows import a_match, a_request, a_talent, step
from tests.factories import SYSTEM


class Counting:
    """An encoder that counts what it is asked: a vector of letters, good enough to be told apart."""

    name = "counting-1"
    size = 8

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], kind: vectors.TextKind) -> vectors.Vectors:
        """One row a text."""
        self.asked += texts
        rows = np.array([[sum(map(ord, text)) % (7 + at) for at in range(self.size)] for text in texts], np.float32)
        rows = rows.reshape(len(texts), self.size) + 1
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.fixture
def settings_here(app: Flask) -> Settings:
    """The settings of the test's application."""
    found: Settings = app.extensions["settings"]
    return found


def _ids(session: Session, settings: Settings, request: TalentRequest) -> list[int]:
    session.commit()
    found = advice.of_request(session, settings, request)
    return [int(one.talent_id) for one in found.advice.candidates]


def test_every_change_is_seen_by_the_next_look(session: Session, settings_here: Settings) -> None:
    request = a_request(session)
    assert _ids(session, settings_here, request) == []
    talent = a_talent(session)
    assert _ids(session, settings_here, request) == [talent.id]
    services.update_talent(session, actor=SYSTEM, talent=talent, version=None, values={"availability": ["mon-pm"]})
    assert _ids(session, settings_here, request) == []
    services.update_talent(session, actor=SYSTEM, talent=talent, version=None, values={"availability": ["sat-am"]})
    assert _ids(session, settings_here, request) == [talent.id]
    elsewhere = a_match(session, talent, a_request(session), "approach")
    assert _ids(session, settings_here, request) == []
    step(session, elsewhere, "unmatch")
    assert _ids(session, settings_here, request) == [talent.id]
    services.withdraw_consent(session, actor=SYSTEM, talent=talent, version=None)
    assert _ids(session, settings_here, request) == []
    erasure.erase_talent(session, actor=SYSTEM, settings=settings_here, talent=talent, version=None)
    assert _ids(session, settings_here, request) == []
    with live.live_index(session, settings_here) as found:
        assert talent.id not in found.index.rows


def test_a_consent_that_runs_out_takes_the_talent_out(session: Session, settings_here: Settings) -> None:
    request = a_request(session)
    talent = a_talent(session, valid_until=today_in_tokyo())
    assert _ids(session, settings_here, request) == [talent.id]
    services.update_talent(
        session, actor=SYSTEM, talent=talent, version=None,
        values={"consent_on": today_in_tokyo() - dt.timedelta(days=9), "valid_until": today_in_tokyo() - dt.timedelta(1)},
    )  # fmt: skip
    assert _ids(session, settings_here, request) == []


def test_a_consent_given_anew_brings_the_talent_back(session: Session, settings_here: Settings) -> None:
    request, talent = a_request(session), a_talent(session)
    services.withdraw_consent(session, actor=SYSTEM, talent=talent, version=None)
    assert _ids(session, settings_here, request) == []
    today = today_in_tokyo()
    services.renew_consent(
        session, actor=SYSTEM, talent=talent, version=talent.version, consent_on=today, consent_way=ConsentWay.PAPER,
        valid_until=today + dt.timedelta(days=365),
    )  # fmt: skip
    assert _ids(session, settings_here, request) == [talent.id]
    assert (talent.status, talent.consent_withdrawn_on) == (TalentStatus.ACTIVE, None)


def test_who_declined_is_not_offered_again(session: Session, settings_here: Settings) -> None:
    request, talent = a_request(session), a_talent(session)
    a_match(session, talent, request, "approach", "decline")
    assert _ids(session, settings_here, request) == []
    (told,) = advice.of_pair(session, settings_here, request, [talent.id])
    assert [miss.sentence for miss in told.broken] == ["この依頼を辞退している"]


def test_one_proposal_fills_the_open_requests_without_asking_anybody_twice(
    session: Session, settings_here: Settings
) -> None:
    talents = {a_talent(session).id for _ in range(2)}
    first, second = a_request(session), a_request(session)
    session.commit()
    proposal = advice.of_open_requests(session, settings_here, SYSTEM)
    assert {line.request.id for line in proposal.lines} == {first.id, second.id}
    assert {line.talent.id for line in proposal.lines} == talents


def test_a_seat_that_somebody_filled_and_left_is_not_proposed_again(session: Session, settings_here: Settings) -> None:
    request = a_request(session, headcount=2)
    a_match(session, a_talent(session), request, "approach", "accept", "introduce", "engage", "finish")
    for _ in range(3):
        a_talent(session)
    session.commit()
    lines = advice.of_open_requests(session, settings_here, SYSTEM).lines
    assert [line.request.id for line in lines] == [request.id]


def test_a_proposed_line_says_what_only_nearly_fits(session: Session, settings_here: Settings) -> None:
    a_talent(session, areas=["小川町"], reward=Reward.FARE)
    request = a_request(session, area="美園町")
    session.commit()
    (line,) = advice.of_open_requests(session, settings_here, SYSTEM).lines
    assert line.request.id == request.id
    assert line.unmet == (
        "謝礼は「交通費」を希望(依頼は「無償」)",
        "活動できる町は小川町で、美園町は入っていない",
    )
    assert line.times == {"sat-am"}


def test_a_renamed_skill_makes_its_vectors_old_at_once_and_new_again(
    app: Flask, settings_here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = Counting()
    for module in (vector_store, live):
        monkeypatch.setattr(module, "find_encoder", lambda: encoder)
    with app.app_context():
        session = db.session()
        skill = session.scalars(select(Skill)).first()
        assert skill is not None
        talent = a_talent(session, skills=[skill])
        request = a_request(session, skills=[skill])
        a_talent(session)
        session.commit()
        vector_store.fill_missing(session, settings_here)
        encoder.asked.clear()
        with act(session, SYSTEM, "skill:edit", "技能の変更"):
            skill.name = "新しい呼び名"
        with live.live_index(session, settings_here) as found:
            facts = found.index.facts[found.index.rows[talent.id]]
            assert facts is not None
            assert "新しい呼び名" in facts.skills
            assert found.pending >= 1
            assert vector_store.stored_vectors(session, encoder.name, {talent.id: facts}) == {}
        session.commit()
        vector_store.fill_missing(session, settings_here)
        assert all("新しい呼び名" in text for text in encoder.asked)
        assert request.id in vector_store.stored_request_vectors(session, encoder.name, _facts(request))
        session.commit()
        with live.live_index(session, settings_here) as found:
            assert found.pending == 0
        session.commit()
        assert vector_store.fill_missing(session, settings_here) == 0
        session.rollback()


def test_vectors_are_computed_once_and_again_when_the_text_changes(
    app: Flask, settings_here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = Counting()
    for module in (vector_store, live):
        monkeypatch.setattr(module, "find_encoder", lambda: encoder)
    monkeypatch.setattr(live, "has_encoder", lambda: True)
    with app.app_context():
        session = db.session()
        talent = a_talent(session, description="戸を直します。")
        request = a_request(session)
        with live.live_index(session, settings_here) as found:
            assert (found.index.has_vectors, found.pending > 0) == (False, True)
        session.commit()
        vector_store.fill_missing(session, settings_here)
        stored = session.scalar(select(func.count()).select_from(TextVector))
        assert stored is not None
        assert stored >= 2
        with live.live_index(session, settings_here) as found:
            assert (found.index.has_vectors, found.pending) == (True, 0)
        session.commit()
        encoder.asked.clear()
        assert vector_store.fill_missing(session, settings_here) == 0
        services.update_talent(session, actor=SYSTEM, talent=talent, version=None, values={"capacity": 2})
        assert vector_store.fill_missing(session, settings_here) == 0
        assert encoder.asked == []
        services.update_talent(session, actor=SYSTEM, talent=talent, version=None, values={"description": "窓を直す。"})
        with live.live_index(session, settings_here) as found:
            assert found.pending == 1
        session.commit()
        assert vector_store.fill_missing(session, settings_here) == 1
        assert encoder.asked == ["。窓を直す。"]
        assert request.id in vector_store.stored_request_vectors(session, encoder.name, _facts(request))
        session.rollback()


def test_an_erased_talent_is_not_encoded(app: Flask, settings_here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_store, "find_encoder", Counting)
    with app.app_context():
        session = db.session()
        talent = a_talent(session)
        erasure.erase_talent(session, actor=SYSTEM, settings=settings_here, talent=talent, version=None)
        vector_store.fill_missing(session, settings_here)
        assert talent.status is TalentStatus.ERASED
        assert session.scalar(select(TextVector.id).where(TextVector.talent_id == talent.id)) is None
        session.rollback()


def _facts(request: TalentRequest) -> list[object]:
    from app.talents.matching import facts_of_request

    return [facts_of_request(request, frozenset())]
