"""Rules that ask more than the proposal's own words: the call's dates, the calendar of the year, the challenge's
decision, the day of the decision (rules.md 14, 15, 17, 19). Pure: plain dates in, findings out."""

from __future__ import annotations

import dataclasses
import datetime as dt

from app.calls.clauses import Clause
from app.calls.program_rules import ProgramRules
from app.calls.rule_facts import Finding
from app.calls.rules_project import finding_of
from app.japanese.dates import format_date

#: Wide enough: a window without a first or last day is open at that end.
_FIRST, _LAST = dt.date.min, dt.date.max


@dataclasses.dataclass(frozen=True)
class RecordFacts:
    """What is on record about a proposal besides its words.

    received_on: the day of receipt, or today while it is being entered. coordinated_on: days of the notes.
    decision_on: decided, or else planned by the call.
    """

    fiscal_year: int
    received_on: dt.date
    is_call_open: bool
    call_opens_on: dt.date | None
    call_closes_on: dt.date | None
    challenge_title: str | None = None
    challenge_is_shown: bool = False
    challenge_decided_on: dt.date | None = None
    coordination: tuple[dt.date | None, dt.date | None] | None = None
    coordinated_on: tuple[dt.date, ...] = ()
    council_opinions_on: tuple[dt.date, ...] = ()
    start_on: dt.date | None = None
    decision_on: dt.date | None = None
    is_decided: bool = False


def call_open(facts: RecordFacts, rules: ProgramRules) -> Finding:
    """Rule 15: handed in while the call takes proposals; a late paper is taken by the office with a reason."""
    day, opens, closes = facts.received_on, facts.call_opens_on, facts.call_closes_on
    shown = f"受付日{format_date(day)}"
    ok = False
    if opens is None or closes is None:
        message = "募集の開始日と締切日が未設定です。先に募集の日程を入力してください。"
    elif not facts.is_call_open:
        message = "募集がまだ公開されていません。募集を公開してから受け付けてください。"
    elif day < opens:
        message = f"{shown}は、募集の開始日{format_date(opens)}より前です。"
    elif day > closes:
        message = f"{shown}は、募集の締切日{format_date(closes)}を過ぎています。"
    else:
        ok, message = True, f"{shown}は募集の期間({format_date(opens)}から{format_date(closes)}まで)の中です。"
    return finding_of(rules, "call_open", Clause.PROPOSING, ok=ok, message=message, overridable=True)


def submission_window(facts: RecordFacts, rules: ProgramRules) -> Finding | None:
    """Rule 19: handed in within the months that the handbook gives (行政提案型: June to late July)."""
    step = rules.find_step("proposal")
    if step is None or step.starts is None:
        return None
    return _window(
        rules, "submission_window", Clause.PROPOSING, "受付日", [facts.received_on], step.window(facts.fiscal_year)
    )


def coordination_window(facts: RecordFacts, rules: ProgramRules) -> Finding | None:
    """Rule 19: conversations, and the council's opinion, within the months of coordination."""
    step = rules.find_step("coordination")
    window = facts.coordination or (step.window(facts.fiscal_year) if step is not None else None)
    days = [*facts.coordinated_on, *facts.council_opinions_on]
    if window is None or window == (None, None) or not days:
        return None
    return _window(rules, "coordination_window", Clause.COORDINATION, "調整や意見の日", days, window)


def _window(
    rules: ProgramRules,
    rule: str,
    clause: Clause,
    what: str,
    days: list[dt.date],
    window: tuple[dt.date | None, dt.date | None],
) -> Finding:
    first, last = window[0] or _FIRST, window[1] or _LAST
    outside = sorted({day for day in days if not first <= day <= last})
    allowed = f"{format_date(first) if window[0] else ''}から{format_date(last) if window[1] else ''}まで"
    if outside:
        named = "、".join(format_date(day) for day in outside[:5])
        message = f"{what}{named}が、定めた時期({allowed})の外です。"
    else:
        message = f"{what}は、定めた時期({allowed})の中です。"
    return finding_of(rules, rule, clause, ok=not outside, message=message, overridable=True)


def challenge_decided(facts: RecordFacts, rules: ProgramRules) -> Finding | None:
    """Rule 17: the challenge is one that this call shows, and the council (or the city) has decided on it."""
    if not rules.needs_challenge or facts.challenge_title is None:
        return None
    name = f"課題・テーマ「{facts.challenge_title}」"
    decides = "協働推進庁内検討会議" if rules.needs_council_decision_on_challenges else "市"
    if not facts.challenge_is_shown:
        ok, message = False, f"{name}は、この募集が示した課題・テーマではありません。この募集のものを選んでください。"
    elif facts.challenge_decided_on is None:
        ok, message = False, f"{name}には、{decides}の決定の記録がありません。"
    else:
        ok, message = True, f"{name}は、{decides}が{format_date(facts.challenge_decided_on)}に決定しました。"
    return finding_of(rules, "challenge_decided", Clause.CHALLENGES, ok=ok, message=message)


def decision_before_start(facts: RecordFacts, rules: ProgramRules) -> Finding | None:
    """Rule 14: the decision comes before the project starts."""
    if not rules.decides_before_start or facts.start_on is None:
        return None
    what = "決定日" if facts.is_decided else "決定の予定日"
    if facts.decision_on is None:
        ok, message = True, "決定の予定日が未設定です。事業の開始が決定より後かどうかは判定していません。"
    elif facts.start_on < facts.decision_on:
        ok = False
        message = f"事業の開始日{format_date(facts.start_on)}が、{what}{format_date(facts.decision_on)}より前です。"
        message += "決定の後に始まるようにしてください。"
    else:
        ok, message = True, f"事業は{what}{format_date(facts.decision_on)}以後に始まります。"
    is_unset = facts.decision_on is None
    return finding_of(
        rules, "decision_before_start", Clause.WAY, ok=ok, message=message, overridable=True, is_unset=is_unset
    )


RECORD_RULES = (call_open, submission_window, challenge_decided, coordination_window, decision_before_start)
