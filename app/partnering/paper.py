"""The record of a search on paper: problem, possibility, form, candidates with the five items, choice and reasons."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.actor import Actor
from app.documents.pdf import render_pdf
from app.japanese.dates import format_date, format_fiscal_year, today_in_tokyo
from app.partnering.evidence import evidence_of
from app.partnering.matching import reading_level
from app.partnering.queries import possible_partners, projects_of_partners
from models.partnering import Gain, PartnerCandidate, PartnerSearch, Support

_ANSWERS = {True: "見いだせる", False: "見いだせない", None: "未確認"}


def find_paper(session: Session, actor: Actor, search: PartnerSearch) -> bytes:
    """The PDF; of each group only what city staff may read."""
    return render_pdf("partner_search", paper_data(session, actor, search))


def paper_data(session: Session, actor: Actor, search: PartnerSearch) -> dict[str, Any]:
    """What the template prints."""
    ids = [candidate.organization_id for candidate in search.candidates]
    groups = {group.id: group for group in possible_partners(session, actor, ids)} if ids else {}
    past = projects_of_partners(session, actor) if ids else {}
    level = reading_level(actor)
    candidates = []
    for candidate in search.candidates:
        group = groups.get(candidate.organization_id)
        items = evidence_of(group, level, past.get(group.id, ())) if group is not None else []
        candidates.append(
            {
                "name": str(candidate) + ("(選定)" if candidate.is_chosen else ""),
                "rows": _findings(candidate),
                "items": [
                    [item.item.label, "\n".join(f"{label}: {text}" for label, text in item.found) or "記録なし"]
                    for item in items
                ],
            }
        )
    return {
        "title": f"パートナー選びの記録: {search.title}",
        "author": "小平市",
        "running_head": f"パートナー選びの記録({search.department.name})",
        "footer": f"{format_date(today_in_tokyo(), weekday=False)}作成",
        "mark": "" if search.decided_on else "検討中",
        "lead": f"{format_fiscal_year(search.fiscal_year)} {search.department.name}",
        "sections": [{"heading": heading, "rows": rows} for heading, rows in _sections(search)],
        "candidates": candidates,
    }


def _sections(search: PartnerSearch) -> list[tuple[str, list[list[str]]]]:
    def rows(*pairs: tuple[str, str | None]) -> list[list[str]]:
        return [[label, text or "未記入"] for label, text in pairs]

    return [
        (
            "課題",
            rows(("困っていること", search.problem), ("目指す姿", search.goal), ("相手に期待すること", search.wanted)),
        ),
        (
            "可能性の検討",
            rows(
                ("一緒に行うとよくなる点", "、".join(Gain(code).label for code in search.gains)),
                ("単独で行う場合との比較", search.gains_note),
                ("相手の長所・特性", search.group_strengths),
                ("市の長所・特性", search.city_strengths),
                ("協働に適した事業の分類", "、".join(row.name for row in search.categories)),
                ("見極めの結果", search.verdict.label if search.verdict else None),
                ("見極めの理由", search.verdict_reason),
            ),
        ),
        (
            "形態の選択",
            rows(
                ("主催", search.lead.label if search.lead else None),
                ("市が出すもの", "、".join(Support(code).label for code in search.supports)),
                ("形態", search.form.name if search.form else None),
                ("形態を選んだ理由", search.form_reason),
            ),
        ),
        (
            "相手の選択",
            rows(
                ("選定方法", search.method),
                ("選定基準", search.criteria),
                ("選んだ団体", "、".join(str(one) for one in search.chosen)),
                ("選んだ理由", search.choice_reason),
                ("選定日", format_date(search.decided_on, weekday=False) if search.decided_on else None),
            ),
        ),
    ]


def _findings(candidate: PartnerCandidate) -> list[list[str]]:
    found = [
        ["候補にした根拠", "。".join(candidate.reasons) or "一覧から選んだ"],
        ["共通の目的", _with_note(candidate.has_common_purpose, candidate.purpose_note)],
        ["実施手法の合意", _with_note(candidate.has_workable_method, candidate.method_note)],
    ]
    return [*found, ["調べたこと・話したこと", candidate.note]] if candidate.note else found


def _with_note(answer: bool | None, note: str | None) -> str:
    return _ANSWERS[answer] + (f": {note}" if note else "")
