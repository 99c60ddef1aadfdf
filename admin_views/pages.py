"""What the templates of `templates/model/` are given: one `page` object each, as their first comments say."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Callable
from functools import cached_property
from typing import Any

from markupsafe import Markup, escape

from admin_views.listing import Pages

#: (title, text, kind)
Notice = tuple[str, str | None, str]


@dataclasses.dataclass
class Row:
    """One line of a list. Many pages may share it: it is not changed."""

    id: int
    url: str | None
    cells: list[str | Markup]
    actions: list[tuple[str, str, str]] = dataclasses.field(default_factory=list)

    @cached_property
    def following_cells(self) -> Markup:
        """The cells behind the first, escaped and marked up: the template would do it at ten times the cost."""
        return Markup("".join(f"<td>{_html_of(cell)}</td>" for cell in self.cells[1:]))


class Lines(list[Row]):
    """The lines of a page that many requests share. `drawn`: as the template wrote them, once it has."""

    drawn: Markup | None = None


def _html_of(cell: Any) -> str:
    if type(cell) is str:
        return html.escape(cell)
    return str(escape(cell))


@dataclasses.dataclass
class SearchBox:
    """The search field."""

    name: str
    value: str
    hint: str


@dataclasses.dataclass
class FilterControl:
    """One filter as a control of macros/tables.html."""

    key: str
    label: str
    kind: str
    options: list[tuple[str, str]]
    value: Any
    url: str | None = None
    text: str | None = None
    #: A select's choices under headings, after `options`.
    groups: list[tuple[str, list[tuple[str, str]]]] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class ListPage:
    """Context of model/list.html."""

    title: str
    caption: str
    list_url: str
    columns: list[tuple[str, str, str | None, str | None, bool]]
    rows: list[Row]
    count_text: str
    pages: Pages | None
    lead: str | None = None
    create_url: str | None = None
    #: What was deleted here and can be put back.
    deleted_url: str | None = None
    search: SearchBox | None = None
    search_hidden: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    filters: list[FilterControl] = dataclasses.field(default_factory=list)
    active_filters: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    clear_url: str | None = None
    saved_views: list[tuple[str, str, bool, str]] = dataclasses.field(default_factory=list)
    save_view_url: str | None = None
    save_view_hidden: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    column_choice: list[tuple[str, str, bool]] = dataclasses.field(default_factory=list)
    column_hidden: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    exports: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    bulk_actions: list[tuple[str, str, str | None]] = dataclasses.field(default_factory=list)
    bulk_url: str | None = None
    bulk_hidden: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    empty: tuple[str, str] | None = None
    notices: list[Notice] = dataclasses.field(default_factory=list)
    #: [(title, [(label, count, url, is on)])] of what was found; `is_many`: counting stopped at its limit.
    facets: list[tuple[str, list[tuple[str, int, str, bool]]]] = dataclasses.field(default_factory=list)
    is_many: bool = False
    #: The same list with its facets, which are counted only when they are asked for.
    facets_url: str | None = None

    def drawn(self, draw: Callable[..., Markup], *how: bool) -> Markup:
        """The lines as `draw`, a macro of the template, writes them; those that are shared are written once."""
        if not isinstance(self.rows, Lines):
            return draw(self.rows, *how)
        if self.rows.drawn is None:
            self.rows.drawn = draw(self.rows, *how)
        return self.rows.drawn


@dataclasses.dataclass
class DetailsPage:
    """Context of model/details.html."""

    title: str
    lead: str | None = None
    status: tuple[str, str] | None = None
    back: tuple[str, str] | None = None
    tabs: list[tuple[str, str, bool]] = dataclasses.field(default_factory=list)
    actions: list[tuple[str, str, str]] = dataclasses.field(default_factory=list)
    delete_url: str | None = None
    notice: Notice | None = None
    steps: list[tuple[str, str, list[str]]] = dataclasses.field(default_factory=list)
    sections: list[tuple[str, list[tuple[str, Any]]]] = dataclasses.field(default_factory=list)
    next_steps: list[tuple[str, str, str, str | None]] = dataclasses.field(default_factory=list)
    missing: list[tuple[str, str | None]] = dataclasses.field(default_factory=list)
    related: list[tuple[str, Any]] = dataclasses.field(default_factory=list)
    papers: list[tuple[str, str, str]] = dataclasses.field(default_factory=list)
    history: list[tuple[str, str, list[str]]] | None = None
    history_url: str | None = None


@dataclasses.dataclass
class FormPage:
    """Context of model/edit.html and model/create.html."""

    title: str
    form: Any
    action_url: str
    cancel_url: str
    lead: str | None = None
    has_file: bool = False
    groups: list[tuple[str, list[str]]] | None = None
    field_options: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    errors: list[str] = dataclasses.field(default_factory=list)
    version: int | None = None
    hidden: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    submit_label: str = "保存する"
    notice: Notice | None = None
    drawn_apart: list[str] = dataclasses.field(default_factory=list)
    is_dense: bool = False
    template: str = "model/edit.html"
    values: dict[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        """No heading over nothing: a form to change may lack fields that the one to add has."""
        if self.groups:
            self.groups = [group for group in self.groups if any(name in self.form for name in group[1])]


@dataclasses.dataclass
class VersionRow:
    """One field that two people filled differently."""

    name: str
    label: str
    mine: str
    theirs: str
    choice: str


@dataclasses.dataclass
class ConflictPage:
    """Context of model/conflict.html."""

    record: tuple[str, str]
    saved_by: str
    saved_at: str
    rows: list[VersionRow]
    same_count: int
    hidden: list[tuple[str, str]]
    version: int
    action_url: str
    cancel_url: str
    title: str = "ほかの人が先に保存しました"


@dataclasses.dataclass
class ConfirmPage:
    """Context of model/delete.html: asks before an act and says what hangs on it."""

    title: str
    action_url: str
    cancel_url: str
    submit_label: str = "削除する"
    lead: str | None = None
    records: list[tuple[str, str | None]] = dataclasses.field(default_factory=list)
    sections: list[tuple[str, list[tuple[str, Any]]]] = dataclasses.field(default_factory=list)
    #: None: nothing is said of what hangs on it; []: that nothing does.
    hangs_on: list[tuple[str, str, str | None]] | None = None
    consequence: str | None = None
    undo_text: str | None = None
    blocked_reason: str | None = None
    form: Any = None
    errors: list[str] = dataclasses.field(default_factory=list)
    hidden: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    is_danger: bool = True
