"""`flask calls …`: the rule check of a proposal, from a file or from the database."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app

from app.calls.check_input import MAX_BYTES, InputError, parse_proposal
from app.calls.findings import check_proposal
from app.calls.rules import CheckResult, ProgramRules, RulesError, check, parse_rules
from app.calls.workflow_text import as_mermaid, as_text
from app.cli import CommandGroup
from app.cli.registry import FiscalYear
from app.extensions import db
from app.japanese.money import format_yen
from models.engine import reading
from models.proposals import Proposal
from seed.files import city_folder, read_toml

call_commands = CommandGroup("calls", help="公募・提案")


def register(app: Flask) -> None:
    """Attach the group."""
    app.cli.add_command(call_commands)


@call_commands.command("check", help="提案(JSONのファイル、- なら標準入力)が制度の規則に合うかを調べる")
@click.argument("file", required=False)
@click.option("--program", "program_code", type=click.Choice(["suggested", "ikiiki"]), help="公募制度")
@click.option("--fiscal-year", "fiscal_year", type=FiscalYear(), help="募集の年度(2026、R8 など)")
@click.option("--proposal", "proposal_id", type=click.IntRange(1, 2**63 - 1), help="登録された応募・提案の番号")
@click.option("--json", "as_json", is_flag=True, help="JSONだけを標準出力に書く")
def check_command(
    file: str | None, program_code: str | None, fiscal_year: int | None, proposal_id: int | None, as_json: bool
) -> None:
    """Judge a proposal: a file by the seeded rules, or a stored one by its call's, with all that is on record.

    Exit status 0 whenever the check could be made, whatever it found.
    """
    if proposal_id is not None:
        if file is not None or program_code is not None or fiscal_year is not None:
            raise click.UsageError("--proposal は、ファイルや --program、--fiscal-year と一緒には使えません。")
        _print_judgement(proposal_id, as_json)
        return
    if file is None or program_code is None or fiscal_year is None:
        raise click.UsageError("ファイルと --program と --fiscal-year を指定するか、--proposal を指定してください。")
    _print(_check_file(file, program_code, fiscal_year), as_json)


def _print_judgement(proposal_id: int, as_json: bool) -> None:
    with reading():
        session = db.session()
        proposal = session.get(Proposal, proposal_id)
        if proposal is None or proposal.deleted_at is not None:
            raise click.ClickException(f"番号{proposal_id}の応募・提案は登録されていません。")
        try:
            judgement = check_proposal(session, proposal)
        except RulesError as error:
            raise click.ClickException(str(error)) from None
        if as_json:
            click.echo(json.dumps(judgement.as_json(), ensure_ascii=False, indent=2))
            return
        click.echo(f"{proposal.title}({proposal.call.name})")
        _print(judgement.result, as_json=False)
        for rule, reason in judgement.reasons.items():
            click.echo(f"例外として認めた理由({rule}): {reason}")
        for found in judgement.found:
            click.echo(f"{'！' if found.is_suspicion else '・'} {found}")


@call_commands.command("workflow", help="応募・提案の手続の表を書き出す(図はMermaid)")
@click.option("--program", "program_code", type=click.Choice(["suggested", "ikiiki"]), required=True, help="公募制度")
@click.option("--format", "form", type=click.Choice(["mermaid", "text"]), default="text", help="形式")
def workflow_command(program_code: str, form: str) -> None:
    """The table of steps of one program (`app.calls.workflow`)."""
    click.echo(as_mermaid(program_code) if form == "mermaid" else as_text(program_code), nl=False)


def _check_file(file: str, program_code: str, fiscal_year: int) -> CheckResult:
    try:
        facts = parse_proposal(_read(file), fiscal_year)
        return check(facts, _seeded_rules(program_code))
    except (InputError, RulesError) as error:
        raise click.ClickException(str(error)) from None


def _read(file: str) -> bytes:
    try:
        if file == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(file).open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        raise click.ClickException(f"ファイル「{file}」を読めません。場所と名前を確かめてください。") from None


def _seeded_rules(program_code: str) -> ProgramRules:
    """The rules as the city's seed file has them: no database is asked."""
    try:
        tables: list[dict[str, Any]] = read_toml(
            city_folder(current_app.extensions["settings"].city) / "programs.toml"
        ).get("program", [])
    except (OSError, ValueError) as error:
        raise click.ClickException(f"公募制度のファイルを読めません({error})。") from None
    found = next((table for table in tables if table.get("code") == program_code), None)
    if found is None:
        raise click.ClickException(f"公募制度 {program_code} の規則がありません。")
    return parse_rules(found)


def _print(result: CheckResult, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result.as_json(), ensure_ascii=False, indent=2))
        return
    click.echo(f"{'すべての規則に合っています' if result.ok else '合わない規則があります'}")
    click.echo(f"認められる額の上限: {format_yen(result.amount_allowed)}")
    for finding in result.findings:
        mark = "△" if finding.needs_look else "－" if finding.is_unset else "○" if finding.ok else "×"
        note = "(理由を付けて認めることができます)" if not finding.ok and finding.overridable else ""
        click.echo(f"{mark} {finding.message}{note} [{finding.clause}]")


__all__ = ["call_commands", "register"]
