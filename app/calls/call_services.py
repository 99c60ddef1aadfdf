"""Verbs on calls: prepare (from the program, or last year's copy), adjust, show challenges. Opening: call_opening."""

from __future__ import annotations

import calendar
import copy
import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import is_editable
from app.actor import Actor
from app.audit.recorder import act
from app.calls.call_calendar import deviations_of
from app.calls.call_settings import SETTINGS, clean_setting
from app.calls.checking import rules_of
from app.japanese.dates import format_fiscal_year
from app.problems import Conflict, Invalid, NotAllowed, check_version
from models.calls import Call, CallState, Challenge, ChallengeState
from models.reference import Program

TEXTS = (
    "purpose_text",
    "applicants_text",
    "project_text",
    "cost_text",
    "application_text",
    "review_text",
    "processing_text",
    "contact_text",
)
DATES = (
    "opens_on",
    "closes_on",
    "coordination_from_on",
    "coordination_until_on",
    "opinions_due_on",
    "review_on",
    "decision_on",
    "period_from_on",
    "period_until_on",
    "report_due_on",
)
AMOUNTS = ("cap_yen", "rate", "budget_yen")
#: After the opening these stay as they were published; dates that lie ahead and texts may still be corrected.
FROZEN_WHEN_OPEN = (*AMOUNTS, "opens_on", "period_from_on", "period_until_on")


def prepare_call(
    session: Session,
    *,
    actor: Actor,
    program: Program,
    fiscal_year: int,
    copied_from: Call | None = None,
    is_demo: bool = False,
) -> Call:
    """A call in preparation: rules from the program as they are now; dates, texts and amounts from the call that is
    copied (moved by the years between), else from the program's calendar. Raises Conflict for a closed program."""
    actor.require(Permission.CALL_EDIT)
    if program.is_closed:
        raise Conflict(f"「{program.name}」は終了した制度です。募集はできません。")
    last = session.scalar(
        select(func.max(Call.round_number)).where(Call.program_id == program.id, Call.fiscal_year == fiscal_year)
    )
    number = (last or 0) + 1
    if number > 9:
        raise Conflict("同じ年度の募集は9回までです。")
    name = f"{format_fiscal_year(fiscal_year)} {program.name}" + (f"(第{number}回)" if number > 1 else "")
    with act(session, actor, "call:create", f"募集の準備: {name}"):
        call = Call(
            program=program,
            fiscal_year=fiscal_year,
            round_number=number,
            name=name,
            rules=copy.deepcopy(program.rules),
            copied_from=copied_from,
            is_demo=is_demo,
        )
        money = program.rules.get("money") or {}
        call.cap_yen, call.rate = money.get("cap_yen"), money.get("rate")
        _dates_of_calendar(call)
        if copied_from is not None:
            _copy(copied_from, call)
        session.add(call)
        session.flush()
    return call


def update_call(
    session: Session,
    *,
    actor: Actor,
    call: Call,
    version: int | None,
    values: Mapping[str, Any],
    settings: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> Call:
    """Adjust a call. Once it is open, amounts and periods stay; a later deadline needs a reason.

    Raises StaleRecord, Conflict, Invalid with a sentence per field.
    """
    require_editable(session, actor, call)
    check_version(call, version)
    clean = {name: value for name, value in values.items() if name in {"name", *TEXTS, *DATES, *AMOUNTS}}
    for name in ("name", *TEXTS):
        if name in clean:
            clean[name] = (clean[name] or "").strip()
    changed = {name: value for name, value in clean.items() if getattr(call, name) != value}
    _check_dates({name: getattr(call, name) for name in DATES} | clean)
    _check_amounts(clean)
    if call.state is not CallState.PREPARING:
        _check_published(call, changed, reason)
    with act(session, actor, "call:edit", f"募集の変更: {call.name}", reason=reason):
        for name, value in changed.items():
            setattr(call, name, value)
        _keep_reason(call, reason)
        if settings is not None:
            known = dict(call.settings)
            for key, value in settings.items():
                if key not in SETTINGS:
                    continue
                known[key] = clean_setting(key, value)
            known = {key: value for key, value in known.items() if value not in (None, "")}
            if known != call.settings:
                call.settings = known
        session.flush()
    return call


def show_challenges(session: Session, *, actor: Actor, call: Call, challenges: list[Challenge]) -> Call:
    """Which challenges a call shows, in their order, while it is prepared. Only chosen ones of its program and year."""
    require_editable(session, actor, call)
    if call.state is not CallState.PREPARING:
        raise Conflict("公開した募集の課題・テーマは変えられません。")
    for one in challenges:
        if one.state is not ChallengeState.CHOSEN or one.program_id != call.program_id:
            raise Invalid(f"「{one.title}」は、この募集に示せません。提示が決まった、同じ制度の課題を選んでください。")
        if one.call_id not in (None, call.id):
            raise Invalid(f"「{one.title}」は、ほかの募集に示しています。")
    with act(session, actor, "call:challenges", f"募集に示す課題・テーマ: {call.name}"):
        for one in list(call.challenges):
            if one not in challenges:
                one.call = None
        for position, one in enumerate(challenges, start=1):
            one.call = call
            one.position = position
        session.flush()
        session.expire(call, ["challenges"])
    return call


# --- parts -----------------------------------------------------------------------------------------------------------


def require_editable(session: Session, actor: Actor, call: Call) -> None:
    """Raise NotAllowed unless the actor may change the call."""
    actor.require(Permission.CALL_EDIT)
    if not is_editable(session, call, actor):
        raise NotAllowed


def _keep_reason(call: Call, reason: str | None) -> None:
    """Why an open call lies outside of the program's months now; the earlier reasons stay in the log."""
    deviates = bool(deviations_of(call))
    if call.state is CallState.PREPARING:
        call.calendar_reason = (reason or "").strip() or call.calendar_reason if deviates else None
    elif deviates and reason and reason.strip():
        call.calendar_reason = reason.strip()


def _copy(source: Call, call: Call) -> None:
    years = call.fiscal_year - source.fiscal_year
    for name in DATES:
        day = getattr(source, name)
        setattr(call, name, _years_later(day, years) if day else getattr(call, name))
    for name in TEXTS:
        setattr(call, name, getattr(source, name))
    call.budget_yen = source.budget_yen
    call.settings = copy.deepcopy(source.settings or {})


def _years_later(day: dt.date, years: int) -> dt.date:
    last = calendar.monthrange(day.year + years, day.month)[1]
    return dt.date(day.year + years, day.month, min(day.day, last))


def _dates_of_calendar(call: Call) -> None:
    """What the program's calendar says about days; what it does not say stays 未設定."""
    rules = rules_of(call)
    period = rules.period(call.fiscal_year)
    if period is not None:
        call.period_from_on, call.period_until_on = period
    for code, first, last in (
        ("proposal", "opens_on", "closes_on"),
        ("coordination", "coordination_from_on", "coordination_until_on"),
    ):
        step = rules.find_step(code)
        if step is not None:
            start, end = step.window(call.fiscal_year)
            setattr(call, first, start)
            setattr(call, last, end)


def _check_dates(values: Mapping[str, Any]) -> None:
    pairs = (
        ("opens_on", "closes_on", "募集締切日が、募集開始日より前です。"),
        ("coordination_from_on", "coordination_until_on", "事前調整の終了日が、開始日より前です。"),
        ("period_from_on", "period_until_on", "実施期間の末日が、初日より前です。"),
    )
    problems = {
        last: sentence
        for first, last, sentence in pairs
        if values.get(first) and values.get(last) and values[last] < values[first]
    }
    if problems:
        raise Invalid("日付を確かめてください。", fields=problems)


def _check_amounts(values: Mapping[str, Any]) -> None:
    problems = {}
    for name, label in (("cap_yen", "1件の限度額"), ("budget_yen", "募集全体の予算")):
        amount = values.get(name)
        if amount is not None and not 0 < amount <= 10**12:
            problems[name] = f"{label}は1円以上の金額で入力してください。"
    rate = values.get("rate")
    if rate:
        parts = str(rate).split("/")
        if (
            len(parts) != 2
            or not all(part.isascii() and part.isdigit() for part in parts)
            or not 0 < int(parts[0]) <= int(parts[1])
        ):
            problems["rate"] = "補助率は「10/10」のように、分数で入力してください。"
    if problems:
        raise Invalid("金額を確かめてください。", fields=problems)


def _check_published(call: Call, changed: Mapping[str, Any], reason: str | None) -> None:
    frozen = [name for name in changed if name in FROZEN_WHEN_OPEN]
    if frozen:
        sentence = "公開した募集の金額と期間は変えられません。"
        raise Invalid(sentence, fields=dict.fromkeys(frozen, sentence))
    if call.state is CallState.FINISHED and changed:
        raise Conflict("終了した募集は変えられません。")
    if any(name in DATES for name in changed) and not (reason or "").strip():
        raise Invalid(
            "公開した後に日付を変えるときは、理由を書いてください。", fields={"reason": "理由を書いてください。"}
        )
