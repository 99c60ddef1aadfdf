"""Reads of the directory: by name however it is written, candidates for a published name."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, union
from sqlalchemy.orm import Session, selectinload

from app.access.scopes import scoped
from app.actor import Actor
from app.japanese.normalize import fold_name
from models.directory import Organization, OrganizationAlias


def organizations_named(session: Session, actor: Actor, names: Iterable[str]) -> dict[str, list[Organization]]:
    """name as written → organisations whose name or alias is the same by `fold_name`, visible ones, by id. One query."""
    folded = {name: fold_name(name) for name in names if name.strip()}
    if not folded:
        return {}
    wanted = sorted(set(folded.values()))
    # A union, not an OR: each side goes down its own index.
    called = union(
        select(OrganizationAlias.organization_id).where(OrganizationAlias.folded_name.in_(wanted)),
        select(Organization.id).where(Organization.folded_name.in_(wanted)),
    )
    query = (
        scoped(Organization, actor)
        .where(
            Organization.merged_into_id.is_(None),
            Organization.id.in_(called),
        )
        .options(selectinload(Organization.aliases))
        .order_by(Organization.id)
    )
    by_folded: dict[str, list[Organization]] = {}
    for organization in session.scalars(query):
        for key in {organization.folded_name, *(alias.folded_name for alias in organization.aliases)}:
            by_folded.setdefault(key, []).append(organization)
    return {name: by_folded.get(key, []) for name, key in folded.items()}


def only_organization_named(session: Session, actor: Actor, names: Iterable[str]) -> dict[str, Organization]:
    """Like `organizations_named`, where exactly one body has the name: one text can mean different bodies."""
    return {name: found[0] for name, found in organizations_named(session, actor, names).items() if len(found) == 1}
