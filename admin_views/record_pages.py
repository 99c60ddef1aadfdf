"""The page of one record: its fields, next steps, related records and history."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_admin import expose

from admin_views.columns import shown
from admin_views.pages import DetailsPage
from app.access.scopes import may_read_field

HISTORY_SIZE = 20


class RecordPages:
    """Mixed into GuardedView."""

    @expose("/<key>/")
    def details_view(self: Any, key: str) -> Any:
        record = self.one(key)
        return self.render(self.details_template, page=self.details_page(record), record=record)

    def sections(self: Any, record: Any) -> list[tuple[str, list[tuple[str, Any]]]]:
        """(heading, [(label, value)]) of the record's page; the usual ones are all readable columns."""
        mapper = self.model.__mapper__
        rows = []
        for attribute in mapper.column_attrs:
            column = attribute.columns[0]
            if column.primary_key or column.info.get("unlogged") or not column.info.get("label"):
                continue
            if may_read_field(self.model, attribute.key, self.actor):
                rows.append((column.info["label"], self._told(record, column, attribute.key)))
        return [("内容", rows)]

    def _told(self: Any, record: Any, column: Any, name: str) -> Any:
        for relationship in self.model.__mapper__.relationships:
            if relationship.local_columns == {column} and column.foreign_keys:
                other = getattr(record, relationship.key)
                return str(other) if other is not None else None
        return shown(getattr(record, name)) or None

    def next_steps(self: Any, record: Any) -> list[tuple[str, str, str, str | None]]:
        """What can be done next: (label, url, method, why not yet)."""
        return []

    def related(self: Any, record: Any) -> list[tuple[str, Any]]:
        """Related records: (heading, links or Markup)."""
        return []

    def details_page(self: Any, record: Any) -> DetailsPage:
        """The page object of the record."""
        actions = []
        if self.may_edit(record):
            actions.append(("編集する", url_for(f"{self.endpoint}.edit_view", key=record.id), "get"))
        delete_url = url_for(f"{self.endpoint}.delete_view", key=record.id) if self.may_delete(record) else None
        return DetailsPage(
            title=self.label_of(record),
            back=(self.title, url_for(f"{self.endpoint}.index_view")),
            actions=actions,
            delete_url=delete_url,
            sections=self.sections(record),
            next_steps=self.next_steps(record),
            related=self.related(record),
            history=self.history(record, HISTORY_SIZE),
            history_url=url_for(f"{self.endpoint}.history_view", key=record.id),
        )

    def history(self: Any, record: Any, limit: int) -> list[tuple[str, str, list[str]]]:
        """The record's history in words, newest first."""
        return [
            (str(shown(line.at)), line.who, [line.label, *line.sentences]) for line in self.history_lines(record, limit)
        ]

    def history_lines(self: Any, record: Any, limit: int) -> list[Any]:
        """The same as `app.audit.words` tells it."""
        from app.audit.words import history_of

        return history_of(self.db_session, self.actor, self.model.__tablename__, str(record.id), limit=limit)

    @expose("/<key>/history/")
    def history_view(self: Any, key: str) -> Any:
        record = self.one(key)
        page = DetailsPage(
            title=f"変更の記録: {self.label_of(record)}",
            back=(self.label_of(record), self.url_of(record) or ""),
            history=self.history(record, 1000),
        )
        return self.render("model/details.html", page=page, record=record)
