"""A proposal's sheets side by side, once a stage is open: scores by member, comments, every version that was sealed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_admin import expose
from sqlalchemy.orm import selectinload

from admin_views.columns import shown
from admin_views.review_result_base import ResultPages
from app.access.scopes import get_visible, scoped
from app.reviews import queries
from app.reviews.papers import opinions_of
from models.proposals import Proposal
from models.review_sheets import ScoreSheet, ScoreSheetVersion
from models.reviews import Criterion, ReviewMember


class ResultSheetPages(ResultPages):
    """Part of the screen of results."""

    @expose("/sheets/<proposal>/")
    def sheets_view(self, proposal: str) -> Any:
        session = self.db_session()
        one = get_visible(session, Proposal, proposal, self.actor)
        call = self.result_call(str(one.call_id))
        criteria = queries.criteria_of(session, call.id)
        sheets = session.scalars(
            scoped(ScoreSheet, self.actor)
            .join(ReviewMember, ReviewMember.id == ScoreSheet.member_id)
            .where(ScoreSheet.proposal_id == one.id)
            .options(selectinload(ScoreSheet.versions).selectinload(ScoreSheetVersion.scores))
            .order_by(ReviewMember.position, ReviewMember.id)
        ).all()
        opened = queries.open_stages(session, call.id)
        return self.render(
            "reviews/result_sheets.html",
            title=f"採点票: {one.title}",
            back=url_for(".call_view", call=call.id),
            stages=[
                _stage(stage.label, [each for each in criteria if each.stage is stage], _of_stage(sheets, stage))
                for stage in queries.stages_of(criteria)
                if stage in opened
            ],
            closed=[stage.label for stage in queries.stages_of(criteria) if stage not in opened],
            opinions=opinions_of(session, self.actor, one),
        )


def _of_stage(sheets: Sequence[ScoreSheet], stage: Any) -> list[ScoreSheet]:
    return [one for one in sheets if one.stage is stage and _in_force(one) is not None]


def _in_force(sheet: ScoreSheet) -> ScoreSheetVersion | None:
    return next((one for one in sheet.versions if one.unsealed_at is None), None)


def _stage(label: str, criteria: Sequence[Criterion], sheets: Sequence[ScoreSheet]) -> dict[str, Any]:
    values = [
        {score.criterion_id: score.value for score in version.scores} if (version := _in_force(sheet)) else {}
        for sheet in sheets
    ]
    return {
        "label": label,
        "members": [(sheet.member.name, f"sheet-{sheet.id}") for sheet in sheets],
        "rows": [
            (
                f"{one.label}({one.highest}点{f'×{one.weight}' if one.weight != '1' else ''})",
                [v.get(one.id) for v in values],
            )
            for one in criteria
        ],
        "sheets": [_sheet(sheet, criteria) for sheet in sheets],
    }


def _sheet(sheet: ScoreSheet, criteria: Sequence[Criterion]) -> dict[str, Any]:
    labels = {one.id: one.label for one in criteria}
    versions = sorted(sheet.versions, key=lambda one: -one.number)
    first = versions[0]
    is_told = first.comment or any(score.comment for score in first.scores)
    return {
        # one sealing without a word: named in one line
        "is_bare": len(versions) == 1 and not (is_told or first.is_on_behalf or first.is_after_opening),
        "anchor": f"sheet-{sheet.id}",
        "name": sheet.member.name,
        "versions": [
            {
                "number": one.number,
                "is_in_force": one.unsealed_at is None,
                "sealed": shown(one.sealed_at),
                "marks": [
                    word
                    for word, holds in (("代理入力", one.is_on_behalf), ("公開の後に確定", one.is_after_opening))
                    if holds
                ],
                "scores": [(labels.get(each.criterion_id, ""), each.value, each.comment) for each in one.scores],
                "comment": one.comment,
                "scan_url": url_for(".signed_view", call=sheet.member.call_id, file=one.scan_file_id)
                if one.scan_file_id is not None
                else None,
                "unsealed": shown(one.unsealed_at) if one.unsealed_at is not None else "",
                "reason": one.unseal_reason or "",
            }
            for one in versions
        ],
    }
