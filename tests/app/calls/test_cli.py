"""`flask calls check FILE`: the contract of the issue, on the command line and without a database."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.config import PROJECT_ROOT
from app.factory import create_app
from tests.app.calls.test_check_input import proposal
from tests.support.databases import test_settings as settings_of


@pytest.fixture
def bare_app(tmp_path: Path) -> Flask:
    """The application with no database behind it."""
    return create_app(settings_of(tmp_path, f"sqlite:///{tmp_path}/none/kyodo.sqlite3"))


def _check(app: Flask, path: Path | str, *options: str, program: str = "suggested", year: str = "2026") -> Any:
    args = ["calls", "check", str(path), "--program", program, "--fiscal-year", year, *options]
    return app.test_cli_runner().invoke(args=args)


def _file(folder: Path, **changes: Any) -> Path:
    path = folder / "proposal.json"
    path.write_text(json.dumps(proposal(**changes), ensure_ascii=False), encoding="utf-8")
    return path


def test_the_result_is_json_alone_and_the_status_is_0_also_for_broken_rules(bare_app: Flask, tmp_path: Path) -> None:
    good = _check(bare_app, _file(tmp_path), "--json")
    assert (good.exit_code, good.stderr) == (0, "")
    answer = json.loads(good.stdout)
    assert (answer["ok"], answer["amount_allowed"]) == (True, 98765)
    assert {tuple(finding) for finding in answer["findings"]} == {("rule", "clause", "ok", "overridable", "message")}
    bad = _check(bare_app, _file(tmp_path, requested=100001), "--json")
    answer = json.loads(bad.stdout)
    assert (bad.exit_code, answer["ok"], answer["amount_allowed"]) == (0, False, 98765)
    assert [finding["rule"] for finding in answer["findings"] if not finding["ok"]] == ["cap", "eligible_cost"]


def test_the_year_is_that_of_the_call(bare_app: Flask, tmp_path: Path) -> None:
    path = _file(tmp_path, start="2027-04-01", end="2028-03-31")
    for year, program, ok in [
        ("2026", "ikiiki", True),
        ("R8", "ikiiki", True),
        ("2027", "ikiiki", False),
        ("2027", "suggested", False),
    ]:
        result = _check(bare_app, path, "--json", program=program, year=year)
        assert (result.exit_code, json.loads(result.stdout)["ok"]) == (0, ok)


def test_without_json_people_read_it(bare_app: Flask, tmp_path: Path) -> None:
    result = _check(bare_app, _file(tmp_path, in_city=False))
    assert result.exit_code == 0
    assert "× 市内で実施する事業ではありません。" in result.stdout
    assert "[提示型公募事業 応募できる事業]" in result.stdout


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff", b'{"requested": 1}', b"[" * 100_000, b'{"requested": 1e999999}']
)
def test_a_malformed_file_is_a_sentence_on_stderr(bare_app: Flask, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    result = _check(bare_app, path, "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")
    assert result.stderr.rstrip().endswith("。")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("path", ["/nowhere/x.json", "/", "a" * 300, "x\0y"])
def test_a_file_that_cannot_be_read_is_said(bare_app: Flask, path: str) -> None:
    result = _check(bare_app, path, "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "読めません" in result.stderr


@pytest.mark.parametrize(
    ("program", "year"), [("shien_kobo", "2026"), ("", "2026"), ("ikiiki", "20x6"), ("ikiiki", "0"), ("ikiiki", "-1")]
)
def test_wrong_options_are_refused(bare_app: Flask, tmp_path: Path, program: str, year: str) -> None:
    result = _check(bare_app, _file(tmp_path), "--json", program=program, year=year)
    assert (result.exit_code, result.stdout) == (2, "")


def test_it_works_as_a_command_from_standard_input(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "calls", "check", "-", "--json"]
    command += ["--program", "suggested", "--fiscal-year", "2026"]
    done = subprocess.run(
        command,
        input=_file(tmp_path).read_bytes(),
        capture_output=True,
        check=True,
        cwd=PROJECT_ROOT,
        env={"DATA_DIR": str(tmp_path / "data"), "PATH": "/usr/bin:/bin"},
        timeout=60,
    )
    assert json.loads(done.stdout)["ok"] is True
