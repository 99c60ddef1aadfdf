"""What a group's page is made of: tables, boxes, badges, cells; and what a sheet of paper says of itself."""

from __future__ import annotations

import dataclasses
from typing import Any

from markupsafe import Markup

from admin_views.columns import shown
from app.access.levels import level_of
from app.actor import Actor
from app.japanese.dates import format_date, format_fiscal_year, today_in_tokyo
from app.japanese.money import format_yen
from models.directory_profile import ConsentLevel


@dataclasses.dataclass(frozen=True)
class Table:
    """Rows of one kind, of the group's whole identity. `key`: of KINDS; `note`: how far they are open."""

    key: str
    caption: str
    header: list[Any]
    rows: list[list[Any]]
    note: Markup | str = ""


@dataclasses.dataclass(frozen=True)
class ItemBox:
    """One of the five items: its fields that are filled, its tables, and what is missing with where to enter it."""

    heading: str
    met: int
    total: int
    rows: list[tuple[Any, Any]]
    tables: list[Table]
    missing: list[tuple[str, str | None]]


@dataclasses.dataclass
class GroupPage:
    """Everything of the page that is the group's own."""

    cards: list[tuple[str, Any, str]]
    level: str
    boxes: list[ItemBox]
    contacts: list[tuple[Any, Any]]
    hidden_contacts: list[str]
    notes: list[tuple[Any, Any]]
    people: list[Table]
    #: Whether labels carry how far their fields are open.
    shows_levels: bool = False
    #: How what is not there is called: a reader below the centre cannot tell missing from closed.
    missing_label: str = "足りないもの"
    notes_label: str = "団体からの発信とセンターの記録"


def order_of(model: Any) -> list[Any]:
    if "fiscal_year" in model.__table__.c:
        return [model.fiscal_year.desc(), model.id]
    return [model.until_on.is_not(None), model.id]


def cell_of(row: Any, column: str) -> Any:
    value = getattr(row, column)
    if column == "fiscal_year":
        return format_fiscal_year(value)
    if column == "user_id":
        return str(row.user)
    if column.endswith("_yen"):
        text = "" if value is None else format_yen(value)
        if column == "expenditure_yen" and row.is_deficit:
            return Markup("{} {}").format(text, badge("収入を超過", "warning"))
        return text
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return shown(value)


def badge(text: str, kind: str) -> Markup:
    return Markup('<span class="badge badge-{}">{}</span>').format(kind, text)


def level_badge(level: ConsentLevel) -> Markup:
    """How far a field is open, as a mark."""
    return badge(ConsentLevel(level).label, "success" if level == 0 else "info" if level == 1 else "muted")


def paper_note(actor: Actor) -> str:
    """What a printed sheet says of itself: its day, and up to whom what stands on it is open."""
    level = ConsentLevel(level_of(actor))
    day = f"{format_date(today_in_tokyo(), weekday=False)}現在。"
    if level is ConsentLevel.PUBLIC:
        return f"{day}公開されている内容です。"
    who = "市職員まで" if level is ConsentLevel.STAFF else "センターと推進担当だけ"
    return f"{day}{who}に公開されている内容を含みます。取扱いに注意してください。"
