"""The call in public: 募集要項, 説明会, 質問と回答, 審査基準 and 標準処理期間 as plain sections, for page and PDF alike.

What the office has not entered is told as 未設定 and not printed; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.call_settings import review_values
from app.calls.checking import rules_of
from app.calls.departments import heir_of
from app.calls.paper_sections import UNSET, CallPaper, Section
from app.calls.papers import papers_of
from app.calls.program_rules import ProgramRules
from app.japanese.dates import format_date, format_fiscal_year
from app.japanese.money import format_yen
from models.calls import Call, CallBriefing, CallQuestion, CallState, Challenge, ChallengeState
from models.reviews import Criterion


def paper_of(session: Session, call: Call, code: str) -> CallPaper | None:
    """The paper of that code for a call that the reader may see; None when there is no such paper."""
    if code not in PAPERS:
        return None
    title, make = PAPERS[code]
    is_draft = call.state is CallState.PREPARING
    return CallPaper(code, title, call.name, tuple(make(session, call, rules_of(call))), is_draft)


# --- 募集要項 -----------------------------------------------------------------------------------------------------------


def _guide(session: Session, call: Call, rules: ProgramRules) -> Sequence[Section]:
    table = call.rules or call.program.rules or {}
    applicants = rules.applicant_condition or None
    if applicants and rules.applicants_named:
        applicants = f"{'、'.join(rules.applicants_named)}で、{applicants}"
    requirements = "\n".join((table.get("project") or {}).get("requirements") or ()) or None
    return [
        Section("目的", paragraphs=(call.purpose_text or table.get("purpose") or None,)),
        Section("応募できる団体", paragraphs=(call.applicants_text or applicants,)),
        Section("応募できる事業", paragraphs=(call.project_text or requirements,)),
        *_challenges(session, call),
        _money(call, rules),
        Section("日程", facts=tuple(_days(call, rules))),
        Section("提出書類", header=("書類", "必須・任意"), rows=tuple(_papers(call))),
        Section("応募の方法", paragraphs=(call.application_text or None,)),
        Section("問い合わせ先", paragraphs=(call.contact_text or None,)),
    ]


def _challenges(session: Session, call: Call) -> list[Section]:
    shown = session.scalars(
        select(Challenge)
        .where(
            Challenge.call_id == call.id,
            Challenge.state == ChallengeState.CHOSEN,
            Challenge.deleted_at.is_(None),
        )
        .order_by(Challenge.position, Challenge.id)
    ).all()
    if not shown:
        return [Section("市が示す課題・テーマ", paragraphs=(None,))]
    return [
        Section(
            f"課題・テーマ{number}: {one.title}",
            facts=(
                ("担当課", (one.department if call.state is CallState.FINISHED else heir_of(one.department)).name),
                *_written(
                    ("関連課", "、".join(department.name for department in one.related_departments)),
                    ("新規・既存", one.kind.label),
                    ("背景", one.background),
                    ("現状", one.current_situation),
                    ("期待すること", one.expectation),
                ),
            ),
        )
        for number, one in enumerate(shown, start=1)
    ]


def _written(*facts: tuple[str, str | None]) -> list[tuple[str, str]]:
    """Those that somebody wrote: what nobody has to write (rules.md 17) is left out, not 未設定."""
    return [(label, text) for label, text in facts if text]


def _money(call: Call, rules: ProgramRules) -> Section:
    rate = f"{rules.rate.denominator}分の{rules.rate.numerator}" if rules.rate is not None else None
    if rules.rate == 1:
        rate = "10分の10"
    if rate and rules.is_rate_assumed and not call.rate:
        rate += "(確認待ちの仮の値)"
    cap = f"{format_yen(rules.cap_yen)}(消費税を含む)" if rules.cap_yen is not None else None
    unit = f"{format_yen(rules.rounding_unit_yen)}未満は切捨て" if rules.rounding_unit_yen else None
    return Section(
        "金額",
        facts=(
            ("1件の限度額", cap),
            ("対象経費に対する率", rate),
            ("端数の扱い", unit),
            ("募集全体の予算", format_yen(call.budget_yen) if call.budget_yen is not None else None),
            ("対象となる経費", call.cost_text or (call.settings or {}).get("eligible_costs") or None),
        ),
    )


def _days(call: Call, rules: ProgramRules) -> list[tuple[str, str | None]]:
    period = rules.period(call.fiscal_year)
    rows = [
        ("募集の期間", _span(call.opens_on, call.closes_on)),
        ("事前調整", _span(call.coordination_from_on, call.coordination_until_on)),
        ("審査会", format_date(call.review_on) if call.review_on else None),
        ("決定", format_date(call.decision_on) if call.decision_on else None),
        ("事業を実施できる期間", _span(*period) if period else None),
        ("報告書の期限", format_date(call.report_due_on) if call.report_due_on else None),
    ]
    for step in rules.calendar:
        first, last = step.window(call.fiscal_year)
        if step.code in ("agreement", "evaluation", "budget"):
            year = format_fiscal_year(call.fiscal_year + step.year_offset)
            rows.append((step.label, _span(first, last) or year))
    return rows


def _span(first: Any, last: Any) -> str | None:
    if first is None and last is None:
        return None
    return f"{format_date(first) if first else UNSET}から{format_date(last) if last else UNSET}まで"


def _papers(call: Call) -> list[tuple[str, str]]:
    return [(paper["label"], "必須" if paper["is_required"] else "任意") for paper in papers_of(call)]


# --- the other papers --------------------------------------------------------------------------------------------------


def _briefings(session: Session, call: Call, rules: ProgramRules) -> Sequence[Section]:
    rows = session.scalars(
        select(CallBriefing).where(CallBriefing.call_id == call.id).order_by(CallBriefing.held_on, CallBriefing.id)
    ).all()
    if not rows:
        return [Section("説明会", paragraphs=(None,))]
    return [
        Section(
            f"説明会{number}" if len(rows) > 1 else "説明会",
            facts=(
                ("日時", f"{format_date(one.held_on)} {one.hours}".strip()),
                ("会場", one.place or None),
                *_written(("備考", one.note)),
            ),
        )
        for number, one in enumerate(rows, start=1)
    ]


def _questions(session: Session, call: Call, rules: ProgramRules) -> Sequence[Section]:
    rows = session.scalars(
        select(CallQuestion)
        .where(CallQuestion.call_id == call.id, CallQuestion.is_public.is_(True))
        .order_by(CallQuestion.position, CallQuestion.id)
    ).all()
    if not rows:
        return [Section("質問と回答", paragraphs=("公開している質問と回答はまだありません。",))]
    return [
        Section(
            f"質問{number}",
            facts=(
                ("質問", one.question),
                ("回答", one.answer or None),
                ("回答日", format_date(one.answered_on) if one.answered_on else None),
            ),
        )
        for number, one in enumerate(rows, start=1)
    ]


def _criteria(session: Session, call: Call, rules: ProgramRules) -> Sequence[Section]:
    rows = session.scalars(
        select(Criterion)
        .where(Criterion.call_id == call.id)
        .order_by(Criterion.stage, Criterion.position, Criterion.id)
    ).all()
    sections = [Section("審査の考え方", paragraphs=(call.review_text or None,))]
    stages = list(dict.fromkeys(row.stage for row in rows))
    for stage in stages:
        sections.append(
            Section(
                f"審査の項目({stage.label})",
                header=("項目", "説明", "配点", "重み"),
                rows=tuple(
                    (row.label, row.description, f"{row.lowest}〜{row.highest}点", row.weight)
                    for row in rows
                    if row.stage is stage
                ),
            )
        )
    if not stages:
        sections.append(Section("審査の項目", paragraphs=(None,)))
    return [*sections, Section("審査の決まり", facts=tuple(review_values(session, call)))]


def _processing(session: Session, call: Call, rules: ProgramRules) -> Sequence[Section]:
    days = None
    if call.closes_on is not None and call.decision_on is not None:
        days = f"{(call.decision_on - call.closes_on).days}日(募集の締切日から決定の予定日まで)"
    return [
        Section("標準処理期間", paragraphs=(call.processing_text or None,)),
        Section(
            "この募集の日程",
            facts=(
                ("募集の締切日", format_date(call.closes_on) if call.closes_on else None),
                ("決定の予定日", format_date(call.decision_on) if call.decision_on else None),
                ("締切から決定まで", days),
            ),
        ),
    ]


_Maker = Callable[[Session, Call, ProgramRules], Sequence[Section]]
PAPERS: dict[str, tuple[str, _Maker]] = {
    "guide": ("募集要項", _guide),
    "briefings": ("説明会", _briefings),
    "questions": ("質問と回答", _questions),
    "criteria": ("審査基準", _criteria),
    "processing": ("標準処理期間", _processing),
}
