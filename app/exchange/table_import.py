"""An import straight into one mapped table: matching, scope, bulk writes and undo from a declaration."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import Row, false, inspect, select
from sqlalchemy.orm import Session

from app.access.scopes import editable_by, visible_to
from app.audit.acts import Act
from app.exchange.bulk import bulk_delete, bulk_insert, bulk_update
from app.exchange.columns import ColumnKind, ImportColumn, Plain
from app.exchange.matching import Match, Taker, among, as_key_value, from_key_value, takers_of, written_values
from app.exchange.references import reference_labels, referring_sentences
from app.exchange.specs import Context, Existing, ImportSpec, ParsedRow, PlannedRow
from app.problems import NotAllowed
from models.base import Base, utc_now


class TableImport(ImportSpec):
    """Declare `model`, `matches` (tried in order) and `columns`; keys of columns are attributes unless `attributes` says.

    A column whose attribute is None (an id column, a display column) is read for matching but not written.
    """

    model: ClassVar[type[Base]]
    matches: ClassVar[Sequence[Match]]
    attributes: ClassVar[Mapping[str, str | None]] = {}
    #: Rows out of the actor's editable scope.
    refusal: ClassVar[str] = "この行を変更する権限がありません(ほかの担当の記録です)。"

    # --- for subclasses ----------------------------------------------------------------------------------------

    def derived(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Attributes that always follow from the others (a folded name); nobody sets them by hand, so undo reckons them again."""
        return {}

    def completed(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Further attributes of a new row that a person may change later (a legal form read from the name)."""
        return {}

    def defaults(self, context: Context) -> Mapping[str, Any]:
        """Attributes of new rows that the file does not give."""
        return {}

    def stored_value(self, column: ImportColumn, value: Any) -> Plain:
        """A stored value in the plain form of the column."""
        if value is None or value == "":
            return None
        if column.kind is ColumnKind.DATE:
            return value.isoformat()
        if column.kind is ColumnKind.ENUM:
            return getattr(value, "value", value)
        return value

    # --- reading -----------------------------------------------------------------------------------------------

    def attribute_of(self, column: str) -> str | None:
        """The attribute behind a column."""
        return self.attributes.get(column, column)

    def written_columns(self, context: Context) -> list[tuple[ImportColumn, str]]:
        """(column, attribute) of what the file gives and the table takes."""
        pairs = []
        for column in self.columns_for(context.options):
            attribute = self.attribute_of(column.key)
            if column.key in context.columns and attribute is not None:
                pairs.append((column, attribute))
        return pairs

    def identity(self, row: ParsedRow) -> Hashable:
        """The values of the first match whose cells are filled."""
        for number, match in enumerate(self.matches):
            value = match.value(row)
            if value is not None:
                return (number, value)
        return None

    def find_existing(self, context: Context, rows: Sequence[ParsedRow]) -> Mapping[int, Existing]:
        """One query a match, each for the rows that no earlier match applies to."""
        found: dict[int, Existing] = {}
        pending = list(rows)
        for number, match in enumerate(self.matches):
            asked = [(row, value) for row in pending if (value := match.value(row)) is not None]
            pending = [row for row in pending if match.value(row) is None]
            if not asked:
                continue
            stored = self._stored(context, match, {value for _, value in asked})
            for row, value in asked:
                records = stored.get(value, [])
                if len(records) > 1:
                    row.problem(match.columns[0], "同じものが二つ以上登録されていて、どれのことか決められません。")
                elif records:
                    found[row.number] = records[0]
                elif number == 0 and len(self.matches) > 1 and len(match.columns) == 1:
                    row.problem(match.columns[0], "この番号の記録はありません。新しい行なら空欄にしてください。")
        return found

    def _stored(
        self, context: Context, match: Match, wanted: set[tuple[Any, ...]]
    ) -> dict[tuple[Any, ...], list[Existing]]:
        pairs = self.written_columns(context)
        mapper = inspect(self.model)
        attributes = mapper.columns
        keys = [attributes[name] for name in match.names]
        has_version = "version" in attributes
        statement = select(
            mapper.primary_key[0].label("_id"),
            (attributes["version"] if has_version else mapper.primary_key[0]).label("_version"),
            visible_to(self.model, context.actor).label("_visible"),
            editable_by(self.model, context.actor).label("_editable"),
            *(key.label(f"_key{place}") for place, key in enumerate(keys)),
            *(attributes[name].label(f"v_{column.key}") for column, name in pairs),
        )
        kinds = [key.type for key in keys]
        values = [tuple(as_key_value(kind, part) for kind, part in zip(kinds, item, strict=True)) for item in wanted]
        statement = statement.where(among(context.session, keys, values))
        if "deleted_at" in attributes:
            statement = statement.where(attributes["deleted_at"].is_(None))
        records = context.session.execute(statement).all()
        references = [(column, name) for column, name in pairs if column.kind is ColumnKind.REFERENCE]
        labels = reference_labels(context.session, self.model, references, records)
        found: dict[tuple[Any, ...], list[Existing]] = {}
        for record in records:
            key = tuple(from_key_value(record._mapping[f"_key{place}"]) for place in range(len(keys)))
            found.setdefault(key, []).append(self._existing(record, pairs, labels, has_version))
        return found

    def _existing(
        self,
        record: Row[Any],
        pairs: Sequence[tuple[ImportColumn, str]],
        labels: Mapping[str, Mapping[Any, str]],
        has_version: bool,
    ) -> Existing:
        if not record._visible:
            return Existing(str(record._id), 0, {}, "", self.refusal)  # nothing of it may be told
        values = {}
        mapping = record._mapping
        for column, _ in pairs:
            value = mapping[f"v_{column.key}"]
            if value is not None and column.key in labels:
                values[column.key] = [value, labels[column.key].get(value, str(value))]
            else:
                values[column.key] = self.stored_value(column, value)
        refusal = None if record._editable else self.refusal
        return Existing(str(record._id), record._version if has_version else 0, values, "", refusal)

    def versions(self, session: Session, keys: Sequence[str]) -> Mapping[str, int]:
        """Read and lock the rows."""
        mapper = inspect(self.model)
        columns = mapper.columns
        version = columns.get("version", None)
        statement = select(mapper.primary_key[0], version if version is not None else false())
        statement = statement.where(mapper.primary_key[0].in_([int(key) for key in keys])).with_for_update()
        if "deleted_at" in columns:
            statement = statement.where(columns["deleted_at"].is_(None))
        return {str(key): int(number) for key, number in session.execute(statement)}

    # --- writing -----------------------------------------------------------------------------------------------

    def apply(self, context: Context, rows: Sequence[PlannedRow], act: Act) -> None:
        """Insert the new, update the changed; what was written must be within the actor's editable scope."""
        pairs = self.written_columns(context)
        taken = takers_of(self.model, pairs)
        created = [row for row in rows if row.is_new]
        defaults = dict(self.defaults(context))
        new_values = [defaults | self._completed(self._written(row.values, taken)) for row in created]
        labels = self._history_labels(rows, pairs)
        ids = bulk_insert(context.session, act, self.model, new_values, labels=labels)
        for row, key in zip(created, ids, strict=True):
            row.record_key, row.record_version = str(key), 1
        changed = [row for row in rows if not row.is_new]
        self._update(context, act, changed, pairs, labels, is_undo=False)
        self._check_scope(context, rows)

    def undo(self, context: Context, rows: Sequence[PlannedRow], act: Act) -> None:
        """Remove the new (softly where the table can), put the old values back."""
        pairs = self.written_columns(context)
        taken = takers_of(self.model, pairs)
        labels = self._history_labels(rows, pairs)
        created = [row for row in rows if row.is_new]
        if "deleted_at" in inspect(self.model).columns:
            moment = utc_now()
            names = {int(row.record_key or 0): row.label for row in created}
            deleted = [(int(row.record_key or 0), {"deleted_at": None}, {"deleted_at": moment}) for row in created]
            bulk_update(context.session, act, self.model, deleted, names=names)
        else:
            gone = [(int(row.record_key or 0), self._written(row.values, taken)) for row in created]
            bulk_delete(context.session, act, self.model, gone, labels=labels)
        self._update(context, act, [row for row in rows if not row.is_new], pairs, labels, is_undo=True)

    def hindrances(self, session: Session, rows: Sequence[PlannedRow]) -> list[str]:
        """New records that others refer to since."""
        created = {int(row.record_key or 0): row.label for row in rows if row.is_new}
        return referring_sentences(session, self.model, created)

    def _written(self, values: Mapping[str, Plain], takers: Sequence[Taker]) -> dict[str, Any]:
        written = written_values(values, takers)
        written.update(self.derived(written))
        return written

    def _completed(self, written: dict[str, Any]) -> dict[str, Any]:
        return {**self.completed(written), **written}

    def _update(
        self,
        context: Context,
        act: Act,
        rows: Sequence[PlannedRow],
        pairs: Sequence[tuple[ImportColumn, str]],
        labels: Mapping[str, Callable[[Any], Any]],
        *,
        is_undo: bool,
    ) -> None:
        taken = takers_of(self.model, pairs)
        parameters = []
        for row in rows:
            new = self._written(row.values, taken)
            old = self._written({**row.values, **row.old}, taken)
            parameters.append((int(row.record_key or 0), new, old) if is_undo else (int(row.record_key or 0), old, new))
            row.record_version = (row.record_version or 0) + 1
        names = {int(row.record_key or 0): row.label for row in rows}
        bulk_update(context.session, act, self.model, parameters, labels=labels, names=names)

    def _history_labels(
        self, rows: Sequence[PlannedRow], pairs: Sequence[tuple[ImportColumn, str]]
    ) -> dict[str, Callable[[Any], Any]]:
        labels: dict[str, Callable[[Any], Any]] = {}
        for column, attribute in pairs:
            if column.kind is not ColumnKind.REFERENCE:
                continue
            known = {
                value[0]: value[1]
                for row in rows
                for value in (row.values.get(column.key), row.old.get(column.key))
                if isinstance(value, (list, tuple))
            }
            labels[attribute] = lambda key, known=known: known.get(key, key)  # type: ignore[misc]
        return labels

    def _check_scope(self, context: Context, rows: Sequence[PlannedRow]) -> None:
        """Whatever the preview said: nothing is written that the actor could not edit on screen."""
        key = inspect(self.model).primary_key[0]
        wanted = {int(row.record_key or 0): row for row in rows}
        statement = select(key).where(key.in_(wanted), editable_by(self.model, context.actor))
        allowed = set(context.session.scalars(statement))
        refused = [row.number for number, row in wanted.items() if number not in allowed]
        if refused:
            numbers = "、".join(str(number) for number in refused[:10])
            raise NotAllowed(f"{numbers}行目は、登録・変更する権限がありません(ほかの担当の記録です)。")


__all__ = ["Match", "TableImport"]
