"""The rules of a program as data (domain.md 4): parsed from the seed's table or from the copy that a call keeps."""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import Any


class RulesError(ValueError):
    """The table of a program's rules cannot be read; the message is a sentence."""


@dataclasses.dataclass(frozen=True)
class CalendarStep:
    """One step of a program's year. Days are MM-DD without a year; `year_offset` counts from the call's year."""

    code: str
    label: str
    year_offset: int = 0
    starts: str | None = None
    ends: str | None = None
    printed: str | None = None

    def window(self, fiscal_year: int) -> tuple[dt.date | None, dt.date | None]:
        """First and last day for a call of that year; an open end is None."""
        year = fiscal_year + self.year_offset
        return _day_of(year, self.starts), _day_of(year, self.ends)


@dataclasses.dataclass(frozen=True)
class ProgramRules:
    """What a program, or a call's copy of it, fixes. None: 未設定, nothing is judged by it."""

    code: str
    name: str
    applicant_kinds: tuple[str, ...] = ()
    applicant_condition: str = ""
    applicants_named: tuple[str, ...] = ()
    must_be_nonprofit: bool = True
    cap_yen: int | None = None
    rate: Fraction | None = None
    is_rate_assumed: bool = False
    rounding_unit_yen: int | None = None
    must_be_planned_and_run_by_group: bool = False
    #: None: the handbook does not say.
    must_be_within_city: bool | None = None
    must_lie_in_one_fiscal_year: bool = True
    forbids_other_public_subsidy: bool = False
    needs_challenge: bool = True
    needs_council_decision_on_challenges: bool = False
    period_year_offset: int = 0
    first_month: int | None = None
    last_month: int | None = None
    #: Days that the call itself gives for the period, before those of the months.
    period_from: dt.date | None = None
    period_until: dt.date | None = None
    decides_before_start: bool = True
    needs_department_opinions: bool = False
    needs_council_opinion: bool = False
    calendar: tuple[CalendarStep, ...] = ()
    unset: frozenset[str] = frozenset()

    def period(self, fiscal_year: int) -> tuple[dt.date, dt.date] | None:
        """First and last day on which a project of that year's call may be carried out; None while unset."""
        if self.period_from is not None and self.period_until is not None:
            return self.period_from, self.period_until
        if self.first_month is None or self.last_month is None:
            return None
        year = fiscal_year + self.period_year_offset
        first = dt.date(_calendar_year(year, self.first_month), self.first_month, 1)
        last_year = _calendar_year(year, self.last_month)
        last = dt.date(last_year, self.last_month, calendar.monthrange(last_year, self.last_month)[1])
        return self.period_from or first, self.period_until or last

    def find_step(self, code: str) -> CalendarStep | None:
        """The calendar's step of that code."""
        return next((step for step in self.calendar if step.code == code), None)


def parse_rules(table: Mapping[str, Any]) -> ProgramRules:
    """The rules of one `[[program]]` table (seed/<city>/programs.toml, Program.rules, a call's copy).

    Raises RulesError for a value that cannot be one of a rule.
    """
    try:
        return _parsed(table)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, AttributeError) as error:
        raise RulesError(f"公募制度の規則を読めません。規則の値を確かめてください({error})。") from error


def _parsed(table: Mapping[str, Any]) -> ProgramRules:
    applicants, money, project = (table.get(key) or {} for key in ("applicants", "money", "project"))
    period, before, status = (table.get(key) or {} for key in ("period", "before_review", "status"))
    rate = money.get("rate")
    unset = frozenset(status.get("unset") or ())
    within = project.get("within_city")
    return ProgramRules(
        code=str(table["code"]),
        name=str(table["name"]),
        applicant_kinds=tuple(applicants.get("kinds") or ()),
        applicant_condition=str(applicants.get("condition") or ""),
        applicants_named=tuple(applicants.get("named_in_handbook") or ()),
        must_be_nonprofit=bool(applicants.get("must_be_nonprofit", True)),
        cap_yen=_whole(money.get("cap_yen"), at_least=0),
        rate=None if rate is None else Fraction(str(rate)),
        is_rate_assumed=bool(money.get("rate_assumed")),
        rounding_unit_yen=_whole(money.get("rounding_unit_yen"), at_least=1),
        must_be_planned_and_run_by_group=bool(project.get("planned_and_run_by_group")),
        must_be_within_city=None if within is None or "within_city" in unset else bool(within),
        must_lie_in_one_fiscal_year=bool(project.get("single_fiscal_year", True)),
        forbids_other_public_subsidy=bool(project.get("no_other_public_subsidy")),
        needs_challenge=bool(table.get("needs_challenge", True)),
        needs_council_decision_on_challenges=bool(table.get("needs_council_decision_on_challenges")),
        period_year_offset=int(period.get("year_offset", 0)),
        first_month=_month(period.get("first_month")),
        last_month=_month(period.get("last_month")),
        decides_before_start=bool(period.get("decision_before_start", True)),
        needs_department_opinions=before.get("department_opinions", "none") != "none",
        needs_council_opinion=bool(before.get("council_opinion")),
        calendar=tuple(_step(step) for step in table.get("calendar") or ()),
        unset=unset,
    )


def _step(table: Mapping[str, Any]) -> CalendarStep:
    step = CalendarStep(
        code=str(table["step"]),
        label=str(table["label"]),
        year_offset=int(table.get("year_offset", 0)),
        starts=table.get("starts_on"),
        ends=table.get("ends_on"),
        printed=table.get("printed"),
    )
    step.window(2000)
    return step


def _whole(value: Any, *, at_least: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
        raise ValueError(f"{value!r}")
    return value


def _month(value: Any) -> int | None:
    month = _whole(value, at_least=1)
    if month is not None and month > 12:
        raise ValueError(f"{month}月")
    return month


def _calendar_year(fiscal_year: int, month: int) -> int:
    return fiscal_year if month >= 4 else fiscal_year + 1


def _day_of(fiscal_year: int, month_day: str | None) -> dt.date | None:
    if month_day is None:
        return None
    month, day = (int(part) for part in month_day.split("-"))
    return dt.date(_calendar_year(fiscal_year, month), month, day)
