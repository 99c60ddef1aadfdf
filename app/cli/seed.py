"""`flask seed load|demo|export`."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask, current_app

from app.actor import system_actor
from app.cli import CommandGroup
from app.extensions import db
from app.problems import Problem

seed_commands = CommandGroup("seed", help="参照データの読み込みと書き出し、デモデータの作成")


def register(app: Flask) -> None:
    """Attach the group."""
    app.cli.add_command(seed_commands)


def _city() -> str:
    return str(current_app.extensions["settings"].city)


@seed_commands.command("load", help="参照データと公表済みの一覧を読み込む(何度実行しても同じ)")
def load_command() -> None:
    """Load seed/<city>/."""
    from seed.loader import load

    try:
        counts = load(db.session(), _city(), actor=system_actor())
    except FileNotFoundError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"参照データ: 追加 {counts.created}件、更新 {counts.renewed}件、"
        f"変更なし {counts.unchanged}件、人の手による変更を残したもの {counts.kept}件",
        err=True,
    )


@seed_commands.command("demo", help="デモデータを作る(実データのあるデータベースでは拒否する)")
def demo_command() -> None:
    """Create the demonstration set and print its logins."""
    from seed.demo import LOGINS, load

    try:
        is_new = load(db.session())
    except Problem as problem:
        raise click.ClickException(problem.message) from problem
    click.echo("デモデータを作成しました。" if is_new else "デモデータは作成済みです。", err=True)
    for login in LOGINS:
        click.echo(f"{login.role_label}\t{login.email}\t{login.password}")


@seed_commands.command("export", help="参照データをファイルに書き出す")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="書き出すフォルダー")
def export_command(out: Path) -> None:
    """Write the files of the seed folder into OUT."""
    from models.engine import reading
    from seed.export import export

    with reading():
        paths = export(db.session(), _city(), out)
    click.echo(f"{out} に{len(paths)}個のファイルを書き出しました。", err=True)
