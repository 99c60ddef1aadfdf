"""The door: what stands in the way, overrides with reasons, receipt numbers, versions, two workers at once."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.actor import system_actor
from app.audit.recorder import act
from app.calls import proposal_services, services, versions
from app.calls.door import DoorShut
from app.calls.proposal_values import BudgetRow
from app.extensions import db
from app.problems import Conflict, Invalid, NotFound
from app.reviews.papers import papers_of
from models.calls import CallState
from models.people import Role
from models.proposal_lines import BudgetLine
from models.proposal_story import PaperState, ProposalEvent, ProposalPaper, ProposalVersion, RuleOverride
from models.proposals import Proposal, ProposalSource, ProposalState
from tests import factories
from tests.app.calls.support import DAY, SYSTEM, TODAY, YEAR, a_call, a_proposal, actor_as, departments

S = ProposalState


def test_a_proposal_that_keeps_the_rules_is_received_with_number_version_and_line(
    any_app: Flask, any_session: Session
) -> None:
    session = any_session
    call = a_call(session)
    office = actor_as(session, Role.OFFICE)
    first, second = a_proposal(session, call), a_proposal(session, call)
    for proposal in (first, second):
        services.advance(session, actor=office, proposal=proposal, step="submit", happened_on=TODAY)
    assert [one.receipt.number for one in (first, second) if one.receipt] == [1, 2]
    assert (first.state, first.received_on, first.is_late) == (S.SUBMITTED, TODAY, False)
    version = session.scalars(select(ProposalVersion).where(ProposalVersion.proposal_id == first.id)).one()
    assert (version.number, version.label, version.sha256) == (1, "受付時", versions.digest_of(version.snapshot))
    line = session.scalars(select(ProposalEvent).where(ProposalEvent.proposal_id == first.id)).one()
    assert (line.from_state, line.to_state, line.label, line.actor_id) == (
        S.DRAFT,
        S.SUBMITTED,
        "受付する",
        office.user_id,
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"requested_yen": 100_001}, "100,001"),
        ({"requested_yen": 50_001}, "50,000"),
        ({"starts_on": dt.date(YEAR, 6, 30)}, "6月30日"),
        ({"ends_on": dt.date(YEAR + 1, 4, 1)}, "4月1日"),
        ({"challenge": None}, "課題・テーマ"),
        ({"is_nonprofit": False}, "営利"),
    ],
)
def test_a_broken_rule_stops_the_receipt_with_its_sentence(
    app: Flask, session: Session, values: Any, words: str
) -> None:
    proposal = a_proposal(session, **values)
    with pytest.raises(Invalid, match=words):
        services.advance(session, actor=actor_as(session, Role.OFFICE), proposal=proposal, step="submit", reason="理由")
    assert proposal.state is S.DRAFT
    assert session.scalars(select(ProposalEvent).where(ProposalEvent.proposal_id == proposal.id)).all() == []


def test_a_business_cannot_apply_whatever_the_reason(app: Flask, session: Session) -> None:
    from models.directory import OrganizationKind

    business = factories.an_organization(session, kind=OrganizationKind.BUSINESS)
    proposal = a_proposal(session, organization=business)
    with pytest.raises(Invalid, match="応募できません"):
        services.advance(session, actor=actor_as(session, Role.OFFICE), proposal=proposal, step="submit", reason="理由")


def test_a_late_paper_is_taken_with_a_reason_only(app: Flask, session: Session) -> None:
    call = a_call(session, opens_on=TODAY - 40 * DAY, closes_on=TODAY - DAY)
    proposal = a_proposal(session, call)
    office = actor_as(session, Role.OFFICE)
    with pytest.raises(Invalid, match="過ぎています"):
        services.advance(session, actor=office, proposal=proposal, step="submit", happened_on=TODAY)
    services.advance(session, actor=office, proposal=proposal, step="submit", happened_on=TODAY, reason="郵便の遅れ")
    assert (proposal.state, proposal.is_late, proposal.late_reason) == (S.SUBMITTED, True, "郵便の遅れ")
    override = session.scalars(select(RuleOverride).where(RuleOverride.proposal_id == proposal.id)).one()
    assert (override.rule, override.step, override.reason) == ("call_open", "submit", "郵便の遅れ")


@pytest.mark.parametrize("state", [CallState.PREPARING, CallState.FINISHED])
def test_a_call_that_is_not_open_takes_nothing(app: Flask, session: Session, state: CallState) -> None:
    proposal = a_proposal(session, a_call(session, state=state))
    with pytest.raises(Invalid):
        services.advance(session, actor=actor_as(session, Role.OFFICE), proposal=proposal, step="submit", reason="理由")


def test_an_override_is_recorded_and_asked_for_once(app: Flask, session: Session) -> None:
    call = a_call(session)
    proposal = a_proposal(session, call, is_organized_by_applicant=False)
    office = actor_as(session, Role.OFFICE)
    with pytest.raises(Invalid, match="理由を書いてください"):
        services.advance(session, actor=office, proposal=proposal, step="submit")
    services.advance(session, actor=office, proposal=proposal, step="submit", reason="実行委員会が行う")
    services.advance(session, actor=office, proposal=proposal, step="start_coordination")
    rules = session.scalars(select(RuleOverride.rule).where(RuleOverride.proposal_id == proposal.id)).all()
    assert rules == ["own_project"]
    assert [reason for _, reason in papers_of(session, office, proposal)["overrides"]] == ["実行委員会が行う"]


def test_a_missing_paper_stops_the_coordination_until_a_reason_is_given(app: Flask, session: Session) -> None:
    proposal = a_proposal(session, state=S.SUBMITTED)
    office = actor_as(session, Role.OFFICE)
    proposal_services.set_papers(session, actor=office, proposal=proposal, states={"bylaws": PaperState.MISSING})
    with pytest.raises(Invalid, match="会則・規約"):
        services.advance(session, actor=office, proposal=proposal, step="start_coordination")
    services.advance(session, actor=office, proposal=proposal, step="start_coordination", reason="総会の後に提出")
    assert proposal.state is S.COORDINATING


def test_coming_back_is_a_step_and_the_receipt_number_stays(app: Flask, session: Session) -> None:
    proposal = a_proposal(session)
    office = actor_as(session, Role.OFFICE)
    services.advance(session, actor=office, proposal=proposal, step="submit")
    number = proposal.receipt.number if proposal.receipt else None
    services.advance(session, actor=office, proposal=proposal, step="return_to_draft", reason="差替え")
    proposal_services.update_proposal(
        session, actor=office, proposal=proposal, version=proposal.version, values={"purpose": "新しい目的"}
    )
    services.advance(session, actor=office, proposal=proposal, step="submit")
    assert (proposal.receipt.number if proposal.receipt else None) == number
    assert [
        v.number
        for v in session.scalars(select(ProposalVersion).order_by(ProposalVersion.id))
        if v.proposal_id == proposal.id
    ] == [1, 2]


def test_nothing_is_changed_after_the_review_began(app: Flask, session: Session) -> None:
    proposal = a_proposal(session, state=S.REVIEWING)
    office = actor_as(session, Role.OFFICE)
    with pytest.raises(Conflict, match="審査に入った"):
        proposal_services.update_proposal(
            session, actor=office, proposal=proposal, version=None, values={"title": "別"}
        )
    with pytest.raises(Conflict):
        proposal_services.freeze_version(session, actor=office, proposal=proposal, label="")
    with pytest.raises(Conflict):
        proposal_services.set_papers(session, actor=office, proposal=proposal, states={})


def test_a_decision_on_paper_is_taken_over_in_one_step_with_its_reason(app: Flask, session: Session) -> None:
    proposal = a_proposal(session, a_call(session, fiscal_year=YEAR - 1))
    office = actor_as(session, Role.OFFICE)
    day = dt.date(YEAR - 1, 6, 20)
    with pytest.raises(Invalid, match="理由"):
        services.take_over(session, actor=office, proposal=proposal, target=S.CLOSED, reason=" ", decided_on=day)
    with pytest.raises(Invalid, match="状況"):
        services.take_over(session, actor=office, proposal=proposal, target=S.BUDGETED, reason="簿冊", decided_on=day)
    with pytest.raises(Invalid, match="決定した日"):
        services.take_over(
            session, actor=office, proposal=proposal, target=S.CLOSED, reason="簿冊", decided_on=TODAY + DAY
        )
    services.take_over(
        session,
        actor=office,
        proposal=proposal,
        target=S.CLOSED,
        reason="令和の簿冊",
        decided_on=day,
        decided_yen=40_000,
    )
    assert (proposal.state, proposal.source, proposal.decided_on, proposal.decided_yen) == (
        S.CLOSED,
        ProposalSource.TAKEN_OVER,
        day,
        40_000,
    )
    line = session.scalars(select(ProposalEvent).where(ProposalEvent.proposal_id == proposal.id)).one()
    assert (line.step, line.reason, line.happened_on) == ("take_over", "令和の簿冊", day)
    with pytest.raises(Conflict):
        services.take_over(session, actor=office, proposal=proposal, target=S.CLOSED, reason="再び", decided_on=day)


def test_of_two_workers_at_once_one_wins_and_the_other_is_told(any_app: Flask) -> None:
    with any_app.app_context():
        proposal = a_proposal(db.session())
        key, version = proposal.id, proposal.version
    gate = threading.Barrier(2)
    outcomes: list[str] = []

    def work() -> None:
        with any_app.app_context():
            session = db.session()
            row = session.get_one(Proposal, key)
            session.rollback()
            gate.wait()
            try:
                services.advance(session, actor=system_actor("試験"), proposal=row, step="submit", seen_version=version)
            except Conflict as problem:
                outcomes.append(problem.message)
            else:
                outcomes.append("won")

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(outcomes, reverse=True) == ["won", services.CHANGED_MEANWHILE] or sorted(outcomes) == sorted(
        ["won", services.CHANGED_MEANWHILE]
    )
    with any_app.app_context():
        lines = db.session.scalars(select(ProposalEvent).where(ProposalEvent.proposal_id == key)).all()
        assert [line.step for line in lines] == ["submit"]


# --- past the door ---------------------------------------------------------------------------------------------------


def test_no_assignment_no_constructor_and_no_bulk_statement_passes_the_door(app: Flask, session: Session) -> None:
    proposal = a_proposal(session)
    with pytest.raises(DoorShut):
        proposal.state = S.ADOPTED
    with pytest.raises(DoorShut):
        Proposal(title="直接", state=S.REVIEWING)
    with pytest.raises(DoorShut), act(session, SYSTEM, "test:bulk", "試験"):
        session.execute(update(Proposal).values(state=S.ADOPTED))
    session.rollback()
    assert session.get_one(Proposal, proposal.id).state is S.DRAFT


def test_versions_and_lines_of_the_history_are_never_changed_nor_deleted(app: Flask, session: Session) -> None:
    proposal = a_proposal(session)
    services.advance(session, actor=SYSTEM, proposal=proposal, step="submit")
    version = versions.latest_version(session, proposal)
    line = session.scalars(select(ProposalEvent).where(ProposalEvent.proposal_id == proposal.id)).one()
    assert version is not None
    for row, name in ((version, "label"), (line, "label")):
        with pytest.raises(DoorShut), act(session, SYSTEM, "test:frozen", "試験"):
            setattr(row, name, "書換え")
        with pytest.raises(DoorShut), act(session, SYSTEM, "test:frozen", "試験"):
            session.delete(row)
    with pytest.raises(DoorShut), act(session, SYSTEM, "test:frozen", "試験"):
        session.execute(update(ProposalVersion).values(label="書換え"))


# --- content ---------------------------------------------------------------------------------------------------------


def _create(session: Session, **more: Any) -> Proposal:
    call = more.pop("call", None) or a_call(session)
    organization = factories.an_organization(session)
    return proposal_services.create_proposal(
        session,
        actor=actor_as(session, Role.OFFICE),
        call=call,
        values={"title": "花だん", "organization_id": organization.id} | more.pop("values", {}),
        **more,
    )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"requested_yen": 0}, "requested_yen"),
        ({"requested_yen": -1}, "requested_yen"),
        ({"requested_yen": 10**12 + 1}, "requested_yen"),
        ({"title": " "}, "title"),
        ({"organization_id": None}, "organization_id"),
        ({"starts_on": dt.date(2026, 8, 1), "ends_on": dt.date(2026, 7, 1)}, "ends_on"),
        ({"challenge_id": 999_999}, "challenge_id"),
        ({"predecessor_id": 999_999}, "predecessor_id"),
    ],
)
def test_what_no_row_can_hold_is_refused_with_a_sentence_at_its_field(
    app: Flask, session: Session, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        _create(session, values=values)
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize("requested", [100_001, 10**12])
def test_a_draft_may_break_a_rule_and_is_kept(any_app: Flask, any_session: Session, requested: int) -> None:
    proposal = _create(any_session, values={"requested_yen": requested})
    any_session.expire_all()
    assert proposal.requested_yen == requested
    assert proposal.state is S.DRAFT


def test_a_department_that_was_merged_is_refused_by_its_successors_name(app: Flask, session: Session) -> None:
    after = departments(session)[0]
    before = factories.a_department(session, name="旧課", successor=after)
    with pytest.raises(Invalid) as refused:
        _create(session, values={"department_id": before.id})
    assert after.name in refused.value.fields["department_id"]


def test_equal_and_mixed_tax_lines_are_kept_as_written(any_app: Flask, any_session: Session) -> None:
    from models.proposal_lines import TaxKind

    rows = [BudgetRow("用紙", 333, 3, tax=TaxKind.EXCLUDED, tax_percent=rate) for rate in (0, 8, 10, 10)]
    proposal = _create(any_session, budget=rows)
    any_session.expire_all()
    assert [(line.amount_yen, line.tax_percent) for line in proposal.budget_lines] == [
        (999, 0),
        (999, 8),
        (999, 10),
        (999, 10),
    ]


def test_saving_over_somebody_elses_change_is_refused(app: Flask, session: Session) -> None:
    from app.problems import StaleRecord

    proposal = a_proposal(session)
    seen = proposal.version
    office = actor_as(session, Role.OFFICE)
    proposal_services.update_proposal(
        session, actor=office, proposal=proposal, version=seen, values={}, budget=[BudgetRow("謝礼", 1)]
    )
    assert [line.label for line in proposal.budget_lines] == ["謝礼"]
    with pytest.raises(StaleRecord):
        proposal_services.update_proposal(
            session, actor=office, proposal=proposal, version=seen, values={"title": "後"}
        )


def test_a_version_after_coordination_differs_readably(app: Flask, session: Session) -> None:
    proposal = a_proposal(session)
    office = actor_as(session, Role.OFFICE)
    services.advance(session, actor=office, proposal=proposal, step="submit")
    first = versions.latest_version(session, proposal)
    with pytest.raises(Conflict, match="変わったところがありません"):
        proposal_services.freeze_version(session, actor=office, proposal=proposal, label="調整後")
    proposal_services.update_proposal(
        session,
        actor=office,
        proposal=proposal,
        version=None,
        values={"requested_yen": 40_000},
        budget=[BudgetRow("印刷費", 40_000)],
    )
    second = proposal_services.freeze_version(session, actor=office, proposal=proposal, label="調整後")
    assert first is not None
    assert versions.differences(first.snapshot, second.snapshot) == [
        ("希望額(税込)", "¥50,000", "¥40,000"),
        ("経費の内訳", "印刷費 ¥50,000×1(税込)", "印刷費 ¥40,000×1(税込)"),
    ]


def test_the_snapshot_holds_no_contact(app: Flask, session: Session) -> None:
    proposal = a_proposal(session, contact_name="秘密の氏名", contact_phone="042-000-0000")
    assert "秘密の氏名" not in str(versions.snapshot_of(session, proposal))


def test_a_received_proposal_is_not_deleted(app: Flask, session: Session) -> None:
    proposal = a_proposal(session)
    office = actor_as(session, Role.OFFICE)
    services.advance(session, actor=office, proposal=proposal, step="submit")
    with pytest.raises(Conflict, match="取下げ"):
        proposal_services.delete_draft(session, actor=office, proposal=proposal)
    draft = a_proposal(session)
    proposal_services.delete_draft(session, actor=office, proposal=draft)
    with pytest.raises(NotFound):
        services.advance(session, actor=office, proposal=draft, step="submit")


def test_the_checklist_of_a_new_draft_is_the_programs(app: Flask, session: Session) -> None:
    suggested, ikiiki = (_create(session, call=a_call(session, program)) for program in ("suggested", "ikiiki"))
    keys = {
        proposal.id: set(session.scalars(select(ProposalPaper.key).where(ProposalPaper.proposal_id == proposal.id)))
        for proposal in (suggested, ikiiki)
    }
    assert keys[suggested.id] - keys[ikiiki.id] == {"no_subsidy"}
    assert keys[ikiiki.id] - keys[suggested.id] == {"roles"}


def test_budget_lines_keep_their_rows_where_nothing_changed(app: Flask, session: Session) -> None:
    proposal = a_proposal(session)
    before = [line.id for line in proposal.budget_lines]
    proposal_services.update_proposal(
        session,
        actor=SYSTEM,
        proposal=proposal,
        version=None,
        values={},
        budget=[BudgetRow("印刷費", 50_000), BudgetRow("謝礼", 10_000)],
    )
    assert [line.id for line in proposal.budget_lines][:1] == before
    assert session.get(BudgetLine, before[0]) is not None
