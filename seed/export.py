"""`flask seed export`: writes what the database holds as the files of a seed folder. Unchanged data gives equal files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.bodies import Body
from models.notices import NoticeSender, NoticeTemplate
from models.reference import Program
from models.reviews import ReviewPreset
from seed.files import city_folder, csv_text, read_toml, toml_text
from seed.meetings import body_table
from seed.notices import sender_table, template_table
from seed.reference import program_table
from seed.registry_export import (
    PUBLISHED_HEADERS,
    READING_HEADERS,
    list_projects,
    list_table,
    lists_to_export,
    published_rows,
    reading_rows,
)
from seed.reviews import preset_table
from seed.state import COMPLETE, state_of
from seed.tables import TABLE_FILES

#: Read from the folder itself whenever they are needed; no table holds them.
FILES_ONLY = ("matching_words.csv", "matching_sayings.csv")
#: What the handbook leaves open and the demonstration sets for its stories (quorums, chairs, the mayor's name): no data of
#: a city. Of a demonstration database these files go out as they came in.
SET_BY_DEMO = ("bodies.toml", "notice_templates.toml")


def export(session: Session, city: str, out: Path) -> list[Path]:
    """Write every file into `out` (made if missing); returns the paths written."""
    out.mkdir(parents=True, exist_ok=True)
    folder = city_folder(city)
    texts: dict[str, str] = {}
    for spec in TABLE_FILES:
        rows = session.scalars(select(spec.model).order_by(*(getattr(spec.model, name) for name in spec.order)))
        texts[spec.file_name] = csv_text(
            [column.header for column in spec.columns], (spec.cells_of(row) for row in rows)
        )
    programs = [program_table(program) for program in session.scalars(select(Program).order_by(Program.id))]
    texts["programs.toml"] = _toml(folder / "programs.toml", "program", programs)
    bodies = [body_table(body) for body in session.scalars(select(Body).order_by(Body.position, Body.id))]
    texts["bodies.toml"] = _toml(folder / "bodies.toml", "body", bodies)
    texts["notice_templates.toml"] = _templates(session, folder / "notice_templates.toml")
    presets = session.scalars(select(ReviewPreset).order_by(ReviewPreset.position, ReviewPreset.id))
    texts["review_presets.toml"] = _toml(
        folder / "review_presets.toml", "preset", [preset_table(one) for one in presets]
    )
    lists = []
    for published in lists_to_export(session):
        projects = list_projects(session, published.fiscal_year)
        table = list_table(published, projects)
        texts[table["published_file"]] = csv_text(PUBLISHED_HEADERS, published_rows(published))
        texts[table["reading_file"]] = csv_text(READING_HEADERS, reading_rows(projects))
        lists.append(table)
    texts["published_lists.toml"] = _toml(folder / "published_lists.toml", "list", lists)
    for name in FILES_ONLY:
        if (folder / name).is_file():
            texts[name] = (folder / name).read_text(encoding="utf-8")
    if state_of(session, "demo") == COMPLETE:
        texts |= {name: (folder / name).read_text(encoding="utf-8") for name in SET_BY_DEMO}
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8", newline="\n")
    return [out / name for name in texts]


def _templates(session: Session, source: Path) -> str:
    templates = session.scalars(select(NoticeTemplate).order_by(NoticeTemplate.position, NoticeTemplate.id))
    tables = {
        "sender": [sender_table(one) for one in session.scalars(select(NoticeSender).order_by(NoticeSender.id))],
        "template": [template_table(one) for one in templates],
    }
    if read_toml(source) == tables:
        return source.read_text(encoding="utf-8")
    return "\n".join(toml_text(name, rows) for name, rows in tables.items())


def _toml(source: Path, name: str, tables: list[dict[str, Any]]) -> str:
    """The tables as TOML. Where they say what the seed's file says, that file's own text, with its comments."""
    if read_toml(source) == {name: tables}:
        return source.read_text(encoding="utf-8")
    return toml_text(name, tables)
