"""What stands on the page of a search for a partner."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from app.japanese.dates import format_date
from app.partnering.rules import category_hints, form_hints
from models.partnering import Gain, PartnerSearch, Support
from models.reference import CollaborationForm, ProjectCategory


def sections_of(record: PartnerSearch) -> list[tuple[str, list[tuple[str, Any]]]]:
    """(heading, [(label, value)]): what was written down, step by step."""
    gains = "、".join(Gain(code).label for code in record.gains)
    supports = "、".join(Support(code).label for code in record.supports)
    return [
        (
            "課題",
            [
                ("困っていること", record.problem),
                ("目指す姿", record.goal),
                ("相手に期待すること", record.wanted),
                ("関連する分野", "、".join(row.name for row in record.fields)),
            ],
        ),
        (
            "可能性の検討",
            [
                ("一緒に行うとよくなる点", gains),
                ("単独で行う場合との比較", record.gains_note),
                ("相手の長所・特性", record.group_strengths),
                ("市の長所・特性", record.city_strengths),
                ("協働に適した事業の分類", "、".join(row.name for row in record.categories)),
                ("見極めの結果", record.verdict.label if record.verdict else None),
                ("見極めの理由", record.verdict_reason),
            ],
        ),
        (
            "形態の選択",
            [
                ("主催", record.lead.label if record.lead else None),
                ("市が出すもの", supports),
                ("形態", record.form.name if record.form else None),
                ("形態を選んだ理由", record.form_reason),
            ],
        ),
        (
            "相手の選択",
            [
                ("選定方法", record.method),
                ("選定基準", record.criteria),
                ("選んだ団体", "、".join(str(one) for one in record.chosen)),
                ("選んだ理由", record.choice_reason),
                ("選定日", format_date(record.decided_on) if record.decided_on else None),
            ],
        ),
    ]


def followed_by(record: PartnerSearch) -> list[tuple[str, str, str]]:
    """(heading, name, address) of what the search became."""
    found = []
    if record.project is not None:
        found.append(("協働事業", record.project.name, url_for("project.details_view", key=record.project.id)))
    if record.challenge is not None and record.challenge.deleted_at is None:
        address = url_for("challenge.details_view", key=record.challenge.id)
        found.append(("課題・テーマ", record.challenge.title, address))
    return found


def category_help(session: Session, record: PartnerSearch) -> str:
    """Which of the five categories the problem is near to."""
    rows = session.query(ProjectCategory).order_by(ProjectCategory.number).all()
    text = " ".join(filter(None, (record.title, record.problem, record.goal, record.wanted)))
    hints = category_hints(text, {row.id: row.examples for row in rows})
    told = [f"「{row.name}」の例「{'・'.join(hints[row.id])}」" for row in rows if row.id in hints]
    return f"書かれた課題は、{'、'.join(told)}に近いようです。" if told else "当てはまるものをすべて選びます。"


def form_help(session: Session, record: PartnerSearch) -> str:
    """Forms that fit, each with why and with the handbook's meaning of it."""
    forms = {row.code: row for row in session.query(CollaborationForm)}
    told = [
        f"{forms[hint.code].name}({hint.why}{forms[hint.code].definition})"
        for hint in form_hints(record.lead, record.supports)
        if hint.code in forms
    ]
    if not told:
        return "主催と市が出すものを選んで保存すると、合いそうな形態が出ます。"
    return f"合いそうな形態: {' / '.join(told)}"
