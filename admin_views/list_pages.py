"""The page of a list: rows, heads, filters, pages, exports and bulk actions, as the template takes them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from flask import request, url_for
from flask_admin import expose

from admin_views import saved_views
from admin_views.columns import Column, Filter, cells_of, identity_of
from admin_views.listing import COUNT_LIMIT, ListQuery, ListState, pages_around
from admin_views.pages import FilterControl, Lines, ListPage, Row, SearchBox
from models.moment import remembered


class ListPages:
    """Mixed into GuardedView."""

    @expose("/")
    def index_view(self: Any) -> Any:
        state, query = self.state()
        return self.render(self.list_template, page=self.list_page(state, query))

    def list_page(self: Any, state: ListState, query: ListQuery) -> ListPage:
        """The page object of the list."""
        list_url = url_for(f"{self.endpoint}.index_view")

        def address(**changes: Any) -> str:
            parameters = state.query(**changes)
            return f"{list_url}?{parameters}" if parameters else list_url

        columns = self.shown_columns(state)
        rows, count, page = self._rows(state, query, columns)
        is_capped = count > COUNT_LIMIT
        last = max(1, -(-min(count, COUNT_LIMIT) // state.size))
        choices = self._choices()
        start = (page - 1) * state.size
        if not count:
            count_text = "0件"
        elif is_capped and not rows:
            count_text = f"{COUNT_LIMIT:,}件以上(このページには1件もありません)"
        elif is_capped:
            count_text = f"{COUNT_LIMIT:,}件以上のうち {start + 1:,}〜{start + len(rows):,}件"
        else:
            count_text = f"{count:,}件中 {start + 1:,}〜{start + len(rows):,}件"
        return ListPage(
            title=self.title,
            lead=self.lead,
            caption=self.title,
            list_url=list_url,
            columns=[self._head(column, state, address) for column in columns],
            rows=rows,
            count_text=count_text,
            pages=self._pages(page, last, address, has_more=is_capped and len(rows) == state.size),
            create_url=url_for(f"{self.endpoint}.create_view") if self.may("create") and self.form_class else None,
            deleted_url=url_for(f"{self.endpoint}.deleted_view") if self.can_remove and self.may("delete") else None,
            search=SearchBox("q", state.search, self.search_hint) if self.search_entity else None,
            search_hidden=[pair for pair in state.pairs(page=1) if pair[0] in {"sort", "columns", "size"}],
            filters=[self._control(one, state, choices.get(one.key, [])) for one in self.filters],
            active_filters=self._active(state, address, choices),
            clear_url=address(filters=(), search="", page=1),
            saved_views=saved_views.of_user(self.db_session, self.actor, self.endpoint, list_url, state.query()),
            save_view_url=url_for(f"{self.endpoint}.save_view"),
            save_view_hidden=[("query", state.query(page=1))],
            column_choice=[(column.key, column.label, column in columns) for column in self.readable_columns()],
            column_hidden=[pair for pair in state.pairs(page=1) if pair[0] != "columns"],
            exports=self._exports(state) if self.may("export") else [],
            bulk_actions=self._bulk_choices(),
            bulk_url=url_for(f"{self.endpoint}.action_view"),
            bulk_hidden=[("back", state.query())],
            empty=self.empty if not (state.filters or state.search) else None,
            notices=[("読み取れない条件があります", sentence, "warning") for sentence in state.ignored],
        )

    def _rows(self: Any, state: ListState, query: ListQuery, columns: list[Column]) -> tuple[list[Row], int, int]:
        """(the lines of the page, the count, the number of the page); lines without objects are remembered."""
        if query.lean is None or query.name is None:
            return self._read_rows(state, query, columns)

        def read() -> tuple[Lines, int, int]:
            rows, count, page = self._read_rows(state, query, columns)
            return Lines(rows), count, page

        asked = ("rows", query.name, query.is_deleted, request.script_root, state.page, state.size)
        shown = tuple(column.key for column in columns)
        return remembered(self.db_session, (*asked, shown), read)

    def _read_rows(self: Any, state: ListState, query: ListQuery, columns: list[Column]) -> tuple[list[Row], int, int]:
        records, count, page = query.counted_page(state.page, state.size)
        cells = cells_of(self.db_session, self.actor, columns, records)
        rows = [
            Row(record.id, url, line, self.row_actions(record))
            for record, url, line in zip(records, self.urls_of(records), cells, strict=True)
        ]
        return rows, count, page

    def _choices(self: Any) -> dict[str, list[tuple[str, str]]]:
        """{filter: what there is to choose from}, remembered while nothing changes."""
        asked = (self.endpoint, *self.asked_by())
        return {
            one.key: remembered(
                self.db_session,
                ("options", one.key, *asked),
                lambda one=one: list(one.options(self.db_session, self.actor)),
            )
            for one in self.filters
            if one.options
        }

    def asked_by(self: Any) -> tuple[Hashable, ...]:
        """Whatever besides the database decides what a list shows."""
        return (request.path, *identity_of(self.actor))

    def _head(self: Any, column: Column, state: ListState, address: Callable[..., str]) -> Any:
        if not column.sort:
            return (column.key, column.label, None, None, column.is_number)
        is_current = state.sort == column.key
        turn = is_current and not state.is_descending
        aria = ("descending" if state.is_descending else "ascending") if is_current else None
        return (
            column.key,
            column.label,
            address(sort=column.key, is_descending=turn, page=1),
            aria,
            column.is_number,
        )

    def _pages(self: Any, page: int, last: int, address: Callable[..., str], *, has_more: bool) -> Any:
        if last <= 1 and page == 1 and not has_more:
            return None
        return pages_around(page, last, lambda number: address(page=number), has_more=has_more)

    def _control(self: Any, one: Filter, state: ListState, options: list[tuple[str, str]]) -> FilterControl:
        chosen = [value for key, value in state.filters if key == one.key]
        if one.kind == "lookup":
            assert one.lookup is not None and one.words is not None
            value = chosen[0] if chosen else ""
            text = one.words(self.db_session, self.actor, value) if value else ""
            return FilterControl(f"f-{one.key}", one.label, "lookup", [], value, url_for(one.lookup), text)
        if one.kind == "multi":
            return FilterControl(f"f-{one.key}", one.label, "multi", options, chosen)
        kind = "select" if one.kind == "choice" else one.kind
        return FilterControl(f"f-{one.key}", one.label, kind, options, chosen[0] if chosen else "")

    def _active(
        self, state: ListState, address: Callable[..., str], choices: dict[str, list[tuple[str, str]]]
    ) -> list[tuple[str, str]]:
        active = []
        for key, value in state.filters:
            one = next(item for item in self.filters if item.key == key)
            words = value
            if one.words is not None:
                words = one.words(self.db_session, self.actor, value)
            elif key in choices:
                words = dict(choices[key]).get(value, value)
            rest = tuple(pair for pair in state.filters if pair != (key, value))
            active.append((f"{one.label}: {words}", address(filters=rest, page=1)))
        if state.search:
            active.append((f"ことば: {state.search}", address(search="", page=1)))
        return active

    def _exports(self: Any, state: ListState) -> list[tuple[str, str]]:
        kinds = (("xlsx", "Excel(.xlsx)"), ("csv", "CSV(UTF-8)"), ("csv-cp932", "CSV(Shift_JIS)"))
        parameters = state.query(page=1)
        return [
            (label, url_for(f"{self.endpoint}.export_view", kind=kind) + (f"?{parameters}" if parameters else ""))
            for kind, label in kinds
        ]

    def _bulk_choices(self: Any) -> list[tuple[str, str, str | None]]:
        if not (self.bulk_actions and self.may("edit")):
            return []
        return [(name, label, confirm) for name, (label, confirm, _) in self.bulk_actions.items()]
