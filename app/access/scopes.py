"""Row scopes and field scopes: which rows and which fields of a model an actor may see or change.

A scope is a function `actor -> SQL criterion`. Domains register theirs (`app/<domain>/policy.py`); all that are
registered for a model are ANDed. A model without any is closed. Every way in and out — list, count, details, edit,
delete, bulk action, inline edit, export, lookup, relation field, import, history, file — asks here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, inspect, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.problems import NotFound
from models.base import Base, SoftDeleted

Criterion = Callable[[Actor], ColumnElement[bool]]
FieldRule = Callable[[Actor], bool]
M = TypeVar("M", bound=Base)

_visible: dict[type[Base], list[Criterion]] = {}
_editable: dict[type[Base], list[Criterion]] = {}
_fields: dict[tuple[type[Base], str], FieldRule] = {}


def register_scope(model: type[Base], *, visible: Criterion | None = None, editable: Criterion | None = None) -> None:
    """AND a criterion to what an actor may see, or change, of `model`."""
    if visible is not None and visible not in _visible.setdefault(model, []):
        _visible[model].append(visible)
    if editable is not None and editable not in _editable.setdefault(model, []):
        _editable[model].append(editable)


def register_field_scope(model: type[Base], mark: str, rule: FieldRule) -> None:
    """Who may read the columns of `model` that carry `mark` ("personal" or "sealed"). Without a rule: nobody."""
    _fields[(model, mark)] = rule


def visible_to(model: type[Base], actor: Actor, *, deleted: bool = False) -> ColumnElement[bool]:
    """Rows of `model` that the actor may read. Deleted rows stand apart: asked for, only they are given."""
    rules = _visible.get(model)
    if not rules:
        return false()
    criteria = [rule(actor) for rule in rules]
    if issubclass(model, SoftDeleted):
        criteria.append(model.deleted_at.is_not(None) if deleted else model.deleted_at.is_(None))
    elif deleted:
        criteria.append(false())
    return and_(*criteria)


def editable_by(model: type[Base], actor: Actor, *, deleted: bool = False) -> ColumnElement[bool]:
    """Rows of `model` that the actor may change; never more than what is visible."""
    rules = _editable.get(model)
    return and_(visible_to(model, actor, deleted=deleted), *(rule(actor) for rule in rules)) if rules else false()


def scoped(model: type[M], actor: Actor) -> Select[M]:
    """SELECT of the visible rows."""
    return select(model).where(visible_to(model, actor))


def find_visible(session: Session, model: type[M], key: object, actor: Actor) -> M | None:
    """The row with that primary key if the actor may see it; anything that is no key finds nothing."""
    number = as_key(key)
    if number is None:
        return None
    return session.scalars(scoped(model, actor).where(_primary_key(model) == number)).one_or_none()


def get_visible(session: Session, model: type[M], key: object, actor: Actor) -> M:
    """Like `find_visible`; raises NotFound."""
    row = find_visible(session, model, key, actor)
    if row is None:
        raise NotFound
    return row


def is_editable(session: Session, record: Base, actor: Actor, *, deleted: bool = False) -> bool:
    """Whether the actor may change this stored row, asked of the database."""
    model = type(record)
    key = inspect(record).identity
    if key is None:
        return False
    return (
        session.scalar(
            select(_primary_key(model)).where(_primary_key(model) == key[0], editable_by(model, actor, deleted=deleted))
        )
        is not None
    )


def may_read_field(model: type[Base], column_name: str, actor: Actor) -> bool:
    """Whether the actor may read that column: unmarked ones yes, marked ones by their rule, secret ones never."""
    info: dict[str, Any] = inspect(model).columns[column_name].info
    if info.get("secret"):
        return False
    for mark in ("personal", "sealed"):
        if info.get(mark):
            rule = _fields.get((model, mark))
            if not (actor.is_system or (rule is not None and rule(actor))):
                return False
    return True


def as_key(value: object) -> int | None:
    """A primary key from what came in an address: digits within 64 bits, else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 < value < 2**63 else None
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 18:
        return int(value) or None
    return None


def _primary_key(model: type[Base]) -> ColumnElement[Any]:
    return inspect(model).primary_key[0]


def scoped_models() -> list[type[Base]]:
    """Models with a registered scope, by table name (for the guards and the matrix)."""
    return sorted(_visible, key=lambda model: str(model.__tablename__))
