"""Verbs of coordination: note a conversation, give somebody a task out of it, and tell that it is done."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import find_visible, is_editable
from app.actor import Actor
from app.audit.recorder import act
from app.calls.departments import gone_sentence
from app.calls.policy import is_office
from app.calls.story import tell
from app.calls.workflow import FINAL_STATES
from app.japanese.dates import format_date, today_in_tokyo
from app.problems import Conflict, Invalid, NotAllowed, NotFound, check_version
from models.base import utc_now
from models.coordination import CoordinationMeans, CoordinationNote, CoordinationTask
from models.proposals import Proposal, ProposalState
from models.reference import Department


@dataclasses.dataclass(frozen=True)
class TaskRow:
    """A task as typed. department_id None: the office."""

    title: str
    department_id: int | None = None
    due_on: dt.date | None = None


def may_note(session: Session, actor: Actor, proposal: Proposal) -> bool:
    """The office, and departments that are asked about the proposal or in charge of it; never on a draft."""
    if proposal.state is ProposalState.DRAFT or proposal.state in FINAL_STATES:
        return False
    if is_office(actor):
        return actor.may(Permission.PROPOSAL_EDIT)
    return actor.may(Permission.OPINION_ANSWER) and find_visible(session, Proposal, proposal.id, actor) is not None


def add_note(
    session: Session,
    *,
    actor: Actor,
    proposal: Proposal,
    held_on: dt.date,
    participants: str,
    content: str,
    means: CoordinationMeans = CoordinationMeans.MEETING,
    agreed: str = "",
    changes: str = "",
    tasks: Sequence[TaskRow] = (),
) -> CoordinationNote:
    """Note a conversation, with the tasks out of it. A department notes as itself. Raises Invalid, NotAllowed."""
    if find_visible(session, Proposal, proposal.id, actor) is None:
        raise NotFound
    if not may_note(session, actor, proposal):
        if is_office(actor):
            raise Conflict(f"「{proposal.state.label}」の応募・提案には、調整記録を書けません。")
        raise NotAllowed
    _check(held_on, participants, content, tasks)
    department_id = None if is_office(actor) else min(actor.departments)
    with act(session, actor, "proposal:note", f"調整記録({format_date(held_on)}): {proposal.title}"):
        note = CoordinationNote(
            proposal=proposal,
            held_on=held_on,
            means=means,
            participants=participants.strip(),
            content=content.strip(),
            agreed=agreed.strip(),
            changes=changes.strip(),
            department_id=department_id,
            written_by_id=actor.user_id,
        )
        session.add(note)
        for row in tasks:
            session.add(_task(session, proposal, note, row))
        tell(session, actor, proposal, "coordination_note", f"調整を記録した({means.label})", on=held_on)
        session.flush()
    return note


def update_note(
    session: Session,
    *,
    actor: Actor,
    note: CoordinationNote,
    version: int | None,
    values: Mapping[str, Any],
) -> CoordinationNote:
    """Correct a note before the review; whoever wrote it (the office, or that department)."""
    if not is_editable(session, note, actor):
        raise NotAllowed("この調整記録は、書いた課だけが、審査に入る前に直せます。")
    check_version(note, version)
    names = ("held_on", "means", "participants", "content", "agreed", "changes")
    clean = {name: values[name] for name in names if name in values}
    for name in ("participants", "content", "agreed", "changes"):
        if name in clean:
            clean[name] = (clean[name] or "").strip()
    _check(
        clean.get("held_on", note.held_on),
        clean.get("participants", note.participants),
        clean.get("content", note.content),
        (),
    )
    with act(session, actor, "proposal:note_edit", f"調整記録の修正: {note.proposal.title}"):
        for name, value in clean.items():
            if getattr(note, name) != value:
                setattr(note, name, value)
        session.flush()
    return note


def add_task(session: Session, *, actor: Actor, proposal: Proposal, task: TaskRow) -> CoordinationTask:
    """A task without a note."""
    if not (is_office(actor) and actor.may(Permission.PROPOSAL_EDIT)):
        raise NotAllowed
    if proposal.state in FINAL_STATES or proposal.state is ProposalState.DRAFT:
        raise Conflict(f"「{proposal.state.label}」の応募・提案には、宿題を作れません。")
    _check_tasks((task,))
    with act(session, actor, "proposal:task", f"調整の宿題: {proposal.title}"):
        row = _task(session, proposal, None, task)
        session.add(row)
        session.flush()
    return row


def finish_task(session: Session, *, actor: Actor, task: CoordinationTask, result: str) -> CoordinationTask:
    """Tell that a task is done, and what came of it."""
    if not is_editable(session, task, actor):
        raise NotAllowed
    if task.done_at is not None:
        raise Conflict("この宿題は、もう済んでいます。")
    if not result.strip():
        raise Invalid("結果を書いてください。", fields={"result": "結果を書いてください。"})
    with act(session, actor, "proposal:task_done", f"調整の宿題の完了: {task.proposal.title}"):
        task.done_at, task.done_by_id, task.result = utc_now(), actor.user_id, result.strip()
        tell(session, actor, task.proposal, "task_done", f"宿題を終えた: {task.title}")
        session.flush()
    return task


def reopen_task(session: Session, *, actor: Actor, task: CoordinationTask) -> CoordinationTask:
    """It is not done after all."""
    if not is_editable(session, task, actor):
        raise NotAllowed
    if task.done_at is None:
        raise Conflict("この宿題は、まだ済んでいません。")
    with act(session, actor, "proposal:task_reopen", f"調整の宿題の再開: {task.proposal.title}"):
        task.done_at = task.done_by_id = None
        session.flush()
    return task


# --- parts -----------------------------------------------------------------------------------------------------------


def _task(session: Session, proposal: Proposal, note: CoordinationNote | None, row: TaskRow) -> CoordinationTask:
    if row.department_id is not None:
        department = session.get(Department, row.department_id)
        sentence = (
            "今ある課を選んでください。" if department is None else gone_sentence(department, "を選んでください。")
        )
        if sentence:
            raise Invalid(sentence, fields={"department_id": sentence})
    return CoordinationTask(
        proposal=proposal, note=note, title=row.title.strip(), department_id=row.department_id, due_on=row.due_on
    )


def _check(held_on: dt.date, participants: str, content: str, tasks: Sequence[TaskRow]) -> None:
    problems = {}
    if held_on > today_in_tokyo():
        problems["held_on"] = "今日以前の日付を入力してください。"
    if not participants.strip():
        problems["participants"] = "出席者を入力してください。"
    if not content.strip():
        problems["content"] = "話し合った内容を入力してください。"
    if problems:
        raise Invalid("入力を確かめてください。", fields=problems)
    _check_tasks(tasks)


def _check_tasks(tasks: Sequence[TaskRow]) -> None:
    if any(not row.title.strip() for row in tasks):
        sentence = "宿題に、することを書いてください。"
        raise Invalid(sentence, fields={"title": sentence})
