"""The verifier names the first broken link and what kind it is, on both databases."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Connection, text

from app.audit import anchor as anchors
from app.audit import chain
from app.audit.findings import Break
from app.audit.verify import verify
from models.base import db
from tests.app.audit.conftest import last_place, write_entries

Attack = Callable[[Callable[[Connection], None]], None]


def run(connection: Connection, statement: str, **values: object) -> None:
    connection.execute(text(statement), values)


def found() -> list[tuple[str, int | None]]:
    """(kind, place) of each finding."""
    return [(finding.kind.value, finding.sequence) for finding in verify(db.engine).findings]


@pytest.fixture
def base(any_app: Flask) -> int:
    """The place before ten entries of two changes each."""
    with any_app.app_context():
        start = last_place(db.session())
        write_entries(db.session(), 10)
        assert verify(db.engine).findings == []
        db.session.remove()
    return start


def test_an_untouched_chain_is_whole_and_counted(attack: Attack, base: int) -> None:
    report = verify(db.engine)
    assert (report.is_ok, report.entries, report.sequence) == (True, base + 10, base + 10)
    assert report.changes >= 20 and report.notes == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("label", "別の操作"),
        ("actor_label", "別の人"),
        ("actor_id", 7),
        ("reason", "後から書いた理由"),
        ("at", "2001-01-01 00:00:00"),
        ("body_digest", "0" * 64),
        ("hash", "1" * 64),
        ("previous_hash", "2" * 64),
        ("id", "renamed"),
    ],
)
def test_a_changed_column_of_an_entry(attack: Attack, base: int, column: str, value: object) -> None:
    attack(lambda c: run(c, f"UPDATE audit_entry SET {column} = :v WHERE sequence = :s", v=value, s=base + 4))
    assert found() == [("changed", base + 4)]


def test_a_changed_column_of_the_last_entry(attack: Attack, base: int) -> None:
    attack(lambda c: run(c, "UPDATE audit_entry SET label = 'x' WHERE sequence = :s", s=base + 10))
    assert found() == [("changed", base + 10)]


def test_a_changed_row_of_changes(attack: Attack, base: int) -> None:
    attack(lambda c: run(c, f"UPDATE audit_change SET record_label = 'x' WHERE position = 1 AND {OF}", s=base + 5))
    assert found() == [("body", base + 5)]


OF = "entry_id = (SELECT id FROM audit_entry WHERE sequence = :s)"


def test_a_value_inside_a_change(attack: Attack, base: int) -> None:
    attack(
        lambda c: run(c, f'UPDATE audit_change SET change_values = \'{{"name": [null, "x"]}}\' WHERE {OF}', s=base + 5)
    )
    assert found() == [("body", base + 5)]


def test_a_removed_row_of_changes(attack: Attack, base: int) -> None:
    attack(lambda c: run(c, f"DELETE FROM audit_change WHERE position = 1 AND {OF}", s=base + 5))
    assert found() == [("body", base + 5)]


def test_an_added_row_of_changes(attack: Attack, base: int) -> None:
    copy = (
        "INSERT INTO audit_change (entry_id, position, kind, table_name, record_key, record_label, root_table,"
        " root_key, change_values) SELECT entry_id, 2, kind, table_name, record_key, record_label, root_table,"
        f" root_key, change_values FROM audit_change WHERE position = 1 AND {OF}"
    )
    attack(lambda c: run(c, copy, s=base + 5))
    assert found() == [("body", base + 5)]


def test_changes_that_swapped_places(attack: Attack, base: int) -> None:
    def swap(c: Connection) -> None:
        for old, new in ((0, 9), (1, 0), (9, 1)):
            run(c, f"UPDATE audit_change SET position = {new} WHERE position = {old} AND {OF}", s=base + 5)

    attack(swap)
    assert found() == [("body", base + 5)]


def test_a_row_of_changes_that_belongs_to_no_entry(attack: Attack, base: int) -> None:
    copy = (
        "INSERT INTO audit_change (entry_id, position, kind, table_name, record_key, record_label, root_table,"
        " root_key, change_values) VALUES ('stray', 0, 'created', 'x', '1', 'x', 'x', '1', '{}')"
    )
    attack(lambda c: run(c, copy))
    assert found() == [("body", None)]


def remove(connection: Connection, sequence: int) -> None:
    run(connection, f"DELETE FROM audit_change WHERE {OF}", s=sequence)
    run(connection, "DELETE FROM audit_entry WHERE sequence = :s", s=sequence)


def test_a_removed_entry(attack: Attack, base: int) -> None:
    attack(lambda c: remove(c, base + 4))
    assert found() == [("missing", base + 4)]


def test_a_removed_entry_whose_followers_were_renumbered(attack: Attack, base: int) -> None:
    def close_the_gap(c: Connection) -> None:
        remove(c, base + 4)
        for sequence in range(base + 5, base + 11):
            run(c, "UPDATE audit_entry SET sequence = :n WHERE sequence = :s", n=sequence - 1, s=sequence)
        run(c, "UPDATE audit_head SET sequence = sequence - 1")

    attack(close_the_gap)
    assert found() == [("missing", base + 4)]


def test_the_first_entries_removed(attack: Attack, base: int) -> None:
    attack(lambda c: [remove(c, sequence) for sequence in (1, 2)] and None)
    assert found() == [("missing", 1)]


def test_removed_last_entries(attack: Attack, base: int) -> None:
    attack(lambda c: [remove(c, sequence) for sequence in (base + 9, base + 10)] and None)
    assert found() == [("tail", base + 9)]


def cut(connection: Connection, base: int) -> None:
    """Take the last two entries off and set the head back, as somebody does who knows how it is made."""
    remove(connection, base + 10)
    remove(connection, base + 9)
    run(
        connection,
        "UPDATE audit_head SET sequence = :s, hash = (SELECT hash FROM audit_entry WHERE sequence = :s)",
        s=base + 8,
    )


def test_removed_last_entries_with_the_head_set_back_are_seen_by_the_anchor(attack: Attack, base: int) -> None:
    attack(lambda c: cut(c, base))
    assert found() == [("tail", base + 9)]


def test_the_whole_log_removed(attack: Attack, base: int) -> None:
    def empty(c: Connection) -> None:
        run(c, "DELETE FROM audit_change")
        run(c, "DELETE FROM audit_entry")
        run(c, f"UPDATE audit_head SET sequence = 0, hash = '{chain.GENESIS}'")

    attack(empty)
    assert found() == [("tail", 1)]


FORGED = (
    "INSERT INTO audit_entry (id, sequence, at, actor_label, channel, verb, label, change_count, body_digest,"
    " previous_hash, hash) VALUES ('forged', :s, '2026-01-01 00:00:00', 'x', 'cli', 'x:y', 'x', 0, :d, :p, :h)"
)


def link_of(connection: Connection, sequence: int) -> str:
    found = connection.execute(text("SELECT hash FROM audit_entry WHERE sequence = :s"), {"s": sequence}).scalar_one()
    return str(found)


@pytest.mark.parametrize("knows_previous", [True, False])
def test_an_entry_forged_without_the_key_in_the_middle(attack: Attack, base: int, knows_previous: bool) -> None:
    def forge(c: Connection) -> None:
        for sequence in range(base + 10, base + 4, -1):
            run(c, "UPDATE audit_entry SET sequence = :n WHERE sequence = :s", n=sequence + 1, s=sequence)
        previous = link_of(c, base + 4) if knows_previous else "9" * 64
        run(c, FORGED, s=base + 5, d=chain.digest_of_changes([]), p=previous, h="3" * 64)
        run(c, "UPDATE audit_head SET sequence = sequence + 1")

    attack(forge)
    assert found() == [("inserted", base + 5)]


def test_an_entry_forged_without_the_key_at_the_end(attack: Attack, base: int) -> None:
    def forge(c: Connection) -> None:
        run(c, FORGED, s=base + 11, d=chain.digest_of_changes([]), p=link_of(c, base + 10), h="3" * 64)
        run(c, "UPDATE audit_head SET sequence = sequence + 1, hash = :h", h="3" * 64)

    attack(forge)
    assert found() == [("inserted", base + 11)]


def test_two_entries_that_changed_places(attack: Attack, base: int) -> None:
    def swap(c: Connection) -> None:
        for old, new in ((base + 4, 999_999), (base + 5, base + 4), (999_999, base + 5)):
            run(c, "UPDATE audit_entry SET sequence = :n WHERE sequence = :s", n=new, s=old)

    attack(swap)
    assert found() == [("reordered", base + 4)]


def test_an_entry_moved_far_away(attack: Attack, base: int) -> None:
    attack(lambda c: run(c, "UPDATE audit_entry SET sequence = 999999 WHERE sequence = :s", s=base + 4))
    assert found() == [("reordered", base + 4)]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("sequence = sequence + 1", Break.TAIL),
        ("sequence = sequence - 1", Break.HEAD),
        ("hash = 'x'", Break.HEAD),
    ],
)
def test_a_changed_head(attack: Attack, base: int, change: str, kind: Break) -> None:
    attack(lambda c: run(c, f"UPDATE audit_head SET {change}"))
    assert [finding.kind for finding in verify(db.engine).findings] == [kind]


def test_a_chain_made_anew_with_another_key(attack: Attack, base: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "_key", b"another key")
    assert found()[0] == ("changed", 1)


def test_triggers_that_were_dropped(attack: Attack, base: int) -> None:
    on = "" if db.engine.dialect.name == "sqlite" else " ON audit_entry"
    with db.engine.begin() as connection:
        run(connection, f"DROP TRIGGER trg_audit_entry_no_update{on}")
    report = verify(db.engine)
    assert [str(finding) for finding in report.findings] == ["防護の不備(trg_audit_entry_no_update: missing)"]


# --- the anchor ----------------------------------------------------------------------------------------------------


def test_a_missing_anchor_is_named_until_somebody_says_why(attack: Attack, any_app: Flask, base: int) -> None:
    path = anchors.path()
    assert path is not None
    path.unlink()
    assert found() == [("anchor", None)]
    write_entries(db.session(), 1)  # begins it anew, which is seen
    assert found() == [("anchor", base + 11)]
    runner = any_app.test_cli_runner()
    assert runner.invoke(args=["audit", "anchor", "--reason", "端末の入替え"]).exit_code == 0
    assert found() == []
    with db.engine.connect() as connection:
        reason = connection.execute(text("SELECT reason FROM audit_entry ORDER BY sequence DESC LIMIT 1")).scalar_one()
    assert reason == "端末の入替え"


def test_an_anchor_written_without_the_key_is_broken_and_kept(attack: Attack, base: int) -> None:
    path = anchors.path()
    assert path is not None
    path.write_text(f"5 {'0' * 64} 1 {'0' * 64}\n")
    assert found() == [("anchor", None)]
    write_entries(db.session(), 1)
    assert found() == [("anchor", base + 11)]
    assert len(list(path.parent.glob("audit_anchor.broken-*"))) == 1


def test_an_older_anchor_put_back_is_noted(attack: Attack, base: int) -> None:
    path = anchors.path()
    assert path is not None
    old = path.with_suffix(".old")
    shutil.copy(path, old)
    write_entries(db.session(), 2)
    shutil.copy(old, path)
    report = verify(db.engine)
    assert report.is_ok and "差し替えられた" in report.notes[0]


def test_an_older_anchor_that_agrees_with_a_cut_chain_is_seen_by_what_was_noted_elsewhere(
    attack: Attack, base: int
) -> None:
    """What the anchor alone cannot see (see its docstring)."""
    path = anchors.path()
    assert path is not None
    noted = verify(db.engine)
    with db.engine.connect() as connection:
        older = anchors.Anchor(base + 8, link_of(connection, base + 8), 1)
    attack(lambda c: cut(c, base))
    path.write_bytes(anchors.line_of(older))  # a copy that the attacker kept
    assert verify(db.engine).is_ok
    seen = verify(db.engine, expected=(noted.sequence, noted.hash))
    assert [(finding.kind, finding.sequence) for finding in seen.findings] == [(Break.TAIL, base + 9)]


def test_the_anchor_never_goes_back(attack: Attack, base: int) -> None:
    anchors.write(base + 3, "4" * 64)
    known = anchors.read()
    assert known is not None and known.sequence == base + 10


def test_only_its_owner_reads_the_anchor(attack: Attack, base: int) -> None:
    path = anchors.path()
    assert path is not None and path.stat().st_mode & 0o777 == 0o600


# --- the command ---------------------------------------------------------------------------------------------------


def test_the_command_tells_and_its_status_says(attack: Attack, any_app: Flask, base: int) -> None:
    runner = any_app.test_cli_runner()
    done = runner.invoke(args=["audit", "verify", "--json"])
    report = json.loads(done.stdout)
    assert (done.exit_code, report["ok"], report["entries"]) == (0, True, base + 10)
    noted = f"{report['head']['sequence']}:{report['head']['hash']}"
    assert runner.invoke(args=["audit", "verify", "--expect", noted]).exit_code == 0
    attack(lambda c: run(c, "UPDATE audit_entry SET label = 'x' WHERE sequence = :s", s=base + 2))
    done = runner.invoke(args=["audit", "verify", "--json"])
    assert done.exit_code == 1
    assert json.loads(done.stdout)["findings"] == [
        {
            "kind": "changed",
            "label": "変更",
            "sequence": base + 2,
            "detail": "内容がハッシュと一致しません",
        }
    ]
    done = runner.invoke(args=["audit", "verify"])
    assert done.exit_code == 1 and f"異常: {base + 2}番: 変更" in done.stdout
    assert runner.invoke(args=["audit", "verify", "--expect", "x"]).exit_code == 2
