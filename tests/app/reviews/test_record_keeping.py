"""What is kept of a review for later: tampering is named, late conflicts become corrections, copies are masked, nothing else is public."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import json
from typing import Any

import pypdf
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.audit.recorder import act
from app.extensions import db
from app.japanese.normalize import fold_name
from app.notices import services as notices
from app.problems import Conflict, Invalid
from app.reviews import (
    conflicts,
    ddl,
    deciding,
    late_conflicts,
    letters,
    publication,
    publication_files,
    queries,
    setting_up,
)
from app.reviews.ballots import ballot_of
from app.reviews.corrections import corrections_of
from app.reviews.result_pack import result_pack
from app.reviews.results import result_of
from app.reviews.sealing import latest_record, verify_record
from models.directory_records import OrganizationOfficer
from models.meetings import AbsenceKind, AgendaItem, ItemAbsence
from models.records import StoredFile
from models.review_conflicts import Conflict as ConflictRow
from models.review_conflicts import ConflictSuspicion, InterestKind
from models.review_results import CityDecision
from tests.app.reviews.concluded import TODAY, confirmed, decided, decision, meet, ready
from tests.app.reviews.support import SYSTEM, Case, a_case, affiliate

DAY = dt.timedelta(days=1)


def _words(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


#: SQL that somebody with the database in hand may run, and where `verify` finds it.
TAMPERING = {
    "UPDATE score SET value = value - 1 WHERE id = (SELECT min(id) FROM score WHERE value = 4)": "sheets/",
    "UPDATE criterion SET weight = '9' WHERE label = '公益性'": "criteria/",
    "UPDATE decision_rule SET minimum_percent = '1'": "rule/",
    "UPDATE review_member SET is_chair = false": "members/",
    "UPDATE attendance SET state = 'absent'": "attendance/",
    "UPDATE conflict_declaration SET text = 'x'": "declarations/",
    "UPDATE conclusion SET reason = 'x'": "conclusion/",
    "UPDATE review_conclusion SET note = 'x'": "conclusion/",
    "UPDATE proposal SET requested_yen = 1 WHERE call_id = {call}": "proposals/",
    "UPDATE call SET budget_yen = 1 WHERE id = {call}": "call/",
    "UPDATE sealed_record SET content = replace(content, '公益性', '公共性')": "封印記録",
    "UPDATE sealed_record SET sha256 = '0'": "封印記録",
    "DELETE FROM score_sheet_version WHERE id = (SELECT min(id) FROM score_sheet_version)": "sheets/",
    "UPDATE review_correction SET text = 'x'": "訂正",
}


def test_each_kind_of_tampering_past_the_triggers_is_named(any_session: Session, any_app: Flask) -> None:
    case = ready(any_session)
    confirmed(case)
    member = case.members[1]
    late_conflicts.report_late(
        any_session, actor=case.office, member_id=member.id, proposal_id=case.proposals[0].id,
        kind=InterestKind.FAMILY, reason="申出があった",
    )  # fmt: skip
    call_id, settings = case.call.id, any_app.extensions["settings"]
    assert verify_record(any_session, case.call, settings) == []
    any_session.commit()
    ddl.drop_guards(any_session.connection())
    if any_session.get_bind().dialect.name == "postgresql":
        any_session.execute(text("SET session_replication_role = replica"))
    else:
        any_session.execute(text("PRAGMA defer_foreign_keys = ON"))
    missed = {}
    for statement, place in TAMPERING.items():
        nested = any_session.begin_nested()
        if statement.startswith("DELETE FROM score_sheet_version"):
            any_session.execute(text("DELETE FROM score WHERE version_id = (SELECT min(id) FROM score_sheet_version)"))
        any_session.execute(text(statement.format(call=call_id)))
        any_session.expire_all()
        found = [str(one) for one in verify_record(any_session, case.call, settings)]
        if not any(one.startswith(place) for one in found):
            missed[statement] = found
        nested.rollback()
    any_session.rollback()
    assert missed == {}


def test_the_command_says_what_differs_and_ends_with_one(app: Flask) -> None:
    def run(*args: str) -> tuple[int, str]:
        done = app.test_cli_runner().invoke(args=["reviews", "verify", *args])
        return done.exit_code, done.stdout

    with app.app_context():
        case = ready(db.session())
        call = str(case.call.id)
        assert run(call)[0] == 1
        db.session.rollback()
        confirmed(case)
        assert run("999999")[0] == 1
        code, told = run(call, "--json")
        assert code == 0 and json.loads(told)["ok"] is True
        db.session.rollback()  # the command only read
        ddl.drop_guards(db.session.connection())
        db.session.execute(text("UPDATE criterion SET weight = '3' WHERE label = '公益性'"))
        db.session.commit()
        code, told = run(call)
        assert code == 1 and "criteria/" in told and "封印記録と異なる点があります" in told
        assert json.loads(run(call, "--json")[1])["differences"]


def test_who_left_the_room_for_an_item_counts_neither_in_quorum_nor_in_means(session: Session) -> None:
    case = ready(session)
    before = result_of(session, case.call)
    meeting_id = queries.find_setting(session, case.call.id).meeting_id  # type: ignore[union-attr]
    member, proposal = case.members[2], case.proposals[0]
    with act(session, SYSTEM, "test:left", "試験の退席"):
        item = AgendaItem(meeting_id=meeting_id, title="審査", subject_kind="proposal", subject_id=proposal.id)
        item.absences.append(ItemAbsence(membership_id=member.membership_id, kind=AbsenceKind.LEFT))
        session.add(item)
    ballot = ballot_of(session, case.call)
    entry, other = ballot.proposals
    assert entry.withdrawn == {str(member.id)} and other.withdrawn == frozenset()
    assert str(member.id) not in entry.scores and str(member.id) in other.scores
    after = result_of(session, case.call)
    one, was = after.of(proposal.id), before.of(proposal.id)
    assert one is not None and was is not None
    assert (len(was.points), len(one.points)) == (3, 2)
    assert one.steps[0].figures == {"present": 2, "members": 3, "is_met": True, "withdrawn": 1}
    confirmed(case)
    record = latest_record(session, case.call.id)
    assert record is not None
    assert json.loads(record.content)["ballot"]["proposals"][0]["withdrawn"] == [str(member.id)]


def test_a_late_affiliation_becomes_a_correction_and_changes_nothing_sealed(session: Session, app: Flask) -> None:
    case = ready(session)
    confirmed(case)
    group = case.proposals[0].organization_id
    sealed = latest_record(session, case.call.id).content  # type: ignore[union-attr]
    row = affiliate(session, case.users[1], group, from_on=TODAY - 30 * DAY)
    with act(session, SYSTEM, "test:hook", "試験の所属"):
        late_conflicts.on_affiliation(session, SYSTEM, row)
    (entry,) = corrections_of(session, case.office, case.call.id)
    assert (entry.member_id, entry.proposal_id) == (case.members[1].id, case.proposals[0].id)
    assert case.members[1].name in entry.text and "封印した記録と審査結果は、そのままとする" in entry.text
    assert late_conflicts.look_again(session, actor=case.office, call_id=case.call.id) == (0, 0)
    assert latest_record(session, case.call.id).content == sealed  # type: ignore[union-attr]
    assert verify_record(session, case.call, app.extensions["settings"]) == []
    later = affiliate(session, case.users[2], group, from_on=TODAY + DAY)
    with act(session, SYSTEM, "test:hook", "試験の所属"):
        late_conflicts.on_affiliation(session, SYSTEM, later)
    assert len(corrections_of(session, case.office, case.call.id)) == 1
    with pytest.raises(Conflict, match="すでに記録"):
        late_conflicts.report_late(
            session, actor=case.office, member_id=case.members[1].id, proposal_id=case.proposals[0].id,
            kind=InterestKind.OFFICER, reason="申出",
        )  # fmt: skip
    session.rollback()
    assert "訂正" in _words(result_pack(session, case.call))


def test_an_affiliation_that_the_office_weighed_before_is_no_late_conflict(session: Session) -> None:
    case = a_case(session)
    row = affiliate(session, case.users[1], case.proposals[0].organization_id)
    setting_up.look_for_conflicts(session, actor=case.office, call_id=case.call.id)
    derived = session.scalars(select(ConflictRow).where(ConflictRow.affiliation_id == row.id)).all()
    for one in derived:
        conflicts.lift_conflict(session, actor=case.office, conflict_id=one.id, reason="会費だけの会員")
    for number in range(3):
        case.declare(number)
    case.seal_all()
    meet(case)
    confirmed(case)
    with act(session, SYSTEM, "test:hook", "試験の所属"):
        late_conflicts.on_affiliation(session, SYSTEM, row)
    assert derived and corrections_of(session, case.office, case.call.id) == []


def test_an_officer_found_later_is_settled_into_a_correction(session: Session) -> None:
    case = ready(session)
    confirmed(case)
    member, group = case.members[1], case.proposals[0].organization_id
    with act(session, SYSTEM, "test:officer", "試験の役員"):
        officer = OrganizationOfficer(organization_id=group, name=member.name, folded_name=fold_name(member.name))
        officer.role = "監事"
        session.add(officer)
    _, names = late_conflicts.look_again(session, actor=case.office, call_id=case.call.id)
    assert names >= 1
    origin = f"officer:{officer.id}"
    found = session.scalars(select(ConflictSuspicion).where(ConflictSuspicion.origin == origin))
    suspicion = next(one for one in found if one.member_id == member.id)
    conflicts.settle_suspicion(
        session, actor=case.office, suspicion_id=suspicion.id, is_same_person=True, reason="本人に確かめた"
    )
    (entry,) = corrections_of(session, case.office, case.call.id)
    assert (entry.member_id, entry.reason) == (member.id, "本人に確かめた")
    assert (member.id, suspicion.proposal_id) not in queries.conflict_pairs(session, case.call.id)


#: What a line of the public list holds whatever is public; what each part adds.
ALWAYS = {"title", "organization", "outcome"}
ADDS = {
    "amounts": {"amount_yen"}, "reasons": {"reason", "conditions"}, "percents": {"percent"}, "means": {"means"},
    "member_scores": {"member_scores"}, "criteria": set(), "adopted": set(), "rejected": set(),
}  # fmt: skip


def _published(case: Case, *parts: str, proposal_id: int | None = None, on: dt.date = TODAY) -> None:
    for part in parts:
        publication.publish(
            case.session, actor=case.office, call_id=case.call.id, part=part, proposal_id=proposal_id, public_from_on=on
        )


def test_nothing_gets_out_but_by_its_part(session: Session) -> None:
    case = ready(session)
    with pytest.raises(Conflict, match="確認されていません"):
        _published(case, "adopted")
    session.rollback()
    decided(case)
    with pytest.raises(Invalid, match="審査の設定"):
        _published(case, "member_scores")
    session.rollback()
    queries.find_setting(session, case.call.id).publishes_member_scores = True  # type: ignore[union-attr]
    with act(session, SYSTEM, "test:setting", "試験の設定"):
        session.flush()
    assert publication.public_content(session, case.call, TODAY)["proposals"] == []
    parts = [part.key for part in publication.PARTS]
    _published(case, *parts)
    session.commit()
    rows = {row.part: row for row in publication.records_of(session, case.office, case.call.id)}
    assert set(ADDS) == set(rows)
    for chosen in itertools.chain.from_iterable(itertools.combinations(parts, size) for size in (0, 1, 2, len(parts))):
        _check_public(session, case, rows, set(chosen))


def _check_public(session: Session, case: Case, rows: dict[str, Any], chosen: set[str]) -> None:
    """With these parts in force alone: exactly their keys, and none of the texts behind them in any file."""
    day = TODAY + DAY
    content = _content_with(session, case, rows, chosen, day)
    wanted = set().union(ALWAYS, *(ADDS[part] for part in chosen))
    assert set(content) - {"criteria"} == {"call", "fiscal_year", "as_of", "proposals"}
    assert ("criteria" in content) == ("criteria" in chosen)
    lists = {outcome.label for part in chosen for outcome in publication.BY_KEY[part].lists}
    decisions = session.scalars(
        select(CityDecision).where(CityDecision.proposal_id.in_([one.id for one in case.proposals]))
    )
    assert sorted(row["title"] for row in content["proposals"]) == sorted(
        one.proposal.title for one in decisions if one.outcome.label in lists
    )
    assert all(set(row) == wanted for row in content["proposals"])
    assert not any(user.display_name in json.dumps(content, ensure_ascii=False) for user in case.users)
    table = list(csv.reader(io.StringIO(publication_files.public_csv(content).decode("utf-8-sig"))))
    assert len(table) == len(content["proposals"]) + 1
    names = [name for name in publication_files.COLUMNS if name in wanted] if content["proposals"] else ["title"]
    assert table[0] == [publication_files.COLUMNS[name] for name in names]


def _content_with(session: Session, case: Case, rows: dict[str, Any], chosen: set[str], day: dt.date) -> dict[str, Any]:
    """The public content as if only these parts were public on that day: the others begin later."""
    with session.no_autoflush:
        for part, row in rows.items():
            row.public_from_on = day if part in chosen else day + DAY
        content = publication.public_content(session, case.call, day)
    session.expire_all()
    return content


def test_publication_of_one_proposal_from_a_day_on_and_taken_back(any_session: Session) -> None:
    case = ready(any_session, members=2)
    decided(case)
    adopted = [one for one in case.proposals if one.state.value == "adopted"]
    first = adopted[0]
    _published(case, "adopted", "means", on=TODAY + DAY)
    _published(case, "reasons", proposal_id=first.id)
    assert publication.public_content(any_session, case.call, TODAY)["proposals"] == []
    told = publication.public_content(any_session, case.call, TODAY + DAY)["proposals"]
    assert {row["title"] for row in told if "reason" in row} == {first.title}
    assert all(len(row["means"]) == 2 for row in told)
    with pytest.raises(Conflict, match="すでに"):
        _published(case, "adopted")
    any_session.rollback()
    for row in publication.records_of(any_session, case.office, case.call.id):
        if row.part == "adopted":
            with pytest.raises(Invalid):
                publication.end_publication(any_session, actor=case.office, record_id=row.id, reason=" ")
            publication.end_publication(any_session, actor=case.office, record_id=row.id, reason="誤り")
    assert publication.public_content(any_session, case.call, TODAY + DAY)["proposals"] == []
    assert b"%PDF" in publication_files.public_pdf(publication.public_content(any_session, case.call, TODAY))


def test_a_mean_of_one_member_is_never_public(session: Session) -> None:
    case = ready(session, members=1)
    decided(case)
    queries.find_setting(session, case.call.id).publishes_member_scores = True  # type: ignore[union-attr]
    with act(session, SYSTEM, "test:setting", "試験の設定"):
        session.flush()
    _published(case, "adopted", "rejected", "means", "percents", "member_scores")
    told = publication.public_content(session, case.call, TODAY)["proposals"]
    assert [set(row) for row in told] == [ALWAYS] * len(case.proposals)


def test_files_of_the_sealed_papers_are_checked(session: Session, app: Flask) -> None:
    from app.files.services import store_of
    from tests.app.reviews.support import PNG

    case = ready(session)
    settings = app.extensions["settings"]
    digest = store_of(settings).put(PNG + b"paper")
    with act(session, SYSTEM, "test:file", "試験のファイル"):
        session.add(
            StoredFile(
                sha256=digest, name="会則.png", media_type="image/png", size=9, owner_table="proposal",
                owner_key=str(case.proposals[0].id),
            )
        )  # fmt: skip
    confirmed(case)
    assert verify_record(session, case.call, settings) == []
    store_of(settings).remove(digest)
    assert [one.where for one in verify_record(session, case.call, settings)] == ["書類「会則.png」"]


def test_a_letter_that_was_withdrawn_is_drawn_up_anew_and_one_number_may_stand_for_all(session: Session) -> None:
    case = ready(session)
    confirmed(case)
    for place, proposal in enumerate(case.proposals):
        drafted = decision(case, place, document_number="架協第1号")
        deciding.decide(session, actor=case.office, proposal_id=proposal.id, seen_version=drafted.version)
    first, second = letters.draw_up_all(session, actor=case.office, call=case.call)
    assert [one.document_number for one in (first, second)] == ["架協第1号", None]
    assert letters.draw_up_all(session, actor=case.office, call=case.call) == []
    notices.issue_notice(session, actor=case.office, notice=first)
    notices.withdraw_notice(session, actor=case.office, notice=first, reason="宛名の誤り")
    (again,) = letters.draw_up_all(session, actor=case.office, call=case.call)
    assert (again.subject_id, again.document_number) == (first.subject_id, None)
    assert letters.notice_of(session, case.office, first.subject_id or 0) is again
