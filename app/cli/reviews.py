"""`flask reviews`: the tally, from a file or from what is sealed in a call."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from app.extensions import db
from app.problems import Problem
from app.reviews.ballot import Ballot
from app.reviews.ballot_reading import read_ballot
from app.reviews.ballots import ballot_of
from app.reviews.tally import OUTCOMES, Tally, tally
from models.calls import Call
from models.engine import reading

reviews = AppGroup("reviews", help="審査")


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
