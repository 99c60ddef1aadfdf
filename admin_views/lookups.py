"""What relation fields are given: labels of ids, and ids of names, within the row scope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select

from app.access.login import current_actor
from app.access.scopes import visible_to
from app.extensions import db
from models.base import Base


class Resolver:
    """Labels of ids, and the id of a name, within the row scope of the one who asks: what relation fields are given."""

    def __init__(self, model: type[Base], label: Callable[[Any], str] = str, names: Any = None) -> None:
        self.model = model
        self.label = label
        #: The column that holds the name; "name" when there is one.
        self.names = names if names is not None else getattr(model, "name", None)

    def __call__(self, keys: Sequence[int]) -> dict[int, str]:
        primary = self.model.__mapper__.primary_key[0]
        wanted = [key for key in keys if 0 < key < 2**63][:200]
        rows = db.session.scalars(
            select(self.model).where(primary.in_(wanted), visible_to(self.model, current_actor()))
        ).all()
        return {row.id: self.label(row) for row in rows}  # type: ignore[attr-defined]

    def find(self, name: str) -> list[int]:
        """Ids of the visible rows of exactly that name, at most two."""
        if self.names is None:
            return []
        primary = self.model.__mapper__.primary_key[0]
        wanted = select(primary).where(self.names == name, visible_to(self.model, current_actor())).limit(2)
        return list(db.session.scalars(wanted))


def resolver(model: type[Base], label: Callable[[Any], str] = str) -> Resolver:
    """The resolver of a model."""
    return Resolver(model, label)
