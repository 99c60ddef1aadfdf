"""Two people at once, over both databases: one acceptance, one closing, and nothing slips between them."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.problems import Problem
from app.registry import survey_closing, survey_services
from models.records import AuditEntry
from models.registry import Project
from models.survey import SurveyResponse, SurveyRound, SurveyState
from tests.app.registry.survey_support import SYSTEM, accept_everything, open_2019, response_of, submit


def at_once(app: Flask, *acts: Callable[[], object]) -> list[str]:
    """Run each in a thread of its own; returns what each came to: "done" or the refusal's sentence."""
    barrier = threading.Barrier(len(acts))
    results = [""] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait(10)
            try:
                act()
                results[place] = "done"
            except Problem as problem:
                results[place] = problem.message
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_two_acceptances_at_once_give_one(any_app: Flask) -> None:
    with any_app.app_context():
        open_2019(db.session())
        response = submit(db.session(), response_of(db.session(), "総務課"))
        key, version = response.id, response.version
        db.session.remove()

    def accept() -> object:
        return survey_services.accept(db.session(), actor=SYSTEM, response_id=key, seen_version=version)

    results = at_once(any_app, accept, accept)
    assert (
        sorted(results)[1:] == ["この回答は「確認済み」のため、「確認済みにする」ことはできません。"]
        or "done" in results
    )
    assert results.count("done") == 1
    with any_app.app_context():
        assert db.session.get(SurveyResponse, key).state is SurveyState.ACCEPTED
        assert db.session.scalar(select(func.count()).where(AuditEntry.verb == "survey:accept")) == 1


def test_accepting_and_returning_at_once_leave_one_of_them(any_app: Flask) -> None:
    with any_app.app_context():
        open_2019(db.session())
        response = submit(db.session(), response_of(db.session(), "総務課"))
        key, version = response.id, response.version
        db.session.remove()
    results = at_once(
        any_app,
        lambda: survey_services.accept(db.session(), actor=SYSTEM, response_id=key, seen_version=version),
        lambda: survey_services.hand_back(
            db.session(), actor=SYSTEM, response_id=key, seen_version=version, reason="直す"
        ),
    )
    assert results.count("done") == 1
    with any_app.app_context():
        expected = SurveyState.ACCEPTED if results[0] == "done" else SurveyState.RETURNED
        assert db.session.get(SurveyResponse, key).state is expected


def test_a_round_closes_once_and_no_answer_goes_back_meanwhile(any_app: Flask) -> None:
    with any_app.app_context():
        opened = open_2019(db.session())
        accept_everything(db.session(), opened)
        round_id = opened.id
        response = response_of(db.session(), "総務課")
        key, version = response.id, response.version
        db.session.remove()

    def close() -> object:
        return survey_closing.close_round(db.session(), actor=SYSTEM, round_id=round_id)

    results = at_once(
        any_app,
        close,
        close,
        lambda: survey_services.hand_back(
            db.session(), actor=SYSTEM, response_id=key, seen_version=version, reason="直す"
        ),
    )
    with any_app.app_context():
        made = db.session.scalar(select(func.count()).where(Project.fiscal_year == 2019))
        closed = db.session.get(SurveyRound, round_id).closed_at is not None
        state = db.session.get(SurveyResponse, key).state
    if results[2] == "done":  # it came first: then nothing may have closed
        assert (results[:2].count("done"), made, closed, state) == (0, 0, False, SurveyState.RETURNED)
    else:
        assert (results[:2].count("done"), made, closed, state) == (1, 168, True, SurveyState.ACCEPTED)
