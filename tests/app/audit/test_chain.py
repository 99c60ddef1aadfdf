"""The chain under many writers and under crashes; canonical JSON and net changes as properties."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import json
import multiprocessing
import os
import signal
import threading
import time
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, func, insert, select
from sqlalchemy.orm import Session

from app.audit import chain, recorder
from app.audit.acts import Change, net_changes
from app.audit.findings import Break
from app.audit.plans import as_json
from app.audit.recorder import act
from app.audit.verify import verify
from app.config import Settings
from models.base import db
from models.engine import prepare_engine
from models.records import AuditChange, AuditEntry, ChangeKind
from models.reference import Area
from tests.app.audit.conftest import ACTOR, last_place

spawn = multiprocessing.get_context("spawn")


def _write_many(settings: Settings, writer: int, count: int) -> None:
    """A process of its own that writes `count` acts."""
    engine = _engine(settings)
    for number in range(count):
        with Session(engine) as session, act(session, ACTOR, "area:create", f"{writer}-{number}"):
            session.add(Area(name=f"並び町{writer}-{number}"))
    engine.dispose()


def _engine(settings: Settings) -> Any:
    engine = create_engine(settings.database_url)
    prepare_engine(engine)
    recorder.install()
    chain.configure(settings.audit_key, settings.data_dir / "secrets" / "audit_anchor")
    return engine


def test_many_processes_write_one_chain_without_gap_or_fork(any_app: Flask) -> None:
    settings: Settings = any_app.extensions["settings"]
    with any_app.app_context():
        start = last_place(db.session())
        db.session.remove()
    processes = [spawn.Process(target=_write_many, args=(settings, writer, 15)) for writer in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * 4
    with any_app.app_context():
        report = verify(db.engine)
        assert (report.findings, report.notes, report.sequence) == ([], [], start + 60)
        places = list(db.session.scalars(select(AuditEntry.sequence).order_by(AuditEntry.sequence)))
        assert places == list(range(1, start + 61))
        db.session.remove()


def test_a_long_import_blocks_nobody_on_postgresql(postgres_app: Flask) -> None:
    """Its 10,000 changes are written before it takes the head; meanwhile a login takes its place at once."""
    with postgres_app.app_context():
        start = last_place(db.session())
        db.session.remove()
        long = Session(db.engine)
        waited = 0.0
        with act(long, ACTOR, "area:import", "取込") as current:
            rows = [{"name": f"取込町{number}"} for number in range(10_000)]
            current.note_bulk(
                Change(
                    ChangeKind.CREATED,
                    "area",
                    f"n{number}",
                    row["name"],
                    "area",
                    f"n{number}",
                    {"name": [None, row["name"]]},
                )
                for number, row in enumerate(rows)
            )
            long.execute(insert(Area), rows)
            began = time.perf_counter()
            with Session(db.engine) as other, act(other, ACTOR, "session:begin", "ログイン", keep_when_empty=True):
                pass
            waited = time.perf_counter() - began
        long.close()
        verbs = list(
            db.session.scalars(select(AuditEntry.verb).where(AuditEntry.sequence > start).order_by(AuditEntry.sequence))
        )
        assert verbs == ["session:begin", "area:import"]
        assert waited < 2
        assert verify(db.engine).is_ok
        db.session.remove()


def _die_before_commit(settings: Settings, ready: Any) -> None:
    """Writes change and entry, says so, and waits to be killed before the commit."""
    engine = _engine(settings)
    session = Session(engine)
    append = chain.append

    def slow(*args: Any) -> Any:
        append(*args)
        ready.set()
        time.sleep(60)

    chain.append = slow  # type: ignore[assignment]
    with act(session, ACTOR, "area:create", "途中で止まる"):
        session.add(Area(name="途中の町"))


def _die_after_flush(settings: Settings, ready: Any) -> None:
    """Writes the change, says so, and waits to be killed before its entry."""
    session = Session(_engine(settings))
    with act(session, ACTOR, "area:create", "途中で止まる"):
        session.add(Area(name="途中の町"))
        session.flush()
        ready.set()
        time.sleep(60)


@pytest.mark.parametrize("dying", [_die_after_flush, _die_before_commit])
def test_a_writer_killed_between_change_and_commit_leaves_neither(any_app: Flask, dying: Any) -> None:
    settings: Settings = any_app.extensions["settings"]
    with any_app.app_context():
        start = last_place(db.session())
        db.session.remove()
        db.engine.dispose()
    ready = spawn.Event()
    process = spawn.Process(target=dying, args=(settings, ready))
    process.start()
    assert ready.wait(60)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join(30)
    with any_app.app_context():
        assert last_place(db.session()) == start
        assert db.session.scalar(select(func.count()).select_from(Area).where(Area.name == "途中の町")) == 0
        assert (
            db.session.scalar(
                select(func.count()).select_from(AuditChange).where(AuditChange.record_label == "途中の町")
            )
            == 0
        )
        db.session.remove()
        with act(db.session(), ACTOR, "area:create", "登録"):  # nobody is locked out
            db.session.add(Area(name="後の町"))
        assert verify(db.engine).is_ok
        assert last_place(db.session()) == start + 1
        db.session.remove()


def test_a_log_that_cannot_be_written_undoes_the_change(any_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(chain, "append", fail)
    with any_app.app_context():
        with pytest.raises(OSError, match="disk full"), act(db.session(), ACTOR, "area:create", "登録"):
            db.session.add(Area(name="消える町"))
        assert db.session.scalar(select(Area).where(Area.name == "消える町")) is None
        db.session.remove()


def test_the_verifier_reads_while_others_write(any_app: Flask) -> None:
    settings: Settings = any_app.extensions["settings"]
    process = spawn.Process(target=_write_many, args=(settings, 9, 40))
    process.start()
    kinds: set[Break] = set()
    with any_app.app_context():
        while process.is_alive():
            kinds |= {finding.kind for finding in verify(db.engine).findings}
        process.join()
        kinds |= {finding.kind for finding in verify(db.engine).findings}
        db.session.remove()
    assert (kinds, process.exitcode) == (set(), 0)


def test_threads_share_the_anchor(any_app: Flask) -> None:
    failures: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            with any_app.app_context():
                for number in range(10):
                    with act(db.session(), ACTOR, "area:create", "登録"):
                        db.session.add(Area(name=f"糸町{writer}-{number}"))
                db.session.remove()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with any_app.app_context():
        report = verify(db.engine)
        assert (report.findings, report.notes) == ([], [])
        db.session.remove()


# --- properties ----------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | st.dates() | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts | st.integers(), inner, max_size=4),
    max_leaves=12,
)


@given(plain)
def test_what_the_log_keeps_comes_back_from_json_the_same_and_so_does_its_digest(value: Any) -> None:
    kept = as_json(value)
    stored = json.loads(json.dumps(kept))
    assert chain.canonical(stored) == chain.canonical(kept)
    assert "\\u0000" not in json.dumps(kept)


@given(st.dictionaries(texts, st.integers()), st.randoms())
def test_the_order_of_keys_does_not_matter(values: dict[str, int], random: Any) -> None:
    names = list(values)
    random.shuffle(names)
    assert chain.canonical({name: values[name] for name in names}) == chain.canonical(values)


@given(st.lists(plain, min_size=1, max_size=4), st.data())
def test_another_content_has_another_digest(values: list[Any], data: st.DataObject) -> None:
    rows = [
        dict(
            zip(
                chain.CHANGE_COLUMNS, (position, "updated", "t", "1", "x", "t", "1", {"a": as_json(value)}), strict=True
            )
        )
        for position, value in enumerate(values)
    ]
    changed = copy.deepcopy(rows)
    which = data.draw(st.integers(0, len(rows) - 1))
    changed[which]["change_values"] = {"a": as_json(data.draw(plain))}
    is_same = chain.canonical(rows) == chain.canonical(changed)
    assert (chain.digest_of_changes(rows) == chain.digest_of_changes(changed)) is is_same
    assert chain.digest_of_changes(rows[:-1]) != chain.digest_of_changes(rows)


@given(st.datetimes(timezones=st.just(dt.UTC)), st.integers(-12, 14))
def test_a_moment_is_the_same_in_every_zone(moment: dt.datetime, hours: int) -> None:
    try:
        elsewhere = moment.astimezone(dt.timezone(dt.timedelta(hours=hours)))
    except OverflowError:
        return
    assert chain.canonical(elsewhere) == chain.canonical(moment)


_COLUMNS = ("name", "kind", "size")
row_states = st.none() | st.fixed_dictionaries({name: st.none() | st.integers(0, 3) for name in _COLUMNS})


@given(st.lists(row_states, min_size=1, max_size=8))
@settings(max_examples=300)
def test_steps_of_one_row_come_to_the_difference_between_first_and_last(states: list[dict[str, Any] | None]) -> None:
    """Whatever is created, changed, deleted and put back in one act, the log tells what is different in the end."""
    journal = [step for old, new in itertools.pairwise(states) if (step := _step(old, new)) is not None]
    net = net_changes(journal)
    expected = _step(states[0], states[-1])
    assert [(change.kind, change.values) for change in net.values()] == (
        [(expected.kind, expected.values)] if expected is not None else []
    )


def _step(old: dict[str, Any] | None, new: dict[str, Any] | None) -> Change | None:
    """The change that the recorder would note between two states of a row; None is a row that is not there."""
    before, after = old or dict.fromkeys(_COLUMNS), new or dict.fromkeys(_COLUMNS)
    values = {name: [before[name], after[name]] for name in _COLUMNS if before[name] != after[name]}
    if old is None and new is None:
        return None
    kind = ChangeKind.CREATED if old is None else ChangeKind.DELETED if new is None else ChangeKind.UPDATED
    if kind is ChangeKind.UPDATED and not values:
        return None
    return Change(kind, "t", "1", "x", "t", "1", values)
