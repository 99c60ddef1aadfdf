"""The whole check of a stored proposal: the record, other subsidies in every year, and what the office set aside."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.recorder import act
from app.calls.earlier_subsidies import seen_by
from app.calls.findings import Judgement, check_proposal
from app.calls.similarity import are_near_names, text_similarity, title_similarity
from app.extensions import db
from models.coordination import CoordinationMeans, CoordinationNote
from models.directory import Organization
from models.people import Role
from models.proposal_lines import OtherSubsidy
from models.proposal_story import RuleOverride
from models.proposals import Proposal, ProposalState
from models.reference import CollaborationForm
from models.registry import ProjectPartner
from tests import factories
from tests.app.calls import support

DAY = dt.timedelta(days=1)


def broken(judgement: Judgement) -> set[str]:
    return {finding.rule for finding in judgement.result.broken}


def _merge(session: Session, organization: Organization, into: Organization) -> None:
    with act(session, support.SYSTEM, "test:merge", "試験"):
        organization.merged_into_id = into.id


def test_a_proposal_that_fits_breaks_nothing(session: Session) -> None:
    judgement = check_proposal(session, support.a_proposal(session))
    assert (judgement.ok, broken(judgement), judgement.found) == (True, set(), ())


@pytest.mark.parametrize(
    ("values", "rules"),
    [
        ({"received_on": support.TODAY + 31 * DAY}, {"call_open"}),
        ({"received_on": support.TODAY - 31 * DAY}, {"call_open"}),
        ({"requested_yen": 100_001}, {"cap", "eligible_cost"}),
        ({"states_no_other_subsidy": None}, {"no_other_subsidy"}),
        ({"states_no_other_subsidy": False}, {"no_other_subsidy"}),
        ({"is_nonprofit": None}, {"applicant_nonprofit"}),
        ({"starts_on": dt.date(support.YEAR, 6, 30)}, {"period"}),
        ({"challenge": None, "challenge_id": None}, {"challenge"}),
    ],
)
def test_the_words_and_the_dates_of_a_stored_proposal_are_judged(
    session: Session, values: dict[str, Any], rules: set[str]
) -> None:
    assert broken(check_proposal(session, support.a_proposal(session, **values))) == rules


def test_a_challenge_of_another_call_is_none(session: Session) -> None:
    other = support.a_call(session, "suggested", fiscal_year=support.YEAR - 1)
    proposal = support.a_proposal(session, challenge=other.challenges[0])
    assert broken(check_proposal(session, proposal)) == {"challenge_decided"}


def test_the_decision_comes_before_the_start(session: Session) -> None:
    start = dt.date(support.YEAR, 9, 1)
    for decision_on, rules in [(start, set()), (start + DAY, {"decision_before_start"})]:
        call = support.a_call(session, decision_on=decision_on)
        assert broken(check_proposal(session, support.a_proposal(session, call, starts_on=start))) == rules


def test_dates_outside_the_calendar_are_told(session: Session) -> None:
    window = {"coordination_from_on": dt.date(2030, 8, 1), "coordination_until_on": dt.date(2030, 9, 20)}
    days = {"opens_on": dt.date(2030, 6, 1), "closes_on": dt.date(2030, 8, 31)}
    call = support.a_call(session, "ikiiki", fiscal_year=2030, **window, **days)
    proposal = support.a_proposal(session, call, received_on=dt.date(2030, 8, 1))
    with act(session, support.SYSTEM, "test:note", "試験"):
        session.add(
            CoordinationNote(
                proposal=proposal,
                held_on=dt.date(2030, 9, 21),
                means=CoordinationMeans.MEETING,
                participants="x",
                content="x",
            )
        )
    assert broken(check_proposal(session, proposal)) == {"submission_window", "coordination_window"}


def _earlier(session: Session, organization: Organization, title: str, **values: Any) -> Proposal:
    call = support.a_call(session, "suggested", fiscal_year=support.YEAR - 3)
    values = {"state": ProposalState.CLOSED, "decided_yen": 80_000} | values
    return support.a_proposal(session, call, organization=organization, title=title, **values)


@pytest.mark.parametrize(
    ("earlier_title", "state", "is_found"),
    [
        ("みどりの学校 2023", ProposalState.CLOSED, True),
        ("第2回 みどりの学校", ProposalState.SETTLED, True),
        ("みどりの学校", ProposalState.REJECTED, False),
        ("みどりの学校", ProposalState.WITHDRAWN, False),
        ("みどりの学校", ProposalState.REVIEWING, True),
        ("防災マップづくり", ProposalState.CLOSED, False),
    ],
)
def test_the_same_groups_similar_project_is_found_over_the_years(
    session: Session, earlier_title: str, state: ProposalState, is_found: bool
) -> None:
    group = factories.an_organization(session, name="みどりの会いきものクラブ")
    values = {"state_reason": "都合"} if state is ProposalState.WITHDRAWN else {}
    _earlier(session, group, earlier_title, state=state, **values)
    judgement = check_proposal(session, support.a_proposal(session, organization=group, title="みどりの学校 2026"))
    assert broken(judgement) == ({"earlier_subsidy"} if is_found else set())
    assert [one.is_suspicion for one in judgement.found] == ([True] if is_found else [])


def test_merged_records_are_one_group_and_near_names_are_told(session: Session) -> None:
    now = factories.an_organization(session, name="こだいら里山をまもる市民の会")
    before = factories.an_organization(session, name="さとやま隊")
    near = factories.an_organization(session, name="こだいら里山をまもる市民会")
    other = factories.an_organization(session, name="まったく別の合唱団")
    _merge(session, before, now)
    rows = [_earlier(session, one, "里山の手入れ") for one in (before, near, other)]
    judgement = check_proposal(session, support.a_proposal(session, organization=now, title="里山の手入れ"))
    told = {one.key: (one.why.split("、")[-1], one.is_suspicion) for one in judgement.found}
    assert told == {
        rows[0].id: ("同じ団体・同じ事業名", True),
        rows[1].id: ("名称がよく似た団体・同じ事業名", True),
        rows[2].id: ("別の団体・同じ事業名", False),
    }
    assert "2件" in judgement.result.broken[0].message


def test_paid_collaborations_of_the_registry_and_stated_subsidies_are_found(session: Session) -> None:
    group = factories.an_organization(session)
    form = {one.code: one for one in session.scalars(select(CollaborationForm))}
    for number, code in enumerate(("subsidy", "cooperation"), start=1):
        partner = ProjectPartner(position=1, name_as_published="x", organization=group, form=form[code])
        factories.a_project(session, name=f"子ども食堂の開設{number}", fiscal_year=2020, partners=[partner])
    stated = _earlier(session, group, "子ども食堂の開設", state=ProposalState.REJECTED)
    with act(session, support.SYSTEM, "test:subsidy", "試験"):
        stated.other_subsidies = [OtherSubsidy(giver="東京都", amount_yen=1)]
    judgement = check_proposal(session, support.a_proposal(session, organization=group, title="子ども食堂の開設"))
    assert [(one.kind, one.fiscal_year) for one in judgement.found] == [
        ("statement", support.YEAR - 3),
        ("project", 2020),
    ]


def test_the_other_program_only_tells(session: Session) -> None:
    group = factories.an_organization(session)
    _earlier(session, group, "見守りのしくみ")
    call = support.a_call(session, "ikiiki")
    judgement = check_proposal(session, support.a_proposal(session, call, organization=group, title="見守りのしくみ"))
    assert len(judgement.found) == 1
    assert "earlier_subsidy" not in broken(judgement)


def test_a_reader_sees_of_what_was_found_what_they_may_read(session: Session) -> None:
    group = factories.an_organization(session)
    _earlier(session, group, "見守り活動の講座")
    proposal = support.a_proposal(session, organization=group, title="見守り活動の講座")
    found = check_proposal(session, proposal).found
    assert seen_by(session, support.actor_as(session, Role.OFFICE), found) == (list(found), 0)
    own = support.departments(session)[5]
    assert seen_by(session, support.actor_as(session, Role.DEPARTMENT, own), found) == ([], 1)


def test_an_override_holds_for_the_breach_that_it_was_given_for(session: Session) -> None:
    proposal = support.a_proposal(session, is_in_city=False, requested_yen=100_001)
    [place] = [one for one in check_proposal(session, proposal).result.broken if one.rule == "within_city"]
    with act(session, support.SYSTEM, "test:override", "試験"):
        for rule, message in (("within_city", place.message), ("cap", "x")):
            session.add(RuleOverride(proposal=proposal, step="submit", rule=rule, message=message, reason="市境の公園"))
    judgement = check_proposal(session, proposal)
    assert judgement.reasons == {"within_city": "市境の公園"}
    assert {one.rule for one in judgement.open} == {one.rule for one in judgement.blocking} == {"cap", "eligible_cost"}
    assert judgement.as_json()["overrides"] == [{"rule": "within_city", "reason": "市境の公園"}]
    assert not judgement.ok


def test_a_proposal_being_entered_is_judged_before_it_is_stored(session: Session) -> None:
    call = support.a_call(session)
    group = factories.an_organization(session)
    entered = Proposal(call=call, organization=group, title="x", requested_yen=1)
    assert entered not in session
    assert {"challenge", "applicant_nonprofit", "eligible_cost"} <= broken(check_proposal(session, entered))


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("令和7年度 みどりの学校", "みどりの学校2026", True),
        ("ミドリノ学校", "みどりの学校", True),
        ("子ども食堂", "こども食堂", True),
        ("", "", False),
        ("防災講座", "料理講座", False),
    ],
)
def test_titles_are_compared_without_years_and_numbers(one: str, other: str, is_same: bool) -> None:
    assert (title_similarity(one, other) >= 75) == is_same
    assert title_similarity(one, other) == title_similarity(other, one)


def test_names_and_texts() -> None:
    assert are_near_names("NPO法人こだいら見守りネット", "こだいら見守りネット")
    assert not are_near_names("花の会", "鳥の会")
    assert not are_near_names("", "")
    text = "地域の高齢者を週に一度訪ね、困りごとを聞いて市の窓口につなぐ活動を行う。"
    assert text_similarity(text, text.replace("週に一度", "月に二度")) >= 0.6
    assert text_similarity(text, "川の水辺にすむ生き物を調べ、子どもたちと図鑑を作って展示する活動。") < 0.3
    assert text_similarity("短い", "短い") == 0.0


def test_a_stored_proposal_is_checked_on_the_command_line(app: Flask) -> None:
    with app.app_context():
        number = support.a_proposal(db.session(), requested_yen=100_001).id
    run = app.test_cli_runner().invoke
    result = run(args=["calls", "check", "--proposal", str(number), "--json"])
    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["ok"], answer["amount_allowed"]) == (0, False, 50_000)
    assert {finding["rule"] for finding in answer["findings"]} >= {"call_open", "earlier_subsidy", "cap"}
    readable = run(args=["calls", "check", "--proposal", str(number)])
    assert "× 希望額¥100,001が限度額¥100,000を超えています。" in readable.stdout
    for wrong, code in (("99999999", 1), ("0", 2), ("x", 2), (str(2**63), 2)):
        refused = run(args=["calls", "check", "--proposal", wrong, "--json"])
        assert (refused.exit_code, refused.stdout) == (code, "")
