"""`flask reviews`: the tally, from a file or from what is sealed in a call."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from flask import Flask, current_app

from app.cli import CommandGroup
from app.extensions import db
from app.problems import Problem
from app.reviews.ballot import Ballot
from app.reviews.ballot_reading import read_ballot
from app.reviews.ballots import ballot_of
from app.reviews.sealing import latest_record, verify_record
from app.reviews.tally import OUTCOMES, Tally, tally
from models.calls import Call
from models.engine import reading

reviews = CommandGroup("reviews", help="審査")


def register(app: Flask) -> None:
    """Attach the group."""
    app.cli.add_command(reviews)


@reviews.command("tally", help="採点を集計する")
@click.option("--file", "path", help="採点と規則のJSONファイル(-は標準入力)")
@click.option("--call", "call_id", type=int, help="募集の番号(全員が採点を確定した後)")
@click.option("--json", "as_json", is_flag=True, help="JSONだけを標準出力に書く")
def tally_command(path: str | None, call_id: int | None, as_json: bool) -> None:
    """Print the tally of a file or a call. Exit code 0 whenever one could be made, else 1 with a sentence."""
    if (path is None) == (call_id is None):
        raise click.UsageError("--file と --call のどちらか一つを指定してください。")
    try:
        found = tally(read_ballot(_text(path)) if path is not None else _ballot_of_call(call_id))
    except Problem as problem:
        raise click.ClickException(problem.message) from None
    click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=2) if as_json else _as_text(found))


@reviews.command("verify", help="封印記録を計算し直し、いまの記録・ファイルと照らし合わせる")
@click.argument("call_id", metavar="CALL", type=int)
@click.option("--json", "as_json", is_flag=True, help="JSONだけを標準出力に書く")
def verify_command(call_id: int, as_json: bool) -> None:
    """Recompute tally and hash of a concluded call. Exit code 0 when all is as sealed, 1 with what differs."""
    settings = current_app.extensions["settings"]
    with reading():
        session = db.session()
        call = session.get(Call, call_id)
        if call is None:
            raise click.ClickException(f"番号{call_id}の募集はありません。")
        try:
            found = verify_record(session, call, settings)
        except Problem as problem:
            raise click.ClickException(problem.message) from None
        record = latest_record(session, call_id)
        sha256 = record.sha256 if record is not None else ""
    if as_json:
        differences = [{"where": one.where, "what": one.what} for one in found]
        answer = {"call": call_id, "ok": not found, "sha256": sha256, "differences": differences}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        for one in found:
            click.echo(str(one))
        click.echo("封印記録と異なる点があります。" if found else f"封印記録のとおりです(SHA-256 {sha256})。")
    if found:
        sys.exit(1)


def _ballot_of_call(call_id: int | None) -> Ballot:
    with reading():
        session = db.session()
        call = session.get(Call, call_id)
        if call is None:
            raise click.ClickException(f"番号{call_id}の募集はありません。")
        return ballot_of(session, call)


def _text(path: str) -> str:
    try:
        content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise click.ClickException(f"ファイル「{path}」を読めません({reason})。") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.ClickException(f"ファイル「{path}」の文字コードがUTF-8ではありません。") from None


def _as_text(found: Tally) -> str:
    lines = []
    for one in found.proposals:
        shown = one.as_json()
        rank = "-" if one.rank is None else f"{one.rank}位{'(同率、未決)' if one.tie_undecided else ''}"
        percent = "-" if one.percent is None else f"{shown['percent']}%"
        lines.append("\t".join([rank, one.label, percent, OUTCOMES[one.outcome], f"{one.amount_yen:,}円"]))
        lines += [f"\t{step.text}" for step in one.steps]
    lines.append(f"予算\t{found.budget_yen:,}円\t採択の合計\t{found.adopted_yen:,}円")
    return "\n".join(lines)
