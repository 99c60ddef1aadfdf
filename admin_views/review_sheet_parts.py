"""What the pages of a score sheet draw: its fields with what is wrong in them, and the versions that were unsealed."""

from __future__ import annotations

from typing import Any

from admin_views.columns import shown
from app.problems import Invalid, Problem
from app.reviews.counting import figure
from app.reviews.sheet_values import SheetValues, full_marks_of, points_of
from models.review_sheets import ScoreSheet


def sheet_context(criteria: Any, values: SheetValues, problem: Problem | None) -> dict[str, Any]:
    """What the macro of a sheet draws."""
    told = problem.fields if isinstance(problem, Invalid) else {}
    return {
        "rows": [
            {
                "id": one.id,
                "label": one.label,
                "description": one.description,
                "lowest": one.lowest,
                "highest": one.highest,
                "weight": one.weight,
                "value": values.unreadable.get(one.id, values.scores.get(one.id, "")),
                "comment": values.comments.get(one.id, ""),
                "rule": _comment_rule(one),
                "comment_below": one.comment_below,
                "comment_above": one.comment_above,
                "veto_at": one.veto_at,
                "score_error": told.get(f"score-{one.id}"),
                "comment_error": told.get(f"comment-{one.id}"),
            }
            for one in criteria
        ],
        "comment": values.comment,
        "comment_error": told.get("comment"),
        "errors": list(told.items()),
        "points": figure(points_of(values, criteria)),
        "full": figure(full_marks_of(criteria)),
    }


def _comment_rule(one: Any) -> str:
    parts = []
    if one.comment_below is not None:
        parts.append(f"{one.comment_below}点以下")
    if one.comment_above is not None:
        parts.append(f"{one.comment_above}点以上")
    return f"{'または'.join(parts)}のときは、理由を書いてください。" if parts else ""


def earlier_versions(sheet: ScoreSheet | None) -> list[dict[str, Any]]:
    """Versions that were unsealed, newest first."""
    return [
        {
            "number": one.number,
            "sealed_at": shown(one.sealed_at),
            "unsealed_at": shown(one.unsealed_at),
            "reason": one.unseal_reason,
            "after_opening": one.is_after_opening,
            "scores": [(score.criterion.label, score.value, score.comment) for score in one.scores],
            "comment": one.comment,
        }
        for one in sorted(sheet.versions if sheet else [], key=lambda one: -one.number)
        if one.unsealed_at is not None
    ]
