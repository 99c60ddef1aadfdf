"""所見書: asking many at once, drafts over days, submitting, returning, waiving, reminding; the council's opinion."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.handover import hand_over
from app.actor import Actor
from app.calls import coordination_services, council_opinions, opinion_services, opinion_writing, services
from app.calls.coordination_services import TaskRow
from app.japanese.dates import business_day_from
from app.problems import Conflict, Invalid, NotAllowed, NotFound, StaleRecord
from app.work import waiting_for
from models.coordination import DepartmentOpinion, OpinionDraft, OpinionState, Verdict
from models.people import Role, User
from models.proposals import Proposal, ProposalState
from models.records import AuditChange
from tests import factories
from tests.app.calls.support import DAY, SYSTEM, TODAY, a_call, a_proposal, actor_as, departments
from tests.support.people import make_user

S = ProposalState


def _asked(session: Session, state: ProposalState = S.COORDINATING) -> tuple[Proposal, DepartmentOpinion, Actor]:
    proposal = a_proposal(session, state=state)
    department = departments(session)[3]
    (opinion,) = opinion_services.request_opinions(
        session, actor=SYSTEM, proposal=proposal, department_ids=[department.id], due_on=TODAY + DAY
    )
    return proposal, opinion, actor_as(session, Role.DEPARTMENT, department)


def test_many_departments_are_asked_in_one_step_and_none_twice(app: Flask, session: Session) -> None:
    proposal = a_proposal(session, state=S.COORDINATING)
    office = actor_as(session, Role.OFFICE)
    three = [row.id for row in departments(session)[2:5]]
    made = opinion_services.request_opinions(
        session, actor=office, proposal=proposal, department_ids=three, due_on=TODAY
    )
    assert sorted(one.department_id for one in made) == three
    with pytest.raises(Invalid, match="もう依頼"):
        opinion_services.request_opinions(
            session, actor=office, proposal=proposal, department_ids=three[:1], due_on=TODAY
        )


def test_a_department_that_was_merged_last_year_is_not_asked(app: Flask, session: Session) -> None:
    after = departments(session)[0]
    before = factories.a_department(session, name="旧課", successor=after)
    proposal = a_proposal(session, state=S.COORDINATING)
    with pytest.raises(Invalid, match=after.name):
        opinion_services.request_opinions(
            session, actor=SYSTEM, proposal=proposal, department_ids=[before.id], due_on=TODAY
        )


@pytest.mark.parametrize("state", [S.DRAFT, S.REVIEWING, S.ADOPTED])
def test_opinions_are_asked_for_between_receipt_and_review(app: Flask, session: Session, state: ProposalState) -> None:
    proposal = a_proposal(session, state=state)
    with pytest.raises(Conflict):
        opinion_services.request_opinions(
            session, actor=SYSTEM, proposal=proposal, department_ids=[departments(session)[2].id], due_on=TODAY
        )


def test_a_draft_is_kept_and_not_logged(any_app: Flask, any_session: Session) -> None:
    session = any_session
    _, opinion, writer = _asked(session)
    opinion_writing.save_draft(session, actor=writer, opinion=opinion, answers={"need": "一日目"})
    draft = opinion_writing.save_draft(session, actor=writer, opinion=opinion, answers={"budget": "二日目"})
    assert draft.answers == {"need": "一日目", "budget": "二日目"}
    assert session.scalars(select(AuditChange).where(AuditChange.table_name == "opinion_draft")).all() == []
    with pytest.raises(StaleRecord):
        opinion_writing.save_draft(session, actor=writer, opinion=opinion, answers={}, version=draft.version - 1)


def test_only_the_department_that_was_asked_writes(app: Flask, session: Session) -> None:
    _, opinion, _ = _asked(session)
    other = actor_as(session, Role.DEPARTMENT, departments(session)[6])
    with pytest.raises(NotFound):
        opinion_writing.save_draft(session, actor=other, opinion=opinion, answers={"need": "x"})
    with pytest.raises(NotAllowed):
        opinion_writing.submit_opinion(
            session,
            actor=actor_as(session, Role.OFFICE),
            opinion=opinion,
            answers={"need": "x"},
            verdict=Verdict.NEUTRAL,
        )


def test_an_opinion_without_a_verdict_or_a_word_is_refused(app: Flask, session: Session) -> None:
    _, opinion, writer = _asked(session)
    with pytest.raises(Invalid) as refused:
        opinion_writing.submit_opinion(session, actor=writer, opinion=opinion, answers={"need": " "}, verdict=None)
    assert set(refused.value.fields) == {"verdict", "need"}


def test_a_returned_opinion_leaves_the_earlier_text_readable(app: Flask, session: Session) -> None:
    _, opinion, writer = _asked(session)
    office = actor_as(session, Role.OFFICE)
    opinion_writing.submit_opinion(
        session, actor=writer, opinion=opinion, answers={"need": "初め"}, verdict=Verdict.NEUTRAL
    )
    with pytest.raises(Conflict):
        opinion_writing.submit_opinion(
            session, actor=writer, opinion=opinion, answers={"need": "再"}, verdict=Verdict.NEUTRAL
        )
    with pytest.raises(Invalid, match="理由"):
        opinion_services.return_opinion(session, actor=office, opinion=opinion, reason=" ")
    opinion_services.return_opinion(session, actor=office, opinion=opinion, reason="具体的に")
    opinion_writing.submit_opinion(
        session, actor=writer, opinion=opinion, answers={"need": "後"}, verdict=Verdict.FAVOURABLE
    )
    session.expire_all()
    assert [(one.answers["need"], one.return_reason) for one in opinion.submissions] == [
        ("初め", "具体的に"),
        ("後", None),
    ]


def test_the_review_waits_for_every_opinion_or_its_waiver(app: Flask, session: Session) -> None:
    proposal, opinion, _ = _asked(session)
    office = actor_as(session, Role.OFFICE)
    coordination_services.add_note(
        session, actor=office, proposal=proposal, held_on=TODAY, participants="団体", content="話した"
    )
    with pytest.raises(Invalid, match="所見書が出ていません"):
        services.advance(session, actor=office, proposal=proposal, step="start_review")
    opinion_services.waive_opinion(session, actor=office, opinion=opinion, reason="関わりがない")
    services.advance(session, actor=office, proposal=proposal, step="start_review")
    assert proposal.state is S.REVIEWING
    with pytest.raises(Conflict):
        opinion_services.ask_again(session, actor=office, opinion=opinion, due_on=TODAY)


def test_the_review_can_begin_without_an_opinion_with_a_reason(app: Flask, session: Session) -> None:
    proposal, opinion, writer = _asked(session)
    office = actor_as(session, Role.OFFICE)
    services.advance(session, actor=office, proposal=proposal, step="start_review", reason="期限までに出なかった")
    assert proposal.state is S.REVIEWING
    assert opinion.state is OpinionState.REQUESTED
    with pytest.raises(Conflict, match="審査に入った"):
        opinion_writing.submit_opinion(
            session, actor=writer, opinion=opinion, answers={"need": "遅い"}, verdict=Verdict.NEUTRAL
        )


def test_an_ikiiki_review_waits_for_the_councils_opinion(app: Flask, session: Session) -> None:
    proposal = a_proposal(session, a_call(session, "ikiiki"), state=S.COORDINATING)
    office = actor_as(session, Role.OFFICE)
    coordination_services.add_note(
        session, actor=office, proposal=proposal, held_on=TODAY, participants="団体、担当課", content="話した"
    )
    with pytest.raises(Invalid, match="庁内検討会議の意見"):
        services.advance(session, actor=office, proposal=proposal, step="start_review")
    council_opinions.record_council_opinion(
        session, actor=office, proposal=proposal, given_on=TODAY, verdict=Verdict.FAVOURABLE, text="よい"
    )
    with pytest.raises(Conflict, match="もう記録"):
        council_opinions.record_council_opinion(
            session, actor=office, proposal=proposal, given_on=TODAY, verdict=Verdict.FAVOURABLE, text="再び"
        )
    services.advance(session, actor=office, proposal=proposal, step="start_review", reason="日程の都合")
    assert proposal.state is S.REVIEWING


def test_reminders_and_more_time(app: Flask, session: Session) -> None:
    _, opinion, writer = _asked(session)
    office = actor_as(session, Role.OFFICE)
    assert opinion_services.remind(session, actor=office, opinions=[opinion], note="お願いします") == 1
    opinion_services.ask_again(session, actor=office, opinion=opinion, due_on=TODAY + 3 * DAY)
    assert opinion.due_on == TODAY + 3 * DAY
    opinion_writing.submit_opinion(
        session, actor=writer, opinion=opinion, answers={"need": "要る"}, verdict=Verdict.NEUTRAL
    )
    with pytest.raises(Invalid):
        opinion_services.remind(session, actor=office, opinions=[opinion])


def test_what_is_due_stands_on_the_departments_and_the_offices_lists(app: Flask, session: Session) -> None:
    proposal, opinion, writer = _asked(session)
    coordination_services.add_task(
        session, actor=SYSTEM, proposal=proposal, task=TaskRow("会場を確かめる", departments(session)[3].id, TODAY)
    )
    mine = {(line.kind, line.key) for line in waiting_for(session, writer)}
    assert {("opinion", str(opinion.id)), ("coordination_task", str(proposal.id))} <= mine
    offices = {(line.kind, line.key) for line in waiting_for(session, actor_as(session, Role.OFFICE))}
    assert ("proposal", str(proposal.id)) in offices
    assert not any(
        line.kind in ("opinion", "proposal") for line in waiting_for(session, actor_as(session, Role.CENTER))
    )


def test_what_is_due_on_a_closed_day_is_due_on_the_next_open_one(app: Flask, session: Session) -> None:
    _, opinion, writer = _asked(session)
    saturday = TODAY + DAY * ((5 - TODAY.weekday()) % 7)
    opinion_services.ask_again(session, actor=actor_as(session, Role.OFFICE), opinion=opinion, due_on=saturday)
    [line] = [line for line in waiting_for(session, writer) if line.key == str(opinion.id) and line.kind == "opinion"]
    assert line.due_on == business_day_from(saturday)
    assert line.due_on >= saturday + 2 * DAY


def test_what_is_left_of_a_withdrawn_proposal_waits_for_nobody(app: Flask, session: Session) -> None:
    proposal, _, writer = _asked(session)
    coordination_services.add_task(
        session, actor=SYSTEM, proposal=proposal, task=TaskRow("会場を確かめる", departments(session)[3].id, TODAY)
    )
    services.advance(session, actor=SYSTEM, proposal=proposal, step="withdraw", reason="団体の都合")
    assert not [line for line in waiting_for(session, writer) if line.key == str(proposal.id)]


def test_a_successor_takes_over_the_drafts(app: Flask, session: Session) -> None:
    _, opinion, writer = _asked(session)
    opinion_writing.save_draft(session, actor=writer, opinion=opinion, answers={"need": "書きかけ"})
    before = session.get_one(User, writer.user_id)
    after = make_user(session, Role.DEPARTMENT)
    told = hand_over(session, actor=SYSTEM, from_user=before, to_user=after, last_day=TODAY)
    assert "所見書の下書き1件を引き継ぎました。" in told
    assert session.scalars(select(OpinionDraft.user_id)).all() == [after.id]


# --- coordination ----------------------------------------------------------------------------------------------------


def test_a_department_notes_as_itself_and_others_do_not_change_it(app: Flask, session: Session) -> None:
    proposal, _, writer = _asked(session)
    note = coordination_services.add_note(
        session,
        actor=writer,
        proposal=proposal,
        held_on=TODAY,
        participants="団体の代表",
        content="日程",
        tasks=[TaskRow("日程を出す", None, TODAY + DAY)],
    )
    assert note.department_id in writer.departments
    other = actor_as(session, Role.DEPARTMENT, departments(session)[1])
    with pytest.raises(NotAllowed):
        coordination_services.update_note(session, actor=other, note=note, version=None, values={"content": "別"})
    coordination_services.update_note(session, actor=writer, note=note, version=None, values={"content": "直した"})
    assert note.content == "直した"


def test_a_note_of_tomorrow_or_without_words_is_refused(app: Flask, session: Session) -> None:
    proposal, _, writer = _asked(session)
    with pytest.raises(Invalid) as refused:
        coordination_services.add_note(
            session, actor=writer, proposal=proposal, held_on=TODAY + DAY, participants=" ", content=""
        )
    assert set(refused.value.fields) == {"held_on", "participants", "content"}


def test_a_task_is_finished_once_with_its_result(app: Flask, session: Session) -> None:
    proposal, _, writer = _asked(session)
    task = coordination_services.add_task(
        session, actor=SYSTEM, proposal=proposal, task=TaskRow("確かめる", min(writer.departments))
    )
    with pytest.raises(Invalid):
        coordination_services.finish_task(session, actor=writer, task=task, result=" ")
    coordination_services.finish_task(session, actor=writer, task=task, result="空いていた")
    with pytest.raises(Conflict):
        coordination_services.finish_task(session, actor=writer, task=task, result="再び")
    coordination_services.reopen_task(session, actor=writer, task=task)
    assert task.done_at is None
