"""`flask registry list|summary`: the registry on the command line, readable or as JSON."""

from __future__ import annotations

import json
from typing import Any

import click
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import system_actor
from app.cli import CommandGroup
from app.extensions import db
from app.japanese.dates import DateError, format_fiscal_year, parse_fiscal_year
from app.registry import queries
from app.registry.summary import summarize
from models.engine import reading
from models.registry import Project

registry_commands = CommandGroup("registry", help="協働や連携の取組一覧")


def register(app: Flask) -> None:
    """Attach the group."""
    app.cli.add_command(registry_commands)


class FiscalYear(click.ParamType[int]):
    """2018, 平成30年度, H30."""

    name = "年度"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The year it begins in; a usage error (exit code 2) with a sentence otherwise."""
        try:
            return parse_fiscal_year(value)
        except DateError as error:
            self.fail(str(error), param, ctx)


_year_option = click.option(
    "--fiscal-year", "fiscal_year", type=FiscalYear(), required=True, help="年度(2018、H30 など)"
)
_json_option = click.option("--json", "as_json", is_flag=True, help="JSONだけを標準出力に書く")


@registry_commands.command("list", help="公表した一覧を番号順に表示する")
@_year_option
@_json_option
def list_command(fiscal_year: int, as_json: bool) -> None:
    """Print the published rows of a year."""
    with reading():
        rows = _published_rows(db.session(), fiscal_year)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        cells = [str(row["number"]), "・".join(row["departments"]), row["name"], "、".join(row["partners"])]
        click.echo("\t".join([*cells, "、".join(row["forms"])]))


@registry_commands.command("summary", help="年度の集計を表示する")
@_year_option
@_json_option
def summary_command(fiscal_year: int, as_json: bool) -> None:
    """Print the counts of a year."""
    with reading():
        session = db.session()
        _require_data(session, fiscal_year)
        summary = summarize(session, system_actor(), fiscal_year)
    if as_json:
        click.echo(json.dumps(summary.as_json(), ensure_ascii=False, indent=2))
        return
    click.echo(f"{format_fiscal_year(fiscal_year)} 協働や連携の取組")
    click.echo(f"  事業\t{summary.projects}件")
    click.echo(f"  協働相手(延べ)\t{summary.partner_links}")
    click.echo(f"  団体\t{summary.organizations}")
    click.echo(f"  課\t{summary.departments}")
    for title, counts in (
        ("形態別", summary.by_form),
        ("課別", summary.by_department),
        ("相手の種別", summary.by_kind),
    ):
        click.echo(title)
        for name, number in counts.items():
            click.echo(f"  {name}\t{number}")


def _require_data(session: Session, fiscal_year: int) -> None:
    if session.scalar(select(Project.id).where(Project.fiscal_year == fiscal_year).limit(1)) is None:
        raise click.ClickException(
            f"{format_fiscal_year(fiscal_year)}の取組は登録されていません。年度を確かめてください。"
        )


def _published_rows(session: Session, fiscal_year: int) -> list[dict[str, Any]]:
    _require_data(session, fiscal_year)
    published = queries.find_published_list(session, fiscal_year)
    if published is None or published.snapshot is None:
        raise click.ClickException(
            f"{format_fiscal_year(fiscal_year)}の一覧はまだ公表されていません。公表してから実行してください。"
        )
    keys = ("number", "departments", "name", "partners", "forms")
    return [{key: row[key] for key in keys} for row in published.snapshot]
