"""Import of a year's list in the layout of 資料3, with further columns where the file has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import editable_by
from app.actor import Actor
from app.audit.recorder import Act
from app.exchange.columns import ColumnKind, ImportColumn
from app.exchange.references import referring_sentences
from app.exchange.specs import Context, Existing, ImportSpec, ParsedRow, PlannedRow, register_import
from app.japanese.dates import fiscal_year_of, parse_fiscal_year, today_in_tokyo
from app.japanese.normalize import fold
from app.problems import Invalid, NotAllowed
from app.registry.import_cells import COLUMNS, CellReader, Known, stored_values
from app.registry.import_matching import as_stored, predecessors, projects_of, the_one_of, with_lines
from app.registry.import_undo import kept, put_back
from app.registry.policy import projects_visible_to
from app.registry.published import department_cell
from app.registry.reading import form_named
from models.base import utc_now
from models.people import Role
from models.registry import Project, ProjectSource

#: Where a chunk's names of departments and forms are kept, between the hooks.
_NAMES = "project_import_names"
_LAYOUT = ("departments", "name", "partners", "form")


class ProjectImport(ImportSpec):
    """協働や連携の取組一覧."""

    name = "projects"
    title = "協働や連携の取組一覧"
    permission = Permission.PROJECT_IMPORT
    columns = COLUMNS
    option_columns = (
        ImportColumn(
            "fiscal_year",
            "年度",
            ColumnKind.FISCAL_YEAR,
            required=True,
            help="何年度の一覧かを入力します。例: 令和9年度、2027。表に「年度」の列がある行は、その年度になります。",
        ),
    )
    help = (
        "資料3と同じ並び(番号、課名、事業名称、協働相手(団体名)、協働形態)の表を読み込みます。"
        "番号は公表のときに付け直します。公表済みの年度では、番号で行を見分けて修正します。"
    )

    def check_options(self, session: Session, actor: Actor, options: Mapping[str, Any]) -> None:
        if options.get("fiscal_year") not in (None, ""):
            try:
                parse_fiscal_year(options["fiscal_year"])
            except ValueError as error:
                raise Invalid(str(error), fields={"fiscal_year": str(error)}) from None

    def label(self, row: ParsedRow) -> str:
        return str(row.values.get("name") or f"{row.number}行目")

    def identity(self, row: ParsedRow) -> Hashable:
        values = row.values
        return (values.get("fiscal_year"), *(fold(str(values.get(key) or "")) for key in _LAYOUT))

    # --- reading -------------------------------------------------------------------------------------------

    def find_existing(self, context: Context, rows: Sequence[ParsedRow]) -> Mapping[int, Existing]:
        """By number in a published year; else by department, name and, where several have them, the partners."""
        context.session.info[_NAMES] = Known.read(context.session)
        default = _default_year(context)
        for row in rows:
            row.values["fiscal_year"] = row.values.get("fiscal_year") or default
        stored = self._stored(context, rows)
        by_number: dict[tuple[Any, Any], Project] = {
            (one.fiscal_year, one.number): one for one in stored if one.number is not None
        }
        by_name: dict[tuple[Any, ...], list[Project]] = {}
        for one in stored:
            by_name.setdefault((one.fiscal_year, fold(department_cell(one)), fold(one.name)), []).append(one)
        keys = {
            row.number: (
                row.values["fiscal_year"],
                fold(row.values.get("departments") or ""),
                fold(row.values.get("name") or ""),
            )
            for row in rows
        }
        times = Counter(keys.values())
        editable = self._editable(context, stored)
        found: dict[int, Existing] = {}
        for row in rows:
            project = by_number.get((row.values["fiscal_year"], row.values.get("number")))
            if project is None:
                candidates = by_name.get(keys[row.number], [])
                project = the_one_of(candidates, row.values, is_single=times[keys[row.number]] == 1)
            if project is not None:
                as_stored(row.values, project)
                refusal = None if project.id in editable else "ほかの課の事業です。担当課か推進担当が変更します。"
                found[row.number] = Existing(
                    str(project.id), project.version, stored_values(project), project.name, refusal, kept(project)
                )
        return found

    def _stored(self, context: Context, rows: Sequence[ParsedRow]) -> list[Project]:
        years = {row.values["fiscal_year"] for row in rows}
        names = {row.values.get("name") for row in rows} - {None}
        numbers = {row.values.get("number") for row in rows} - {None}
        query = (
            with_lines()
            .where(
                Project.fiscal_year.in_(years),
                Project.deleted_at.is_(None),
                projects_visible_to(context.actor),
                Project.name.in_(names) | Project.number.in_(numbers),
            )
            .order_by(Project.id)
        )
        return list(context.session.scalars(query))

    def _editable(self, context: Context, projects: Sequence[Project]) -> set[int]:
        keys = [project.id for project in projects]
        query = select(Project.id).where(Project.id.in_(keys), editable_by(Project, context.actor))
        return set(context.session.scalars(query)) if keys else set()

    def validate(self, context: Context, row: ParsedRow, existing: Existing | None) -> None:
        """Departments and forms must be on record; a department brings its own rows; forms go with their lines."""
        known = _known(context)
        names, unknown = known.split(row.values["departments"])
        for piece in unknown:
            sentence = f"「{piece[:40]}」という課は登録されていません。「課の一覧」の名称で入力してください。"
            row.problem("departments", sentence)
        actor = context.actor
        is_bound = not (actor.is_system or actor.has(Role.OFFICE))
        if is_bound and not unknown and not {known.departments[name].id for name in names} & actor.departments:
            row.problem("departments", "ほかの課の行です。自分の課の行だけを取り込めます。")
        forms = row.values["form"].split("\n")
        for cell in forms:
            if form_named(cell, known.forms) is None:
                row.problem(
                    "form", f"「{cell[:40]}」という形態はありません。「協働の形態」の一覧の名称で入力してください。"
                )
        if len(forms) not in (1, len(row.values["partners"].split("\n"))):
            row.problem("form", "協働相手と協働形態の行数(セルの中の改行)をそろえてください。")
        starts, ends = row.values.get("starts_on"), row.values.get("ends_on")
        if starts and ends and ends < starts:
            row.problem("ends_on", "終了日は、開始日以後の日を入力してください。")

    def versions(self, session: Session, keys: Sequence[str]) -> Mapping[str, int]:
        query = (
            select(Project.id, Project.version)
            .where(Project.id.in_([int(key) for key in keys]), Project.deleted_at.is_(None))
            .with_for_update()
        )
        return {str(key): version for key, version in session.execute(query)}

    # --- writing -------------------------------------------------------------------------------------------

    def apply(self, context: Context, rows: Sequence[PlannedRow], act: Act) -> None:
        """New rows become projects that go on from last year's; changed ones take the cells of the file."""
        session = context.session
        reader = CellReader(context, rows)
        held = projects_of(session, rows)
        before = predecessors(session, [row for row in rows if row.is_new])
        projects = []
        for row in rows:
            if row.is_new:
                project = Project(source=ProjectSource.SURVEY, fiscal_year=row.values["fiscal_year"])
                project.predecessor = before.get(row.number)
                session.add(project)
            else:
                project = held[int(row.record_key or 0)]
            with session.no_autoflush:
                reader.write(project, row.values, _present(context), is_new=row.is_new)
            projects.append(project)
        session.flush()
        self._finish(context, rows, projects)

    def undo(self, context: Context, rows: Sequence[PlannedRow], act: Act) -> None:
        """New projects are deleted (they can be put back), changed ones take their old cells again."""
        session = context.session
        held = projects_of(session, rows)
        for row in rows:
            project = held[int(row.record_key or 0)]
            if row.is_new:
                project.deleted_at = utc_now()
            else:
                put_back(session, project, row.old)
        session.flush()

    def _finish(self, context: Context, rows: Sequence[PlannedRow], projects: Sequence[Project]) -> None:
        """Whatever the preview said: nothing is written that the actor could not edit on screen."""
        keys = {project.id: row for row, project in zip(rows, projects, strict=True)}
        query = select(Project.id).where(Project.id.in_(keys), editable_by(Project, context.actor))
        allowed = set(context.session.scalars(query))
        refused = [row.number for key, row in keys.items() if key not in allowed]
        if refused:
            raise NotAllowed(
                f"{'、'.join(map(str, refused[:10]))}行目は、登録・変更する権限がありません(ほかの課の事業です)。"
            )
        for row, project in zip(rows, projects, strict=True):
            row.record_key, row.record_version = str(project.id), project.version

    def hindrances(self, session: Session, rows: Sequence[PlannedRow]) -> list[str]:
        created = {int(row.record_key or 0): row.label for row in rows if row.is_new}
        return referring_sentences(session, Project, created)


def _default_year(context: Context) -> int:
    asked = context.options.get("fiscal_year")
    return parse_fiscal_year(asked) if asked not in (None, "") else fiscal_year_of(today_in_tokyo())


def _known(context: Context) -> Known:
    """Names of departments and forms, as read at the beginning of the chunk."""
    known: Known = context.session.info[_NAMES]
    return known


def _present(context: Context) -> frozenset[str]:
    return context.columns | {"departments", "name", "partners", "form"}


register_import(ProjectImport())
