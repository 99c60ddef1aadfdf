"""Conflicts and independence over the whole application: every address, as everybody, looked through for marked texts.

One proposal carries a mark in each of its texts; one sheet carries a marked score and comment. Whoever is in conflict,
or has not declared, finds the proposal's mark nowhere, in whatever role; nobody but the one who gave the score finds it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, url_for
from pypdf import PdfReader
from werkzeug.test import TestResponse

from app.audit.recorder import act
from app.extensions import db
from app.reviews import criteria, sheets
from app.reviews.sheet_values import SheetValues
from models.people import Role, RoleAssignment
from models.proposal_lines import BudgetLine, ProposalPartner
from models.proposals import Proposal
from models.review_sheets import Score
from models.reviews import ReviewStage
from tests.app.calls.support import put_into
from tests.app.reviews.support import SYSTEM, Case, a_case, affiliate
from tests.support import people
from tests.support.pages import CheckingClient
from tests.support.routes import WORDS, Route, routes

#: In every text of the hidden proposal; the search asks for the other half, so that what is typed is no find.
MARK, ASKED = "印章甲乙丙", "ひみつ企画"
TEXT = f"{MARK}{ASKED}"
POINTS, COMMENT = 937, "密封所見丁戊"
TEXT_COLUMNS = ("title", "purpose", "content", "place", "schedule", "expected_effect", "organization_structure", "note")


def _hide(case: Case) -> dict[str, int]:
    """Mark the first proposal, score the second with marks by the last member; the ids to try in addresses."""
    session, proposal = case.session, case.proposals[0]
    with act(session, SYSTEM, "test:mark", "試験の印"):
        for name in TEXT_COLUMNS:
            setattr(proposal, name, TEXT)
        session.add(BudgetLine(proposal_id=proposal.id, label=TEXT, unit_price_yen=1, position=9))
        session.add(ProposalPartner(proposal_id=proposal.id, name="協力の会", part=TEXT, position=1))
    wide = {"stage": "document", "label": "幅の広い項目", "highest": 1000, "weight": "1"}
    criteria.add_criterion(session, actor=case.office, call_id=case.call.id, values=wide)
    scorer = len(case.users) - 1
    case.declare(scorer)
    keys = [one.id for one in case.criteria()]
    values = SheetValues({keys[0]: 5, keys[1]: 5, keys[2]: POINTS}, {keys[2]: COMMENT}, COMMENT)
    version = sheets.seal(
        session,
        actor=case.actor(scorer),
        proposal_id=case.proposals[1].id,
        stage=ReviewStage.DOCUMENT,
        values=values,
        seen=0,
    )
    return {
        "hidden": proposal.id,
        "scored": case.proposals[1].id,
        "call": case.call.id,
        "sheet": version.sheet_id,
        "version": version.id,
        "score": session.query(Score.id).order_by(Score.id.desc()).first()[0],
        "organization": proposal.organization_id,
    }


def _build(app: Flask) -> tuple[dict[str, int], list[int]]:
    with app.app_context():
        case = a_case(db.session(), members=4)
        affiliate(case.session, case.users[0], case.proposals[0].organization_id)
        for extra in (Role.OFFICE, Role.DEPARTMENT):
            with act(case.session, SYSTEM, "test:role", "試験の役割"):
                department = case.proposals[0].department if extra is Role.DEPARTMENT else None
                case.users[1].assignments.append(
                    RoleAssignment(role=extra, department=department, from_on=case.call.created_at.date())
                )
        case.declare(0, 1)
        ids = _hide(case)
        users = [user.id for user in case.users]
        assert case.session.get(Proposal, ids["hidden"]) is not None
        db.session.remove()
    return ids, users


def _addresses(app: Flask, ids: dict[str, int]) -> Iterator[str]:
    """Every GET address with every id in each place, and lists searched, sorted and exported."""
    seen: set[str] = set()
    with app.test_request_context():
        for route in (one for one in routes(app) if one.method == "GET"):
            if route.endpoint.endswith("static") or route.endpoint.startswith("auth."):
                continue
            for key in _keys(route, ids):
                try:
                    address = url_for(route.endpoint, **{name: _word(name, key) for name in route.rule.arguments})
                except Exception:
                    continue
                if address not in seen:
                    seen.add(address)
                    yield address
                    if not route.rule.arguments:
                        yield f"{address}?query={ASKED}"


def _keys(route: Route, ids: dict[str, int]) -> list[int]:
    if not route.rule.arguments:
        return [0]
    if route.endpoint.startswith(
        ("proposal", "opinion", "call", "review", "score", "declaration", "agenda", "meeting")
    ):
        return sorted(set(ids.values()))
    return [ids["hidden"]]


def _word(name: str, key: int) -> Any:
    return {"stage": "document"}.get(name) or WORDS.get(name) or key


def _text(response: TestResponse) -> str:
    """What a person could read in the answer: pages as they are, workbooks and PDFs opened."""
    content = response.get_data()
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "".join(
                archive.read(name).decode("utf-8", "replace")
                for name in archive.namelist()
                if name.startswith(("xl/worksheets", "xl/shared"))
            )
    if content[:5] == b"%PDF-":
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return content.decode("utf-8", "replace")


def _finds(app: Flask, client: CheckingClient, ids: dict[str, int], marks: tuple[str, ...]) -> dict[str, list[str]]:
    found = {}
    for address in _addresses(app, ids):
        text = _text(client.get(address))
        if hits := [mark for mark in marks if _has(text, mark)]:
            found[address] = hits
    return found


def _has(text: str, mark: str) -> bool:
    """Digits stand by themselves: a token or a moment may hold them by chance."""
    return mark in text and (
        not mark.isdecimal() or re.search(rf"(?<![\w.,:-]){mark}(?![\w-])", text, re.ASCII) is not None
    )


SCORES = (str(POINTS), COMMENT)


@pytest.mark.parametrize("place", [0, 1], ids=["in conflict", "undeclared, also office and department"])
def test_a_hidden_proposal_is_found_nowhere(app: Flask, client: CheckingClient, place: int) -> None:
    ids, users = _build(app)
    people.sign_in_as(client, users[place])
    assert _finds(app, client, ids, (MARK, *SCORES)) == {}


@pytest.mark.parametrize(
    "role", [Role.OFFICE, Role.ADMINISTRATOR, Role.CENTER, Role.AGENCY], ids=lambda role: role.value
)
def test_a_sealed_score_is_found_by_nobody_before_all_have_sealed(
    app: Flask, client: CheckingClient, role: Role
) -> None:
    ids, _ = _build(app)
    people.sign_in(client, role)
    marks = SCORES if role is Role.OFFICE else (MARK, *SCORES)
    assert _finds(app, client, ids, marks) == {}


def test_the_one_who_gave_it_reads_it_so_that_the_marks_can_be_found_at_all(app: Flask, client: CheckingClient) -> None:
    ids, users = _build(app)
    people.sign_in_as(client, users[3])
    found = _finds(app, client, ids, (MARK, *SCORES))
    sheet = f"/score-sheet/{ids['scored']}/document/"
    assert set(SCORES) <= set(found[sheet])
    assert MARK in found[f"/score-sheet/{ids['hidden']}/document/"]


@pytest.mark.parametrize("place", [0, 1], ids=["in conflict", "undeclared"])
def test_replayed_forms_for_a_hidden_proposal_change_nothing(app: Flask, client: CheckingClient, place: int) -> None:
    ids, users = _build(app)
    people.sign_in_as(client, users[place])
    with app.app_context():
        keys = [row.id for row in db.session.query(Score).all()]
        db.session.remove()
    base = f"/score-sheet/{ids['hidden']}/document/"
    for address, data in (
        (f"{base}draft/", {"seen": "0", "comment": "x"}),
        (f"{base}seal/", {"seen": "0", "comment": "x"}),
        (f"/declaration/{ids['hidden']}/change/", {"kind": "other", "text": "x"}),
    ):
        assert client.post(address, data=data).status_code in (403, 404)
    with app.app_context():
        assert [row.id for row in db.session.query(Score).all()] == keys


def test_after_all_have_sealed_the_committee_sees_the_decided_state_through_the_same_scope(app: Flask) -> None:
    """A conflict outlives the decision: what was hidden stays hidden."""
    from app.access.scopes import find_visible
    from models.proposals import ProposalState

    with app.app_context():
        case = a_case(db.session())
        affiliate(case.session, case.users[0], case.proposals[0].organization_id)
        put_into(case.session, case.proposals[0], ProposalState.ADOPTED)
        assert find_visible(case.session, Proposal, case.proposals[0].id, case.actor(0)) is None
        db.session.remove()
