"""開催通知 to each member, as drafts in the notices: an item that a member may not see is not in theirs."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.access.actors import actor_holding, actor_of
from app.access.permissions import Permission
from app.access.scopes import visible_to
from app.actor import Actor
from app.audit.recorder import act
from app.meetings.papers import title_of, when_of
from app.meetings.withdrawals import in_conflict
from app.notices.services import Recipient, make_notice
from app.notices.wording import clean_name
from app.problems import Conflict
from models.bodies import Membership
from models.meetings import AgendaItem, Meeting, MeetingState
from models.notices import Honorific, Notice, NoticeState, NoticeTemplate
from models.people import Role


def draw_up_calls(session: Session, *, actor: Actor, meeting: Meeting) -> list[Notice]:
    """One draft of 開催通知 for everybody on the list who has none yet. Raises Conflict before the call."""
    actor.require(Permission.MEETING_EDIT)
    if meeting.state is not MeetingState.CALLED:
        raise Conflict("会議を招集してから、開催通知を作ってください。")
    with act(session, actor, "meeting:notices", "開催通知の作成"):
        items = list(meeting.items)
        written = set(session.scalars(_standing(meeting)))
        notices = [
            make_notice(
                session,
                actor=actor,
                template_code="meeting_call",
                values={
                    "会議名": title_of(meeting),
                    "日時": when_of(meeting),
                    "場所": meeting.place or "未定",
                    "議題": agenda_words(items_for(session, meeting, items, one.membership)),
                    "連絡事項": meeting.call_text,
                },
                recipient=recipient_of(one.membership),
                subject_kind="meeting",
                subject_id=meeting.id,
            )
            for one in meeting.attendances
            if clean_name(one.membership.name) not in written
        ]
    return notices


def has_calls(session: Session, meeting: Meeting) -> bool:
    """Whether somebody's 開催通知 stands, as a draft or sent: it keeps the words of its making."""
    return session.scalar(_standing(meeting).limit(1)) is not None


def _standing(meeting: Meeting) -> Select[str]:
    """The names that have a call."""
    return (
        select(Notice.recipient_name)
        .join(NoticeTemplate, NoticeTemplate.id == Notice.template_id)
        .where(
            NoticeTemplate.code == "meeting_call",
            Notice.subject_kind == "meeting",
            Notice.subject_id == meeting.id,
            Notice.state != NoticeState.WITHDRAWN,
        )
    )


def agenda_words(items: list[AgendaItem]) -> str:
    """The items one a line, numbered without gaps."""
    return "\n".join(f"{number} {item.title}" for number, item in enumerate(items, start=1)) or "(当日お知らせします)"


def items_for(session: Session, meeting: Meeting, items: list[AgendaItem], membership: Membership) -> list[AgendaItem]:
    """The items that this member may hear of: none in which they have an interest, none that their login would hide."""
    seen = [item for item in items if membership.id not in in_conflict(session, item, [membership])]
    reader = _reader_of(session, membership)
    if reader is None:
        return seen
    visible = set(
        session.scalars(
            select(AgendaItem.id).where(AgendaItem.meeting_id == meeting.id, visible_to(AgendaItem, reader))
        )
    )
    return [item for item in seen if item.id in visible]


def _reader_of(session: Session, membership: Membership) -> Actor | None:
    """The actor that the member is when signed in; None for those who never do."""
    if membership.user is not None:
        return actor_of(session, membership.user)
    if membership.department_id is not None:
        return actor_holding(session, 0, membership.name, [(Role.DEPARTMENT, membership.department_id)])
    if membership.user_role is not None:
        return actor_holding(session, 0, membership.name, [(membership.user_role, None)])
    return None


def recipient_of(membership: Membership) -> Recipient:
    """Persons 様, departments and partners 御中; mail to the member's own address, else to their login's."""
    is_group = membership.user_id is None and (membership.department_id is not None or membership.user_role is not None)
    user = membership.user
    email = membership.email or ((user.email or user.notice_email) if user is not None else None)
    return Recipient(membership.name, Honorific.GROUP if is_group else Honorific.PERSON, email)
