"""The clock of calls: every step of the program's year, by the call's own dates or, without them, by the program's."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.access.scopes import scoped
from app.actor import Actor
from app.calls.checking import rules_of
from app.calls.clock import ClockEntry
from app.calls.program_rules import CalendarStep, ProgramRules
from app.japanese.dates import fiscal_year_bounds, format_fiscal_year
from models.calls import Call, CallBriefing

_OFFICE, _COMMITTEE, _COUNCIL = "推進担当", "選考審査会", "協働推進庁内検討会議"
_GROUP, _DEPARTMENT = "団体", "担当課"
_BY_PROGRAM = "制度の目安です。この募集の日程は未設定です。"

#: calendar step of the program -> (kind of the picture, who)
_STEPS = {
    "council_decision": ("review", _COUNCIL),
    "call": ("call", f"{_GROUP}・{_OFFICE}"),
    "proposal": ("call", f"{_GROUP}・{_OFFICE}"),
    "coordination": ("coordination", f"{_GROUP}・{_DEPARTMENT}・{_OFFICE}"),
    "review": ("review", _COMMITTEE),
    "decision": ("review", _OFFICE),
    "budget": ("money", _DEPARTMENT),
    "agreement": ("money", f"{_DEPARTMENT}・{_GROUP}"),
    "implementation": ("work", f"{_GROUP}・{_DEPARTMENT}"),
    "report": ("report", _GROUP),
    "evaluation": ("report", f"{_GROUP}・{_DEPARTMENT}・{_OFFICE}"),
}


def call_entries(session: Session, actor: Actor) -> Iterable[ClockEntry]:
    """Every step of every call that the actor may see: at least three fiscal years stand side by side (rules.md 22)."""
    calls = session.scalars(
        scoped(Call, actor)
        .options(selectinload(Call.program))
        .order_by(Call.fiscal_year, Call.program_id, Call.round_number, Call.id)
    ).all()
    briefings: dict[int, list[CallBriefing]] = {}
    for briefing in session.scalars(
        select(CallBriefing).where(CallBriefing.call_id.in_([call.id for call in calls])).order_by(CallBriefing.id)
    ):
        briefings.setdefault(briefing.call_id, []).append(briefing)
    for call in calls:
        yield from _of_call(call, rules_of(call), briefings.get(call.id, []))


def _of_call(call: Call, rules: ProgramRules, briefings: list[CallBriefing]) -> Iterable[ClockEntry]:
    base = ClockEntry(
        key=f"call-{call.id}",
        subject=call.name,
        label="",
        kind="",
        fiscal_year=call.fiscal_year,
        link=("call", str(call.id)),
        order=(0, call.fiscal_year, call.program_id, call.round_number, call.id),
    )
    for step in rules.calendar:
        yield _of_step(base, call, rules, step)
    if not rules.find_step("coordination") and (call.coordination_from_on or call.coordination_until_on):
        yield dataclasses.replace(
            base,
            key=f"{base.key}-coordination",
            label="事前調整",
            kind="coordination",
            who=f"{_GROUP}・{_OFFICE}",
            first=call.coordination_from_on,
            last=call.coordination_until_on,
        )
    if not rules.find_step("review") and call.review_on:
        yield _day(base, "review", "審査会", "review", _COMMITTEE, call.review_on)
    if rules.needs_department_opinions and call.opinions_due_on:
        entry = _day(base, "opinions", "所見書の期限", "coordination", "関連課", call.opinions_due_on)
        yield dataclasses.replace(entry, is_deadline=True, is_for_all=True)
    if rules.find_step("decision") is None and call.decision_on:
        yield _day(base, "decision", "決定", "review", _OFFICE, call.decision_on)
    if rules.find_step("report") is None and call.report_due_on:
        entry = _day(base, "report", "報告書の期限", "report", _GROUP, call.report_due_on)
        yield dataclasses.replace(entry, is_deadline=True, is_for_all=True)
    for briefing in briefings:
        place = f"{briefing.hours} {briefing.place}".strip()
        entry = _day(base, f"briefing-{briefing.id}", "説明会", "meeting", _OFFICE, briefing.held_on)
        yield dataclasses.replace(entry, note=place)


def _day(base: ClockEntry, code: str, label: str, kind: str, who: str, day: dt.date) -> ClockEntry:
    return dataclasses.replace(base, key=f"{base.key}-{code}", label=label, kind=kind, who=who, first=day, last=day)


def _of_step(base: ClockEntry, call: Call, rules: ProgramRules, step: CalendarStep) -> ClockEntry:
    """One step of the program's year: days of the call, of the program, or none."""
    kind, who = _STEPS.get(step.code, ("", ""))
    year = call.fiscal_year + step.year_offset
    first, last, note, is_deadline = _own_days(call, rules, step)
    if first is None and last is None:
        first, last = step.window(call.fiscal_year)
        note = _BY_PROGRAM if first or last else ""
        if step.code == "evaluation" and first is not None:
            last = fiscal_year_bounds(year)[1]
            note = f"{format_fiscal_year(year)}の4月1日から始まります。"
    if step.code == "budget" and last is None:
        last = fiscal_year_bounds(year)[1]
        note = "翌年度の4月に協定・契約を結べるよう、年度末までに翌年度予算の計上を記録します。"
    if step.code == "agreement" and first is None:
        first = fiscal_year_bounds(year)[0]
        note = "事業の開始までに、協定・委託契約を結びます。"
        last = first
    return dataclasses.replace(
        base,
        key=f"{base.key}-{step.code}",
        label=step.label,
        kind=kind,
        who=who,
        fiscal_year=year,
        first=first,
        last=last,
        note=note,
        is_deadline=is_deadline,
        is_for_all=is_deadline,
    )


def _own_days(call: Call, rules: ProgramRules, step: CalendarStep) -> tuple[dt.date | None, dt.date | None, str, bool]:
    """(first, last, note, whether the last day is a due date) as the call itself says."""
    match step.code:
        case "call" | "proposal":
            return call.opens_on, call.closes_on, "", False
        case "coordination":
            return call.coordination_from_on, call.coordination_until_on, "", False
        case "review":
            return call.review_on, call.review_on, "", False
        case "decision":
            return call.decision_on, call.decision_on, "", False
        case "report":
            return call.report_due_on, call.report_due_on, "", True
        case "implementation":
            first, last = rules.period(call.fiscal_year) or (None, None)
            return call.period_from_on or first, call.period_until_on or last, "", False
        case _:
            return None, None, "", False
