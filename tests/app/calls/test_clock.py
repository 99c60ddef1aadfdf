"""The clock: what is due when and by whom, over three fiscal years, within each reader's scope."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy.orm import Session

from app.audit.recorder import act
from app.calls.clock import ClockEntry, all_entries, deadlines, entries_of_year, years_of
from models.calls import CallState
from models.coordination import CoordinationTask, DepartmentOpinion
from models.people import Role
from models.proposals import ProposalState
from tests import factories
from tests.app.calls import support


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def entry(**values: object) -> ClockEntry:
    return ClockEntry(**{"key": "x", "subject": "s", "label": "l", "kind": "call", "fiscal_year": 2026} | values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("last", "due"),
    [
        ("2026-07-31", "2026-07-31"),  # a Friday
        ("2026-08-01", "2026-08-03"),  # a Saturday
        ("2026-08-11", "2026-08-12"),  # 山の日
        ("2026-12-29", "2027-01-04"),  # the city hall is closed until 3 January
        ("2026-05-02", "2026-05-07"),  # Saturday before 憲法記念日 (observed on the 6th)
    ],
)
def test_a_due_date_on_a_closed_day_moves_to_the_next_open_day_and_says_so(last: str, due: str) -> None:
    found = entry(first=day(last), last=day(last), is_deadline=True)
    assert found.due_on == day(due)
    assert found.is_moved == (last != due)
    assert ("次の開庁日" in found.holiday_note) == (last != due)


def test_a_window_stays_where_it_is_but_says_that_its_last_day_is_closed() -> None:
    found = entry(first=day("2026-06-01"), last=day("2026-08-01"))
    assert (found.due_on, found.holiday_note) == (day("2026-08-01"), "令和8年8月1日(土)は閉庁日です。")


def test_years_are_told_from_days_and_entries_without_days_stand_in_their_own() -> None:
    rows = [entry(first=day("2026-03-31"), last=day("2026-04-01")), entry(key="y", fiscal_year=2028)]
    assert years_of(rows) == [2025, 2026, 2027, 2028]
    assert [len(entries_of_year(rows, year)) for year in (2024, 2025, 2026, 2027, 2028)] == [0, 1, 1, 0, 1]
    assert years_of([]) == []


def test_a_call_runs_over_three_fiscal_years(session: Session) -> None:
    opens = {"opens_on": day("2030-06-01"), "closes_on": day("2030-07-31")}
    call = support.a_call(session, "ikiiki", fiscal_year=2030, **opens)
    office = support.actor_as(session, Role.OFFICE)
    rows = [one for one in all_entries(session, office) if one.key.startswith(f"call-{call.id}-")]
    by_label = {one.label: one for one in rows}
    assert years_of(rows) == [2030, 2031, 2032]
    assert (by_label["評価"].first, by_label["評価"].last) == (day("2032-04-01"), day("2033-03-31"))
    assert (by_label["実施"].first, by_label["実施"].last) == (day("2031-04-01"), day("2032-03-31"))
    assert by_label["翌年度予算の計上"].last == day("2031-03-31")
    assert by_label["協定・委託契約の締結"].first == day("2031-04-01")


def test_what_is_not_set_is_shown_without_days(session: Session) -> None:
    call = support.a_call(session, "suggested", decision_on=None)
    office = support.actor_as(session, Role.OFFICE)
    found = {one.label: one for one in all_entries(session, office) if one.key.startswith(f"call-{call.id}-")}
    assert (found["決定"].first, found["決定"].last) == (None, None)


def test_rows_obey_the_scopes_of_their_records(session: Session) -> None:
    ours, theirs = factories.a_department(session), factories.a_department(session)
    proposal = support.a_proposal(session, state=ProposalState.COORDINATING)
    with act(session, support.SYSTEM, "test:opinion", "試験"):
        for department in (ours, theirs):
            opinion = DepartmentOpinion(proposal=proposal, department=department, due_on=support.TODAY, questions=[])
            session.add(opinion)
        session.add(CoordinationTask(proposal=proposal, title="会場", due_on=support.TODAY, department=ours))
    secret = support.a_call(session, "ikiiki", fiscal_year=2031, state=CallState.PREPARING, opened_at=None)

    def seen(role: Role, *departments: object) -> set[str]:
        actor = support.actor_as(session, role, *departments)  # type: ignore[arg-type]
        rows = [one for one in all_entries(session, actor) if proposal.title in one.label or one.kind == "x"]
        return {one.who for one in rows}

    assert seen(Role.OFFICE) == {ours.name, theirs.name}
    assert seen(Role.DEPARTMENT, ours) == {ours.name}
    assert seen(Role.COMMITTEE) == seen(Role.CENTER) == seen(Role.ADMINISTRATOR) == set()
    for role, is_seen in [(Role.OFFICE, True), (Role.DEPARTMENT, False), (Role.CENTER, False)]:
        rows = all_entries(session, support.actor_as(session, role))
        assert any(one.key.startswith(f"call-{secret.id}-") for one in rows) == is_seen


def test_deadlines_come_by_day_and_leave_out_what_is_done() -> None:
    rows = [
        entry(key="a", first=day("2026-09-01"), last=day("2026-09-01"), is_deadline=True),
        entry(key="b", first=day("2026-08-01"), last=day("2026-08-01"), is_deadline=True),
        entry(key="c", first=day("2026-01-01"), last=day("2026-12-01")),
        entry(key="d", first=day("2026-07-01"), last=day("2026-07-01"), is_done=True),
        entry(key="e"),
    ]
    assert [one.key for one in deadlines(rows, day("2026-07-15"))] == ["b", "a"]
    assert [one.key for one in deadlines(rows, day("2026-08-15"))] == ["b", "a"]
    late_for_all = dataclasses.replace(rows[1], is_for_all=True)
    assert deadlines([late_for_all], day("2026-08-15")) == []
    assert rows[1].is_late(day("2026-08-04")) and not rows[1].is_late(day("2026-08-03"))
