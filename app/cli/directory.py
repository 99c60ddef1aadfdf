"""`flask directory search|completeness|duplicates|import`: the directory on the command line, readable or as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from app.access.actors import permissions_of
from app.access.levels import level_of
from app.access.scopes import scoped
from app.actor import Actor, system_actor
from app.cli import CommandGroup
from app.cli.imports import run as run_import
from app.directory.completeness import Level, assess, filled_fields
from app.directory.consent import open_fields
from app.directory.derived import LOADED, file_fields
from app.directory.duplicates import refresh_all
from app.directory.finding import search_groups
from app.directory.matching import matches_of_page
from app.directory.merging import open_pairs
from app.extensions import db
from app.search.query import MAX_LENGTH, MAX_WORDS, parse_query
from models.directory import Organization
from models.engine import reading, writing
from models.people import Role

_CHUNK = 500
_json_option = click.option("--json", "as_json", is_flag=True, help="JSONだけを標準出力に書く")
_role_option = click.option(
    "--as",
    "role",
    type=click.Choice([role.value for role in Role]),
    help="この役割の人に見える範囲で調べる(省略すると、すべて)",
)


def register(app: Flask) -> None:
    """Attach to the group of the directory; make it where it is not there."""
    group: Any = app.cli.commands.get("directory")
    if group is None:
        group = CommandGroup("directory", help="団体の登録簿")
        app.cli.add_command(group)
    for command in (search_command, completeness_command, duplicates_command, import_command):
        group.add_command(command)


def acting_as(role: str | None) -> Actor:
    """The actor of the command line; with a role, somebody who holds it and nothing else (no department)."""
    if role is None:
        return system_actor()
    one = Role(role)
    return Actor(
        user_id=None,
        label=f"コマンドライン({one.label})",
        roles=frozenset({one}),
        channel="cli",
        permissions=frozenset(permissions_of([one])),
    )


@click.command("search", help="団体をことばで探す")
@click.argument("words")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="表示する件数")
@_role_option
@_json_option
@with_appcontext
def search_command(words: str, limit: int, role: str | None, as_json: bool) -> None:
    """Print the hits, best first: id, name, where the words were found."""
    actor = acting_as(role)
    with reading():
        found = search_groups(db.session(), actor, words, limit=limit)
        level = level_of(actor)
        places = matches_of_page(db.session(), [one.id for one in found.organizations], words, level, most=50)
        hits: list[dict[str, Any]] = [
            {"id": one.id, "name": one.name, "matched": list(dict.fromkeys(at.label for at in places[one.id]))}
            for one in found.organizations
        ]
    if sentence := _nothing_to_look_for(words):
        click.echo(sentence, err=True)
    if as_json:
        told = {"query": words, "count": found.count, "is_many": found.is_many, "hits": hits}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for hit in hits:
        click.echo(f"{hit['id']}\t{hit['name']}\t{'、'.join(hit['matched'])}")
    click.echo("10,000件以上" if found.is_many else f"{found.count}件", err=True)


def _nothing_to_look_for(words: str) -> str:
    """Why such words find nothing, whatever is kept; "" for words that are looked for."""
    query = parse_query(words)
    if query.is_too_long:
        return f"ことばが長すぎるため、探していません({MAX_LENGTH:,}文字、{MAX_WORDS}語までです)。"
    return "探すことばを入力してください。" if query.is_blank else ""


@click.command("completeness", help="団体ごとの情報の充実度を表示する")
@_role_option
@_json_option
@with_appcontext
def completeness_command(role: str | None, as_json: bool) -> None:
    """Print each group's level, items and what is missing, as the role sees them."""
    actor = acting_as(role)
    with reading():
        lines = [line for chunk in _groups(db.session(), actor) for line in chunk]
    if as_json:
        counts = {level.label: sum(line["level"] == int(level) for line in lines) for level in Level}
        click.echo(json.dumps({"levels": counts, "organizations": lines}, ensure_ascii=False, indent=2))
        return
    for line in lines:
        click.echo(f"{line['id']}\tレベル{line['level']}\t{line['name']}\t{'、'.join(line['missing'])}")


def _groups(session: Session, actor: Actor) -> Any:
    level, last = level_of(actor), 0
    while True:
        rows = session.scalars(
            scoped(Organization, actor)
            .where(Organization.id > last, Organization.merged_into_id.is_(None))
            .options(*LOADED)
            .order_by(Organization.id)
            .limit(_CHUNK)
        ).all()
        if not rows:
            return
        files = file_fields(session, [row.id for row in rows])
        yield [_line(row, filled_fields(row, files.get(row.id, ())) & open_fields(row, level)) for row in rows]
        last = rows[-1].id
        session.expunge_all()


def _line(row: Organization, filled: frozenset[str]) -> dict[str, Any]:
    found = assess(filled)
    return {
        "id": row.id,
        "name": str(row),
        "level": int(found.level),
        "items": {state.item.label: {"met": state.met, "total": state.total} for state in found.items},
        "missing": [one.label for one in found.missing],
    }


@click.command("duplicates", help="重複の候補を調べ直して、似ている順に表示する")
@click.option("--limit", type=click.IntRange(1, 100_000), default=1_000, show_default=True, help="表示する組の数")
@_json_option
@with_appcontext
def duplicates_command(limit: int, as_json: bool) -> None:
    """Reckon all pairs anew and print those that nobody has judged, with reason and score."""
    actor, session = system_actor(), db.session()
    with writing():
        refresh_all(session)
        session.commit()
    with reading():
        pairs: list[dict[str, Any]] = [
            {
                "first": {"id": first.id, "name": str(first)},
                "second": {"id": second.id, "name": str(second)},
                "reason": candidate.reason.value,
                "reason_label": candidate.reason.label,
                "score": candidate.score,
            }
            for candidate, first, second in open_pairs(session, actor, limit=limit)
        ]
    if as_json:
        click.echo(json.dumps({"pairs": pairs}, ensure_ascii=False, indent=2))
        return
    for pair in pairs:
        click.echo(f"{pair['score']}\t{pair['first']['name']}\t{pair['second']['name']}\t{pair['reason_label']}")


@click.command("import", help="団体の一覧を取り込む(--dry-run は確認だけ)")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="確認だけして、反映しない")
@click.option("--allow-similar", is_flag=True, help="似た団体も別の団体として登録する")
@_json_option
@click.pass_context
def import_command(ctx: click.Context, path: Path, dry_run: bool, allow_similar: bool, as_json: bool) -> None:
    """The import of groups: counts of new, changed, unchanged and wrong rows."""
    options = ("allows_similar=はい",) if allow_similar else ()
    ctx.invoke(run_import, name="organizations", path=path, is_applied=not dry_run, options=options, as_json=as_json)
