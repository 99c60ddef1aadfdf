"""Conflicts and independence over the whole application: every address, as everybody, looked through for marked texts.

One proposal carries a mark in each of its texts, in every room; one sheet carries a marked score and comment. Whoever is
in conflict, or has not declared, finds the proposal's mark nowhere, in whatever role; nobody but the one who gave the
score finds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.extensions import db
from app.reviews import declarations, sheets
from app.reviews.sheet_values import SheetValues
from models.people import Role, User
from models.proposals import Proposal, ProposalState
from models.review_sheets import Score
from models.reviews import ReviewStage
from tests.app.calls.support import put_into
from tests.app.reviews.support import a_case, actor_for, affiliate
from tests.support import people, secrecy
from tests.support.databases import Template
from tests.support.pages import CheckingClient
from tests.support.secrecy import ASKED, MARK, SCORES, World


@pytest.fixture(scope="module")
def app(sqlite_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One application for all: the walks only read."""
    for found in secrecy.one_app(sqlite_template, tmp_path_factory.mktemp("secrecy")):
        found.test_client_class = CheckingClient
        yield found


@pytest.fixture(scope="module")
def world(app: Flask) -> World:
    return secrecy.build(app)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A plain client: the pages are checked by other guards."""
    return FlaskClient(app, app.response_class)


@pytest.mark.parametrize(
    "place", [0, 1], ids=["in conflict, also administrator", "undeclared, also office and department"]
)
def test_a_hidden_proposal_is_found_nowhere(app: Flask, browser: FlaskClient, world: World, place: int) -> None:
    people.sign_in_as(browser, world.users[place])
    assert secrecy.finds(app, browser, world, (MARK, *SCORES), world.users[place]) == {}


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_a_sealed_score_is_found_by_nobody_before_all_have_sealed(
    app: Flask, browser: FlaskClient, world: World, role: Role
) -> None:
    """The committee's role: one who stands on no list. The department is another than the one in charge."""
    people.sign_in(browser, role)
    marks = SCORES if role is Role.OFFICE else (MARK, *SCORES)
    found = secrecy.finds(app, browser, world, marks)
    if role is Role.ADMINISTRATOR:  # the log's keeper reads in it what was written on a proposal; never a score
        found = {address: hits for address, hits in found.items() if (address[:7], hits) != ("/audit/", [MARK])}
    assert found == {}


def test_another_member_finds_the_proposal_but_not_the_score(app: Flask, browser: FlaskClient, world: World) -> None:
    people.sign_in_as(browser, world.users[2])
    found = secrecy.finds(app, browser, world, (MARK, *SCORES), world.users[2])
    assert {mark for marks in found.values() for mark in marks} == {MARK}
    # In the rooms that a member enters the mark can be found at all: the walk above would have met it there.
    rooms = {address.split("/")[1] for address in found}
    assert {"score-sheet", "proposal", "agenda-item", "meeting"} <= rooms


def test_the_one_who_gave_it_reads_it_so_that_the_marks_can_be_found_at_all(browser: FlaskClient, world: World) -> None:
    people.sign_in_as(browser, world.users[3])
    own = secrecy.text_of(browser.get(f"/score-sheet/{world.scored}/document/"))
    assert all(mark in own for mark in SCORES)
    people.sign_in_as(browser, world.office)
    for address in ("/notice/", "/outbox/", f"/proposal/{world.hidden}/", "/proposal/export/csv/"):
        assert MARK in secrecy.text_of(browser.get(address)), address


# --- answers that tell nothing by their form -------------------------------------------------------------------------


@contextmanager
def _counting() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*values: Any) -> None:
        statements.append(values[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def _plain(text: str, *words: str) -> str:
    """A page without what differs in every answer: nonces, tokens, the moment, and the words that were asked for."""
    for pattern in (
        r'nonce="[^"]*"',
        r'name="csrf_token" value="[^"]*"',
        r"受付番号: <strong>[^<]*",
        r"\b[0-9a-f]{12,}\b",
    ):
        text = re.sub(pattern, "", text)
    for word in words:
        text = text.replace(word, "")
    return text


@pytest.mark.parametrize("place", [0, 1], ids=["in conflict", "undeclared"])
def test_a_hidden_row_answers_like_one_that_is_not_there(
    app: Flask, browser: FlaskClient, world: World, place: int
) -> None:
    """The same status, the same page, the same statements: neither words nor work tell that there is something."""
    people.sign_in_as(browser, world.users[place])
    nowhere = 999_999
    for pattern in (
        "/score-sheet/{}/document/", "/score-sheet/{}/file/1/", "/declaration/{}/change/", "/proposal/{}/",
        "/proposal/{}/history/", "/proposal-paper/{}/version/1/",
    ):  # fmt: skip
        answers = []
        for key in (nowhere, world.hidden, nowhere):
            with app.app_context(), _counting() as statements:
                response = browser.get(pattern.format(key))
                answers.append((response.status_code, _plain(response.text, f"/{key}/"), len(statements)))
        assert answers[1] == answers[2], pattern
        assert answers[1][0] == 404, pattern


def test_a_search_for_it_counts_and_shows_what_a_search_for_nothing_does(browser: FlaskClient, world: World) -> None:
    people.sign_in_as(browser, world.users[0])
    nothing = "ありえぬ言葉"[: len(ASKED)]
    for base in ("/proposal/", "/agenda-item/", "/resolution/", "/meeting/", "/proposal/lookup/"):
        asked, other = (browser.get(f"{base}?q={word}").text for word in (ASKED, nothing))
        assert _plain(asked, ASKED, quote(ASKED)) == _plain(other, nothing, quote(nothing)), base


def test_what_others_have_sealed_changes_neither_a_members_pages_nor_the_work_behind_them(
    app: Flask, browser: FlaskClient, world: World
) -> None:
    pages = ("/", "/score-sheet/", f"/score-sheet/{world.scored}/document/", "/review-result/", "/declaration/")
    people.sign_in_as(browser, world.users[2])

    def seen() -> list[tuple[int, str, int]]:
        found = []
        for page in pages:
            with app.app_context(), _counting() as statements:
                response = browser.get(page)
                found.append((response.status_code, _plain(response.text), len(statements)))
        return found

    seen()  # the first sight of a page may be noted in the log
    before = seen()
    with app.app_context():
        values = SheetValues(dict(zip(world.criteria, (1, 2, 3), strict=True)))
        actor = actor_for(db.session.get_one(User, world.users[3]), Role.COMMITTEE)
        sheets.seal(
            db.session(), actor=actor, proposal_id=world.hidden, stage=ReviewStage.DOCUMENT, values=values, seen=0
        )
        db.session.remove()
    assert seen() == before


# --- doors that write ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [0, 1], ids=["in conflict", "undeclared"])
def test_replayed_forms_for_a_hidden_proposal_change_nothing(app: Flask, world: World, place: int) -> None:
    browser = app.test_client()
    people.sign_in_as(browser, world.users[place])
    before = _scores(app)
    base = f"/score-sheet/{world.hidden}/document/"
    for address, data in (
        (f"{base}draft/", {"seen": "0", "comment": "x"}),
        (f"{base}seal/", {"seen": "0", "comment": "x"}),
        (f"/declaration/{world.hidden}/change/", {"kind": "other", "text": "x"}),
    ):
        assert browser.post(address, data=data).status_code in (403, 404), address
    assert _scores(app) == before


def _scores(app: Flask) -> list[int]:
    with app.app_context():
        found = [row.id for row in db.session.query(Score).order_by(Score.id)]
        db.session.remove()
    return found


def test_a_conflict_outlives_the_decision(app: Flask) -> None:
    """What was hidden stays hidden, in every state that follows."""
    from app.access.scopes import find_visible

    with app.app_context():
        case = a_case(db.session())
        case.declare(0)
        affiliate(case.session, case.users[0], case.proposals[0].organization_id)
        for state in (ProposalState.ADOPTED, ProposalState.REJECTED, ProposalState.RESERVE):
            put_into(case.session, case.proposals[0], state)
            assert find_visible(case.session, Proposal, case.proposals[0].id, case.actor(0)) is None
        assert [one.proposal_id for one in declarations.pending_of(case.session, case.actor(0))] == []
        db.session.remove()
