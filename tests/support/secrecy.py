"""A review with marked texts and a marked score, and a walk over every address of the application to look for them.

Every argument of every route has its samples here, or the walk fails: a new endpoint is covered on the day it is added.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from flask import Flask, url_for
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.audit.recorder import act
from app.calls import feed, versions
from app.calls.door import door
from app.extensions import db
from app.factory import create_app
from app.files.services import store_file
from app.reviews import conflicts, criteria, setting_up, sheets
from app.reviews.sheet_values import SheetValues
from models.base import utc_now
from models.bodies import Body
from models.coordination import (
    CoordinationNote,
    CoordinationTask,
    CouncilOpinion,
    DepartmentOpinion,
    OpinionState,
    Verdict,
)
from models.meetings import AgendaItem, Meeting, MeetingState, Resolution, ResolutionDecision
from models.minutes import Minutes
from models.notices import Honorific, Notice, NoticeTemplate, OutboxMessage, OutboxState
from models.people import Role, RoleAssignment
from models.proposal_lines import BudgetLine, OtherSubsidy, ProposalPartner
from models.proposal_story import RuleOverride
from models.proposals import Proposal
from models.records import AuditEntry
from models.review_conflicts import ConflictSuspicion, InterestKind
from models.review_sheets import Score
from models.reviews import ReviewStage
from tests.app.calls.support import TODAY
from tests.app.reviews.support import SYSTEM, Case, a_case, affiliate
from tests.support.databases import Template, copy_sqlite
from tests.support.routes import Route, guarded_views, routes

#: In every text of the hidden proposal; the search asks for the other half, so that what is typed is no find.
MARK, ASKED = "印章甲乙丙", "ひみつ企画"
TEXT = f"{MARK}{ASKED}"
POINTS, COMMENT = 937, "密封所見丁戊"
SCORES = (str(POINTS), COMMENT)
_COLUMNS = ("title", "purpose", "content", "place", "schedule", "expected_effect", "organization_structure", "note")
#: Screens that are no list of one model: the table that `key` in their addresses means.
_KEY_OF = {
    "call-paper": "call",
    "call-question": "call",
    "coordination": "proposal",
    "opinion": "department_opinion",
    "proposal-form": "proposal",
    "proposal-paper": "proposal",
    "proposal-step": "proposal",
    "confirmation-form": "confirmation_form",
    "confirmation-round": "confirmation_round",
    "confirmation-upload": "confirmation_upload",
    "edition": "edition",
    "import": "import_run",
    "review-pack": None,
    "review-result": None,
    "survey": None,
    "survey-response": None,
    "survey-row": None,
}
#: Arguments that name a row, and what they name.
_ROW_OF = {
    "absence": "stage_absence",
    "call": "call",
    "conflict": "conflict",
    "criterion": "criterion",
    "file": "stored_file",
    "member": "review_member",
    "organization": "organization",
    "proposal": "proposal",
    "sequence": "audit_entry",
    "sheet": "score_sheet",
    "suspicion": "conflict_suspicion",
}
#: Arguments that are words or numbers of their own.
_WORDS: dict[str, tuple[Any, ...]] = {
    "assignment": (1,),
    "candidate_key": (1,),
    "code": ("adopt", "withdraw"),
    "form": ("pdf", "json", "csv"),
    "fiscal_year": (TODAY.year,),
    "kind": ("csv",),
    "name": ("channels",),
    "number": (1, 2),
    "paper": ("guide",),
    "spec_name": ("proposal", "organization"),
    "stage": ("document", "interview"),
}


def one_app(template: Template, folder: Path) -> Iterator[Flask]:
    """One application over a copy of the template, for all walks of a module: they only read."""
    found = create_app(copy_sqlite(template, folder))
    yield found
    with found.app_context():
        db.session.remove()
        db.engine.dispose()


class Walked(Protocol):
    """What a walk needs to know: ids by table, the id asked for elsewhere, what is searched for, tokens by user."""

    @property
    def ids(self) -> Mapping[str, Sequence[int]]: ...
    @property
    def hidden(self) -> int: ...
    @property
    def asked(self) -> str: ...
    @property
    def tokens(self) -> Mapping[int, str]: ...


class World:
    """The marked review: ids by table, users in the order of the list (the last one has scored), the office's user."""

    def __init__(self, case: Case, ids: dict[str, list[int]], tokens: dict[int, str]) -> None:
        self.ids = ids
        self.asked = ASKED
        self.hidden, self.scored = ids["proposal"]
        self.users = [user.id for user in case.users]
        self.office = case.office.user_id or 0
        self.tokens = tokens
        self.call = case.call.id
        self.criteria = [one.id for one in case.criteria()]
        self.members = [one.id for one in case.members]


def build(app: Flask) -> World:
    """Members: 0 also an administrator, in conflict with the hidden proposal by an affiliation; 1 also of the office and of the department in
    charge, has not declared on it; 2 has declared all and scored nothing; 3 has scored the other proposal."""
    with app.app_context():
        case = a_case(db.session(), members=4)
        session, hidden = case.session, case.proposals[0]
        affiliate(session, case.users[0], hidden.organization_id)
        with act(session, SYSTEM, "test:role", "試験の役割"):
            case.users[0].assignments.append(
                RoleAssignment(role=Role.ADMINISTRATOR, from_on=case.call.created_at.date())
            )
            for role in (Role.OFFICE, Role.DEPARTMENT):
                department = hidden.department if role is Role.DEPARTMENT else None
                case.users[1].assignments.append(
                    RoleAssignment(role=role, department=department, from_on=case.call.created_at.date())
                )
        for number, places in ((0, (1,)), (1, (1,)), (2, ()), (3, ())):
            case.declare(number, *places)
        ids = {"proposal": [hidden.id, case.proposals[1].id], "call": [case.call.id]}
        ids |= _mark(app, case, hidden)
        ids |= _score(case)
        ids["review_member"] = [one.id for one in case.members]
        ids["criterion"] = [one.id for one in case.criteria()]
        ids["user"] = [user.id for user in case.users]
        ids["organization"] = [hidden.organization_id]
        ids["audit_entry"] = list(
            session.scalars(select(AuditEntry.sequence).order_by(AuditEntry.sequence.desc()).limit(12))
        )
        tokens = {
            user.id: feed.create_feed(session, actor=case.actor(number), name="職場")[1]
            for number, user in enumerate(case.users)
        }
        world = World(case, ids, tokens)
        db.session.remove()
    return world


def _mark(app: Flask, case: Case, hidden: Proposal) -> dict[str, list[int]]:
    """The mark in everything that hangs on the hidden proposal, in whatever room."""
    session = case.session
    body = session.scalars(select(Body).where(Body.code == "committee")).one()
    template = session.scalars(select(NoticeTemplate).where(NoticeTemplate.code == "receipt")).one()
    item = AgendaItem(
        position=1, title=TEXT, detail=TEXT, discussion=TEXT, subject_kind="proposal", subject_id=hidden.id
    )
    item.resolutions.append(
        Resolution(
            decision=ResolutionDecision.NOTED,
            text=TEXT,
            decided_on=TODAY,
            subject_kind="proposal",
            subject_id=hidden.id,
        )
    )
    meeting = Meeting(
        body=body, fiscal_year=TODAY.year, number=90, held_on=TODAY, state=MeetingState.HELD, called_at=utc_now()
    )
    meeting.items.append(item)
    meeting.minutes = Minutes(text="議事", circulated_at=utc_now())
    about = {"subject_kind": "proposal", "subject_id": hidden.id, "issuer": template.issuer}
    notice = Notice(
        **about, template=template, template_edition=1, fiscal_year=TODAY.year, dated_on=TODAY,
        recipient_name="印の会", honorific=Honorific.GROUP, title=TEXT, body=TEXT,
    )  # fmt: skip
    mail = OutboxMessage(
        **about, notice=notice, to_name="印の会", to_address="mark@example.jp", title=TEXT, body=TEXT,
        state=OutboxState.TO_COPY,
    )  # fmt: skip
    with act(session, SYSTEM, "test:mark", "試験の印"), door():
        for name in _COLUMNS:
            setattr(hidden, name, TEXT)
        key = {"proposal_id": hidden.id}
        note = CoordinationNote(**key, held_on=TODAY, participants="出席者", content=TEXT, agreed=TEXT, changes=TEXT)
        opinion = DepartmentOpinion(
            **key, department_id=hidden.department_id, due_on=TODAY, questions=[{"key": "need", "label": "必要性"}],
            answers={"need": TEXT}, state=OpinionState.SUBMITTED, verdict=Verdict.FAVOURABLE, submitted_at=utc_now(),
            request_note=TEXT,
        )  # fmt: skip
        session.add_all(
            [
                BudgetLine(**key, label=TEXT, unit_price_yen=1, position=9),
                ProposalPartner(**key, name="協力の会", part=TEXT, position=1),
                OtherSubsidy(**key, giver=TEXT, position=1),
                CouncilOpinion(**key, given_on=TODAY, verdict=Verdict.FAVOURABLE, text=TEXT),
                RuleOverride(**key, step="submit", rule="x", clause="x", message=TEXT, reason=TEXT),
                note, opinion, meeting, notice, mail,
            ]
        )  # fmt: skip
        session.flush()
        task = CoordinationTask(**key, note_id=note.id, title=TEXT, department_id=hidden.department_id)
        session.add(task)
        file = store_file(
            session,
            actor=SYSTEM,
            settings=app.extensions["settings"],
            content=TEXT.encode(),
            name=f"{MARK}.txt",
            owner_table="proposal",
            owner_key=hidden.id,
        )
        versions.freeze(session, actor=SYSTEM, proposal=hidden, label=MARK)
    return {
        "agenda_item": [item.id],
        "resolution": [item.resolutions[0].id],
        "meeting": [meeting.id],
        "notice": [notice.id],
        "outbox_message": [mail.id],
        "department_opinion": [opinion.id],
        "stored_file": [file.id],
    }


def _score(case: Case) -> dict[str, list[int]]:
    """The other proposal scored by the last member; a conflict, an equal name and an absence to be asked for by id."""
    session = case.session
    wide = {"stage": "document", "label": "幅の広い項目", "highest": 1000, "weight": "1"}
    criteria.add_criterion(session, actor=case.office, call_id=case.call.id, values=wide)
    keys = [one.id for one in case.criteria()]
    values = SheetValues({keys[0]: 5, keys[1]: 5, keys[2]: POINTS}, {keys[2]: COMMENT}, COMMENT)
    version = sheets.seal(
        session,
        actor=case.actor(3),
        proposal_id=case.proposals[1].id,
        stage=ReviewStage.DOCUMENT,
        values=values,
        seen=0,
    )
    conflict = conflicts.set_conflict(
        session,
        actor=case.office,
        member_id=case.members[0].id,
        proposal_id=case.proposals[0].id,
        kind=InterestKind.ADVICE,
        reason=TEXT,
    )
    absence = setting_up.record_absence(
        session, actor=case.office, member_id=case.members[0].id, stage=ReviewStage.INTERVIEW, reason="病気"
    )
    with act(session, SYSTEM, "test:suspicion", "試験の同姓同名"):
        suspicion = ConflictSuspicion(
            member_id=case.members[2].id, proposal_id=case.proposals[0].id, origin="representative"
        )
        session.add(suspicion)
    return {
        "score_sheet": [version.sheet_id],
        "score_sheet_version": [version.id],
        "score": [session.scalar(select(func.max(Score.id))) or 0],
        "conflict": [conflict.id],
        "stage_absence": [absence.id],
        "conflict_suspicion": [suspicion.id],
    }


# --- the walk --------------------------------------------------------------------------------------------------------


def addresses(app: Flask, world: Walked, user_id: int | None = None) -> Iterator[str]:
    """Every GET address, with the id of every marked row in the places where such rows are named; lists searched too."""
    views = guarded_views(app)
    with app.test_request_context():
        for route in routes(app):
            if route.method != "GET" or route.endpoint.endswith("static") or route.endpoint.startswith("auth."):
                continue
            view = views.get(route.endpoint.partition(".")[0])
            is_marked = view is not None and view.model.__tablename__ in world.ids
            for values in _products(route, world, views, user_id):
                yield url_for(route.endpoint, **values)
                if is_marked and "kind" in values:
                    yield url_for(route.endpoint, **values | {"kind": "xlsx"})
                if is_marked and route.endpoint.endswith((".index_view", ".lookup_view", ".export_view")):
                    yield f"{url_for(route.endpoint, **values)}?q={world.asked}"


def _products(route: Route, world: Walked, views: dict[str, Any], user_id: int | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{}]
    for name in sorted(route.rule.arguments):
        samples = _samples(name, route, world, views, user_id)
        found = [one | {name: value} for one in found for value in samples]
    return found


def _samples(name: str, route: Route, world: Walked, views: dict[str, Any], user_id: int | None) -> Sequence[Any]:
    """KeyError for an argument that nobody has given samples for."""
    if name == "token":
        return [world.tokens.get(user_id or 0, "x" * 43)]
    if name in _WORDS:
        return _WORDS[name]
    if name != "key":
        return world.ids[_ROW_OF[name]]
    blueprint = route.endpoint.partition(".")[0]
    table = views[blueprint].model.__tablename__ if blueprint in views else _KEY_OF[blueprint]
    if blueprint == "opinion":  # asked for by the proposal, or by the opinion itself
        return [*world.ids["proposal"], *world.ids["department_opinion"]]
    return world.ids.get(table or "", [world.hidden])


def finds(
    app: Flask, client: FlaskClient, world: Walked, marks: Sequence[str], user_id: int | None = None
) -> dict[str, list[str]]:
    """{address: the marks that its answer holds}."""
    found = {}
    for address in addresses(app, world, user_id):
        text = text_of(client.get(address))
        if hits := [mark for mark in marks if _has(text, mark)]:
            found[address] = hits
    return found


def text_of(response: TestResponse) -> str:
    """What a person could read in the answer."""
    return text_in(response.get_data())


def text_in(content: bytes) -> str:
    """What a person could read in a page or file: pages as they are, workbooks and PDFs opened."""
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


def _has(text: str, mark: str) -> bool:
    """Digits stand by themselves: a token or a moment may hold them by chance."""
    return mark in text and (
        not mark.isdecimal() or re.search(rf"(?<![\w.,:-]){mark}(?![\w-])", text, re.ASCII) is not None
    )
