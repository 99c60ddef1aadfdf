"""`flask audit`: verify the log, renew its anchor."""

from __future__ import annotations

import json
import re
import time

import click
from flask import Flask

from app.actor import system_actor
from app.audit import anchor as anchors
from app.audit.recorder import act
from app.audit.verify import verify
from app.cli import CommandGroup
from models.base import db

audit = CommandGroup("audit", help="操作記録の検証。")


class _Noted(click.ParamType[tuple[int, str]]):
    name = "番号:ハッシュ"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, str]:
        found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", str(value).strip())
        if found is None:
            self.fail("番号:ハッシュ(例 1234:9f86…)の形で書いてください。", param, ctx)
        return int(found[1]), found[2]


@audit.command("verify")
@click.option("--json", "as_json", is_flag=True, help="JSONだけを標準出力に書く。")
@click.option("--expect", type=_Noted(), help="別に控えておいた「番号:ハッシュ」が今も記録の中にあることを確かめる。")
@click.pass_context
def verify_command(context: click.Context, as_json: bool, expect: tuple[int, str] | None) -> None:
    """操作記録のつながりを最初から確かめ、最初に切れているところを示す(異常があれば終了コード1)。"""
    started = time.perf_counter()
    report = verify(db.engine, expected=expect)
    seconds = time.perf_counter() - started
    if as_json:
        click.echo(json.dumps(report.as_dict() | {"seconds": round(seconds, 3)}, ensure_ascii=False))
    else:
        click.echo(f"確認した記録: {report.entries:,}件、変更の行: {report.changes:,}行({seconds:.1f}秒)")
        for note in report.notes:
            click.echo(f"注意: {note}")
        for finding in report.findings:
            click.echo(f"異常: {finding}")
        if report.is_ok:
            click.echo("異常はありません。次の番号とハッシュを別の場所に控え、次回 --expect で渡してください。")
            click.echo(f"{report.sequence}:{report.hash}")
    context.exit(0 if report.is_ok else 1)


@audit.command("anchor")
@click.option("--reason", required=True, help="控えを作り直す理由(操作記録に残る)。")
def anchor_command(reason: str) -> None:
    """控えがない・作り直されたことを確認し、理由を記録して、控えを今の最終番号で作り直す。"""
    report = verify(db.engine, with_anchor=False)
    if not report.is_ok:
        raise click.ClickException(f"記録そのものに異常があります: {report.findings[0]}")
    with act(
        db.session(), system_actor(), "audit:anchor", "操作記録の控えの作り直し", reason=reason, keep_when_empty=True
    ):
        pass
    report = verify(db.engine, with_anchor=False)
    anchors.renew(anchors.Anchor(report.sequence, report.hash, since=1))
    click.echo(f"控えを作り直しました: {report.sequence}:{report.hash}")


def register(app: Flask) -> None:
    """Attach the group."""
    app.cli.add_command(audit)
