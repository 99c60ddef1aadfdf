"""Stored files: kinds by content, safe names, whole or not at all, read through the owner's scope."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor, system_actor
from app.audit.recorder import act
from app.config import Settings
from app.files import policy
from app.files.kinds import DOCX, PDF, PNG, TABLES, TEXT, XLSX, kind_of
from app.files.names import MAX_LENGTH, disposition, safe_name
from app.files.services import download, remove_file, remove_orphans, store_file, store_of
from app.files.store import Store
from app.problems import Invalid, NotFound, Problem
from models.base import utc_now
from models.exchange import ImportRun
from models.records import AuditEntry, StoredFile


def zipped(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return target.getvalue()


def test_the_kind_is_decided_by_content() -> None:
    assert kind_of(b"%PDF-1.7\n") is PDF
    assert kind_of(b"\x89PNG\r\n\x1a\n...") is PNG
    assert kind_of(zipped("xl/workbook.xml")) is XLSX
    assert kind_of(zipped("word/document.xml")) is DOCX
    assert kind_of("団体名,備考".encode("cp932")) is TEXT
    assert kind_of("団体名".encode("utf-16")) is TEXT


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空です"),
        (b"<!DOCTYPE html><script>", "HTML"),
        (b"  <svg onload=alert(1)>", "HTML"),
        (zipped("a.txt"), "圧縮ファイル"),
        (zipped("xl/workbook.xml", "xl/vbaProject.bin"), "マクロ"),
        (b"PK\x03\x04broken", "壊れています"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "古い形式"),
        (b"MZ\x90\x00\x03" + bytes(range(256)), "受け付けられない"),
    ],
)
def test_what_is_not_stored_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        kind_of(content)


@given(st.binary(max_size=400))
def test_any_content_has_a_kind_or_a_sentence(content: bytes) -> None:
    try:
        kind_of(content)
    except Problem as problem:
        assert problem.message


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\一覧.xlsx", "一覧.xlsx"),
        ("a\0b\r\n.csv", "ab.csv"),
        ("..", "ファイル"),
        ("", "ファイル"),
        ("CON.txt", "ファイル_CON.txt"),
        ("‮fdp.exe", "fdp.exe"),
        ("x" * 300 + ".xlsx", "x" * (MAX_LENGTH - 5) + ".xlsx"),
    ],
)
def test_names_are_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_an_ending_fits_the_content() -> None:
    assert safe_name("evil.html", PDF) == "evil.html.pdf"
    assert safe_name("list.CSV", TEXT) == "list.CSV"


@given(st.text(max_size=400))
def test_any_name_is_one_short_part_of_a_path(name: str) -> None:
    safe = safe_name(name, PDF)
    assert safe and len(safe) <= MAX_LENGTH and not set(safe) & set('/\\\0\r\n"')
    assert disposition(safe).isascii() and disposition(safe).startswith("attachment; ")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("名簿.png", "file.png"),
        ("誤りのある行_団体.xlsx", "file.xlsx"),
        ("一覧(令和8年度).pdf", "(8).pdf"),
        ("取組一覧_2018.xlsx", "_2018.xlsx"),
        ("写真", "file"),
        ("README", "README"),
        ("café.txt", "cafe.txt"),
    ],
)
def test_a_browser_that_reads_ascii_alone_gets_a_name_with_its_ending(name: str, plain: str) -> None:
    assert f'filename="{plain}"' in disposition(name)


def test_a_content_is_written_whole_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "files")
    digest = store.put(b"content")
    assert store.put(b"content") == digest
    assert (store.get(digest), oct(os.stat(store.path_of(digest)).st_mode)[-3:]) == (b"content", "600")

    def no_space(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", no_space)
    with pytest.raises(OSError, match="No space"):
        store.put(b"other")
    assert [path.name for path in (tmp_path / "files").glob("??/*")] == [digest]


def test_a_damaged_or_strange_content_is_not_served(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put(b"content")
    store.path_of(digest).write_bytes(b"changed")
    with pytest.raises(NotFound, match="壊れています"):
        store.get(digest)
    for wrong in ("../secret", "0" * 64, "x"):
        with pytest.raises(NotFound):
            store.get(wrong)


def keep(session: Session, settings: Settings, content: bytes, owner: str = "test_owner") -> StoredFile:
    actor = system_actor("試験")
    with act(session, actor, "file:store", "試験"):
        return store_file(
            session,
            actor=actor,
            settings=settings,
            content=content,
            name="../一覧.csv",
            owner_table=owner,
            owner_key=1,
        )


def test_a_file_is_read_through_its_owners_scope(session: Session, settings: Settings) -> None:
    policy.register_owner("test_owner", lambda session, actor, key: actor.label == "may" and key == "1")
    file = keep(session, settings, b"a,b\r\n")
    found = download(session, actor=Actor(user_id=None, label="may"), settings=settings, file_id=file.id)
    assert (found.name, found.content, found.media_type) == ("一覧.csv", b"a,b\r\n", "text/plain")
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.headers["Content-Disposition"].startswith("attachment; ")
    with pytest.raises(NotFound):
        download(session, actor=Actor(user_id=None, label="may not"), settings=settings, file_id=file.id)
    other = keep(session, settings, b"c", owner="nobody_registered")
    with pytest.raises(NotFound):
        download(session, actor=Actor(user_id=None, label="may"), settings=settings, file_id=other.id)


def test_a_shared_content_goes_with_its_last_row(session: Session, settings: Settings) -> None:
    one, two = keep(session, settings, b"same"), keep(session, settings, b"same")
    path = store_of(settings).path_of(one.sha256)
    remove_file(session, actor=system_actor("試験"), settings=settings, file=one)
    assert path.exists()
    remove_file(session, actor=system_actor("試験"), settings=settings, file=two)
    assert not path.exists()
    orphan = store_of(settings).put(b"of a transaction that was rolled back")
    kept = keep(session, settings, b"kept")
    assert remove_orphans(session, settings, older_than_seconds=-1) == 1
    assert not store_of(settings).path_of(orphan).exists() and store_of(settings).path_of(kept.sha256).exists()


def test_the_log_knows_of_a_file_but_not_its_name(session: Session, settings: Settings) -> None:
    start = session.scalar(select(func.max(AuditEntry.sequence))) or 0
    with act(session, system_actor("試験"), "test:keep", "書類の追加: 山田花子の履歴.csv"):
        file = store_file(
            session,
            actor=system_actor("試験"),
            settings=settings,
            content=b"a",
            name="山田花子の履歴.csv",
            owner_table="test_owner",
            owner_key=1,
        )
        session.add(
            ImportRun(spec_name="x", title="x", actor_label="x", file_name="佐藤太郎.csv", expires_at=utc_now())
        )
    remove_file(session, actor=system_actor("試験"), settings=settings, file=file)
    entries = session.scalars(select(AuditEntry).where(AuditEntry.sequence > start)).all()
    told = json.dumps(
        [[one.label, [[row.record_label, row.values] for row in one.changes]] for one in entries], ensure_ascii=False
    )
    assert len(entries) == 2 and "山田" not in told and "佐藤" not in told


def test_size_and_kind_are_limited(session: Session, settings: Settings) -> None:
    actor = system_actor("試験")
    common = {"session": session, "actor": actor, "settings": settings, "owner_table": "t", "owner_key": 1}
    with act(session, actor, "file:store", "試験"):
        with pytest.raises(Invalid, match="1MBまで"):
            store_file(content=b"x" * 2_000_000, name="x.csv", limit=1024 * 1024, **common)  # type: ignore[arg-type]
        with pytest.raises(Invalid, match="PDFのファイルです"):
            store_file(content=b"%PDF-", name="x.xlsx", allowed=TABLES, **common)  # type: ignore[arg-type]
