"""Where a call's dates lie outside of the months that its program's calendar gives (実践編2; rules.md 14, 19)."""

from __future__ import annotations

import datetime as dt

from app.calls.program_rules import ProgramRules, parse_rules
from app.japanese.dates import format_date
from models.calls import Call

#: (step of the program's calendar, what the call says of it, first day, last day)
_WINDOWS = (
    ("proposal", "募集の期間", "opens_on", "closes_on"),
    ("coordination", "事前調整の期間", "coordination_from_on", "coordination_until_on"),
)


def deviations_of(call: Call) -> list[str]:
    """A sentence for each span of the call that leaves the program's. What is 未設定 on either side is not judged."""
    rules = parse_rules(call.rules or call.program.rules or {})
    found = []
    for code, label, first_name, last_name in _WINDOWS:
        step = rules.find_step(code)
        if step is None:
            continue
        first, last = getattr(call, first_name), getattr(call, last_name)
        found += _outside(label, (first, last), step.window(call.fiscal_year), step.printed)
    return found + _period(call, rules)


def _period(call: Call, rules: ProgramRules) -> list[str]:
    window = rules.period(call.fiscal_year)
    if window is None:
        return []
    step = rules.find_step("implementation")
    return _outside(
        "実施期間", (call.period_from_on, call.period_until_on), window, step.printed if step is not None else None
    )


def _outside(
    label: str,
    days: tuple[dt.date | None, dt.date | None],
    window: tuple[dt.date | None, dt.date | None],
    printed: str | None,
) -> list[str]:
    (first, last), (earliest, latest) = days, window
    named = [day for day in (first, last) if day is not None]
    is_inside = all((earliest is None or earliest <= day) and (latest is None or day <= latest) for day in named)
    if is_inside:
        return []
    allowed = f"{format_date(earliest) if earliest else ''}〜{format_date(latest) if latest else ''}"
    shown = "〜".join(format_date(day) if day is not None else "" for day in (first, last))
    where = f"制度の時期({printed}、{allowed})" if printed else f"制度の時期({allowed})"
    return [f"{label}({shown})が、{where}の外です。"]
