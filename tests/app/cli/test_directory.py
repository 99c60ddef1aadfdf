"""The directory's contract commands: JSON alone on stdout, a sentence for what cannot be, counts that are right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.directory.completeness import Level
from app.directory.services import create_organization, record_consents
from app.extensions import db
from models.base import utc_now
from models.directory import Organization
from models.directory_profile import ConsentLevel, ConsentWay
from tests.factories import SYSTEM


def _run(app: Flask, *args: str) -> Any:
    return app.test_cli_runner().invoke(args=["directory", *args])


def _made(app: Flask, name: str, **values: Any) -> int:
    with app.app_context():
        key = create_organization(db.session(), actor=SYSTEM, values={"name": name, **values}).id
        db.session.remove()
    return key


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "探すことばを入力してください。"),
        ("\u3000 ", "探すことばを入力してください。"),
        ("あ" * 1_001, "ことばが長すぎる"),
        ("\x01%_\"'", ""),
    ],
    ids=["none", "blank", "long", "signs"],
)
def test_words_that_find_nothing_are_json_all_the_same(app: Flask, words: str, sentence: str) -> None:
    found = _run(app, "search", words, "--json", "--as", "committee")
    assert found.exit_code == 0
    assert json.loads(found.stdout) == {"query": words, "count": 0, "is_many": False, "hits": []}
    assert sentence in found.stderr


@pytest.mark.parametrize("args", [("会", "--as", "mayor", "--json"), ("会", "--limit", "0"), ()], ids=str)
def test_what_no_command_takes_leaves_stdout_empty(app: Flask, args: tuple[str, ...]) -> None:
    found = _run(app, "search", *args)
    assert (found.exit_code, found.stdout) == (2, "")


def test_completeness_counts_what_the_role_may_read(app: Flask) -> None:
    key = _made(app, "架空そろいの会", purpose="試す。", activities="試みる。")
    with app.app_context():
        session = db.session()
        record_consents(
            session, actor=SYSTEM, organization=session.get_one(Organization, key),
            levels={"purpose": ConsentLevel.CENTER}, given_on=utc_now().date(), way=ConsentWay.PAPER,
        )  # fmt: skip
        db.session.remove()
    for role, met in (("center", 1), ("agency", 0)):
        found = _run(app, "completeness", "--json", "--as", role)
        assert found.exit_code == 0
        told = json.loads(found.stdout)
        assert list(told["levels"]) == [level.label for level in Level]
        assert sum(told["levels"].values()) == len(told["organizations"])
        line = next(one for one in told["organizations"] if one["id"] == key)
        assert line["items"]["活動目的"]["met"] == met
        assert ("活動目的" in line["missing"]) is (met == 0)


def test_pairs_that_may_be_one_body_have_a_reason_and_a_score(app: Flask) -> None:
    first = _made(app, "架空ひとつめの会", phone="042-000-7777")
    second = _made(app, "架空べつものの会", phone="０４２(０００)７７７７")
    found = _run(app, "duplicates", "--json")
    assert found.exit_code == 0
    pair = next(one for one in json.loads(found.stdout)["pairs"] if one["first"]["id"] == first)
    assert pair["second"]["id"] == second
    assert pair["reason"] == "same_phone" and 0 < pair["score"] <= 100


def test_an_import_is_counted_before_it_is_taken(app: Flask, tmp_path: Path) -> None:
    _made(app, "架空かわる会", purpose="前。")
    _made(app, "架空そのままの会", purpose="同じ。")
    file = tmp_path / "団体.csv"
    lines = ["団体名,活動目的,会員数", "架空かわる会,後。,", "架空そのままの会,同じ。,", "架空あたらしい会,新しい。,12"]
    file.write_text("\n".join([*lines, "架空まちがいの会,x,たくさん"]), "utf-8")
    dry = _run(app, "import", str(file), "--dry-run", "--json")
    told = json.loads(dry.stdout)
    assert dry.exit_code == 1 and [told[name] for name in ("new", "changed", "unchanged", "wrong")] == [1, 1, 1, 1]
    assert _count(app, "架空あたらしい会") == 0, "nothing is taken while a row is wrong, nor by --dry-run"
    file.write_text("\n".join(lines), "utf-8")
    assert _run(app, "import", str(file), "--dry-run", "--json").exit_code == 0
    assert _count(app, "架空あたらしい会") == 0
    done = _run(app, "import", str(file), "--json")
    assert done.exit_code == 0 and json.loads(done.stdout)["status"] == "applied"
    assert _count(app, "架空あたらしい会") == 1
    again = _run(app, "import", str(file), "--dry-run", "--json")
    assert again.exit_code == 0 and json.loads(again.stdout)["unchanged"] == 3


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe\x01" * 700, b"PK\x03\x04 broken", "何でもない文\n".encode()])
def test_a_file_that_is_no_table_is_a_sentence(app: Flask, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.xlsx"
    file.write_bytes(content)
    found = _run(app, "import", str(file), "--dry-run", "--json")
    assert found.exit_code == 1
    told = json.loads(found.stdout)["message"] if found.stdout else found.stderr
    assert "。" in told and "Traceback" not in found.output


def test_an_edition_cannot_be_written_where_there_is_no_folder(app: Flask, tmp_path: Path) -> None:
    missing = _run(app, "edition", "export", "--format", "csv", "--out", str(tmp_path / "x.csv"), "--fiscal-year", "R1")
    assert missing.exit_code == 1 and "令和元年度版は確定していません" in missing.stderr
    assert missing.stdout == "" and not (tmp_path / "x.csv").exists()


def _count(app: Flask, name: str) -> int:
    with app.app_context():
        found = db.session.scalar(select(func.count()).select_from(Organization).where(Organization.name == name))
        db.session.remove()
    return found or 0
