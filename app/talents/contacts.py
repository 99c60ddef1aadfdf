"""What is noted beside a match: calls, mails and meetings, and how it went afterwards, as both sides say."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import is_editable
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import today_in_tokyo
from app.japanese.text import TextError, check_length, clean_text
from app.problems import Conflict, Invalid, NotAllowed, NotFound, check_version
from app.talents import queries
from app.talents.stages import MAY_FOLLOW_UP
from app.talents.values import MAX_TEXT
from models.base import utc_now
from models.matches import ContactLog, ContactResult, ContactWay, FollowUp, Match, Outcome, Side


def log_contact(
    session: Session,
    *,
    actor: Actor,
    match_id: int,
    side: Side | None,
    way: ContactWay | None,
    result: ContactResult | None,
    summary: str | None = None,
    at: dt.datetime | None = None,
) -> ContactLog:
    """Note a call, mail or meeting. Raises Invalid for what is missing, a moment to come, or too long a text."""
    actor.require(Permission.MATCH_EDIT)
    wrong = {
        name: "選んでください。" for name, value in (("side", side), ("way", way), ("result", result)) if value is None
    }
    moment = at or utc_now()
    if moment > utc_now() + dt.timedelta(minutes=5):
        wrong["contacted_on"] = "連絡した日は、今日までの日にしてください。"
    text = text_of("summary", summary, wrong)
    if wrong or side is None or way is None or result is None:
        raise Invalid("入力の内容を確かめてください。", fields=wrong)
    with act(session, actor, "match:contact", f"連絡の記録: コーディネート{match_id}"):
        match = editable_match(session, actor, match_id)
        line = ContactLog(
            side=side, way=way, result=result, summary=text, contacted_at=moment, by_label=actor.label[:200]
        )
        match.contacts.append(line)
        if match.last_contact_at is None or moment > match.last_contact_at:
            match.last_contact_at = moment
        session.flush()
    return line


def correct_contact(session: Session, *, actor: Actor, match_id: int, line_id: int, summary: str | None) -> ContactLog:
    """Write the summary of a call anew, e.g. without what should not stand there. Raises NotFound, Invalid."""
    actor.require(Permission.MATCH_EDIT)
    wrong: dict[str, str] = {}
    text = text_of("summary", summary, wrong)
    if wrong:
        raise Invalid("入力の内容を確かめてください。", fields=wrong)
    with act(session, actor, "match:contact", f"連絡の記録の修正: コーディネート{match_id}"):
        match = editable_match(session, actor, match_id)
        line = next((one for one in match.contacts if one.id == line_id), None)
        if line is None:
            raise NotFound
        line.summary = text
        session.flush()
    return line


def correct_note(session: Session, *, actor: Actor, match_id: int, version: int | None, note: str | None) -> Match:
    """Write the notes of a match anew. Raises NotFound, Invalid, StaleRecord."""
    actor.require(Permission.MATCH_EDIT)
    wrong: dict[str, str] = {}
    text = text_of("note", note, wrong)
    if wrong:
        raise Invalid("入力の内容を確かめてください。", fields=wrong)
    with act(session, actor, "match:note", f"覚え書きの修正: コーディネート{match_id}"):
        match = editable_match(session, actor, match_id)
        check_version(match, version)
        match.note = text
        session.flush()
    return match


def record_follow_up(
    session: Session,
    *,
    actor: Actor,
    match_id: int,
    side: Side | None,
    outcome: Outcome | None,
    wants_again: bool = False,
    comment: str | None = None,
    asked_on: dt.date | None = None,
) -> FollowUp:
    """What one side says afterwards; said again it replaces what was said before."""
    actor.require(Permission.MATCH_EDIT)
    wrong = {name: "選んでください。" for name, value in (("side", side), ("outcome", outcome)) if value is None}
    day = asked_on or today_in_tokyo()
    if day > today_in_tokyo():
        wrong["asked_on"] = "聞いた日は、今日までの日にしてください。"
    text = text_of("comment", comment, wrong)
    if wrong or side is None or outcome is None:
        raise Invalid("入力の内容を確かめてください。", fields=wrong)
    with act(session, actor, "match:follow-up", f"その後の聞き取り: コーディネート{match_id}"):
        match = editable_match(session, actor, match_id)
        if match.stage not in MAY_FOLLOW_UP:
            raise Conflict("成立したあとで、双方にその後を聞いて記録します。")
        line = next((one for one in match.follow_ups if one.side is side), None)
        if line is None:
            line = FollowUp(side=side, outcome=outcome, asked_on=day)
            match.follow_ups.append(line)
        line.outcome, line.wants_again, line.comment, line.asked_on = outcome, wants_again, text, day
        session.flush()
    return line


def editable_match(session: Session, actor: Actor, match_id: int) -> Match:
    """The match, if the actor may change it. Raises NotFound, NotAllowed."""
    match = queries.get_match(session, actor, match_id)
    if not is_editable(session, match, actor):
        raise NotAllowed
    return match


def text_of(name: str, value: str | None, wrong: dict[str, str]) -> str | None:
    """A cleaned text; what is wrong with it goes into `wrong`."""
    try:
        text = clean_text(value or "")
        check_length(text, MAX_TEXT, "内容")
    except TextError as error:
        wrong[name] = str(error)
        return None
    return text or None
