"""The guarded view that every model view inherits: one scope for every door, all doors closed until opened.

A view says which model, which columns and filters, which form, and which services it calls; permissions are
`<resource>:<action>`. List, details, edit, delete, restore, bulk action, export, lookup and saved views go through the
row scope of `app.access.scopes`; hiding a button is manners, the POST asks again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from flask import jsonify, request, url_for
from flask_admin import expose
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden, MethodNotAllowed, NotFound
from werkzeug.wrappers import Response

from admin_views import saved_views
from admin_views.columns import Column, Filter, cells_of, shown
from admin_views.editing import Editing
from admin_views.exporting import export_response
from admin_views.listing import COUNT_LIMIT, ListQuery, ListState, pages_around, read_state
from admin_views.pages import ConfirmPage, DetailsPage, FilterControl, ListPage, Row, SearchBox
from admin_views.screens import Screen
from app.access.levels import level_of
from app.access.login import current_actor
from app.access.permissions import Permission
from app.access.scopes import as_key, find_visible, is_editable, may_read_field, visible_to
from app.actor import Actor
from app.extensions import db
from app.problems import Problem
from models.base import Base

LOOKUP_SIZE = 20
HISTORY_SIZE = 20

#: A bulk action: (session, actor, ids) -> sentence of what was done. Runs as one act.
BulkAction = Callable[[Session, Actor, list[int]], str]


class GuardedView(Editing, Screen):
    """List, details, create, edit, delete, restore, bulk, export and lookup of one model; each opted into."""

    model: ClassVar[type[Base]]
    #: First part of the permission codes ("project" -> project:read …).
    resource: ClassVar[str]
    title: ClassVar[str]
    lead: ClassVar[str | None] = None
    columns: ClassVar[Sequence[Column]] = ()
    filters: ClassVar[Sequence[Filter]] = ()
    #: Expressions of the usual order; the primary key follows by itself.
    default_order: ClassVar[Sequence[Any]] = ()
    is_default_descending: ClassVar[bool] = False
    #: Loader options of one page of the list (selectinload for collections).
    eager: ClassVar[Sequence[Any]] = ()
    search_entity: ClassVar[str | None] = None
    search_hint: ClassVar[str] = "名称の一部や、かな・カナ・略称でも探せます。"
    #: Attribute that a lookup looks into when there is no search index.
    lookup_attribute: ClassVar[str | None] = None
    bulk_actions: ClassVar[dict[str, tuple[str, str | None, BulkAction]]] = {}
    page_size: ClassVar[int] = 50
    empty: ClassVar[tuple[str, str] | None] = None
    list_template: ClassVar[str] = "model/list.html"
    details_template: ClassVar[str] = "model/details.html"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            name=kwargs.pop("name", self.title),
            endpoint=kwargs.pop("endpoint", self.resource.replace("_", "-")),
            **kwargs,
        )

    # --- who may -------------------------------------------------------------------------------------------

    def may(self, action: str) -> bool:
        """Whether the actor holds `<resource>:<action>`; an action without a permission is closed."""
        try:
            permission = Permission(f"{self.resource}:{action}")
        except ValueError:
            return False
        return self.actor.may(permission)

    def demand(self, action: str) -> None:
        """403 unless `may`."""
        if not self.may(action):
            raise Forbidden

    def is_accessible(self) -> bool:
        return self.may("read")

    def may_edit(self, record: Base) -> bool:
        """Whether the actor may change this row."""
        return self.may("edit") and self.form_class is not None and is_editable(self.db_session, record, self.actor)

    def may_delete(self, record: Base) -> bool:
        """Whether the actor may delete this row."""
        return self.may("delete") and self.can_remove and is_editable(self.db_session, record, self.actor)

    # --- reading -------------------------------------------------------------------------------------------

    def one(self, key: str) -> Any:
        """The row with that key within the scope; 404 else."""
        return self.found(find_visible(self.db_session, self.model, key, self.actor))

    def readable_columns(self) -> list[Column]:
        """The columns whose fields the actor may read."""
        return [
            column
            for column in self.columns
            if column.attribute is None or may_read_field(self.model, column.attribute, self.actor)
        ]

    def shown_columns(self, state: ListState) -> list[Column]:
        """The columns of this list: those chosen, else the usual ones."""
        readable = self.readable_columns()
        if state.columns:
            by_key = {column.key: column for column in readable}
            chosen = [by_key[key] for key in state.columns if key in by_key]
            if chosen:
                return chosen
        return [column for column in readable if column.is_default]

    def state(self) -> tuple[ListState, ListQuery]:
        """What the address asks for, and the query for it."""
        state, criteria = read_state(request.args, self.readable_columns(), self.filters)
        order, is_descending = self.default_order, self.is_default_descending
        if state.sort:
            order = next(column.sort for column in self.columns if column.key == state.sort)
            is_descending = state.is_descending
        search = None
        if state.search and self.search_entity:
            search = (self.search_entity, state.search, level_of(self.actor))
        query = ListQuery(
            session=self.db_session,
            model=self.model,
            actor=self.actor,
            criteria=[*self.base_criteria(is_search=search is not None), *criteria],
            order=order,
            is_descending=is_descending,
            search=search,
        )
        columns = self.shown_columns(state)
        query.eager = [*self.eager, *(option for column in columns for option in column.load)]
        if self.is_lean and all(column.is_lean for column in columns):
            query.lean = list(dict.fromkeys(name for column in columns for name in column.needs or ()))
        return state, query

    @property
    def is_lean(self) -> bool:
        """Whether lines of the list may be plain rows: nothing but the columns reads them."""
        kind = type(self)
        return kind.row_actions is GuardedView.row_actions and kind.url_of is GuardedView.url_of

    def row_actions(self, record: Any) -> list[tuple[str, str, str]]:
        """(label, url, method) beside each line."""
        return []

    def label_of(self, record: Any) -> str:
        """How the record is called in titles and lookups."""
        return str(record)

    def url_of(self, record: Any) -> str | None:
        """The record's page."""
        return f"{url_for(f'{self.endpoint}.index_view')}{record.id}/"

    def urls_of(self, records: Sequence[Any]) -> list[str | None]:
        """The pages of a list's records: the address is built once, not once a row."""
        if type(self).url_of is not GuardedView.url_of:
            return [self.url_of(record) for record in records]
        start = url_for(f"{self.endpoint}.index_view")
        return [f"{start}{record.id}/" for record in records]

    def base_criteria(self, *, is_search: bool) -> list[Any]:
        """What every list, export and lookup is narrowed by besides the row scope; `is_search`: words are looked for."""
        return []

    # --- list ----------------------------------------------------------------------------------------------

    @expose("/")
    def index_view(self) -> Any:
        state, query = self.state()
        return self.render(self.list_template, page=self.list_page(state, query))

    def list_page(self, state: ListState, query: ListQuery) -> ListPage:
        """The page object of the list."""
        list_url = url_for(f"{self.endpoint}.index_view")

        def address(**changes: Any) -> str:
            parameters = state.query(**changes)
            return f"{list_url}?{parameters}" if parameters else list_url

        records, count, page = query.counted_page(state.page, state.size)
        is_capped = count > COUNT_LIMIT
        last = max(1, -(-min(count, COUNT_LIMIT) // state.size))
        columns = self.shown_columns(state)
        cells = cells_of(self.db_session, self.actor, columns, records)
        choices = {one.key: list(one.options(self.db_session, self.actor)) for one in self.filters if one.options}
        start = (page - 1) * state.size
        if not count:
            count_text = "0件"
        elif is_capped:
            count_text = f"{COUNT_LIMIT:,}件以上のうち {start + 1:,}〜{start + len(records):,}件"
        else:
            count_text = f"{count:,}件中 {start + 1:,}〜{start + len(records):,}件"
        return ListPage(
            title=self.title,
            lead=self.lead,
            caption=self.title,
            list_url=list_url,
            columns=[self._head(column, state, address) for column in columns],
            rows=[
                Row(record.id, url, line, self.row_actions(record))
                for record, url, line in zip(records, self.urls_of(records), cells, strict=True)
            ],
            count_text=count_text,
            pages=self._pages(page, last, address, has_more=is_capped and len(records) == state.size),
            create_url=url_for(f"{self.endpoint}.create_view") if self.may("create") and self.form_class else None,
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

    def _head(self, column: Column, state: ListState, address: Callable[..., str]) -> Any:
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

    def _pages(self, page: int, last: int, address: Callable[..., str], *, has_more: bool) -> Any:
        if last <= 1 and page == 1 and not has_more:
            return None
        return pages_around(page, last, lambda number: address(page=number), has_more=has_more)

    def _control(self, one: Filter, state: ListState, options: list[tuple[str, str]]) -> FilterControl:
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

    def _exports(self, state: ListState) -> list[tuple[str, str]]:
        kinds = (("xlsx", "Excel(.xlsx)"), ("csv", "CSV(UTF-8)"), ("csv-cp932", "CSV(Shift_JIS)"))
        parameters = state.query(page=1)
        return [
            (label, url_for(f"{self.endpoint}.export_view", kind=kind) + (f"?{parameters}" if parameters else ""))
            for kind, label in kinds
        ]

    def _bulk_choices(self) -> list[tuple[str, str, str | None]]:
        if not (self.bulk_actions and self.may("edit")):
            return []
        return [(name, label, confirm) for name, (label, confirm, _) in self.bulk_actions.items()]

    # --- details -------------------------------------------------------------------------------------------

    @expose("/<key>/")
    def details_view(self, key: str) -> Any:
        record = self.one(key)
        return self.render(self.details_template, page=self.details_page(record), record=record)

    def sections(self, record: Any) -> list[tuple[str, list[tuple[str, Any]]]]:
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

    def _told(self, record: Any, column: Any, name: str) -> Any:
        for relationship in self.model.__mapper__.relationships:
            if relationship.local_columns == {column} and column.foreign_keys:
                other = getattr(record, relationship.key)
                return str(other) if other is not None else None
        return shown(getattr(record, name)) or None

    def next_steps(self, record: Any) -> list[tuple[str, str, str, str | None]]:
        """What can be done next: (label, url, method, why not yet)."""
        return []

    def related(self, record: Any) -> list[tuple[str, Any]]:
        """Related records: (heading, links or Markup)."""
        return []

    def details_page(self, record: Any) -> DetailsPage:
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

    def history(self, record: Any, limit: int) -> list[tuple[str, str, list[str]]]:
        """The record's history in words, newest first."""
        return [
            (str(shown(line.at)), line.who, [line.label, *line.sentences]) for line in self.history_lines(record, limit)
        ]

    def history_lines(self, record: Any, limit: int) -> list[Any]:
        """The same as `app.audit.words` tells it."""
        from app.audit.words import history_of

        return history_of(self.db_session, self.actor, self.model.__tablename__, str(record.id), limit=limit)

    @expose("/<key>/history/")
    def history_view(self, key: str) -> Any:
        record = self.one(key)
        page = DetailsPage(
            title=f"変更の記録: {self.label_of(record)}",
            back=(self.label_of(record), self.url_of(record) or ""),
            history=self.history(record, 1000),
        )
        return self.render("model/details.html", page=page, record=record)

    # --- bulk, export, lookup ------------------------------------------------------------------------------

    @expose("/action/", methods=("POST",))
    def action_view(self) -> Any:
        self.demand("edit")
        name = request.form.get("action", "")
        if name not in self.bulk_actions:
            raise NotFound
        keys = list(dict.fromkeys(as_key(value) for value in request.form.getlist("rowid")))[:1000]
        label, question, run = self.bulk_actions[name]
        back = f"{url_for(f'{self.endpoint}.index_view')}?{request.form.get('back', '')[:4000]}"
        if not keys or None in keys:
            return self.refused_list("行を選んでから、もう一度ボタンを押してください。")
        if question and request.form.get("confirmed") != "yes":
            records = [self.one(str(key)) for key in keys]
            page = ConfirmPage(
                title=f"{label}(確認)",
                lead=question,
                records=[(self.label_of(record), self.url_of(record)) for record in records],
                action_url=url_for(f"{self.endpoint}.action_view"),
                cancel_url=back,
                submit_label=label,
                hidden=[
                    ("action", name),
                    ("confirmed", "yes"),
                    ("back", request.form.get("back", "")),
                    *(("rowid", str(key)) for key in keys),
                ],
                is_danger=False,
            )
            return self.render("model/delete.html", page=page)
        found = [self.one(str(key)) for key in keys]
        if not all(is_editable(self.db_session, record, self.actor) for record in found):
            raise Forbidden
        try:
            sentence = run(self.db_session, self.actor, [key for key in keys if key is not None])
        except Problem as problem:
            return self.refused_list(problem.message)
        return self.go(f"{self.endpoint}.index_view", sentence)

    def refused_list(self, sentence: str) -> Any:
        """The list again, with what to do."""
        state, query = self.state()
        page = self.list_page(state, query)
        page.notices.insert(0, ("実行できませんでした", sentence, "error"))
        return self.render(self.list_template, page=page), 409

    @expose("/export/<kind>/")
    def export_view(self, kind: str) -> Response:
        self.demand("export")
        state, query = self.state()
        return export_response(self, kind, self.shown_columns(state), query)

    @expose("/lookup/")
    def lookup_view(self) -> Response:
        """Candidates for relation fields and filters: [{"id", "text"}], within the scope."""
        asked = request.args.get("query") or request.args.get("q", "")
        text = asked.replace("\x00", "").strip()[:200]
        query = ListQuery(
            session=self.db_session,
            model=self.model,
            actor=self.actor,
            criteria=self.base_criteria(is_search=bool(text and self.search_entity)),
            order=self.default_order,
            is_descending=self.is_default_descending,
        )
        if text and self.search_entity:
            query.search = (self.search_entity, text, level_of(self.actor))
        elif text:
            if self.lookup_attribute is None:
                raise MethodNotAllowed
            query.criteria.append(getattr(self.model, self.lookup_attribute).contains(text, autoescape=True))
        records = query.page(0, LOOKUP_SIZE, None)
        return jsonify([{"id": record.id, "text": self.label_of(record)} for record in records])

    # --- saved views ---------------------------------------------------------------------------------------

    @expose("/views/", methods=("POST",))
    def save_view(self) -> Any:
        try:
            name = saved_views.save(
                self.db_session,
                self.actor,
                endpoint=self.endpoint,
                name=request.form.get("name", ""),
                query=request.form.get("query", ""),
            )
        except Problem as problem:
            return self.refused_list(problem.message)
        return self.go(f"{self.endpoint}.index_view", f"表示「{name}」を保存しました。")

    @expose("/views/<key>/delete/", methods=("POST",))
    def forget_view(self, key: str) -> Any:
        name = saved_views.remove(self.db_session, self.actor, key)
        return self.go(f"{self.endpoint}.index_view", f"表示「{name}」を削除しました。")


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


__all__ = ["GuardedView", "Resolver", "resolver"]
