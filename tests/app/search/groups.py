"""A toy directory: groups with aliases and a note that only the centre may find."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload

from app.search import criteria
from app.search.documents import SearchSpec, TextByLevel, cumulative, owners


class Record(DeclarativeBase):
    pass


class Group(Record):
    __tablename__ = "toy_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    aliases: Mapped[list[Alias]] = relationship(back_populates="group", cascade="all, delete-orphan")


class Alias(Record):
    __tablename__ = "toy_alias"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("toy_group.id"))
    name: Mapped[str] = mapped_column(Text)
    group: Mapped[Group] = relationship(back_populates="aliases")


def _texts(group: Group) -> TextByLevel:
    aliases = [(0, "B", alias.name) for alias in group.aliases]
    return cumulative([(0, "A", group.name), *aliases, (0, "C", group.purpose), (2, "C", group.note)])  # type: ignore[list-item]


GROUP = SearchSpec("toy_group", Group, _texts, {Alias: owners("group_id")}, (selectinload(Group.aliases),))


def found(session: Session, query: str, level: int = 0) -> list[str]:
    """Names of the groups that a query finds, by id; both forms must agree."""
    dialect = session.connection().dialect.name
    names = [
        session.scalars(
            select(Group.name)
            .where(criteria.criterion("toy_group", query, level, dialect, Group.id, form))
            .order_by(Group.id)
        ).all()
        for form in ("in", "exists")
    ]
    assert names[0] == names[1]
    return list(names[0])
