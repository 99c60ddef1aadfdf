"""`flask access`: who may do what."""

from __future__ import annotations

import json

import click
from flask import Flask

from app.access import matrix
from app.cli import CommandGroup

group = CommandGroup("access", help="役割と権限")


@group.command("matrix")
@click.option("--format", "kind", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@click.option("--json", "is_json", is_flag=True, help="--format json と同じ")
def show_matrix(kind: str, is_json: bool) -> None:
    """役割 × 対象 × 操作の表を表示します。"""
    if is_json or kind == "json":
        click.echo(json.dumps(matrix.as_objects(), ensure_ascii=False, indent=2))
    else:
        click.echo(matrix.as_markdown() if kind == "markdown" else matrix.as_text())


def register(app: Flask) -> None:
    """Attach the group."""
    app.cli.add_command(group)
