"""What the reader of the log asks for: filter and place from the address, back into controls, words and links."""

from __future__ import annotations

import base64
import datetime as dt
from collections import Counter

from flask import abort, request, url_for
from sqlalchemy import inspect

from admin_views.columns import shown
from admin_views.listing import Pages
from admin_views.pages import FilterControl
from app.audit import queries
from app.audit.plans import audited_tables, model_of_table, table_order
from app.audit.queries import LogFilter, Place
from app.audit.values import label_of_table
from app.japanese.dates import DateError, parse_date
from models.records import AccessNote

#: The groups of the menu, with the modules of models whose records stand under each; what is under none stands under the last.
_HEADINGS = (
    ("協働事業", ("registry", "survey")),
    (
        "団体",
        ("directory", "directory_profile", "directory_records", "directory_registration", "directory_rounds"),
    ),
    ("人財の森", ("talents", "talent_requests", "matches", "partnering")),
    (
        "公募・提案",
        ("calls", "clock", "coordination", "proposals", "proposal_lines", "proposal_story", "proposal_uploads"),
    ),
    ("選考審査会", ("reviews", "review_conflicts", "review_records", "review_results", "review_sheets")),
    ("会議", ("bodies", "meetings", "minutes")),
    ("通知", ("notices",)),
    ("データの取込み", ("exchange",)),
    ("基礎データ", ("reference",)),
    ("システム", ("people", "records")),
)


def asked() -> tuple[LogFilter, list[str]]:
    """The filter of this request, and what of it could not be read."""
    problems: list[str] = []

    def day(name: str) -> dt.date | None:
        typed = request.values.get(name, "").strip()[:40]
        if not typed:
            return None
        try:
            return parse_date(typed)
        except DateError as error:
            problems.append(str(error))
            return None

    def text(name: str, limit: int) -> str:
        return request.values.get(name, "").replace("\x00", "").strip()[:limit]

    return LogFilter(
        who=text("who", 100),
        since=day("day_from"),
        until=day("day_to"),
        verb=text("verb", 80),
        table=text("table", 60),
        key=text("key", 60),
    ), problems


def places() -> tuple[Place | None, Place | None]:
    """(before, after) of this request: where the page begins. 404 for what is no place."""
    return _place(request.args.get("before")), _place(request.args.get("after"))


def _place(code: str | None) -> Place | None:
    if not code:
        return None
    try:
        moment, _, number = base64.urlsafe_b64decode(code.encode()).decode().rpartition("/")
        at = dt.datetime.fromisoformat(moment)
        place = (at.astimezone(dt.UTC), int(number))
    except (ValueError, OverflowError):
        abort(404)
    if not 0 <= place[1] < 2**63:
        abort(404)
    return place


def _code(place: Place) -> str:
    return base64.urlsafe_b64encode(f"{place[0].isoformat()}/{place[1]}".encode()).decode()


def query_of(wanted: LogFilter) -> dict[str, str]:
    values = {
        "who": wanted.who,
        "day_from": wanted.since.isoformat() if wanted.since else "",
        "day_to": wanted.until.isoformat() if wanted.until else "",
        "verb": wanted.verb,
        "table": wanted.table,
        "key": wanted.key,
    }
    return {name: value for name, value in values.items() if value}


def filters_of(wanted: LogFilter, *, with_verb: bool = True) -> list[FilterControl]:
    since, until = (shown_day(day) for day in (wanted.since, wanted.until))
    found = [
        FilterControl("who", "だれが", "text", [], wanted.who),
        FilterControl("day", "いつ", "date_range", [], (since, until)),
    ]
    if with_verb:
        found.append(FilterControl("verb", "操作の種類(例 project、user:create)", "text", [], wanted.verb))
    return found


def shown_day(day: dt.date | None) -> str:
    """A day as it is put back into the field."""
    return day.isoformat() if day is not None else ""


def record_filters_of(wanted: LogFilter) -> list[FilterControl]:
    return [
        FilterControl("table", "対象", "select", [], wanted.table, groups=_tables()),
        FilterControl("key", "対象番号", "text", [], wanted.key),
    ]


def _tables() -> list[tuple[str, list[tuple[str, str]]]]:
    """[(heading as in the menu, [(table, name)])]: records before their lines."""
    named = {name: model.__label__ for name in audited_tables() if (model := model_of_table(name)) and model.__label__}
    often = {label for label, number in Counter(named.values()).items() if number > 1}
    told = {name: f"{_owner_of(name)}{label}" if label in often else label for name, label in named.items()}
    told["access_note"] = AccessNote.__label__
    groups: dict[str, list[tuple[str, str]]] = {heading: [] for heading, _ in _HEADINGS}
    for name in sorted(told, key=lambda table: (_root_place(table), table_order()[table])):
        groups[_heading_of(name)].append((name, told[name]))
    return [(heading, choices) for heading, choices in groups.items() if choices]


def _heading_of(table: str) -> str:
    module = getattr(model_of_table(table), "__module__", "").removeprefix("models.")
    return next((heading for heading, modules in _HEADINGS if module in modules), _HEADINGS[-1][0])


def _root_place(table: str) -> int:
    """Where the record stands that the rows of this table belong to: they follow it."""
    model = model_of_table(table)
    while model is not None and model.__audit_parent__:
        model = inspect(model).relationships[str(model.__audit_parent__)].mapper.class_
    return table_order()[str(model.__tablename__) if model is not None else table]


def _owner_of(table: str) -> str:
    """「団体の」 of a table whose rows belong to another record; empty of one that stands alone."""
    model = model_of_table(table)
    parent = model is not None and model.__audit_parent__
    if model is None or not parent:
        return ""
    return f"{inspect(model).relationships[str(parent)].mapper.class_.__label__}の"


def table_label(table: str) -> str:
    return label_of_table(model_of_table(table), table)


def conditions_of(wanted: LogFilter) -> list[tuple[str, tuple[str, ...]]]:
    found: list[tuple[str, tuple[str, ...]]] = []
    if wanted.who:
        found.append((f"だれが: {wanted.who}", ("who",)))
    if wanted.since or wanted.until:
        since, until = (str(shown(day)) if day else "" for day in (wanted.since, wanted.until))
        found.append((f"いつ: {since}〜{until}", ("day_from", "day_to")))
    if wanted.verb:
        found.append((f"操作の種類: {wanted.verb}", ("verb",)))
    if wanted.table:
        found.append((f"対象: {table_label(wanted.table)}", ("table",)))
    if wanted.key:
        found.append((f"対象番号: {wanted.key}", ("key",)))
    return found


def in_words(wanted: LogFilter) -> list[str]:
    return [text for text, _ in conditions_of(wanted)]


def pages_of(endpoint: str, page: queries.Page, keys: list[Place], wanted: LogFilter) -> Pages:
    given = query_of(wanted)
    newer = url_for(endpoint, **given, after=_code(keys[0])) if page.has_newer and keys else None
    older = url_for(endpoint, **given, before=_code(keys[-1])) if page.has_older and keys else None
    return Pages(newer, older, [])
