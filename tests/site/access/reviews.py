"""Who may open the screens of reviews."""

from __future__ import annotations

from app.access.permissions import Permission as P

#: Single screens and the permission that each takes.
PERMISSION: dict[str, P] = {
    "review-result.call_view": P.SCORE_READ,
    "review-result.confirm_view": P.SCORE_READ,
    "review-result.conclusion_view": P.SCORE_READ,
    "review-result.correct_view": P.SCORE_READ,
    "review-result.decide_view": P.REVIEW_DECISION_EDIT,
    "review-result.decision_view": P.REVIEW_DECISION_EDIT,
    "review-result.draft_view": P.SCORE_READ,
    "review-result.index": P.SCORE_READ,
    "review-result.letters_view": P.REVIEW_DECISION_EDIT,
    "review-result.paper_view": P.REVIEW_DECISION_EDIT,
    "review-result.record_file_view": P.SCORE_READ,
    "review-result.record_view": P.SCORE_READ,
    "review-result.reserve_view": P.REVIEW_DECISION_EDIT,
    "review-result.spread_view": P.SCORE_READ,
    "review-result.tie_view": P.SCORE_READ,
    "declaration.change_view": P.DECLARATION_SIGN,
    "declaration.index": P.DECLARATION_SIGN,
    "declaration.sign_view": P.DECLARATION_SIGN,
    "review.abandon_view": P.SHEET_MANAGE,
    "review.absence_view": P.SHEET_MANAGE,
    "review.begin_view": P.SHEET_MANAGE,
    "review.call_view": P.SHEET_MANAGE,
    "review.criterion_view": P.SHEET_MANAGE,
    "review.declare_view": P.SHEET_MANAGE,
    "review.enter_draft_view": P.SHEET_MANAGE,
    "review.enter_seal_view": P.SHEET_MANAGE,
    "review.enter_view": P.SHEET_MANAGE,
    "review.index": P.SHEET_MANAGE,
    "review.leave_view": P.SHEET_MANAGE,
    "review.lift_view": P.SHEET_MANAGE,
    "review.look_view": P.SHEET_MANAGE,
    "review.new_conflict_view": P.SHEET_MANAGE,
    "review.new_criterion_view": P.SHEET_MANAGE,
    "review.prepare_view": P.SHEET_MANAGE,
    "review.preset_view": P.SHEET_MANAGE,
    "review.remove_criterion_view": P.SHEET_MANAGE,
    "review.rule_view": P.SHEET_MANAGE,
    "review.setting_view": P.SHEET_MANAGE,
    "review.settle_view": P.SHEET_MANAGE,
    "review.unseal_view": P.SHEET_MANAGE,
    "review.withdraw_absence_view": P.SHEET_MANAGE,
    "score-sheet.draft_view": P.SCORE_ENTER,
    "score-sheet.index": P.SCORE_ENTER,
    "score-sheet.seal_view": P.SCORE_ENTER,
    "score-sheet.sheet_view": P.SCORE_ENTER,
}

#: Model views: {endpoint: {verb: permission}}.
MODEL_VIEWS: dict[str, dict[str, P]] = {}
