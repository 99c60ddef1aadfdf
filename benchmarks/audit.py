"""The change log: what it adds to a write, entries a second with one and four writers, verifying and reading it."""

from __future__ import annotations

import contextlib
import datetime as dt
import multiprocessing
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, create_engine, insert, text, true
from sqlalchemy.orm import Session

from app.actor import system_actor
from app.audit import chain, ddl, queries, recorder
from app.audit.queries import LogFilter
from app.audit.recorder import act
from app.audit.verify import verify
from app.audit.words import history_of
from app.config import Settings
from app.factory import create_app
from app.search import ddl as search_ddl
from benchmarks.measure import median_ms, paired_ms
from models.base import db
from models.engine import prepare_engine, reading
from models.records import AuditChange, AuditEntry
from models.reference import Area
from tests.support.postgres import running_server

TAKES_SIZES = True
ACTOR = system_actor("ベンチマーク")
_ROWS = 1_000
_ACTS = 150
_CHUNK = 5_000
#: Tracing memory slows verifying several times: only up to so many entries.
_TRACED = 100_000


def run(sizes: list[int]) -> list[dict[str, Any]]:
    """A row a figure: {what, database, …}."""
    figures: list[dict[str, Any]] = []
    for name, settings in _databases():
        figures += [{"database": name, **figure} for figure in _writing(settings)]
        for size in sizes:
            figures += [{"database": name, "entries": size, **figure} for figure in _reading(settings, size)]
    return figures


@contextlib.contextmanager
def _app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def _databases() -> Iterator[tuple[str, Settings]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield "sqlite", _prepared(folder / "a", f"sqlite:///{folder / 'audit.sqlite3'}")
        with running_server() as server:
            yield "postgresql", _prepared(folder / "b", server.create("audit"))


def _prepared(folder: Path, url: str) -> Settings:
    settings = Settings(data_dir=folder, database_url=url, secret_key="s" * 64, audit_key="a" * 64, testing=True)
    with _app(settings):
        db.create_all()
        with db.engine.begin() as connection:
            ddl.create_guards(connection)
            search_ddl.create_search_index(connection)
    return settings


# --- writing -------------------------------------------------------------------------------------------------------


def _writing(settings: Settings) -> Iterator[dict[str, Any]]:
    with _app(settings):
        numbers = iter(range(10**9))

        def write(rows: int, *, is_logged: bool) -> Callable[[], None]:
            def one() -> None:
                Area.__audited__ = is_logged
                with Session(db.engine) as session, act(session, ACTOR, "area:create", "登録"):
                    session.add_all(Area(name=f"計測町{next(numbers)}") for _ in range(rows))

            return one

        for rows in (1, _ROWS):
            times = paired_ms({"bare": write(rows, is_logged=False), "logged": write(rows, is_logged=True)})
            yield {"what": f"insert of {rows} rows, ms", "bare": times["bare"], "figure": times["logged"]} | {
                "ratio": times["logged"] / times["bare"]
            }
        Area.__audited__ = True
    for writers in (1, 4):
        yield {"what": f"entries a second, {writers} writers", "figure": _entries_a_second(settings, writers)}


def _entries_a_second(settings: Settings, writers: int) -> float:
    """Processes that begin together, each with acts of one change."""
    spawn = multiprocessing.get_context("spawn")
    ready, begin = spawn.Semaphore(0), spawn.Event()
    processes = [
        spawn.Process(target=_write, args=(settings, f"{writers}-{number}", ready, begin)) for number in range(writers)
    ]
    for process in processes:
        process.start()
    for _ in processes:
        ready.acquire()
    started = time.perf_counter()
    begin.set()
    for process in processes:
        process.join()
    return writers * _ACTS / (time.perf_counter() - started)


def _write(settings: Settings, name: str, ready: Any, begin: Any) -> None:
    engine = create_engine(settings.database_url)
    prepare_engine(engine)
    recorder.install()
    chain.configure(settings.audit_key, settings.data_dir / "secrets" / "audit_anchor")
    with Session(engine) as session, act(session, ACTOR, "area:create", "登録"):
        session.add(Area(name=f"並行町{name}"))
    ready.release()
    begin.wait()
    for number in range(_ACTS):
        with Session(engine) as session, act(session, ACTOR, "area:create", "登録"):
            session.add(Area(name=f"並行町{name}-{number}"))
    engine.dispose()


# --- reading -------------------------------------------------------------------------------------------------------


def _reading(settings: Settings, size: int) -> Iterator[dict[str, Any]]:
    with _app(settings):
        fill(db.engine, size)
        peak = _peak_mb() if size <= _TRACED else None
        started = time.perf_counter()
        report = verify(db.engine, with_anchor=False)
        seconds = time.perf_counter() - started
        assert report.is_ok and report.entries == size, report.findings
        yield {"what": "verified entries a second", "figure": size / seconds, "peak_mb": peak}
        with reading(), Session(db.engine) as session:
            for what, call in _reads(session, size).items():
                yield {"what": f"{what}, ms", "figure": median_ms(call, seconds=0.5)}


def _peak_mb() -> float:
    """The most memory that verifying takes at once; it depends on the chunk, not on the number of entries."""
    tracemalloc.start()
    verify(db.engine, with_anchor=False)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return peak


def _reads(session: Session, size: int) -> dict[str, Callable[[], object]]:
    deep = (_moment(size // 10), size // 10)

    def page(wanted: LogFilter, **more: Any) -> Callable[[], object]:
        return lambda: queries.entries_page(session, true(), wanted, **more)

    return {
        "first page": page(LogFilter()),
        "page at 90%": page(LogFilter(), before=deep),
        "by a frequent kind": page(LogFilter(verb="area")),
        "by a rare kind": page(LogFilter(verb="rare:act")),
        "by a missing kind": page(LogFilter(verb="none:such")),
        "by a frequent table": page(LogFilter(table="area")),
        "by a rare table": page(LogFilter(table="skill")),
        "by one record": page(LogFilter(table="area", key="7")),
        "by days": page(LogFilter(since=_moment(size // 2).date(), until=_moment(size // 2).date())),
        "by a missing actor": page(LogFilter(who="いない人")),
        "count up to 10,000": lambda: queries.count_entries(session, true(), LogFilter()),
        "history of a record": lambda: history_of(session, ACTOR, "area", "7"),
    }


def _moment(sequence: int) -> dt.datetime:
    return dt.datetime(2020, 4, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=sequence)


def fill(engine: Engine, size: int) -> None:
    """A true chain of `size` entries of one change each, written in bulk in place of what is there."""
    with engine.begin() as connection:
        ddl.drop_guards(connection)
        for table in ("audit_change", "audit_entry"):
            connection.execute(text(f"DELETE FROM {table}"))
        previous = ddl.GENESIS
        for start in range(1, size + 1, _CHUNK):
            entries, changes = [], []
            for sequence in range(start, min(start + _CHUNK, size + 1)):
                is_rare = sequence % 50_000 == 500
                change = {
                    "position": 0,
                    "kind": "updated",
                    "table_name": "skill" if is_rare else "area",
                    "record_key": str(sequence % 5_000),
                    "record_label": "町",
                    "root_table": "area",
                    "root_key": str(sequence % 5_000),
                    "change_values": {"position": [sequence, sequence + 1]},
                }
                entry = {
                    "id": f"{sequence:032x}",
                    "at": _moment(sequence),
                    "actor_id": sequence % 200 + 1,
                    "actor_label": "職員",
                    "channel": "screen",
                    "address": "10.0.0.1",
                    "on_behalf_of": None,
                    "verb": "rare:act" if is_rare else "area:edit",
                    "label": "町名の変更",
                    "reason": None,
                    "change_count": 1,
                    "body_digest": chain.digest_of_changes([change]),
                }
                link = chain.hash_of(previous, sequence, entry)
                entries.append({**entry, "sequence": sequence, "previous_hash": previous, "hash": link})
                changes.append({**change, "entry_id": entry["id"]})
                previous = link
            connection.execute(insert(AuditEntry.__table__), entries)  # type: ignore[arg-type]
            connection.execute(insert(AuditChange.__table__), changes)  # type: ignore[arg-type]
        connection.execute(text("UPDATE audit_head SET sequence = :s, hash = :h"), {"s": size, "h": previous})
    with engine.begin() as connection:
        ddl.create_guards(connection)
        connection.execute(text("ANALYZE"))
