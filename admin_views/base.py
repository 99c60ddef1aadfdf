"""The guarded view that every model view inherits: one scope for every door, all doors closed until opened.

A view says which model, which columns and filters, which form, and which services it calls; permissions are
`<resource>:<action>`. List, details, edit, delete, restore, bulk action, export, lookup and saved views go through the
row scope of `app.access.scopes`; hiding a button is manners, the POST asks again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from flask import request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden

from admin_views.columns import Column, Filter
from admin_views.editing import Editing
from admin_views.list_acts import ListActs
from admin_views.list_pages import ListPages
from admin_views.listing import ListQuery, ListState, read_state
from admin_views.lookups import Resolver, resolver
from admin_views.record_pages import RecordPages
from admin_views.removing import Removing
from admin_views.screens import Screen
from app.access.levels import level_of
from app.access.permissions import Permission
from app.access.scopes import find_visible, is_editable, may_read_field
from app.actor import Actor
from models.base import Base

#: A bulk action: (session, actor, ids) -> sentence of what was done. Runs as one act.
BulkAction = Callable[[Session, Actor, list[int]], str]
#: Parameters of a list's address that change neither which rows there are nor their order.
_ASIDE = frozenset({"page", "size", "columns", "facets"})


class GuardedView(ListPages, RecordPages, ListActs, Editing, Removing, Screen):
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
            name=(*self.asked_by(), *(pair for pair in request.args.items(multi=True) if pair[0] not in _ASIDE)),
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


__all__ = ["GuardedView", "Resolver", "resolver"]
