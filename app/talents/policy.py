"""Who sees what of こだいら人財の森 (domain.md 1, 3): names and contacts あすぴあ alone, others what is anonymised."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from app.access.permissions import Permission
from app.access.scopes import register_field_scope, register_scope, visible_to
from app.actor import Actor
from app.japanese.dates import today_in_tokyo
from models.base import Base
from models.matches import ContactLog, Disclosure, FollowUp, Match, MatchStep, MatchTime
from models.talent_requests import TalentRequest
from models.talents import Talent, TalentStatus


def reads_names(actor: Actor) -> bool:
    """Whether the actor reads names, contacts and the centre's own notes."""
    return actor.is_system or actor.may(Permission.CONTACT_DISCLOSE)


def talents_visible_to(actor: Actor) -> ColumnElement[bool]:
    """The centre sees every talent; others those that could be matched today; erased ones are nobody's."""
    if not actor.may(Permission.TALENT_READ):
        return false()
    if reads_names(actor):
        return Talent.status != TalentStatus.ERASED
    return and_(
        Talent.status == TalentStatus.ACTIVE,
        or_(Talent.valid_until.is_(None), Talent.valid_until >= today_in_tokyo()),
    )


def talents_editable_by(actor: Actor) -> ColumnElement[bool]:
    """あすぴあ keeps the talents."""
    return true() if actor.may(Permission.TALENT_EDIT) else false()


def requests_visible_to(actor: Actor) -> ColumnElement[bool]:
    """The centre and its supervising office."""
    return true() if actor.may(Permission.TALENT_REQUEST_READ) else false()


def requests_editable_by(actor: Actor) -> ColumnElement[bool]:
    """あすぴあ keeps the requests."""
    return true() if actor.may(Permission.TALENT_REQUEST_EDIT) else false()


def matches_visible_to(actor: Actor) -> ColumnElement[bool]:
    """The centre alone: a match ties a name to a group."""
    return true() if actor.may(Permission.MATCH_READ) else false()


def matches_editable_by(actor: Actor) -> ColumnElement[bool]:
    """The centre alone."""
    return true() if actor.may(Permission.MATCH_EDIT) else false()


def _hang_on_a_match(model: type[Base]) -> None:
    column = model.__table__.c.match_id

    def visible(actor: Actor) -> ColumnElement[bool]:
        return column.in_(select(Match.id).where(visible_to(Match, actor)))

    register_scope(model, visible=visible, editable=matches_editable_by)
    register_field_scope(model, "personal", reads_names)


register_scope(Talent, visible=talents_visible_to, editable=talents_editable_by)
register_scope(TalentRequest, visible=requests_visible_to, editable=requests_editable_by)
register_scope(Match, visible=matches_visible_to, editable=matches_editable_by)
for _model in (Talent, TalentRequest, Match):
    register_field_scope(_model, "personal", reads_names)
for _line in (MatchStep, ContactLog, MatchTime, FollowUp, Disclosure):
    _hang_on_a_match(_line)
