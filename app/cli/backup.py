"""`flask backup`: create, verify, restore."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask, current_app

from app.actor import system_actor
from app.backup import restoring, services
from app.backup.services import BadBackup, Summary
from app.cli import CommandGroup, require_database

backup = CommandGroup("backup", help="データベースとファイルのバックアップ。")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@backup.command("create")
@click.option("--out", type=click.Path(path_type=Path), help="置き場所のフォルダー、または .tar.gz のファイル名。")
@click.option(
    "--keep", type=click.IntRange(min=0), default=0, help="同じ場所の新しい順にこの数だけ残す(0: すべて残す)。"
)
@click.option(
    "--with-secrets", is_flag=True, help="署名・監査の鍵も入れる(バックアップの置き場所を鍵と同じ厳しさで守ること)。"
)
def create(out: Path | None, keep: int, with_secrets: bool) -> None:
    """動かしたまま、データベースとファイルのバックアップを作る。"""
    require_database(of_any_version=True)
    settings = current_app.extensions["settings"]
    with _told():
        summary = services.create(settings, actor=system_actor(), out=out, with_secrets=with_secrets, keep=keep)
    _tell(summary)
    click.echo(f"控え(flask audit verify --expect に渡す): {summary.sequence}:{summary.hash}")
    if not summary.has_secrets:
        click.echo(
            "鍵は入っていません。AUDIT_KEY(操作記録の検証とこのバックアップの署名に必要)と SECRET_KEY を、"
            f"バックアップとは別の場所に保管してください(環境変数で渡していないときは {settings.data_dir / 'secrets'} にあります)。"
        )


@backup.command("verify")
@click.argument("file", type=_FILE)
def verify(file: Path) -> None:
    """バックアップを最後まで読み、署名・各部の内容・データベースの写しを確かめる(異常があれば終了コード1)。"""
    with _told():
        summary = services.verify(current_app.extensions["settings"], file)
    _tell(summary)
    click.echo("異常はありません。")


@backup.command("restore")
@click.argument("file", type=_FILE)
@click.option("--force", is_flag=True, help="空でないデータベースを置き換える(元のデータは別名で残す)。")
def restore(file: Path, force: bool) -> None:
    """バックアップを戻す。先にサーバーとジョブを止めてください。戻した後、操作記録を最初から検証する。"""
    with _told():
        restored = restoring.restore(current_app.extensions["settings"], file, actor=system_actor(), force=force)
    _tell(restored.summary)
    if restored.kept:
        click.echo(f"元のデータは {restored.kept} に残してあります。確かめた後で削除してください。")
    if restored.secrets_installed:
        click.echo("バックアップの鍵を secrets に置きました。サーバーを起動し直してください。")
    click.echo("戻した操作記録に異常はありません。全員のログインを終了しました。")


class _told:
    """A refusal as a sentence and status 1."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, BadBackup):
            raise click.ClickException(error.message) from error


def _tell(summary: Summary) -> None:
    click.echo(f"{summary.path}({summary.bytes:,}バイト)")
    click.echo(
        f"作成 {services.moment_in_words(summary.created_at)}、{summary.dialect}、操作記録 {summary.sequence}番まで、"
        f"ファイル {summary.files}件、鍵 {'あり' if summary.has_secrets else 'なし'}"
    )
    for name in summary.missing:
        click.echo(f"注意: 作成中に削除されたため入っていません: {name}")


def register(app: Flask) -> None:
    """Attach the group."""
    app.cli.add_command(backup)
