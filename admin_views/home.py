"""Home is 「対応待ち一覧」: what waits for me, by role, each line a link to the very screen where it is done."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import url_for
from flask_admin import AdminIndexView, expose

from app.access.login import current_actor
from app.actor import Actor
from app.extensions import db
from app.japanese.dates import fiscal_year_of, format_date, format_fiscal_year, today_in_tokyo
from app.work import Waiting, waiting_for

#: kind of waiting line -> the page where it is done.
LinkOf = Callable[[Waiting], str]
_links: dict[str, LinkOf] = {}

#: Figures below the list: (actor) -> (label, text, url) or nothing.
Figure = tuple[str, str, str | None]
_figures: list[Callable[[Any, Actor], list[Figure]]] = []


def link_waiting(kind: str, link: LinkOf) -> None:
    """Say which page a kind of waiting line leads to (each screen module, at import)."""
    _links[kind] = link


def register_figures(tell: Callable[[Any, Actor], list[Figure]]) -> None:
    """Add figures to 「全体の状況」."""
    if tell not in _figures:
        _figures.append(tell)


@dataclasses.dataclass(frozen=True)
class Line:
    """One line as the page shows it."""

    label: str
    url: str
    detail: str
    due: str
    lateness: str
    is_late: bool


def line_of(waiting: Waiting, today: dt.date) -> Line:
    """The line in words, with how late it is."""
    lateness, is_late = "", False
    if waiting.due_on is not None:
        days = (waiting.due_on - today).days
        is_late = days < 0
        lateness = f"{-days}日過ぎています" if days < 0 else "今日まで" if days == 0 else f"あと{days}日"
    return Line(
        label=waiting.label,
        url=_links[waiting.kind](waiting),
        detail=waiting.detail,
        due=format_date(waiting.due_on) if waiting.due_on else "",
        lateness=lateness,
        is_late=is_late,
    )


class HomeScreen(AdminIndexView):
    """The first page after signing in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(name="対応待ち一覧", endpoint="home", **kwargs)

    def is_accessible(self) -> bool:
        return current_actor().user_id is not None

    @expose("/")
    def index(self) -> Any:
        actor = current_actor()
        today = today_in_tokyo()
        lines = [line_of(waiting, today) for waiting in waiting_for(db.session(), actor)]
        figures = [figure for tell in _figures for figure in tell(db.session(), actor)]
        return self.render(
            "home.html",
            lines=lines,
            late_count=sum(line.is_late for line in lines),
            figures=figures,
            today=format_date(today),
            fiscal_year=format_fiscal_year(fiscal_year_of(today)),
            url_for=url_for,
        )
