"""References between tables, as imports need them: the names behind ids, and who refers to a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Table, inspect, select
from sqlalchemy.orm import Session

from app.exchange.columns import ImportColumn
from models.base import Base


def reference_labels(
    session: Session, model: type[Base], pairs: Sequence[tuple[ImportColumn, str]], records: Sequence[Row[Any]]
) -> dict[str, dict[Any, str]]:
    """For each reference column the names of the records that `records` refer to: one query a column."""
    labels: dict[str, dict[Any, str]] = {}
    mapper = inspect(model)
    for column, attribute in pairs:
        ids = {record._mapping[f"v_{column.key}"] for record in records} - {None}
        local = mapper.columns[attribute]
        target = next((item.mapper for item in mapper.relationships if item.local_columns == {local}), None)
        labels[column.key] = {}
        if target is not None and ids:
            key = target.primary_key[0]
            found = session.scalars(select(target.class_).where(key.in_(ids)))
            labels[column.key] = {inspect(record).identity[0]: str(record) for record in found}
    return labels


def _titles(model: type[Base]) -> dict[Any, str]:
    """Table → its Japanese name; of a link table, the name of its other side."""
    titles: dict[Any, str] = {}
    for mapper in Base.registry.mappers:
        titles[mapper.local_table] = mapper.class_.__label__
        for relation in mapper.relationships:
            if relation.secondary is not None:
                other = mapper if relation.mapper.class_ is model else relation.mapper
                titles[relation.secondary] = other.class_.__label__
    return titles


def referring_sentences(session: Session, model: type[Base], records: Mapping[int, str]) -> list[str]:
    """Sentences naming records that rows of other tables refer to (rows that go with the record do not count)."""
    if not records:
        return []
    table = inspect(model).local_table
    assert isinstance(table, Table)
    sentences: list[str] = []
    titles = _titles(model)
    for other in table.metadata.sorted_tables:
        for column in other.columns:
            for key in column.foreign_keys:
                if key.column.table is not table or (key.ondelete or "").upper() == "CASCADE":
                    continue
                ids = list(records)
                for start in range(0, len(ids), 1_000):
                    chunk = ids[start : start + 1_000]
                    for found in session.scalars(select(column).where(column.in_(chunk)).distinct().limit(20)):
                        title = titles.get(other) or other.name
                        sentences.append(f"「{records[found]}」は、その後に登録された「{title}」から使われています。")
    return sentences
