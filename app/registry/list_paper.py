"""The list of a year on paper, in the layout of 資料3: as frozen when it is published, else the draft (案)."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy.orm import Session

from app.actor import Actor
from app.documents.pdf import render_pdf
from app.japanese.dates import format_date, format_fiscal_year, to_tokyo
from app.registry.policy import reads_persons
from app.registry.publication import NOTE, corrections_of, in_printing_order
from app.registry.published import frozen_row
from app.registry.queries import find_published_list
from models.people import Role

COLUMN_TITLES = ("番号", "課名", "事業名称", "協働相手(団体名)", "協働形態")
PERSON = "(個人)"


@dataclasses.dataclass(frozen=True)
class ListPaper:
    """The PDF of a list. `is_draft`: it has not been published."""

    fiscal_year: int
    is_draft: bool
    content: bytes

    @property
    def file_name(self) -> str:
        """Its name when it is saved."""
        return f"協働や連携の取組一覧_{format_fiscal_year(self.fiscal_year)}{'(案)' if self.is_draft else ''}.pdf"


def find_list_paper(session: Session, actor: Actor, fiscal_year: int) -> ListPaper | None:
    """The list as PDF; None when the actor has no list to see: a draft is for those who read unpublished rows."""
    data = list_data(session, actor, fiscal_year)
    if data is None:
        return None
    return ListPaper(fiscal_year, bool(data["mark"]), render_pdf("published_list", data))


def list_data(session: Session, actor: Actor, fiscal_year: int) -> dict[str, Any] | None:
    """What the template prints. Lines that name private persons are covered for those who may not read them."""
    year = format_fiscal_year(fiscal_year)
    sees_names = reads_persons(actor)
    published = find_published_list(session, fiscal_year)
    data: dict[str, Any] = {
        "title": f"協働や連携の取組一覧({year})",
        "author": "小平市",
        "running_head": f"協働や連携の取組一覧({year})",
        "footer": "小平市 市民協働・男女参画推進課",
        "column_titles": list(COLUMN_TITLES),
        "corrections_title": "公表後の修正",
        "note": NOTE,
        "mark": "",
        "corrections": [],
    }
    if published is not None and published.published_at is not None:
        rows = published.snapshot or []
        data |= {"title": published.title, "note": published.note}
        day = format_date(to_tokyo(published.published_at).date(), weekday=False)
        data["footer"] += f" 出典: {published.source}" if published.source else f" {day}公表"
        data["corrections"] = [
            f"{one.number} {one.name} {label}: "
            + ("内容を修正" if one.names_a_person and not sees_names else f"「{was}」→「{now}」")
            for one in corrections_of(session, published)
            for label, was, now in one.changes
        ]
    else:
        if not (actor.is_system or actor.has(Role.OFFICE, Role.CENTER, Role.DEPARTMENT)):
            return None
        projects = in_printing_order(session, fiscal_year)
        rows = [frozen_row(project, number) for number, project in enumerate(projects, start=1)]
        data["mark"] = "案"
    if not rows:
        return None
    data["rows"] = [line for row in rows for line in _printed(row, sees_names)]
    return data


def _printed(row: dict[str, Any], sees_names: bool) -> list[list[str]]:
    """The printed lines of a row: number, department and name stand on the first one only (rows 43 and 44)."""
    is_covered = bool(row.get("names_a_person")) and not sees_names
    lines = row["lines"] or [["", ""]]
    first = [str(row["number"]), row["department"], row["name"]]
    return [
        [*(first if place == 0 else ("", "", "")), PERSON if is_covered else partners, form]
        for place, (partners, form) in enumerate(lines)
    ]
