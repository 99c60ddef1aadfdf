"""Which reference table stands in which file, column by column: read by the loader and by the exporter alike."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import Any

from models.base import Base
from models.directory_profile import Audience
from models.directory_registration import RegisteredCount, RegistrationRequirement, RegistrationRule
from models.reference import (
    ActivityField,
    Area,
    CheckItem,
    CheckPoint,
    CheckStage,
    Chronicle,
    CollaborationForm,
    Department,
    Effect,
    EvaluationPoint,
    PolicyBasis,
    Principle,
    ProjectCategory,
    Skill,
)


@dataclasses.dataclass(frozen=True)
class Column:
    """One column of a file. `read`: cell → value of `attribute`; `show`: row → cell. Without `attribute`: shown only."""

    header: str
    attribute: str | None
    read: Callable[[str], Any]
    show: Callable[[Any], str]
    #: The cell holds the code of another row of the same table.
    is_link: bool = False


@dataclasses.dataclass(frozen=True)
class TableFile:
    """A reference table and its file. `key`: the headers that name a row; `order`: the file's order."""

    file_name: str
    model: type[Base]
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ("code",)
    order: tuple[str, ...] = ("id",)
    #: Attribute that takes the place in the file, from 1.
    position: str | None = None

    def cells_of(self, row: Any) -> dict[str, str]:
        """The row as the file writes it."""
        return {column.header: column.show(row) for column in self.columns}

    def key_of(self, cells: dict[str, str]) -> str:
        """The row's key within the file."""
        return "/".join(cells[header] for header in self.key)

    def values_of(self, cells: dict[str, str]) -> dict[str, Any]:
        """Attributes of a new or renewed row, links aside."""
        return {
            column.attribute: column.read(cells[column.header])
            for column in self.columns
            if column.attribute and not column.is_link
        }


def _text(header: str, attribute: str | None = None) -> Column:
    name = attribute or header
    return Column(header, name, str, lambda row: getattr(row, name) or "")


def _optional(header: str) -> Column:
    return Column(header, header, lambda cell: cell or None, lambda row: getattr(row, header) or "")


def _number(header: str) -> Column:
    return Column(
        header,
        header,
        lambda cell: int(cell) if cell else None,
        lambda row: "" if getattr(row, header) is None else str(getattr(row, header)),
    )


def _flag(header: str) -> Column:
    return Column(header, header, lambda cell: cell == "true", lambda row: "true" if getattr(row, header) else "false")


def _day(header: str) -> Column:
    return Column(
        header,
        header,
        lambda cell: dt.date.fromisoformat(cell) if cell else None,
        lambda row: value.isoformat() if (value := getattr(row, header)) else "",
    )


def _words(header: str) -> Column:
    return Column(
        header, header, lambda cell: cell.split("|") if cell else [], lambda row: "|".join(getattr(row, header) or [])
    )


def _lines(header: str) -> Column:
    """A list that the table keeps as lines of one text."""
    return Column(
        header, header, lambda cell: cell.replace("|", "\n"), lambda row: getattr(row, header).replace("\n", "|")
    )


def _link(header: str, attribute: str) -> Column:
    return Column(
        header, attribute, str, lambda row: other.code if (other := getattr(row, attribute)) else "", is_link=True
    )


_STAGES = {stage.label.split(" ")[0]: stage for stage in CheckStage}
_STAGE = Column("stage", "stage", _STAGES.__getitem__, lambda row: row.stage.label.split(" ")[0])
_STAGE_NAME = Column("stage_name", None, str, lambda row: row.stage.label.split(" ")[1].removesuffix("段階"))

TABLE_FILES: tuple[TableFile, ...] = (
    TableFile(
        "departments.csv",
        Department,
        (
            _text("code"),
            _text("name"),
            _text("bureau"),
            _flag("is_council_member"),
            _number("council_order"),
            _day("valid_from"),
            _day("valid_until"),
            _link("successor", "successor"),
            _optional("note"),
        ),
    ),
    TableFile(
        "activity_fields.csv",
        ActivityField,
        (_number("number"), _text("name"), _text("list_version"), _flag("is_left_to_ordinance"), _optional("note")),
        key=("number",),
    ),
    TableFile(
        "collaboration_forms.csv",
        CollaborationForm,
        (
            _text("code"),
            _text("name"),
            _text("definition"),
            Column("handbook_order", None, str, lambda row: str(row.position) if row.is_defined_in_handbook else ""),
            _flag("is_defined_in_handbook"),
            _link("parent", "parent"),
            _optional("note"),
        ),
        order=("position", "id"),
        position="position",
    ),
    TableFile(
        "project_categories.csv",
        ProjectCategory,
        (_text("code"), _number("number"), _text("name"), _text("expected_effect", "effect"), _lines("examples")),
    ),
    TableFile(
        "principles.csv",
        Principle,
        (_number("number"), _text("code"), _text("name"), _text("stance", "attitude")),
        key=("number",),
    ),
    TableFile(
        "effects.csv",
        Effect,
        (_number("number"), _text("code"), _text("name"), _text("description")),
        key=("number",),
    ),
    TableFile(
        "check_items.csv",
        CheckItem,
        (_STAGE, _STAGE_NAME, _number("number"), _text("wording")),
        key=("stage", "number"),
    ),
    TableFile(
        "check_points.csv",
        CheckPoint,
        (_STAGE, _number("number"), _text("heading", "title"), _text("text", "wording")),
        key=("stage", "number"),
    ),
    TableFile(
        "evaluation_points.csv",
        EvaluationPoint,
        (
            _number("number"),
            _text("code"),
            _text("name"),
            _text("question"),
            Column(
                "opens_into",
                "opens_into_principles",
                lambda cell: cell == "principles",
                lambda row: "principles" if row.opens_into_principles else "",
            ),
        ),
        key=("number",),
    ),
    TableFile(
        "chronicle.csv",
        Chronicle,
        (_number("fiscal_year"), _number("position"), _text("text"), _flag("recurs_yearly"), _text("source")),
        key=("fiscal_year", "position"),
        order=("fiscal_year", "position", "id"),
    ),
    TableFile(
        "policy_bases.csv",
        PolicyBasis,
        (_text("code"), _text("year_month"), _text("name"), _text("place"), _text("summary")),
    ),
    TableFile(
        "areas.csv",
        Area,
        (_text("code"), _text("name"), _text("reading"), _words("variants")),
        order=("position", "id"),
        position="position",
    ),
    TableFile(
        "skills.csv",
        Skill,
        (_text("code"), _text("name"), _text("group_code"), _text("group"), _words("synonyms")),
    ),
    TableFile("audiences.csv", Audience, (_text("code"), _text("name")), order=("position", "id"), position="position"),
    TableFile(
        "registration_rules.csv",
        RegistrationRule,
        (_text("code"), _number("valid_years"), _number("notice_days"), _text("source")),
    ),
    TableFile(
        "registration_requirements.csv",
        RegistrationRequirement,
        (_text("code"), _text("wording"), _flag("is_active"), _text("source")),
        order=("position", "id"),
        position="position",
    ),
    TableFile(
        "registered_counts.csv",
        RegisteredCount,
        (_text("code"), _number("fiscal_year"), _text("label"), _number("number"), _text("source")),
    ),
)
