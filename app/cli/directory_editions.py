"""`flask directory edition`: freeze this year's むすぶ, hand it out, look at its seal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from flask import Flask

from app.actor import system_actor
from app.cli import CommandGroup
from app.cli.registry import FiscalYear
from app.directory import edition_views
from app.directory.edition_files import FORMATS, edition_file
from app.directory.editions import Frame, freeze
from app.extensions import db
from app.japanese.dates import DateError, format_fiscal_year, parse_date
from app.problems import Problem
from models.directory_rounds import Edition, EditionOrder
from models.engine import reading

edition_commands = CommandGroup("edition", help="市民活動団体データ集「むすぶ」の版")


def register(app: Flask) -> None:
    """Attach to the group of the directory; make it where it is not there."""
    group: Any = app.cli.commands.get("directory")
    if group is None:
        group = CommandGroup("directory", help="団体の登録簿")
        app.cli.add_command(group)
    group.add_command(edition_commands)


class Day(click.ParamType[Any]):
    """2026-04-01, R8.4.1."""

    name = "日付"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The day; a usage error (exit code 2) with a sentence otherwise."""
        try:
            return parse_date(str(value))
        except DateError as error:
            self.fail(str(error), param, ctx)


_year = FiscalYear()


@edition_commands.command("freeze", help="版を確定する(確認済みの団体の、公開に同意した項目だけ)")
@click.option("--fiscal-year", "fiscal_year", type=_year, required=True, help="年度(2026、R8 など)")
@click.option("--order", type=click.Choice([one.value for one in EditionOrder]), default="field", show_default=True)
@click.option("--title", default="むすぶ", show_default=True, help="表題")
@click.option("--confirmed-since", type=Day(), help="この日以後に確認した団体だけを載せる")
@click.option("--registered-only", is_flag=True, help="あすぴあに登録している団体だけを載せる")
@click.option("--json", "as_json", is_flag=True, help="JSONだけを標準出力に書く")
def freeze_command(
    fiscal_year: int, order: str, title: str, confirmed_since: Any, registered_only: bool, as_json: bool
) -> None:
    """Freeze an edition."""
    frame = Frame(
        fiscal_year=fiscal_year,
        order=EditionOrder(order),
        title=title,
        confirmed_since=confirmed_since,
        is_registered_only=registered_only,
    )
    try:
        edition = freeze(db.session(), actor=system_actor(), frame=frame)
    except Problem as problem:
        raise click.ClickException(" ".join([problem.message, *problem.fields.values()])) from problem
    found = _told(edition)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"{format_fiscal_year(fiscal_year)}版を確定しました: {found['groups']}団体")
    for reason, number in found["left_out"].items():
        click.echo(f"  載らない団体 {number}\t{reason}")


@edition_commands.command("export", help="確定した版をファイルにする(今も公開に同意している内容だけ)")
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--fiscal-year", "fiscal_year", type=_year, help="年度。書かないときは、いちばん新しい版")
def export_command(kind: str, out: Path, fiscal_year: int | None) -> None:
    """Write an edition to a file."""
    with reading():
        edition = _edition(fiscal_year)
        session, actor = db.session(), system_actor()
        try:
            found = edition_views.printable(session, actor, edition)
            difference = edition_views.difference_to_last(session, actor, edition) if kind == "pdf" else None
            content = edition_file(found, kind, difference)
        except Problem as problem:
            raise click.ClickException(problem.message) from problem
    try:
        out.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{out} に書けません({error.strerror})。場所を確かめてください。") from error
    click.echo(f"{out}: {len(found.entries)}団体、{len(content):,}バイト")


@edition_commands.command("list", help="確定した版の一覧")
@click.option("--json", "as_json", is_flag=True, help="JSONだけを標準出力に書く")
def list_command(as_json: bool) -> None:
    """Print the editions, newest first, each with whether it is as it was frozen."""
    with reading():
        session = db.session()
        rows = [
            _told(one) | {"is_intact": edition_views.is_intact(session, one)}
            for one in edition_views.editions(session, system_actor())
        ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        state = "確定した時のまま" if row["is_intact"] else "確定した内容と違います"
        click.echo(f"{format_fiscal_year(row['fiscal_year'])}版\t{row['groups']}団体\t{state}")


def _edition(fiscal_year: int | None) -> Edition:
    session, actor = db.session(), system_actor()
    if fiscal_year is None:
        found = next(iter(edition_views.editions(session, actor)), None)
        what = "確定した版がありません。"
    else:
        found = edition_views.find_edition(session, actor, fiscal_year)
        what = f"{format_fiscal_year(fiscal_year)}版は確定していません。"
    if found is None:
        raise click.ClickException(f"{what}先に flask directory edition freeze --fiscal-year … を実行してください。")
    return found


def _told(edition: Edition) -> dict[str, Any]:
    return {
        "fiscal_year": edition.fiscal_year,
        "title": edition.title,
        "order": edition.order.value,
        "groups": edition.entry_count,
        "left_out": {str(reason): number for reason, number in edition.left_out},
        "content_hash": edition.content_hash,
    }
