"""What of a model goes into the log: made once a model from the marks at its columns."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import functools
import math
import warnings
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy import inspect as inspect_
from sqlalchemy.exc import SAWarning
from sqlalchemy.orm import Mapper, PassiveFlag, RelationshipDirection
from sqlalchemy.orm.attributes import get_history

from models.base import Base


@dataclasses.dataclass(frozen=True)
class Traits:
    """A logged column. `target`: the model that its foreign key names."""

    name: str
    column: Column[Any]
    label: str
    is_marked: bool
    personal_if: str | None
    target: type[Base] | None
    #: Whether `personal_if` is a property of the class and no column.
    is_reckoned: bool

    def is_marked_on(self, record: Base) -> bool:
        """Whether the value of this record stays out of the log: by mark, or because the row is one of a person.

        The flag is asked as it is and as it was: the values of a row that ceases to be a person's are still personal.
        """
        if self.is_marked:
            return True
        if self.personal_if is None:
            return False
        if bool(getattr(record, self.personal_if)):
            return True
        if self.personal_if not in inspect_(type(record)).attrs:
            return False  # a derived flag (of the parent): it has no history of its own
        return any(get_history(record, self.personal_if, PassiveFlag.PASSIVE_NO_INITIALIZE).deleted or ())


@dataclasses.dataclass(frozen=True)
class Plan:
    """The logged columns and many-to-many relationships of a model, by attribute name."""

    columns: dict[str, Traits]
    collections: tuple[str, ...]
    key_columns: tuple[Column[Any], ...]
    key_names: tuple[str, ...]
    #: To-one relationships, by the attribute of their foreign key; read where a mark is reckoned from the parent.
    parents: dict[str, tuple[str, type[Base]]]
    #: Columns whose values may have to stay out of labels, and the relationships that lead to such rows.
    marked: tuple[Traits, ...]
    to_one: tuple[str, ...]


@functools.cache
def plan_of(model: type[Base]) -> Plan:
    """The plan of a model. Columns with info `unlogged` (versions, stamps, derived texts) and keys are left out."""
    mapper: Mapper[Any] = inspect_(model)
    columns: dict[str, Traits] = {}
    for prop in mapper.column_attrs:
        column = prop.columns[0]
        if not isinstance(column, Column) or column.primary_key or column.info.get("unlogged"):
            continue
        info = column.info
        columns[prop.key] = Traits(
            name=prop.key,
            column=column,
            label=str(info.get("label") or prop.key),
            is_marked=bool(info.get("personal") or info.get("sealed") or info.get("secret")),
            personal_if=info.get("personal_if"),
            target=_target_of(column),
            is_reckoned=bool(info.get("personal_if")) and info["personal_if"] not in mapper.column_attrs,
        )
    return Plan(
        columns=columns,
        collections=tuple(
            relation.key
            for relation in mapper.relationships
            if relation.secondary is not None and not relation.viewonly
        ),
        key_columns=tuple(column for column in mapper.primary_key if isinstance(column, Column)),
        key_names=tuple(mapper.get_property_by_column(column).key for column in mapper.primary_key),
        marked=tuple(traits for traits in columns.values() if traits.is_marked or traits.personal_if),
        to_one=tuple(relation.key for relation in mapper.relationships if not relation.uselist),
        parents=_parents(mapper) if any(traits.is_reckoned for traits in columns.values()) else {},
    )


def _parents(mapper: Mapper[Any]) -> dict[str, tuple[str, type[Base]]]:
    return {
        mapper.get_property_by_column(next(iter(relation.local_columns))).key: (relation.key, relation.mapper.class_)
        for relation in mapper.relationships
        if relation.direction is RelationshipDirection.MANYTOONE and len(relation.local_columns) == 1
    }


def _target_of(column: Column[Any]) -> type[Base] | None:
    for foreign_key in column.foreign_keys:
        if foreign_key.column.primary_key:
            return model_of_table(foreign_key.column.table.name)
    return None


def model_of_table(name: str) -> type[Base] | None:
    """The model kept in that table, None for a link table or an unknown name."""
    return _models().get(name)


@functools.cache
def _models() -> dict[str, type[Base]]:
    return {
        mapper.local_table.name: mapper.class_
        for mapper in Base.registry.mappers
        if isinstance(mapper.local_table, Table) and mapper.inherits is None
    }


@functools.cache
def table_order() -> dict[str, int]:
    """{table: place}, a table after those that it refers to (tables that refer to each other: by name)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        return {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}


@functools.cache
def audited_tables() -> frozenset[str]:
    """Tables whose changes are logged: of audited models, and the link tables of their relationships."""
    names: set[str] = set()
    for mapper in Base.registry.mappers:
        if mapper.class_.__audited__:
            names.update(table.name for table in mapper.tables if isinstance(table, Table))
            names.update(link_tables(mapper))
    return frozenset(names)


def link_tables(mapper: Mapper[Any]) -> set[str]:
    """Names of the link tables of a model's many-to-many relationships."""
    return {
        relation.secondary.name
        for relation in mapper.relationships
        if isinstance(relation.secondary, Table) and not relation.viewonly
    }


_AS_THEY_ARE = {type(None), int, bool}


def as_json(value: Any) -> Any:
    """A value as the log keeps it: what JSON gives back unchanged; dates as ISO text, codes of enums, keys as text."""
    kind = type(value)
    if kind is str:  # most of what an import writes: asked first
        return value.replace("\x00", "")
    if value is None or kind is int or kind is bool:
        return value
    if kind is list:
        return [item if type(item) in _AS_THEY_ARE else as_json(item) for item in value]
    if isinstance(value, enum.Enum):
        return as_json(value.value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dt.datetime):
        return (value.astimezone(dt.UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(as_json(name)): as_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((as_json(item) for item in value), key=str)
    return str(value)
