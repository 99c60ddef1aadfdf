"""Score sheets: drafts, sealing, replays, independence, paper, and the call's tally."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.access.scopes import may_read_field, scoped
from app.actor import Actor
from app.audit.recorder import MASK, act
from app.extensions import db
from app.problems import Conflict as Refusal
from app.problems import Invalid, NotAllowed, NotFound, Problem
from app.reviews import criteria, own_work, paper_sheets, queries, setting_up, sheets
from app.reviews.ballots import ballot_of
from app.reviews.scans import Scan
from app.reviews.sheet_values import SheetValues, problems_of
from app.reviews.tally import tally
from models.people import Role
from models.proposals import Proposal
from models.records import AuditChange, AuditEntry
from models.review_conflicts import InterestKind
from models.review_sheets import Score, ScoreDraft, ScoreSheet, ScoreSheetVersion, SheetState
from models.reviews import ReviewStage
from tests.app.reviews.support import PNG, SYSTEM, Case, a_case, actor_for
from tests.support.people import make_user

DOCUMENT = ReviewStage.DOCUMENT


def _ready(session: Session, **more: Any) -> Case:
    case = a_case(session, **more)
    for number in range(len(case.users)):
        case.declare(number)
    return case


def _save(case: Case, number: int, place: int, values: SheetValues, seen: int) -> int:
    return sheets.save_draft(
        case.session,
        actor=case.actor(number),
        proposal_id=case.proposals[place].id,
        stage=DOCUMENT,
        values=values,
        seen=seen,
    )


def test_a_draft_is_kept_without_a_line_a_key_and_a_second_tab_is_told(any_session: Session) -> None:
    case = _ready(any_session)
    before = any_session.scalar(select(AuditEntry.sequence).order_by(AuditEntry.sequence.desc()))
    seen = _save(case, 0, 0, SheetValues({case.criteria()[0].id: 4}), 0)
    again = _save(case, 0, 0, case.values(4, 2, comment="よい"), seen)
    after = any_session.scalar(select(AuditEntry.sequence).order_by(AuditEntry.sequence.desc()))
    assert (after or 0) - (before or 0) == 1  # the sheet was begun; not what was typed
    with pytest.raises(Refusal, match="別の画面"):
        _save(case, 0, 0, case.values(1, 1), seen)
    with pytest.raises(Refusal, match="別の画面"):
        case.seal(0, 0, 1, 1, seen=seen)
    version = case.seal(0, 0, 4, 2, seen=again)
    assert [one.value for one in version.scores] == [4, 2]
    assert any_session.scalars(select(ScoreDraft)).all() == []


@pytest.mark.parametrize(
    ("form", "names"),
    [
        ({}, {"score-A", "score-B"}),
        ({"score-A": "5"}, {"score-B"}),
        ({"score-A": "6", "score-B": "2"}, {"score-A"}),
        ({"score-A": "3.5", "score-B": "-1"}, {"score-A", "score-B"}),
        ({"score-A": "三", "score-B": "1e1"}, {"score-A", "score-B"}),
        ({"score-A": "5", "score-B": "１"}, {"comment-B"}),
        ({"score-A": "5", "score-B": "1", "comment-B": "理由"}, set()),
        ({"score-A": "5", "score-B": "2", "comment": "長" * 2001}, {"comment"}),
    ],
)
def test_what_keeps_a_sheet_from_being_sealed(session: Session, form: dict[str, str], names: set[str]) -> None:
    case = a_case(session)
    first, second = case.criteria()
    criteria.update_criterion(session, actor=case.office, criterion_id=second.id, values={"comment_below": 1})
    keys = {"A": str(first.id), "B": str(second.id)}

    def named(name: str) -> str:
        head, dash, letter = name.partition("-")
        return f"{head}-{keys[letter]}" if dash else name

    values = SheetValues.from_form({named(name): text for name, text in form.items()}, case.criteria())
    assert set(problems_of(values, case.criteria())) == {named(name) for name in names}
    assert SheetValues.from_json(json.loads(json.dumps(values.as_json()))) == values


def test_a_score_for_a_criterion_of_another_stage_is_refused(session: Session) -> None:
    case = _ready(session)
    other = criteria.add_criterion(
        session,
        actor=case.office,
        call_id=case.call.id,
        values={"stage": "interview", "label": "説明", "highest": 5},
    )
    with pytest.raises(Invalid):
        SheetValues.from_form({f"score-{other.id}": "3"}, case.criteria())


def test_sealed_is_sealed_and_the_office_unseals_with_a_reason(any_session: Session) -> None:
    case = _ready(any_session)
    version = case.seal(0, 0, 4, 3)
    for again in (lambda: case.seal(0, 0, 1, 1), lambda: _save(case, 0, 0, case.values(1, 1), 0)):
        with pytest.raises(Refusal, match="すでに確定"):
            again()
    with pytest.raises(Invalid):
        sheets.unseal(any_session, actor=case.office, sheet_id=version.sheet_id, reason="")
    with pytest.raises(NotAllowed):
        sheets.unseal(any_session, actor=case.actor(0), sheet_id=version.sheet_id, reason="書き間違い")
    sheets.unseal(any_session, actor=case.office, sheet_id=version.sheet_id, reason="書き間違い")
    with pytest.raises(Refusal):
        sheets.unseal(any_session, actor=case.office, sheet_id=version.sheet_id, reason="書き間違い")
    with pytest.raises(Refusal, match="別の画面"):  # a tab that has stood open since before the sealing
        case.seal(0, 0, 1, 1, seen=1)
    sheet = any_session.get_one(ScoreSheet, version.sheet_id)
    second = case.seal(0, 0, 5, 3, seen=sheets.seen_of(any_session, sheet))
    assert (second.number, second.is_after_opening, version.unseal_reason) == (2, False, "書き間違い")
    assert [one.value for one in version.scores] == [4, 3]


def test_a_hidden_proposal_cannot_be_scored_by_a_replayed_form(any_session: Session) -> None:
    case = a_case(any_session)
    with pytest.raises(NotFound):  # not declared
        case.seal(0, 0, 4, 3)
    case.declare(0)
    case.seal(0, 1, 4, 3)
    other = a_case(any_session)
    with pytest.raises(NotFound):  # another call's member
        sheets.seal(
            any_session,
            actor=case.actor(0),
            proposal_id=other.proposals[0].id,
            stage=DOCUMENT,
            values=other.values(1, 1),
            seen=0,
        )
    with pytest.raises(NotAllowed):
        sheets.own_sheet(any_session, actor=case.office, proposal_id=case.proposals[0].id, stage=DOCUMENT)


def _marks(session: Session, actor: Actor) -> list[int]:
    return sorted(session.scalars(scoped(Score, actor)).all(), key=lambda one: one.id) and sorted(
        one.value for one in session.scalars(scoped(Score, actor))
    )


def test_nobody_reads_another_score_until_all_of_the_stage_have_sealed(any_session: Session) -> None:
    case = _ready(any_session)
    case.seal(0, 0, 5, 5)
    case.seal(1, 0, 1, 1)
    everybody = {role: actor_for(make_user(any_session, role), role) for role in Role}
    assert [_marks(any_session, case.actor(number)) for number in range(3)] == [[5, 5], [1, 1], []]
    assert {role: _marks(any_session, actor) for role, actor in everybody.items()} == {role: [] for role in Role}
    with pytest.raises(Refusal, match="まだそろっていない"):
        ballot_of(any_session, case.call)
    for number, place in ((0, 1), (1, 1), (2, 0), (2, 1)):
        case.seal(number, place, 3, 3)
    opened = [1, 1, 3, 3, 3, 3, 3, 3, 3, 3, 5, 5]
    assert [_marks(any_session, case.actor(number)) for number in range(3)] == [opened] * 3
    assert {role: len(_marks(any_session, actor)) for role, actor in everybody.items()} == {
        role: 12 if role is Role.OFFICE else 0 for role in Role
    }
    assert not may_read_field(Score, "value", everybody[Role.ADMINISTRATOR])
    sheet = any_session.scalars(select(ScoreSheet).where(ScoreSheet.member_id == case.members[2].id)).first()
    assert sheet is not None
    sheets.unseal(any_session, actor=case.office, sheet_id=sheet.id, reason="項目の読み違い")
    assert _marks(any_session, case.actor(0)) == [3, 3, 5, 5]
    version = case.seal(2, 0, 4, 4, seen=sheets.seen_of(any_session, sheet))
    assert version.is_after_opening


def test_the_log_says_that_a_score_was_given_and_never_which(any_session: Session) -> None:
    case = _ready(any_session)
    case.seal(0, 0, 4, 3, comment="印の所見")
    rows = any_session.scalars(select(AuditChange).where(AuditChange.table_name == "score")).all()
    assert len(rows) == 2
    told = str([[row.values, row.record_label] for row in any_session.scalars(select(AuditChange))])
    assert "印の所見" not in told
    assert {row.values["value"][-1] for row in rows} == {MASK}


def test_criteria_and_rule_stand_still_from_the_first_sealed_sheet(any_session: Session) -> None:
    case = _ready(any_session)
    case.seal(0, 0, 4, 3)
    row = case.criteria()[0]
    for verb in (
        lambda: criteria.update_criterion(any_session, actor=case.office, criterion_id=row.id, values={"weight": "9"}),
        lambda: criteria.remove_criterion(any_session, actor=case.office, criterion_id=row.id),
        lambda: criteria.add_criterion(
            any_session,
            actor=case.office,
            call_id=case.call.id,
            values={"stage": "document", "label": "新", "highest": 5},
        ),
        lambda: setting_up.update_rule(
            any_session, actor=case.office, call_id=case.call.id, values={"minimum_percent": "10"}
        ),
    ):
        with pytest.raises(Refusal, match="確定した後"):
            verb()
    for statement in (
        "UPDATE criterion SET weight = '9'",
        "DELETE FROM criterion",
        "UPDATE decision_rule SET minimum_percent = '1'",
        "UPDATE score SET value = 5",
        "DELETE FROM score",
        "UPDATE score_sheet_version SET comment = 'x'",
        "DELETE FROM score_sheet_version",
        "UPDATE conflict_declaration SET has_interest = (1 = 1)",
        "DELETE FROM conflict_declaration",
    ):
        with pytest.raises(DatabaseError, match="stands still"):
            any_session.connection().exec_driver_sql(statement)
        any_session.rollback()


def test_a_rule_with_something_unset_keeps_sheets_from_being_sealed(any_session: Session) -> None:
    case = _ready(any_session)
    setting_up.update_rule(any_session, actor=case.office, call_id=case.call.id, values={"quorum": None})
    with pytest.raises(Refusal, match="定足数"):
        case.seal(0, 0, 4, 3)


def test_presets_are_a_start_and_what_they_do_not_say_stays_unset(any_session: Session) -> None:
    case = a_case(any_session, criteria_too=False)
    setting_up.update_rule(any_session, actor=case.office, call_id=case.call.id, values={"minimum_percent": None})
    codes = [one.code for one in criteria.presets(any_session)]
    assert codes == ["fifty-of-hundred", "seventy-filled", "rank-within-budget", "public-interest-veto"]
    criteria.apply_preset(any_session, actor=case.office, call_id=case.call.id, code="public-interest-veto")
    assert queries.get_rule(any_session, case.call.id).unset == ["最低基準(満点に対する%)"]
    assert [one.veto_at for one in case.criteria()] == [2, None, None]
    with pytest.raises(Refusal):
        criteria.apply_preset(any_session, actor=case.office, call_id=case.call.id, code="seventy-filled")


def test_the_office_enters_a_sheet_from_paper_and_sees_it_only_meanwhile(any_session: Session, any_app: Flask) -> None:
    case = _ready(any_session)
    member, proposal = case.members[1], case.proposals[0]
    settings = any_app.extensions["settings"]
    sheet = paper_sheets.begin(
        any_session, actor=case.office, member_id=member.id, proposal_id=proposal.id, stage=DOCUMENT
    )
    with pytest.raises(Refusal, match="紙から入力"):
        case.seal(1, 0, 1, 1)
    colleague = actor_for(make_user(any_session, Role.OFFICE), Role.OFFICE)
    with pytest.raises(Refusal, match="ほかの担当者"):
        paper_sheets.begin(any_session, actor=colleague, member_id=member.id, proposal_id=proposal.id, stage=DOCUMENT)
    seen = paper_sheets.save_draft(any_session, actor=case.office, sheet_id=sheet.id, values=case.values(2, 2), seen=0)
    assert any_session.scalars(scoped(ScoreDraft, colleague)).all() == []
    assert len(any_session.scalars(scoped(ScoreDraft, case.office)).all()) == 1
    values: dict[str, Any] = {"sheet_id": sheet.id, "values": case.values(2, 2), "seen": seen}
    with pytest.raises(Invalid):
        paper_sheets.seal(any_session, actor=case.office, settings=settings, scan=None, **values)
    with pytest.raises(NotFound):
        paper_sheets.seal(any_session, actor=colleague, settings=settings, scan=Scan(PNG, "票.png"), **values)
    version = paper_sheets.seal(any_session, actor=case.office, settings=settings, scan=Scan(PNG, "票.png"), **values)
    assert version.is_on_behalf and version.scan_file_id is not None
    assert any_session.scalars(scoped(ScoreSheet, case.office)).all() == []
    entry = any_session.scalars(select(AuditEntry).where(AuditEntry.verb == "sheet:enter-on-behalf")).one()
    assert entry.on_behalf_of == member.name


def test_what_is_entered_from_paper_can_be_given_up_and_not_over_the_members_own_draft(any_session: Session) -> None:
    case = _ready(any_session)
    place = {"member_id": case.members[1].id, "proposal_id": case.proposals[0].id, "stage": DOCUMENT}
    sheet = paper_sheets.begin(any_session, actor=case.office, **place)  # type: ignore[arg-type]
    paper_sheets.save_draft(any_session, actor=case.office, sheet_id=sheet.id, values=case.values(2, 2), seen=0)
    paper_sheets.abandon(any_session, actor=case.office, sheet_id=sheet.id)
    _save(case, 1, 0, case.values(3, 3), 0)
    with pytest.raises(Refusal, match="委員本人"):
        paper_sheets.begin(any_session, actor=case.office, **place)  # type: ignore[arg-type]
    member = actor_for(case.users[0], Role.OFFICE, Role.COMMITTEE)
    with pytest.raises(NotAllowed):
        paper_sheets.begin(any_session, actor=member, **place)  # type: ignore[arg-type]


def test_a_paper_sheet_unsealed_is_entered_anew_and_a_colleague_may_stop_it(session: Session, app: Flask) -> None:
    case = _ready(session)
    place: dict[str, Any] = {"member_id": case.members[1].id, "proposal_id": case.proposals[0].id, "stage": DOCUMENT}
    sheet = paper_sheets.begin(session, actor=case.office, **place)
    paper_sheets.seal(
        session, actor=case.office, settings=app.extensions["settings"], sheet_id=sheet.id, values=case.values(2, 2),
        seen=0, scan=Scan(PNG, "票.png"),
    )  # fmt: skip
    sheets.unseal(session, actor=case.office, sheet_id=sheet.id, reason="転記の誤り")
    paper_sheets.begin(session, actor=case.office, **place)
    colleague = actor_for(make_user(session, Role.OFFICE), Role.OFFICE)
    member = actor_for(case.users[0], Role.OFFICE, Role.COMMITTEE)
    with pytest.raises(NotAllowed):
        paper_sheets.abandon(session, actor=member, sheet_id=sheet.id)
    paper_sheets.abandon(session, actor=colleague, sheet_id=sheet.id)
    with pytest.raises(NotFound):
        paper_sheets.abandon(session, actor=colleague, sheet_id=sheet.id)
    paper_sheets.begin(session, actor=colleague, **place)
    assert sheet.entered_by_id == colleague.user_id
    paper_sheets.abandon(session, actor=colleague, sheet_id=sheet.id)
    case.seal(2, 0, 3, 3)
    own = session.scalars(select(ScoreSheet).where(ScoreSheet.member_id == case.members[2].id)).one()
    sheets.unseal(session, actor=case.office, sheet_id=own.id, reason="申出")
    with pytest.raises(Refusal, match="委員本人"):
        paper_sheets.begin(session, actor=case.office, **place | {"member_id": case.members[2].id})


def test_one_who_is_absent_holds_nobody_up_and_is_out_of_the_tally(any_session: Session) -> None:
    case = _ready(any_session)
    for number in (0, 1):
        for place in (0, 1):
            case.seal(number, place, 4, 4)
    assert queries.open_stages(any_session, case.call.id) == set()
    setting_up.record_absence(
        any_session, actor=case.office, member_id=case.members[2].id, stage=DOCUMENT, reason="病気"
    )
    assert queries.open_stages(any_session, case.call.id) == {DOCUMENT}
    found = tally(ballot_of(any_session, case.call))
    assert [(one.id, one.outcome, one.as_json()["percent"]) for one in found.proposals] == [
        (case.proposals[0].id, "adopt", "80.00"),
        (case.proposals[1].id, "adopt", "80.00"),
    ]
    assert [one.tie_undecided for one in found.proposals] == [True, True]
    with pytest.raises(Refusal, match="欠席"):
        case.seal(2, 0, 1, 1)


def test_one_in_conflict_is_out_of_the_average_and_the_quorum(any_session: Session) -> None:
    case = a_case(any_session)
    from app.reviews.declarations import declare

    declare(
        any_session,
        actor=case.actor(2),
        proposal_id=case.proposals[0].id,
        has_interest=True,
        kind=InterestKind.OFFICER,
    )
    case.declare(2, 1)
    for number in (0, 1):
        case.declare(number)
    for number, place in ((0, 0), (1, 0), (0, 1), (1, 1), (2, 1)):
        case.seal(number, place, 5, 5 - number)
    found = {one.id: one for one in tally(ballot_of(any_session, case.call)).proposals}
    assert set(found[case.proposals[0].id].points) == {str(case.members[0].id), str(case.members[1].id)}
    assert found[case.proposals[0].id].steps[0].figures == {"present": 2, "members": 3, "is_met": True}


def test_sealing_twice_at_once_happens_once(any_app: Flask) -> None:
    with any_app.app_context():
        case = _ready(db.session())
        actor, proposal_id = case.actor(0), case.proposals[0].id
        values = case.values(4, 3)
        db.session.remove()
    barrier, results = threading.Barrier(2), []

    def run() -> None:
        with any_app.app_context():
            session = db.session()
            barrier.wait()
            try:
                sheets.seal(session, actor=actor, proposal_id=proposal_id, stage=DOCUMENT, values=values, seen=0)
                results.append("sealed")
            except Problem as problem:
                results.append(problem.message)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == sorted(["sealed", sheets.ALREADY_SEALED])
    with any_app.app_context():
        assert len(db.session.scalars(select(ScoreSheetVersion)).all()) == 1
        assert db.session.scalars(select(ScoreSheet)).one().state is SheetState.SEALED


def test_one_who_left_sees_nothing_and_counts_no_more(any_session: Session) -> None:
    case = _ready(any_session)
    setting_up.leave(any_session, actor=case.office, member_id=case.members[2].id, reason="辞任")
    assert len(case.members) == 2
    assert any_session.scalars(scoped(Proposal, case.actor(2))).all() == []
    with act(any_session, SYSTEM, "test:nothing", "試験"):
        pass


def test_a_member_sees_how_the_own_marks_lie_and_of_sealed_sheets_alone(session: Session) -> None:
    case = a_case(session)
    for number in (0, 1):
        case.declare(number)
    case.seal(0, 0, 5, 5)
    case.seal(0, 1, 2, 5)
    case.seal(1, 0, 0, 0)
    (own,) = (one for one in own_work.own_calls(session, case.actor(0)) if one.call.id == case.call.id)
    (told,) = own.statistics
    assert (told.count, told.mean, told.lowest, told.highest) == (2, "80.00", "60.00", "100.00")
    sheets.unseal(
        session, actor=case.office, sheet_id=own.sheets[(case.proposals[1].id, told.stage)].version.sheet_id,  # type: ignore[union-attr]
        reason="記入誤り",
    )  # fmt: skip
    (own,) = (one for one in own_work.own_calls(session, case.actor(0)) if one.call.id == case.call.id)
    assert [(one.count, one.mean) for one in own.statistics] == [(1, "100.00")]
