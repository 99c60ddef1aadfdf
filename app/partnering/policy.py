"""Who sees and changes searches for a partner: the office all, a department its own."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, select, true

from app.access.permissions import Permission
from app.access.scopes import register_scope, visible_to
from app.actor import Actor
from models.partnering import PartnerCandidate, PartnerSearch
from models.people import Role


def searches_visible_to(actor: Actor) -> ColumnElement[bool]:
    """The office all; a department its own."""
    return _own(actor, Permission.PARTNER_SEARCH_READ)


def _searches_editable_by(actor: Actor) -> ColumnElement[bool]:
    return _own(actor, Permission.PARTNER_SEARCH_EDIT)


def _candidates_visible_to(actor: Actor) -> ColumnElement[bool]:
    return PartnerCandidate.search_id.in_(select(PartnerSearch.id).where(visible_to(PartnerSearch, actor)))


def _candidates_editable_by(actor: Actor) -> ColumnElement[bool]:
    return PartnerCandidate.search_id.in_(select(PartnerSearch.id).where(_searches_editable_by(actor)))


def _own(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    if not actor.may(permission):
        return false()
    if actor.is_system or actor.has(Role.OFFICE):
        return true()
    return PartnerSearch.department_id.in_(sorted(actor.departments))


register_scope(PartnerSearch, visible=searches_visible_to, editable=_searches_editable_by)
register_scope(PartnerCandidate, visible=_candidates_visible_to, editable=_candidates_editable_by)
