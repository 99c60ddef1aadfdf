"""The columns of an imported list, and how their cells become departments, partner lines and forms of a project."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directory.queries import only_organization_named
from app.exchange.columns import ColumnKind, ImportColumn, Plain
from app.exchange.specs import Context, PlannedRow
from app.japanese.dates import fiscal_year_of, today_in_tokyo
from app.japanese.normalize import fold, fold_name
from app.registry import rules
from app.registry.lines import PartnerLine, fill, line_of, set_lines
from app.registry.published import department_cell, printed_lines
from app.registry.reading import form_named, is_generic, names_person, split_departments, split_partners
from models.reference import CollaborationForm, Department
from models.registry import Project, ProjectPartner, ProjectStatus

_K = ColumnKind
#: Columns that are attributes of the project as they are.
PLAIN_COLUMNS: tuple[ImportColumn, ...] = (
    ImportColumn("summary", "事業の概要", aliases=("概要", "事業概要"), multiline=True, max_length=20_000),
    ImportColumn("common_goal", "共通の目的・目標", aliases=("目的", "目標"), multiline=True, max_length=20_000),
    ImportColumn("why_this_partner", "この相手と協働する理由", multiline=True, max_length=20_000),
    ImportColumn("group_role", "団体の役割と責任", aliases=("団体の役割",), multiline=True, max_length=20_000),
    ImportColumn("city_role", "市の役割と責任", aliases=("市の役割",), multiline=True, max_length=20_000),
    ImportColumn("contract_on", "協定・契約の日", _K.DATE, aliases=("契約日", "協定日")),
    ImportColumn("contract_note", "協定・契約の内容", multiline=True, max_length=20_000),
    ImportColumn("starts_on", "開始日", _K.DATE),
    ImportColumn("ends_on", "終了日", _K.DATE),
    ImportColumn("cost_yen", "事業費(円)", _K.YEN, aliases=("事業費",)),
)
#: Asked for on the upload page: the layout of 資料3 has no column for it.
FISCAL_YEAR = ImportColumn(
    "fiscal_year", "年度", _K.FISCAL_YEAR, help="ファイルに年度の列がないときに使います。空のときは今年度とします。"
)
COLUMNS: tuple[ImportColumn, ...] = (
    ImportColumn(
        "fiscal_year", "年度", _K.FISCAL_YEAR, help="この列がなければ、取込みの画面で入力した年度の一覧として読みます。"
    ),
    ImportColumn("number", "番号", _K.INT, aliases=("No", "No.", "№"), minimum=1, maximum=99_999),
    ImportColumn("departments", "課名", aliases=("担当課", "課", "所管課"), required=True, max_length=300),
    ImportColumn("name", "事業名称", aliases=("事業名", "取組名", "取組の名称"), required=True, max_length=300),
    ImportColumn(
        "partners",
        "協働相手(団体名)",
        aliases=("協働相手", "団体名", "相手", "協働の相手"),
        required=True,
        multiline=True,
        max_length=2_000,
        help="形態の違う相手は、セルの中で改行して分けます。形態の欄も同じ順に改行します。",
    ),
    ImportColumn(
        "form",
        "協働形態",
        aliases=("形態", "協働の形態", "協働形態(形態)"),
        required=True,
        multiline=True,
        max_length=500,
    ),
    *PLAIN_COLUMNS,
)


@dataclasses.dataclass
class Known:
    """What cells are read against: departments, forms and organisations by their names."""

    departments: dict[str, Department]
    forms: dict[str, int]
    cells: dict[str, tuple[list[str], list[str]]] = dataclasses.field(default_factory=dict)

    @classmethod
    def read(cls, session: Session) -> Known:
        departments = session.scalars(select(Department).order_by(Department.valid_until.is_not(None), Department.id))
        forms = session.execute(select(CollaborationForm.name, CollaborationForm.id).order_by(CollaborationForm.id))
        by_name: dict[str, Department] = {}
        for department in departments:
            by_name.setdefault(department.name, department)
        return cls(by_name, {fold(row.name): row.id for row in forms})

    def split(self, cell: str) -> tuple[list[str], list[str]]:
        """(departments named, pieces that are none) of a cell; cells repeat."""
        if cell not in self.cells:
            self.cells[cell] = split_departments(cell, self.departments)
        return self.cells[cell]

    def departments_of(self, cell: str) -> list[Department]:
        """The departments that a cell names."""
        return [self.departments[name] for name in self.split(cell)[0]]


def stored_values(project: Project) -> dict[str, Plain]:
    """The cells of a stored project, as a file would have them."""
    lines = printed_lines(project)
    forms = [form for _, form in lines]
    values: dict[str, Plain] = {
        "departments": department_cell(project),
        "name": project.name,
        "partners": "\n".join(cell for cell, _ in lines) or None,
        "form": (forms[0] if len(set(forms)) == 1 else "\n".join(forms)) or None,
    }
    for column in PLAIN_COLUMNS:
        value = getattr(project, column.key)
        values[column.key] = value.isoformat() if isinstance(value, dt.date) else value
    return values


class CellReader:
    """Writes cells into projects, with the organisations of a whole chunk looked up at once."""

    def __init__(self, context: Context, rows: Sequence[PlannedRow]) -> None:
        self.session, self.known = context.session, Known.read(context.session)
        cells = [cell for row in rows for cell in (row.values.get("partners") or "").split("\n")]
        rough = {
            piece.strip() for cell in cells for piece in (cell, *cell.replace("・", "、").split("、"), *cell.split())
        }
        named = only_organization_named(self.session, context.actor, rough)
        self.folded = {fold_name(name) for name in named}
        split = {segment for cell in cells for segment in split_partners(cell, self.folded)}
        self.organizations = only_organization_named(self.session, context.actor, split)

    def write(self, project: Project, values: Mapping[str, Plain], present: frozenset[str], *, is_new: bool) -> None:
        """Put the cells that are there into the project; the published cells are kept as they stand in the file."""
        put_plain(project, values, present)
        if "name" in present:
            _set(project, "name", values["name"])
        if "departments" in present:
            departments = self.known.departments_of(values["departments"])
            if {one.id for one in departments} != {one.id for one in project.departments}:
                project.departments = departments
            _set(project, "department_as_published", values["departments"])
        if "partners" in present or "form" in present:
            self._write_lines(project, values, is_new=is_new)
        if is_new:
            project.status = _status(project)

    def _write_lines(self, project: Project, values: Mapping[str, Plain], *, is_new: bool) -> None:
        cells = values["partners"].split("\n")
        forms = values["form"].split("\n")
        if len(forms) == 1:
            forms = forms * len(cells)
        lines: list[PartnerLine] = []
        printed: list[int] = []
        held = {line.name_as_published: line_of(line) for line in project.partners}
        for number, (cell, form) in enumerate(zip(cells, forms, strict=True), start=1):
            for segment in split_partners(cell, self.folded):
                key = form_named(form, self.known.forms)
                known = held.pop(segment, None)
                if known is not None:
                    line = dataclasses.replace(known, form_id=key, form_as_published=form)
                else:
                    line = self._line(segment, form, key)
                lines.append(line)
                printed.append(number)
        if is_new:
            project.partners = [fill(ProjectPartner(), line, place) for place, line in enumerate(lines, start=1)]
        else:
            set_lines(self.session, project, lines)
        for partner, number in zip(project.partners, printed, strict=True):
            _set(partner, "printed_line", number)
        for partner in project.partners:
            if partner.form_id is not None and partner.form is None:
                partner.form = self.session.get(CollaborationForm, partner.form_id)
        _set(project, "partners_as_published", values["partners"])

    def _line(self, segment: str, form: str, form_id: int | None) -> PartnerLine:
        organization = self.organizations.get(segment)
        return PartnerLine(
            name=segment,
            organization_id=organization.id if organization else None,
            form_id=form_id,
            form_as_published=form,
            kind=organization.kind if organization else None,
            is_generic=organization is None and is_generic(segment),
            is_person=names_person(segment) or (organization is not None and organization.is_person),
        )


def put_plain(project: Project, values: Mapping[str, Plain], present: frozenset[str]) -> None:
    """Write the cells of plain columns that are present into the project, touching only what differs."""
    for column in PLAIN_COLUMNS:
        if column.key in present:
            value = values.get(column.key)
            if column.kind is ColumnKind.DATE and value is not None:
                value = dt.date.fromisoformat(value)
            _set(project, column.key, value)


def _set(record: Any, name: str, value: Any) -> None:
    if getattr(record, name) != value:
        setattr(record, name, value)


def _status(project: Project) -> ProjectStatus:
    """A year that is over is finished; else the row goes on unless a contract is missing."""
    if project.fiscal_year < fiscal_year_of(today_in_tokyo()):
        return ProjectStatus.FINISHED
    return rules.reported_status(project)
