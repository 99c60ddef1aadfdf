"""What the committee concluded, over the whole application: every address, as those who must not read it.

Marks stand in each text of the conclusion, of what follows from it and of what is kept of it, and one in a score.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.audit.recorder import act
from app.calls import feed
from app.extensions import db
from app.japanese.dates import today_in_tokyo
from app.reviews import (
    concluding,
    confirming,
    conflicts,
    corrections,
    criteria,
    deciding,
    disclosing,
    late_conflicts,
    letters,
    publication,
    sheets,
)
from app.reviews.redaction_marks import Ground
from app.reviews.scans import Scan
from app.reviews.sheet_values import SheetValues
from models.people import Role, RoleAssignment
from models.proposals import Proposal
from models.records import AuditEntry, StoredFile
from models.review_conflicts import Conflict, InterestKind
from models.review_records import ReviewDisclosure
from models.review_results import Outcome
from models.review_sheets import ScoreSheet
from models.reviews import ReviewStage
from tests.app.reviews.concluded import lines_of, meet, save
from tests.app.reviews.support import PNG, SYSTEM, Case, a_case
from tests.support import people, secrecy
from tests.support.databases import Template
from tests.support.secrecy import World

#: In what the committee concluded and what is kept of it; in the city's decision; points of one member, a comment.
CONCLUDED, DECIDED, POINTS, COMMENT = "結論印甲乙", "決定印丙丁", 937, "所見印戊己"
MARKS = (CONCLUDED, DECIDED, str(POINTS), COMMENT)
CONFLICTED, FREE = 1, 3


@pytest.fixture(scope="module")
def app(sqlite_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One application for all: the walks only read."""
    yield from secrecy.one_app(sqlite_template, tmp_path_factory.mktemp("concluded"))


@pytest.fixture(scope="module")
def world(app: Flask) -> World:
    """Members: 0 the chair; 1 in conflict with the marked proposal, also of the office and administrator; 3 gave the score."""
    with app.app_context():
        case = a_case(db.session(), members=4)
        session = case.session
        with act(session, SYSTEM, "test:role", "試験の役割"):
            for role in (Role.OFFICE, Role.ADMINISTRATOR):
                case.users[CONFLICTED].assignments.append(RoleAssignment(role=role, from_on=today_in_tokyo()))
        found = conflicts.set_conflict(
            session,
            actor=case.office,
            member_id=case.members[CONFLICTED].id,
            proposal_id=case.proposals[0].id,
            kind=InterestKind.ADVICE,
            reason="助言",
        )
        _score(case)
        meet(case)
        _conclude(app, case)
        world = World(case, _ids(case, found), {
            user.id: feed.create_feed(session, actor=case.actor(number), name="職場")[1]
            for number, user in enumerate(case.users)
        })  # fmt: skip
        db.session.remove()
    return world


def _score(case: Case) -> None:
    wide = {"stage": "document", "label": "幅の広い項目", "highest": 1000, "weight": "1"}
    criteria.add_criterion(case.session, actor=case.office, call_id=case.call.id, values=wide)
    keys = [one.id for one in case.criteria()]
    for number in range(len(case.users)):
        for place in range(2):
            if (number, place) == (CONFLICTED, 0):
                continue
            case.declare(number, place)
            marked = (number, place) == (FREE, 0)
            values = SheetValues(
                {keys[0]: 5, keys[1]: 4, keys[2]: POINTS if marked else 800}, {}, COMMENT if marked else "よい"
            )
            sheets.seal(
                case.session,
                actor=case.actor(number),
                proposal_id=case.proposals[place].id,
                stage=ReviewStage.DOCUMENT,
                values=values,
                seen=0,
            )


def _conclude(app: Flask, case: Case) -> None:
    """By the signed minutes; then a correction of each kind, a disclosure, the decisions, the notices, what is public later."""
    session, settings = case.session, app.extensions["settings"]
    shared = {"actor": case.office, "call_id": case.call.id}
    conclusion = concluding.draft_conclusion(session, **shared)
    marked, other = sorted(lines_of(conclusion), key=lambda line: line.proposal_id)
    marked = dataclasses.replace(
        marked, outcome=Outcome.ADOPTED_WITH_CONDITIONS, conditions=CONCLUDED, reason=CONCLUDED, votes=(2, 0, 1),
        departure_reason=CONCLUDED,
    )  # fmt: skip
    save(case, conclusion, [marked, other])
    confirming.confirm(
        session, **shared, seen_version=conclusion.version, settings=settings,
        minutes=Scan(PNG + CONCLUDED.encode(), f"{CONCLUDED}.png"),
    )  # fmt: skip
    key = case.proposals[0].id
    corrections.add_correction(session, **shared, proposal_id=key, text=CONCLUDED, reason=CONCLUDED)
    late_conflicts.report_late(
        session, actor=case.office, member_id=case.members[0].id, proposal_id=key, kind=InterestKind.TRADE, reason=CONCLUDED
    )  # fmt: skip
    marks = disclosing.checked_marks([("words", Ground.PERSON.value, "第7条")], CONCLUDED)
    disclosing.disclose(
        session, **shared, recipient="請求 花子", basis="受付第1号", disclosed_on=today_in_tokyo(), marks=marks
    )
    for proposal, outcome in (
        (case.proposals[0], Outcome.ADOPTED_WITH_CONDITIONS),
        (case.proposals[1], Outcome.ADOPTED),
    ):
        line = deciding.find_line(session, proposal.id)
        assert line is not None
        values = deciding.DecisionValues(
            outcome if line.amount_yen else Outcome.REJECTED, line.amount_yen, conditions="条件", decided_on=today_in_tokyo(),
            reason=DECIDED if proposal.id == key else "理由", departure_reason="事情による",
        )  # fmt: skip
        drafted = deciding.save_decision(session, actor=case.office, proposal_id=proposal.id, values=values)
        deciding.decide(session, actor=case.office, proposal_id=proposal.id, seen_version=drafted.version)
    letters.draw_up_all(session, actor=case.office, call=case.call)
    publication.publish_parts(
        session, **shared, parts=("adopted", "reasons"), proposal_id=None, public_from_on=today_in_tokyo(), place="市"
    )


def _ids(case: Case, conflict: Conflict) -> dict[str, list[int]]:
    session = case.session
    newest = select(AuditEntry.sequence).order_by(AuditEntry.sequence.desc()).limit(40)
    return {
        "proposal": [one.id for one in case.proposals],
        "call": [case.call.id],
        "review_member": [one.id for one in case.members],
        "criterion": [one.id for one in case.criteria()],
        "user": [user.id for user in case.users],
        "organization": [case.proposals[0].organization_id],
        "audit_entry": list(session.scalars(newest)),
        "score_sheet": list(session.scalars(select(ScoreSheet.id))),
        "stored_file": list(session.scalars(select(StoredFile.id))),
        "conflict": [conflict.id],
        "stage_absence": [1],
        "conflict_suspicion": [1],
        "review_disclosure": list(session.scalars(select(ReviewDisclosure.id))),
        "department_opinion": [],
    }


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A plain client: the pages are checked by other guards."""
    return FlaskClient(app, app.response_class)


def _finds(app: Flask, browser: FlaskClient, world: World, user: int | None = None) -> dict[str, list[str]]:
    return secrecy.finds(app, browser, world, MARKS, user)


def _exported_log(browser: FlaskClient) -> str:
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/audit/export/").text)
    assert token is not None
    answer = browser.post("/audit/export/", data={"csrf_token": token[1], "kind": "csv", "purpose": "試験"})
    assert answer.status_code == 200
    return secrecy.text_of(answer)


def test_a_member_in_conflict_finds_nothing_of_it_in_other_roles_either(
    app: Flask, browser: FlaskClient, world: World
) -> None:
    people.sign_in_as(browser, world.users[CONFLICTED])
    assert _finds(app, browser, world, world.users[CONFLICTED]) == {}
    log = _exported_log(browser)
    assert not [mark for mark in MARKS if mark in log]


def test_the_log_tells_its_keeper_neither_scores_nor_conclusions(
    app: Flask, browser: FlaskClient, world: World
) -> None:
    """What the decision said, which took effect, stands in the proposal's story: the log repeats that alone."""
    people.sign_in(browser, Role.ADMINISTRATOR)
    found = _finds(app, browser, world)
    assert {mark for marks in found.values() for mark in marks} <= {DECIDED}
    assert {address.split("/")[1] for address in found} <= {"audit"}
    log = _exported_log(browser)
    assert "市の決定" in log and not [mark for mark in (CONCLUDED, COMMENT) if mark in log]


def test_the_department_in_charge_reads_the_decision_and_no_conclusion(
    app: Flask, browser: FlaskClient, world: World
) -> None:
    """The same person is of the committee, but not on this call's list."""
    with app.app_context():
        department = db.session.get_one(Proposal, world.hidden).department
        user = people.make_user(db.session(), Role.DEPARTMENT, department=department)
        with act(db.session(), SYSTEM, "test:role", "試験の役割"):
            user.assignments.append(RoleAssignment(role=Role.COMMITTEE, from_on=today_in_tokyo()))
        key = user.id
        db.session.remove()
    people.sign_in_as(browser, key)
    found = _finds(app, browser, world)
    assert {mark for marks in found.values() for mark in marks} == {DECIDED}


def test_the_office_finds_all_of_it_so_that_the_marks_can_be_found_at_all(browser: FlaskClient, world: World) -> None:
    people.sign_in_as(browser, world.office)
    base = f"/review-result/{world.call}"
    for address, marks in (
        (f"{base}/", (CONCLUDED,)),
        (f"{base}/record/", (CONCLUDED,)),
        (f"{base}/record.json", (CONCLUDED, str(POINTS), COMMENT)),
        (f"/review-result/sheets/{world.hidden}/", (str(POINTS), COMMENT)),
        (f"/review-result/proposal/{world.hidden}/paper/", (CONCLUDED, DECIDED)),
    ):
        text = secrecy.text_of(browser.get(address))
        assert [mark for mark in marks if mark not in text] == [], address
