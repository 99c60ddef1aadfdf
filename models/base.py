"""The declarative base, column types and mixins that every table shares."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Index, Integer, MetaData, String, TypeDecorator, event
from sqlalchemy import Enum as SqlEnum
from sqlalchemy import text as sql
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import ColumnProperty, DeclarativeBase, Mapped, Mapper, declared_attr, mapped_column

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

#: 64-bit key; SQLite only auto-increments a plain INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """Every table. `__label__` is its Japanese name; `__audited__` False only for technical tables."""

    metadata = MetaData(naming_convention=NAMING)
    __audited__: ClassVar[bool] = True
    __label__: ClassVar[str] = ""
    #: The text of a record names holders of an office by that office: the log keeps it though an act treats the name elsewhere
    #: as a private person's.
    __names_office__: ClassVar[bool] = False
    #: Name of the to-one relationship to the record on whose page this row's changes are told.
    __audit_parent__: ClassVar[str | None] = None

    def __str__(self) -> str:
        for name in ("name", "title", "label"):
            value = getattr(self, name, None)
            if value:
                return str(value)
        return f"{self.__label__ or type(self).__name__} {getattr(self, 'id', '')}".strip()


@event.listens_for(Mapper, "after_mapper_constructed")
def _know_old_values(mapper: Mapper[Any], class_: type[Any]) -> None:
    """Setting an attribute that is not loaded (after a commit) reads it first: the log tells old → new."""
    for prop in mapper._props.values():  # `column_attrs` would configure the mappers, half of them not there yet
        if isinstance(prop, ColumnProperty):
            prop.active_history = True


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware moment, kept in UTC. SQLite drops zones, so they are put back here; a naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def utc_now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


class LabelledEnum(enum.StrEnum):
    """A code with its Japanese label: `CENTER = "center", "あすぴあ"`."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or value
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """(code, label) pairs in the order of declaration."""
        return [(member.value, member.label) for member in cls]


def code_of(kind: type[enum.StrEnum], length: int = 40) -> SqlEnum:
    """A column type that keeps an enum's code as text; an unknown code is refused on the way in."""
    return SqlEnum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=length,
        validate_strings=True,
        values_callable=lambda members: [member.value for member in members],
    )


class Keyed:
    """An integer primary key."""

    id: Mapped[int] = mapped_column(Key, primary_key=True, sort_order=-10)


class Timestamped:
    """When the row was made and last changed (UTC)."""

    created_at: Mapped[dt.datetime] = mapped_column(
        UtcDateTime, default=utc_now, sort_order=90, info={"label": "作成日時", "unlogged": True}
    )
    updated_at: Mapped[dt.datetime] = mapped_column(
        UtcDateTime, default=utc_now, onupdate=utc_now, sort_order=91, info={"label": "更新日時", "unlogged": True}
    )


class Versioned:
    """Optimistic lock: an UPDATE names the version that it saw."""

    version: Mapped[int] = mapped_column(
        Integer, default=1, server_default="1", sort_order=92, info={"label": "版", "unlogged": True}
    )

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version if hasattr(cls, "__table__") else cls.version}


class SoftDeleted:
    """A deleted row stays until its period ends, hidden by the row scope, and can be put back."""

    deleted_at: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime, index=True, sort_order=93, info={"label": "削除日時"}
    )


def order_index(name: str, *columns: str) -> Index:
    """An index that a list's order is read from alone: of rows that are not deleted, with what its scope asks last."""
    is_kept = sql("deleted_at IS NULL")
    return Index(name, *columns, sqlite_where=is_kept, postgresql_where=is_kept)


def labelled(
    label: str,
    *,
    personal: bool = False,
    sealed: bool = False,
    secret: bool = False,
    personal_if: str | None = None,
    words: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """`info` of a column: its Japanese label and its marks (domain.md 3).

    personal: the log says only that it changed, reading goes through the field scope.
    personal_if: the same for rows on which this attribute is true (a partner line that names a private person).
    sealed: the same, read only through the record's own scope. secret: never shown to anybody.
    words: of a list of codes, how each reads.
    """
    marks = {"personal": personal, "sealed": sealed, "secret": secret}
    info: dict[str, Any] = {"label": label} | {name: True for name, is_set in marks.items() if is_set}
    return info | ({"personal_if": personal_if} if personal_if else {}) | ({"words": words} if words else {})


def text(length: int = 300) -> String:
    """A bounded one-line text."""
    return String(length)
