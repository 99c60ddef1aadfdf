"""What a body concludes on an item, linked to what it decides; rooms above are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.subjects import find_record
from app.actor import Actor
from app.audit.recorder import act
from app.meetings.attendance import count_of, out_of_item
from app.meetings.services import require_unconfirmed
from app.problems import Conflict, Invalid, NotFound
from models.engine import lock
from models.meetings import AgendaItem, MeetingState, Resolution, ResolutionDecision

#: Told within the same act: (session, actor, resolution).
ResolutionHook = Callable[[Session, Actor, Resolution], None]
_hooks: list[ResolutionHook] = []
#: Asked and told within the same act, before the record goes: (session, actor, resolution, reason).
TakeBackHook = Callable[[Session, Actor, Resolution, str], None]
_take_back_hooks: list[TakeBackHook] = []


def register_resolution_hook(hook: ResolutionHook) -> ResolutionHook:
    """Be called when a resolution was recorded. Usable as a decorator."""
    if hook not in _hooks:
        _hooks.append(hook)
    return hook


def register_take_back_hook(hook: TakeBackHook) -> TakeBackHook:
    """Undo what followed from a resolution that is taken back, or raise Conflict when something stands on it."""
    if hook not in _take_back_hooks:
        _take_back_hooks.append(hook)
    return hook


def record_resolution(
    session: Session,
    *,
    actor: Actor,
    agenda_item: AgendaItem,
    decision: ResolutionDecision,
    text: str,
    decided_on: dt.date | None = None,
    votes: tuple[int, int, int] | None = None,
    subject: tuple[str, int] | None = None,
) -> Resolution:
    """Record what was concluded. votes: for, against, abstained. subject: by default the item's.

    Raises Conflict before the members were called, or without the quorum for this item; Invalid with fields.
    """
    actor.require(Permission.MEETING_EDIT)
    meeting = agenda_item.meeting
    kind, key = subject or (agenda_item.subject_kind, agenda_item.subject_id)
    if subject is not None and find_record(session, actor, kind, key) is None:
        raise NotFound
    if not text.strip():
        raise Invalid("決議の内容を入力してください。", fields={"text": "決議の内容を入力してください。"})
    with act(session, actor, "meeting:resolve", "決議の記録"):
        lock(session, meeting)
        if meeting.state not in {MeetingState.CALLED, MeetingState.HELD}:
            raise Conflict("招集した会議だけに決議を記録できます。")
        require_unconfirmed(session, meeting)
        _check_count(session, agenda_item, votes)
        resolution = Resolution(
            agenda_item=agenda_item,
            subject_kind=kind,
            subject_id=key,
            decision=decision,
            text=text.strip(),
            decided_on=decided_on or meeting.held_on,
            votes_for=votes[0] if votes else None,
            votes_against=votes[1] if votes else None,
            votes_abstained=votes[2] if votes else None,
        )
        session.add(resolution)
        session.flush()
        for hook in _hooks:
            hook(session, actor, resolution)
    return resolution


def _check_count(session: Session, item: AgendaItem, votes: tuple[int, int, int] | None) -> None:
    count = count_of(item.meeting, out=out_of_item(session, item.meeting, item))
    if count.present == 0:
        raise Conflict("出席者が入力されていません。先に出欠を入力してください。")
    if count.is_met is False:
        raise Conflict(f"この議題は定足数に達していないため、決議できません({count.text})。")
    if votes is None:
        return
    if any(number < 0 for number in votes):
        raise Invalid("票数は0以上の整数で入力してください。", fields={"votes_for": "0以上の整数で入力してください。"})
    if sum(votes) > count.present:
        sentence = f"票数の合計({sum(votes)}票)が、出席した委員の数({count.present}人)を超えています。"
        raise Invalid(sentence, fields={"votes_for": sentence})


def remove_resolution(session: Session, *, actor: Actor, resolution: Resolution, reason: str) -> None:
    """Take back what was entered by mistake, before the minutes are confirmed, with a reason; what followed from it is
    undone with it. Raises Conflict when something stands on it already."""
    actor.require(Permission.MEETING_EDIT)
    if not reason.strip():
        raise Invalid("取消しの理由を入力してください。", fields={"reason": "理由を入力してください。"})
    with act(session, actor, "meeting:resolve", "決議の記録の取消し", reason=reason):
        lock(session, resolution.agenda_item.meeting)
        require_unconfirmed(session, resolution.agenda_item.meeting)
        for hook in _take_back_hooks:
            hook(session, actor, resolution, reason.strip())
        session.delete(resolution)
