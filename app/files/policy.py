"""Who reads a stored file: whoever may read the record that it belongs to; no rule for the owner's table, nobody."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, false, or_, true
from sqlalchemy.orm import Session

from app.access.scopes import find_visible, register_scope
from app.actor import Actor
from models.base import Base
from models.records import StoredFile

OwnerRule = Callable[[Session, Actor, str], bool]
OwnerCriterion = Callable[[Actor], ColumnElement[bool]]
_rules: dict[str, OwnerRule] = {}
_criteria: dict[str, OwnerCriterion] = {}


def register_owner(table: str, rule: OwnerRule, criterion: OwnerCriterion | None = None) -> None:
    """Say who reads files of `table`: (session, actor, owner key) -> bool.

    `criterion`, over StoredFile, is what the row scope of lists uses; without one such files appear in no list.
    """
    _rules[table] = rule
    if criterion is not None:
        _criteria[table] = criterion


def register_owner_model(model: type[Base]) -> None:
    """Files of `model` are read by whoever may read its row."""

    def rule(session: Session, actor: Actor, key: str) -> bool:
        return find_visible(session, model, key, actor) is not None

    register_owner(str(model.__tablename__), rule)


def may_read_file(session: Session, actor: Actor, file: StoredFile) -> bool:
    """Whether the record that the file belongs to is visible to the actor."""
    rule = _rules.get(file.owner_table)
    return rule is not None and rule(session, actor, file.owner_key)


def _visible(actor: Actor) -> ColumnElement[bool]:
    if actor.is_system:
        return true()
    criteria = [(StoredFile.owner_table == table) & rule(actor) for table, rule in _criteria.items()]
    return or_(*criteria) if criteria else false()


register_scope(StoredFile, visible=_visible)
