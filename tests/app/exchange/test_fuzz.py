"""Whatever is uploaded: a sentence or a preview, never another exception."""

from __future__ import annotations

import contextlib
import io
import zipfile

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.exchange.columns import ColumnKind, ImportColumn
from app.exchange.reading import check_upload, read_table
from app.exchange.validating import parse_rows
from app.problems import Problem
from tests.app.exchange.conftest import make_xlsx

COLUMNS = (
    *tuple(ImportColumn(kind.value, kind.value, kind, choices=(("a", "甲"), ("b", "乙"))) for kind in ColumnKind),
    ImportColumn("name", "団体名", required=True, max_length=20),
)
GOOD = make_xlsx([[column.label for column in COLUMNS], *[["1"] * len(COLUMNS)] * 3])
MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def swallow(content: bytes) -> None:
    """Read a file to its end; only refusals in words may come out."""
    with contextlib.suppress(Problem):
        check_upload(content)
    with contextlib.suppress(Problem):
        for row in parse_rows(read_table(content, COLUMNS), COLUMNS):
            assert all(problem.message for problem in row.problems)


@MANY
@given(st.binary(max_size=3_000))
def test_any_bytes(content: bytes) -> None:
    swallow(content)


@MANY
@given(
    st.sampled_from([b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xef\xbb\xbf", b"\xff\xfe"]),
    st.binary(max_size=2_000),
)
def test_any_bytes_behind_a_known_head(head: bytes, rest: bytes) -> None:
    swallow(head + rest)


@MANY
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=20))
def test_a_workbook_with_changed_bytes(changes: list[tuple[int, int]]) -> None:
    content = bytearray(GOOD)
    for place, value in changes:
        content[place] = value
    swallow(bytes(content))


@MANY
@given(st.data())
def test_a_workbook_with_changed_xml(data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = data.draw(st.sampled_from(sorted(parts)))
    text = bytearray(parts[name])
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, max(0, len(text) - 1)))
        piece = data.draw(
            st.sampled_from([b"", b"<", b">", b'"', b"\0", b"&amp;", b"999999999999", b"<c/>", b"-1", b't="e"'])
        )
        text[place : place + data.draw(st.integers(0, 12))] = piece
    parts[name] = bytes(text)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    swallow(target.getvalue())


CELL = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["=1", "'=1", "R8.7.1", "１２", "△5", "はい", "甲", "1,0", "9" * 40, "1e400", "ー"]),
)


@MANY
@given(st.lists(st.lists(CELL, max_size=12), max_size=5), st.sampled_from(["utf-8", "cp932", "utf-16"]))
def test_any_csv(rows: list[list[str]], encoding: str) -> None:
    lines = [[column.label for column in COLUMNS], *rows]
    swallow("\n".join(",".join(line) for line in lines).encode(encoding, "ignore"))
