"""Who reads and writes notices: those of the role that writes them, and only on subjects that the reader may see.

The centre's notices hold talents' names, which the office does not read (domain.md 1), and the other way round.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true

from app.access.permissions import Permission
from app.access.scopes import Criterion, register_field_scope, register_scope, visible_to
from app.access.subjects import subject_visible
from app.actor import Actor
from models.base import Base
from models.notices import (
    Notice,
    NoticeSender,
    NoticeTemplate,
    NoticeTemplateEdition,
    NumberSeries,
    OutboxMessage,
)
from models.people import Role

#: Roles that write notices.
ISSUERS = (Role.OFFICE, Role.CENTER)


def issuers_of(actor: Actor) -> list[Role]:
    """In whose name the actor may write."""
    if actor.is_system:
        return list(ISSUERS)
    return [role for role in ISSUERS if role in actor.roles]


def _own(model: type[Base], permission: Permission) -> Criterion:
    """Rows of the actor's own issuers."""
    issuer = model.__table__.c.issuer

    def criterion(actor: Actor) -> ColumnElement[bool]:
        if not actor.may(permission):
            return false()
        if actor.is_system:
            return true()
        roles = issuers_of(actor)
        return issuer.in_(roles) if roles else false()

    return criterion


def _about_visible(model: type[Notice] | type[OutboxMessage]) -> Criterion:
    """Rows about nothing, or about something that the actor sees."""

    def criterion(actor: Actor) -> ColumnElement[bool]:
        return subject_visible(actor, model.subject_kind, model.subject_id)

    return criterion


def _editions_visible_to(actor: Actor) -> ColumnElement[bool]:
    return NoticeTemplateEdition.template_id.in_(select(NoticeTemplate.id).where(visible_to(NoticeTemplate, actor)))


def _messages_visible_to(actor: Actor) -> ColumnElement[bool]:
    """A mail that goes with a notice is read by whoever reads the notice: one of its issuer's, about its subject.

    The subject's own criterion is not nested in here (it stands beside, on the mail's own subject, which is the
    notice's): SQLite's parser gives up on so deep a query.
    """
    same_subject = and_(
        Notice.id == OutboxMessage.notice_id,
        Notice.subject_kind.is_not_distinct_from(OutboxMessage.subject_kind),
        Notice.subject_id.is_not_distinct_from(OutboxMessage.subject_id),
    )
    theirs = _own(Notice, Permission.NOTICE_READ)(actor)
    return or_(OutboxMessage.notice_id.is_(None), exists(select(Notice.id).where(same_subject, theirs)))


def _reads_personal(actor: Actor) -> bool:
    return actor.may(Permission.NOTICE_READ)


def _nobody(actor: Actor) -> ColumnElement[bool]:
    return and_(true() if actor.is_system else false())


for _model in (NoticeTemplate, NoticeSender, Notice):
    register_scope(_model, visible=_own(_model, Permission.NOTICE_READ), editable=_own(_model, Permission.NOTICE_EDIT))
register_scope(
    OutboxMessage,
    visible=_own(OutboxMessage, Permission.NOTICE_READ),
    editable=_own(OutboxMessage, Permission.NOTICE_EDIT),
)
register_scope(Notice, visible=_about_visible(Notice))
register_scope(OutboxMessage, visible=_about_visible(OutboxMessage))
register_scope(OutboxMessage, visible=_messages_visible_to)
register_scope(NoticeTemplateEdition, visible=_editions_visible_to)
register_scope(NumberSeries, visible=_nobody)
for _personal in (Notice, OutboxMessage):
    register_field_scope(_personal, "personal", _reads_personal)
