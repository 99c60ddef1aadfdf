"""The clock: what is due when and by whom, by fiscal year and across years; and one's own calendar feeds."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, abort, current_app, request, url_for
from flask_admin import expose

from admin_views.downloads import picture
from admin_views.screens import Screen
from app.access.login import allow_without_login
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.calls import feed
from app.calls.clock import ClockEntry, all_entries, deadlines, entries_of_year, years_of
from app.calls.clock_chart import chart_rows
from app.documents.calendar_chart import calendar_chart
from app.japanese.dates import (
    fiscal_year_bounds,
    fiscal_year_of,
    format_date,
    format_datetime,
    format_fiscal_year,
    today_in_tokyo,
)
from app.problems import Invalid, NotFound

#: kind of link of an entry -> page.
_PAGES = {
    "call": "call.details_view",
    "proposal": "proposal.details_view",
    "opinion": "opinion.opinion_view",
    "meeting": "meeting.details_view",
}
_EARLIEST, _LATEST = 1950, 2200
#: How many of the days ahead stand open.
NEAR = 10


class ClockScreen(Screen):
    """年間の予定."""

    permission = Permission.CLOCK_READ

    def __init__(self) -> None:
        super().__init__(name="年間の予定", endpoint="clock", url="/clock")

    def _entries(self) -> list[ClockEntry]:
        return all_entries(self.db_session(), self.actor)

    @expose("/")
    def index(self) -> Any:
        """This fiscal year, or the one that was chosen."""
        asked = request.args.get("year", "")
        year = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 4 else None
        return self._year(year or fiscal_year_of(today_in_tokyo()))

    @expose("/<int:fiscal_year>/")
    def year_view(self, fiscal_year: int) -> Any:
        return self._year(fiscal_year)

    def _year(self, fiscal_year: int) -> Any:
        if not _EARLIEST <= fiscal_year <= _LATEST:
            abort(404)
        everything = self._entries()
        entries = entries_of_year(everything, fiscal_year)
        years = sorted({*years_of(everything), fiscal_year, fiscal_year_of(today_in_tokyo())}, reverse=True)
        first, last = fiscal_year_bounds(fiscal_year)
        due = [entry for entry in deadlines(entries, today_in_tokyo()) if first <= (entry.due_on or first) <= last]
        return self.render(
            "clock/year.html",
            title=f"{format_fiscal_year(fiscal_year)}の予定",
            fiscal_year=fiscal_year,
            years=[(year, format_fiscal_year(year)) for year in years],
            **_groups(entries, {entry.subject for entry in due[:NEAR]}),
            due=[_due(entry) for entry in due],
            near=NEAR,
            chart_url=url_for(".year_chart_view", fiscal_year=fiscal_year),
            before=(format_fiscal_year(fiscal_year - 1), url_for(".year_view", fiscal_year=fiscal_year - 1)),
            after=(format_fiscal_year(fiscal_year + 1), url_for(".year_view", fiscal_year=fiscal_year + 1)),
            today=format_date(today_in_tokyo()),
        )

    @expose("/<int:fiscal_year>/chart.svg")
    def year_chart_view(self, fiscal_year: int) -> Response:
        if not _EARLIEST <= fiscal_year <= _LATEST:
            abort(404)
        first, last = fiscal_year_bounds(fiscal_year)
        rows = chart_rows(entries_of_year(self._entries(), fiscal_year))
        title = f"{format_fiscal_year(fiscal_year)}の予定"
        return picture(calendar_chart(title, rows, first=first, last=last, today=today_in_tokyo()))

    @expose("/years/")
    def years_view(self) -> Any:
        """All years side by side: a call's chain runs over three of them (rules.md 22)."""
        entries = self._entries()
        due = [
            entry for entry in deadlines(entries, today_in_tokyo()) if (entry.due_on or dt.date.min) >= today_in_tokyo()
        ]
        return self.render(
            "clock/years.html",
            title="年度をまたぐ予定",
            **_groups(entries, {entry.subject for entry in due[:NEAR]}),
            chart_url=url_for(".years_chart_view"),
            years=[(format_fiscal_year(year), url_for(".year_view", fiscal_year=year)) for year in years_of(entries)],
        )

    @expose("/years/chart.svg")
    def years_chart_view(self) -> Response:
        entries = self._entries()
        years = years_of(entries) or [fiscal_year_of(today_in_tokyo())]
        first, last = fiscal_year_bounds(years[0])[0], fiscal_year_bounds(years[-1])[1]
        title = f"{format_fiscal_year(years[0])}から{format_fiscal_year(years[-1])}までの予定"
        return picture(calendar_chart(title, chart_rows(entries), first=first, last=last, today=today_in_tokyo()))

    # --- one's own feeds ------------------------------------------------------------------------------------

    @expose("/feeds/")
    def feeds_view(self) -> Any:
        return self._feeds()

    @expose("/feeds/create/", methods=("POST",))
    def create_feed_view(self) -> Any:
        """The address is shown on the page that answers, once."""
        try:
            made, token = feed.create_feed(self.db_session(), actor=self.actor, name=request.form.get("name", ""))
        except Invalid as problem:
            return self._feeds(error=problem.message), 422
        address = url_for("calendar-feed.feed_view", token=token, _external=True)
        return self._feeds(made=(made.name, address))

    @expose("/feeds/<key>/revoke/", methods=("POST",))
    def revoke_feed_view(self, key: str) -> Any:
        number = as_key(key)
        if number is None:
            raise NotFound
        revoked = feed.revoke_feed(self.db_session(), actor=self.actor, feed_id=number)
        message = f"「{revoked.name}」のアドレスを止めました。登録した予定表アプリには、もう配信しません。"
        return self.go(".feeds_view", message)

    def _feeds(self, *, made: tuple[str, str] | None = None, error: str | None = None) -> Any:
        return self.render(
            "clock/feeds.html",
            feeds=[
                (one.name, format_datetime(one.created_at), url_for(".revoke_feed_view", key=one.id))
                for one in feed.feeds_of(self.db_session(), self.actor)
            ],
            made=made,
            error=error,
            typed=request.form.get("name", "") if error else "",
        )


class CalendarFeedScreen(Screen):
    """The feeds themselves: whoever knows a secret address reads what its user may see now."""

    in_menu = False

    def __init__(self) -> None:
        self._default_view = "feed_view"  # there is no page to list: the menu does not show it
        super().__init__(name="予定表の配信", endpoint="calendar-feed", url="/calendar")

    def is_accessible(self) -> bool:
        return True

    @expose("/<token>.ics")
    def feed_view(self, token: str) -> Response:
        text = feed.feed_text(self.db_session(), token, today=today_in_tokyo())
        if text is None:
            abort(404)
        response = Response(text, content_type="text/calendar; charset=utf-8")
        response.headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
        response.headers["X-Robots-Tag"] = "noindex"
        return response


def _groups(entries: list[ClockEntry], near: set[str]) -> dict[str, Any]:
    """Entries by subject. Those with something due soon stand open; all of them where `?all=1` asks for it."""
    found: dict[str, list[ClockEntry]] = {}
    for entry in entries:
        found.setdefault(entry.subject, []).append(entry)
    is_all = request.args.get("all") == "1"
    return {
        "groups": [(name, [_row(one) for one in rows], is_all or name in near) for name, rows in found.items()],
        "all_url": None if is_all else f"{request.path}?all=1" + _asked_year(),
    }


def _asked_year() -> str:
    year = request.args.get("year", "")
    return f"&year={year}" if year.isascii() and year.isdecimal() else ""


def _row(entry: ClockEntry) -> dict[str, Any]:
    return {
        "subject": entry.subject,
        "label": entry.label,
        "url": _url(entry),
        "days": days_in_words(entry),
        "who": entry.who,
        "note": "".join(part for part in (entry.note, entry.holiday_note) if part),
    }


def _due(entry: ClockEntry) -> dict[str, Any]:
    today = today_in_tokyo()
    due = entry.due_on
    assert due is not None
    days = (due - today).days
    late = entry.is_late(today)
    told = (
        f"{-days}日過ぎています" if late else "終わりました" if days < 0 else "今日" if days == 0 else f"あと{days}日"
    )
    return _row(entry) | {"day": format_date(due), "told": told, "is_late": late}


def days_in_words(entry: ClockEntry) -> list[str]:
    """「令和8年6月1日(月)〜」「令和8年7月31日(金)」, one day alone, or 未設定: parts that stay on one line each."""
    first, last = entry.first, entry.due_on
    if first is None and last is None:
        return ["未設定"]
    if entry.is_deadline and last is not None:
        return [f"{format_date(last)}まで"]
    if first is None:
        return [f"{_shown(last)}まで"]
    if last is None:
        return [f"{_shown(first)}から"]
    return [_shown(first)] if first == last else [f"{_shown(first)}〜", _shown(last)]


def _shown(day: dt.date | None) -> str:
    return format_date(day) if day is not None else ""


def _url(entry: ClockEntry) -> str | None:
    if entry.link is None:
        return None
    kind, key = entry.link
    endpoint = _PAGES.get(kind, "")
    return url_for(endpoint, key=key) if endpoint in current_app.view_functions else None


def screens() -> list[Any]:
    """What the menu's list adds."""
    return [ClockScreen(), CalendarFeedScreen()]


allow_without_login("calendar-feed.feed_view")
