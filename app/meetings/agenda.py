"""Where agenda items come from: rooms above register providers that tell what is open for a body."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.subjects import records_of
from app.actor import Actor
from models.bodies import Body
from models.meetings import AgendaItem, Meeting, MeetingState


@dataclasses.dataclass(frozen=True)
class AgendaProposal:
    """Something that the body should take up. url_kind: the kind of page, as `app.access.subjects` knows it."""

    subject_kind: str | None
    subject_id: int | None
    title: str
    detail: str = ""
    url_kind: str | None = None


Provider = Callable[[Session, Body], Iterable[AgendaProposal]]
_providers: list[Provider] = []


def register_agenda_provider(provider: Provider) -> Provider:
    """Add a function (session, body) -> proposals for its next agenda. Usable as a decorator."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def proposals_for(session: Session, actor: Actor, body: Body) -> list[AgendaProposal]:
    """What is open for the body, seen by the actor, and stands on no agenda of a meeting that is still to be held."""
    ahead = (MeetingState.PLANNED, MeetingState.CALLED)
    taken = {
        (kind, key)
        for kind, key in session.execute(
            select(AgendaItem.subject_kind, AgendaItem.subject_id)
            .join(Meeting, Meeting.id == AgendaItem.meeting_id)
            .where(Meeting.body_id == body.id, Meeting.state.in_(ahead), AgendaItem.subject_kind.is_not(None))
        )
    }
    found: dict[tuple[str | None, int | None, str], AgendaProposal] = {}
    for provider in _providers:
        for one in provider(session, body):
            if one.subject_kind is None or (one.subject_kind, one.subject_id) not in taken:
                found.setdefault((one.subject_kind, one.subject_id, one.title), one)
    about = {(one.subject_kind, one.subject_id) for one in found.values()}
    seen = records_of(session, actor, {(kind, key) for kind, key in about if kind is not None and key is not None})
    return [one for one in found.values() if one.subject_kind is None or (one.subject_kind, one.subject_id) in seen]
