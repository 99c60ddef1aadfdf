"""Loading, loading again, keeping what a person changed, writing out without a difference."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import system_actor
from app.audit.recorder import act
from models.directory import Organization
from models.records import AuditChange, AuditEntry
from models.reference import CheckItem, Department, Principle, Program, SeededRow
from models.registry import Project, ProjectPartner, PublishedList
from seed.export import export
from seed.files import city_folder, read_toml, toml_text
from seed.loader import load
from seed.state import COMPLETE, LOADING, set_state, state_of

FOLDER = city_folder("kodaira")


def _again(session: Session) -> tuple[int, int]:
    """(rows written, entries in the log) of one more load."""
    before = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    session.commit()
    counts = load(session, "kodaira", actor=system_actor())
    after = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    return counts.written, after - before


def test_the_load_is_one_entry_of_the_system_and_complete(session: Session) -> None:
    entries = session.scalars(select(AuditEntry)).all()
    told = [(entry.verb, entry.actor_id) for entry in entries if not entry.verb.startswith("test:")]
    assert told == [("seed:load", None)]
    assert state_of(session, "seed") == COMPLETE
    counted = [
        session.scalar(select(func.count()).select_from(model))
        for model in (Department, Project, ProjectPartner, PublishedList, Program)
    ]
    assert counted == [27, 168, 201, 1, 4]


def test_loading_again_changes_nothing_and_takes_no_time(session: Session) -> None:
    start = time.monotonic()
    assert _again(session) == (0, 0)
    assert time.monotonic() - start < 5


def test_a_wording_that_the_office_changed_stays(session: Session) -> None:
    item = session.scalars(select(CheckItem).order_by(CheckItem.id)).first()
    assert item is not None
    with act(session, system_actor(), "reference:edit", "文言の変更"):
        item.wording = "市の正式な文言"
    assert _again(session) == (0, 0)
    assert session.get_one(CheckItem, item.id).wording == "市の正式な文言"


def test_a_row_that_the_office_removed_stays_away(session: Session) -> None:
    item = session.scalars(select(CheckItem).order_by(CheckItem.id)).first()
    with act(session, system_actor(), "reference:delete", "項目の削除"):
        session.delete(item)
    assert _again(session) == (0, 0)
    assert session.scalar(select(func.count()).select_from(CheckItem)) == 11


def test_a_file_that_changed_renews_what_nobody_touched(session: Session) -> None:
    principle = session.scalars(select(Principle).where(Principle.number == 1)).one()
    seeded = session.scalars(
        select(SeededRow).where(SeededRow.table_name == "principle", SeededRow.record_code == "1")
    ).one()
    from seed.reference import digest_of
    from seed.tables import TABLE_FILES

    spec = next(one for one in TABLE_FILES if one.model is Principle)
    with act(session, system_actor(), "seed:load", "前の版"):
        principle.attitude = "前の版の文言"
        session.flush()
        seeded.digest = digest_of(spec.cells_of(principle))
    assert _again(session) == (1, 1)
    assert session.get_one(Principle, principle.id).attitude.startswith("目的をはっきりさせ")


def test_an_interrupted_load_can_be_run_again(session: Session) -> None:
    set_state(session, "seed", LOADING)
    session.commit()
    assert _again(session) == (0, 0)
    assert state_of(session, "seed") == COMPLETE


def test_no_private_person_is_named_in_the_log(session: Session) -> None:
    names = [line.name_as_published for line in session.scalars(select(ProjectPartner).where(ProjectPartner.is_person))]
    names += [row.name for row in session.scalars(select(Organization).where(Organization.is_person))]
    assert len(names) == 12
    names = [name for name in names if name != "他生徒2名"]  # names nobody, and stands in the note of its line
    told = [str(change.values) + change.record_label for change in session.scalars(select(AuditChange))]
    assert [text for text in told for name in names if name in text] == []


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir() if path.suffix in {".csv", ".toml"}))
def test_writing_out_gives_the_same_file(session: Session, tmp_path: Path, name: str) -> None:
    export(session, "kodaira", tmp_path)
    assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()


def test_writing_out_is_the_same_on_both_databases(any_app: Flask, tmp_path: Path) -> None:
    result = any_app.test_cli_runner().invoke(args=["seed", "export", "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    found = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert found == {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in {".csv", ".toml"}}


def test_programs_are_written_anew_when_the_office_changed_them(session: Session, tmp_path: Path) -> None:
    program = session.scalars(select(Program).where(Program.code == "suggested")).one()
    with act(session, system_actor(), "reference:edit", "制度の変更"):
        program.unset_rules = ["call_opens_on"]
    export(session, "kodaira", tmp_path)
    tables = read_toml(tmp_path / "programs.toml")["program"]
    assert [table["code"] for table in tables] == ["suggested", "ikiiki", "shien_kobo", "ikiiki_teian"]
    assert tables[0]["status"]["unset"] == ["call_opens_on"]


def test_toml_reads_back_as_it_was_written(tmp_path: Path) -> None:
    tables = read_toml(FOLDER / "programs.toml")["program"]
    (tmp_path / "again.toml").write_text(toml_text("program", tables), encoding="utf-8")
    assert read_toml(tmp_path / "again.toml") == {"program": tables}
