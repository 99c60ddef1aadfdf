"""Rules on who applies, with what, and when (rules.md 11, 12, 14, 18, 22). Pure: facts and rules in, a finding out."""

from __future__ import annotations

from app.calls.clauses import Clause, clause_of
from app.calls.program_rules import ProgramRules
from app.calls.rule_facts import Finding, ProposalFacts
from app.japanese.dates import fiscal_year_of, format_date, format_fiscal_year
from app.japanese.money import format_yen
from models.directory import OrganizationKind


def finding_of(
    rules: ProgramRules,
    rule: str,
    clause: Clause,
    *,
    ok: bool,
    message: str,
    overridable: bool = False,
    needs_look: bool = False,
    is_unset: bool = False,
) -> Finding:
    """A finding with the clause in the words of that program."""
    clause_in_words = clause_of(rules.code, rules.name, clause)
    return Finding(rule, clause_in_words, ok, overridable, message, needs_look, is_unset)


def applicant_kind(facts: ProposalFacts, rules: ProgramRules) -> Finding:
    """Rules 11 and 18: civic groups and neighbourhoods; a business cannot apply, though it may be a partner."""
    kind = facts.applicant_kind
    named = "、".join(rules.applicants_named) or "、".join(_kind_label(code) for code in rules.applicant_kinds)
    if kind is None:
        ok, message = False, f"団体の種別が分かりません。応募できるのは{named}です。"
    elif not rules.applicant_kinds:
        ok, message = True, "応募できる団体の種別は未設定です。判定していません。"
    elif kind in rules.applicant_kinds:
        ok, message = True, f"{_kind_label(kind)}は応募できます。"
    else:
        partner = "協力する相手として加わることはできます。" if kind == OrganizationKind.BUSINESS.value else ""
        ok, message = False, f"{_kind_label(kind)}は応募できません。応募できるのは{named}です。{partner}"
    is_unset = kind is not None and not rules.applicant_kinds
    return finding_of(rules, "applicant_kind", Clause.APPLICANTS, ok=ok, message=message, is_unset=is_unset)


def _kind_label(code: str) -> str:
    try:
        return OrganizationKind(code).label
    except ValueError:
        return code


def applicant_nonprofit(facts: ProposalFacts, rules: ProgramRules) -> Finding | None:
    """Rules 11 and 18: the applicant is non-profit."""
    if not rules.must_be_nonprofit:
        return None
    condition = rules.applicant_condition or "非営利団体"
    if facts.is_nonprofit is None:
        message = f"非営利の団体かどうかを確かめてください。応募できるのは、{condition}です。"
    elif facts.is_nonprofit:
        message = "非営利の団体です。"
    else:
        message = f"営利を目的とする団体は応募できません。応募できるのは、{condition}です。"
    ok = facts.is_nonprofit is True
    return finding_of(rules, "applicant_nonprofit", Clause.APPLICANTS, ok=ok, message=message)


def own_project(facts: ProposalFacts, rules: ProgramRules) -> Finding | None:
    """Rule 12 ①: the applicant plans and carries out the project itself."""
    if not rules.must_be_planned_and_run_by_group:
        return None
    answer = facts.is_planned_and_run_by_applicant
    if answer is None:
        message = "団体が自ら企画し、実施する事業かどうかを確かめてください。"
    elif answer:
        message = "団体が自ら企画し、実施する事業です。"
    else:
        message = "団体が自ら企画し、実施する事業ではありません。企画と実施の主体を応募団体にしてください。"
    return finding_of(rules, "own_project", Clause.REQUIREMENTS, ok=answer is True, message=message, overridable=True)


def within_city(facts: ProposalFacts, rules: ProgramRules) -> Finding | None:
    """Rule 12: carried out in the city. Where the handbook does not say, nothing is judged, and that is said."""
    required, answer = rules.must_be_within_city, facts.is_in_city
    if required is None and "within_city" in rules.unset:
        message = "市内で実施する事業に限るかどうかは未設定です。判定していません。"
        return finding_of(
            rules, "within_city", Clause.PROJECTS, ok=True, message=message, overridable=True, is_unset=True
        )
    if not required:
        return None
    if answer is None:
        message = "市内で実施する事業かどうかを確かめてください。"
    elif answer:
        message = "市内で実施する事業です。"
    else:
        message = "市内で実施する事業ではありません。実施する場所を市内にしてください。"
    return finding_of(rules, "within_city", Clause.PROJECTS, ok=answer is True, message=message, overridable=True)


def challenge_named(facts: ProposalFacts, rules: ProgramRules) -> Finding | None:
    """Rule 12 ② and 17: the project answers a challenge that the city has named."""
    if not rules.needs_challenge:
        return None
    if facts.has_challenge:
        message = "市が示した課題・テーマに応える事業です。"
    else:
        message = "どの課題・テーマに応える事業かが分かりません。市が示した課題・テーマを選んでください。"
    return finding_of(rules, "challenge", Clause.CHALLENGES, ok=facts.has_challenge, message=message)


def no_other_subsidy(facts: ProposalFacts, rules: ProgramRules) -> Finding | None:
    """Rule 12 ③: the project gets no subsidy of 国・都・市等; every entry counts as public."""
    if not rules.forbids_other_public_subsidy:
        return None
    entries = facts.other_subsidies
    if entries is None:
        message = "国・都・市等からほかの補助を受けていないことの申告がありません。団体に確かめてください。"
    elif not entries:
        message = "国・都・市等からほかの補助を受けていません。"
    else:
        named = "、".join(_shown(entry.source, entry.amount) for entry in entries[:3])
        more = f"ほか{len(entries) - 3}件" if len(entries) > 3 else ""
        message = f"同じ事業でほかの補助を受けています({named}{more})。国・都・市等の補助を受ける事業は応募できません。"
    return finding_of(
        rules, "no_other_subsidy", Clause.REQUIREMENTS, ok=entries == (), message=message, overridable=True
    )


def _shown(source: str, amount: object) -> str:
    name = source.strip() or "補助元の名称なし"
    name = name if len(name) <= 40 else name[:40] + "…"
    whole = amount is not None and getattr(amount, "denominator", 0) == 1
    return f"{name} {format_yen(int(amount))}" if whole else name  # type: ignore[call-overload]


def dates_in_order(facts: ProposalFacts, rules: ProgramRules) -> Finding:
    """The project ends on or after the day it starts."""
    start, end = facts.start_on, facts.end_on
    if start is None or end is None:
        missing = "開始日" if start is None else "終了日"
        missing = "開始日と終了日" if start is None and end is None else missing
        ok, message = False, f"事業の{missing}が入力されていません。"
    elif end < start:
        shown = f"{format_date(end)}が開始日{format_date(start)}"
        ok, message = False, f"事業の終了日{shown}より前です。日付を確かめてください。"
    else:
        ok, message = True, "終了日は開始日以後です。"
    return finding_of(rules, "dates_in_order", Clause.PERIOD, ok=ok, message=message)


def period(facts: ProposalFacts, rules: ProgramRules) -> Finding | None:
    """Rules 14 and 22: within the program's months (提示型 July to March of the year; 行政提案型 April to March of the next)."""
    months = rules.period(facts.fiscal_year)
    if months is None:
        message = "事業を実施できる期間は未設定です。判定していません。"
        return finding_of(rules, "period", Clause.PERIOD, ok=True, message=message, is_unset=True)
    first, last = months
    days = [("開始日", facts.start_on), ("終了日", facts.end_on)]
    outside = [f"{name}{format_date(day)}" for name, day in days if day is not None and not first <= day <= last]
    allowed = f"{format_date(first)}から{format_date(last)}まで"
    if outside:
        message = f"{'と'.join(outside)}が、{format_fiscal_year(facts.fiscal_year)}の募集で実施できる期間({allowed})の外です。"
    elif facts.start_on is None or facts.end_on is None:
        message = f"事業の期間が入力されていません。実施できるのは{allowed}です。"
    else:
        message = f"実施できる期間({allowed})の中です。"
    ok = not outside and facts.start_on is not None and facts.end_on is not None
    return finding_of(rules, "period", Clause.PERIOD, ok=ok, message=message)


def single_fiscal_year(facts: ProposalFacts, rules: ProgramRules) -> Finding | None:
    """Rules 12 and 22: one fiscal year, April to March."""
    if not rules.must_lie_in_one_fiscal_year or facts.start_on is None or facts.end_on is None:
        return None
    years = fiscal_year_of(facts.start_on), fiscal_year_of(facts.end_on)
    ok = years[0] == years[1]
    if ok:
        message = f"{format_fiscal_year(years[0])}の単年度の事業です。"
    else:
        shown = "と".join(format_fiscal_year(year) for year in sorted(years))
        message = f"事業が年度をまたいでいます({shown})。4月から翌年3月までの1つの年度に収めてください。"
    return finding_of(rules, "single_fiscal_year", Clause.PERIOD, ok=ok, message=message)
