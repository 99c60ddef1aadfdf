"""The conclusion and the decision: what must hold, what is sealed, and that nothing under it changes by any door."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import threading

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.access.permissions import ROLE_PERMISSIONS
from app.actor import Actor
from app.audit.recorder import act
from app.extensions import db
from app.problems import Conflict, Invalid, NotAllowed, Problem, StaleRecord
from app.reviews import concluding, confirming, conflicts, corrections, deciding, queries, ties
from app.reviews.ballot_reading import read_ballot
from app.reviews.correction_digest import correction_digest
from app.reviews.deciding import DecisionValues
from app.reviews.results import result_of
from app.reviews.sealing import latest_record, verify_record
from app.reviews.tally import tally
from models.meetings import Attendance, AttendanceState
from models.people import Role
from models.proposal_story import ProposalEvent
from models.proposals import ProposalState
from models.records import AuditChange
from models.review_conflicts import InterestKind
from models.review_results import Outcome, TieMeans
from tests.app.reviews.concluded import TODAY, confirmed, decision, lines_of, meet, ready, save, written
from tests.app.reviews.support import SYSTEM, a_case, actor_for


def test_the_chair_confirms_and_everything_is_sealed(any_session: Session, any_app: Flask) -> None:
    case = ready(any_session)
    conclusion = confirmed(case)
    record = latest_record(any_session, case.call.id)
    assert record is not None and conclusion.confirmed_at is not None
    sealed = json.loads(record.content)
    assert [row["id"] for row in sealed["proposals"]] == [one.id for one in case.proposals]
    assert len(sealed["sheets"]) == len(case.users) * len(case.proposals)
    told = any_session.scalars(
        select(AuditChange).where(AuditChange.table_name == "sealed_record", AuditChange.record_key == str(record.id))
    ).all()
    assert record.sha256 in json.dumps([one.values for one in told])
    assert verify_record(any_session, case.call, any_app.extensions["settings"]) == []
    # The downloaded record alone gives the same list again: `flask reviews tally --file`.
    assert tally(read_ballot(record.content)).as_json() == sealed["tally"]


def test_nothing_under_a_conclusion_changes_by_raw_sql(any_session: Session) -> None:
    case = ready(any_session)
    confirmed(case)
    any_session.commit()
    for statement in (
        "UPDATE score SET value = 0",
        "DELETE FROM score_sheet_version",
        "UPDATE criterion SET weight = '9'",
        "UPDATE sealed_record SET content = '{}'",
        "DELETE FROM sealed_record",
        "UPDATE conclusion SET amount_yen = 1",
        "UPDATE review_conclusion SET note = 'x'",
        f"UPDATE proposal SET requested_yen = 1 WHERE call_id = {case.call.id}",
    ):
        with pytest.raises(DBAPIError, match="stands still"):
            any_session.execute(text(statement))
        any_session.rollback()


def test_what_was_tampered_with_past_the_triggers_is_named(any_session: Session, any_app: Flask) -> None:
    case = ready(any_session)
    confirmed(case)
    any_session.commit()
    from app.reviews import ddl

    ddl.drop_guards(any_session.connection())
    any_session.execute(text("UPDATE score SET value = value - 1 WHERE value = 4"))
    any_session.commit()
    any_session.expire_all()
    found = verify_record(any_session, case.call, any_app.extensions["settings"])
    places = {one.where.split("/")[0] for one in found}
    assert places == {"sheets", "ballot", "tally"}
    assert all(one.where.endswith("/value") for one in found if one.where.startswith("sheets/"))


def test_a_departure_from_the_rule_is_reasoned(session: Session) -> None:
    case = ready(session)
    conclusion = concluding.draft_conclusion(session, actor=case.office, call_id=case.call.id)
    first, *rest = lines_of(conclusion)
    other = dataclasses.replace(first, outcome=Outcome.REJECTED, amount_yen=0, reason="試験の理由")
    with pytest.raises(Invalid) as refused:
        save(case, conclusion, [other, *rest])
    assert list(refused.value.fields) == [f"departure_{first.proposal_id}"]
    session.rollback()
    saved = save(case, conclusion, [dataclasses.replace(other, departure_reason="委員会で議論した"), *rest])
    assert {line.outcome for line in saved.lines if line.proposal_id == first.proposal_id} == {Outcome.REJECTED}


def test_a_first_wording_is_not_kept_for_another_result(session: Session) -> None:
    case = ready(session, proposals=3)
    conclusion = concluding.draft_conclusion(session, actor=case.office, call_id=case.call.id)
    lines = lines_of(conclusion)
    adopted = next(one for one in lines if one.outcome is Outcome.ADOPTED)
    rest = [one for one in lines if one is not adopted]
    other = dataclasses.replace(adopted, outcome=Outcome.RESERVE, departure_reason="委員会で議論した")
    stale = dataclasses.replace(adopted, reason="上位の提案で予算に達したため、保留とする。")
    for wrong in (other, stale):
        with pytest.raises(Invalid) as refused:
            save(case, conclusion, [wrong, *rest])
        assert list(refused.value.fields) == [f"reason_{adopted.proposal_id}"]
        session.rollback()
    assert save(case, conclusion, [dataclasses.replace(other, reason="次の募集を待つため"), *rest])


def test_adoptions_above_the_budget_by_one_yen_are_refused(session: Session) -> None:
    case = ready(session, proposals=3)
    conclusion = concluding.draft_conclusion(session, actor=case.office, call_id=case.call.id)
    assert sorted(line.amount_yen for line in conclusion.lines) == [0, 50_000, 50_000]
    over = [
        dataclasses.replace(one, outcome=Outcome.ADOPTED, amount_yen=one.amount_yen or 1, departure_reason="試験")
        for one in lines_of(conclusion)
    ]
    with pytest.raises(Invalid, match="¥1超えています"):
        save(case, conclusion, over)


def test_a_member_or_another_role_writes_no_conclusion(session: Session) -> None:
    case = ready(session)
    for actor in (
        case.actor(1),
        Actor(None, "課", frozenset({Role.DEPARTMENT}), permissions=ROLE_PERMISSIONS[Role.DEPARTMENT]),
    ):
        with pytest.raises(NotAllowed):
            concluding.draft_conclusion(session, actor=actor, call_id=case.call.id)
    both = actor_for(case.users[1], Role.OFFICE, Role.COMMITTEE)
    with pytest.raises(NotAllowed, match="ほかの推進担当"):
        concluding.draft_conclusion(session, actor=both, call_id=case.call.id)


def test_a_member_who_is_not_the_chair_does_not_confirm(session: Session) -> None:
    case = ready(session)
    conclusion = written(case)
    with pytest.raises(NotAllowed):
        confirming.confirm(session, actor=case.actor(1), call_id=case.call.id, seen_version=conclusion.version)
    with pytest.raises(Invalid, match="議事録"):
        confirming.confirm(session, actor=case.office, call_id=case.call.id, seen_version=conclusion.version)


def test_a_tie_stands_in_the_way_until_it_is_parted(session: Session) -> None:
    case = a_case(session)
    for number in range(len(case.users)):
        case.declare(number)
        for place in range(len(case.proposals)):
            case.seal(number, place, 4, 4)
    result = result_of(session, case.call)
    if not result.tally.is_undecided:
        with act(session, SYSTEM, "test:equal", "試験の同額"):
            for proposal in case.proposals:
                proposal.requested_yen = case.proposals[0].requested_yen
        result = result_of(session, case.call)
    (group,) = ties.tied_groups(result)
    assert "同率" in "".join(confirming.obstacles_of(session, case.call))
    with pytest.raises(Invalid):
        ties.record_tie(
            session, actor=case.office, call_id=case.call.id, proposal_ids=group[:1], means=TieMeans.LOT, note="くじ"
        )
    session.rollback()
    ties.record_tie(
        session,
        actor=case.office,
        call_id=case.call.id,
        proposal_ids=list(reversed(group)),
        means=TieMeans.LOT,
        note="委員長が、委員の立会いのもとで引いた",
    )
    parted = result_of(session, case.call)
    assert not parted.tally.is_undecided
    assert [int(one.id) for one in parted.tally.proposals] == list(reversed(group))


def test_two_secretaries_confirm_at_once_and_one_wins(any_app: Flask) -> None:
    with any_app.app_context():
        case = ready(db.session())
        conclusion = written(case)
        version, call_id, chair = conclusion.version, case.call.id, case.actor(0)
        db.session.rollback()
        db.session.remove()
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def attempt() -> None:
        with any_app.app_context():
            barrier.wait()
            try:
                confirming.confirm(db.session(), actor=chair, call_id=call_id, seen_version=version)
                outcomes.append("confirmed")
            except Problem:
                db.session.rollback()
                outcomes.append("told")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["confirmed", "told"]


def test_the_decision_takes_the_proposal_on_and_stands_still_then(any_session: Session) -> None:
    case = ready(any_session)
    with pytest.raises(Conflict, match="審査結果がまだ"):
        deciding.save_decision(
            any_session,
            actor=case.office,
            proposal_id=case.proposals[0].id,
            values=DecisionValues(Outcome.REJECTED, 0, reason="x"),
        )
    any_session.rollback()
    confirmed(case)
    for place in range(len(case.proposals)):
        drafted = decision(case, place)
        deciding.decide(
            any_session, actor=case.office, proposal_id=case.proposals[place].id, seen_version=drafted.version
        )
        state = case.proposals[place].state
        assert state.value == drafted.outcome.value
    with pytest.raises(Conflict):
        decision(case, 0)
    any_session.rollback()
    with pytest.raises(DBAPIError, match="stands still"):
        any_session.execute(text("UPDATE city_decision SET amount_yen = 1"))
    any_session.rollback()
    assert queries.proposals_of(any_session, case.call.id) == case.proposals


def test_the_door_of_the_way_is_closed_without_a_decision(session: Session) -> None:
    from app.calls import services

    case = ready(session)
    for step in ("adopt", "adopt_with_conditions", "reject", "reserve"):
        with pytest.raises(Problem):
            services.advance(session, actor=case.office, proposal=case.proposals[0], step=step, reason="試験")
        session.rollback()
    assert case.proposals[0].state is ProposalState.REVIEWING


def test_a_decision_above_the_budget_by_one_yen_is_refused(session: Session) -> None:
    case = ready(session, proposals=3)
    confirmed(case)
    lines = [deciding.find_line(session, one.id) for one in case.proposals]
    outcomes = [line.outcome for line in lines if line is not None]
    for place in (place for place, outcome in enumerate(outcomes) if outcome is Outcome.ADOPTED):
        decision(case, place)
    with pytest.raises(Invalid) as refused:
        decision(case, outcomes.index(Outcome.RESERVE), outcome=Outcome.ADOPTED, amount_yen=1, departure_reason="試験")
    assert "amount_yen" in refused.value.fields


def test_a_correction_is_a_signed_entry_beside_the_record(any_session: Session, any_app: Flask) -> None:
    case = ready(any_session)
    with pytest.raises(Conflict):
        corrections.add_correction(
            any_session, actor=case.office, call_id=case.call.id, proposal_id=None, text="訂正", reason="理由"
        )
    any_session.rollback()
    confirmed(case)
    row = corrections.add_correction(
        any_session,
        actor=case.office,
        call_id=case.call.id,
        proposal_id=case.proposals[0].id,
        text="訂正",
        reason="理由",
    )
    assert row.sha256 == correction_digest(row)
    assert verify_record(any_session, case.call, any_app.extensions["settings"]) == []


def test_a_stale_conclusion_is_not_overwritten(session: Session) -> None:
    case = ready(session)
    conclusion = written(case)
    with pytest.raises(StaleRecord):
        concluding.save_conclusion(
            session,
            actor=case.office,
            call_id=case.call.id,
            seen_version=conclusion.version - 1,
            meeting_id=conclusion.meeting_id,
            concluded_on=TODAY,
            note="",
            lines=lines_of(conclusion),
        )


def test_a_chair_in_conflict_does_not_confirm_by_login(session: Session) -> None:
    case = a_case(session)
    conflicts.set_conflict(
        session,
        actor=case.office,
        member_id=case.members[0].id,
        proposal_id=case.proposals[0].id,
        kind=InterestKind.TRADE,
        reason="取引",
    )
    case.declare(0, 1)
    case.declare(1)
    case.declare(2)
    for number, places in ((0, (1,)), (1, (0, 1)), (2, (0, 1))):
        for place in places:
            case.seal(number, place)
    meet(case)
    conclusion = written(case)
    assert confirming.may_confirm(session, case.actor(0), case.call) is None
    with pytest.raises(NotAllowed):
        confirming.confirm(session, actor=case.actor(0), call_id=case.call.id, seen_version=conclusion.version)


def test_without_quorum_nothing_is_adopted_and_how_it_was_handled_is_told(session: Session) -> None:
    """Nobody present: the rule gives no_quorum to all; adopting is refused, everything else needs its words."""
    case = ready(session)
    with act(session, SYSTEM, "test:absent", "試験の欠席"):
        for row in session.scalars(select(Attendance)):
            row.state = AttendanceState.ABSENT
    result = result_of(session, case.call)
    assert {(one.outcome, one.percent, one.rank) for one in result.tally.proposals} == {("no_quorum", None, None)}
    conclusion = concluding.draft_conclusion(session, actor=case.office, call_id=case.call.id)
    assert "定足数" in conclusion.lines[0].reason
    adopted = [dataclasses.replace(one, outcome=Outcome.ADOPTED, amount_yen=1) for one in lines_of(conclusion)]
    with pytest.raises(Invalid) as refused:
        save(case, conclusion, adopted)
    assert all("定足数" in sentence for sentence in refused.value.fields.values())
    session.rollback()
    with pytest.raises(Invalid, match="確かめて"):
        save(case, conclusion, lines_of(conclusion))
    session.rollback()
    told = [dataclasses.replace(one, departure_reason="次の会議であらためて審査する") for one in lines_of(conclusion)]
    assert confirming.obstacles_of(session, case.call)
    save(case, conclusion, told)
    assert confirming.obstacles_of(session, case.call) == []


def test_every_member_in_conflict_leaves_no_quorum(session: Session) -> None:
    case = ready(session)
    for member in case.members:
        conflicts.set_conflict(
            session,
            actor=case.office,
            member_id=member.id,
            proposal_id=case.proposals[0].id,
            kind=InterestKind.OTHER,
            reason="全員",
        )
    found = result_of(session, case.call).of(case.proposals[0].id)
    assert found is not None and (found.outcome, found.percent, found.has_quorum) == ("no_quorum", None, False)


def test_a_conclusion_waits_for_the_meeting_s_attendance(session: Session) -> None:
    case = ready(session)
    with act(session, SYSTEM, "test:unknown", "試験の未入力"):
        for row in session.scalars(select(Attendance)):
            row.state = AttendanceState.UNKNOWN
    conclusion = written(case)
    assert any("出欠がまだ入力されていません" in one for one in confirming.obstacles_of(session, case.call))
    with pytest.raises(Conflict, match="出欠"):
        confirming.confirm(session, actor=case.actor(0), call_id=case.call.id, seen_version=conclusion.version)


def test_nothing_is_confirmed_before_the_day_of_the_meeting(session: Session) -> None:
    case = ready(session)
    conclusion = written(case)
    meeting = conclusion.meeting
    assert meeting is not None and confirming.obstacles_of(session, case.call) == []
    with act(session, SYSTEM, "test:ahead", "試験の延期"):
        meeting.held_on = conclusion.concluded_on = TODAY + dt.timedelta(days=1)
    told = "".join(confirming.obstacles_of(session, case.call))
    assert "会議の日" in told and "まだ来ていません" in told and "先の日付" in told
    with pytest.raises(Conflict, match="まだ来ていません"):
        confirming.confirm(session, actor=case.actor(0), call_id=case.call.id, seen_version=conclusion.version)


def test_what_waits_in_reserve_tells_nothing_of_the_conclusion_in_its_story(session: Session) -> None:
    case = ready(session, proposals=3)
    confirmed(case)
    lines = [deciding.find_line(session, one.id) for one in case.proposals]
    place = next(number for number, line in enumerate(lines) if line is not None and line.outcome is Outcome.RESERVE)
    deciding.hold_in_reserve(session, actor=case.office, proposal_id=case.proposals[place].id)
    told = session.scalars(
        select(ProposalEvent).where(
            ProposalEvent.proposal_id == case.proposals[place].id, ProposalEvent.step == "reserve"
        )
    ).one()
    assert told.reason is None and case.proposals[place].state is ProposalState.RESERVE
