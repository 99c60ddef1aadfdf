"""Who may open the clock, the papers of a call, and the Excel form of a proposal."""

from __future__ import annotations

from app.access.permissions import Permission as P

#: Single screens and the permission that each takes.
PERMISSION: dict[str, P] = {
    "call-paper.index": P.CALL_READ,
    "call-paper.paper_view": P.CALL_READ,
    "call-paper.pdf_view": P.CALL_READ,
    "clock.create_feed_view": P.CLOCK_READ,
    "clock.feeds_view": P.CLOCK_READ,
    "clock.index": P.CLOCK_READ,
    "clock.revoke_feed_view": P.CLOCK_READ,
    "clock.year_chart_view": P.CLOCK_READ,
    "clock.year_view": P.CLOCK_READ,
    "clock.years_chart_view": P.CLOCK_READ,
    "clock.years_view": P.CLOCK_READ,
    "proposal-form.differences_view": P.PROPOSAL_IMPORT,
    "proposal-form.discard_view": P.PROPOSAL_IMPORT,
    "proposal-form.form_view": P.PROPOSAL_IMPORT,
    "proposal-form.group_view": P.PROPOSAL_IMPORT,
    "proposal-form.index": P.PROPOSAL_IMPORT,
    "proposal-form.new_form_view": P.PROPOSAL_IMPORT,
    "proposal-form.take_view": P.PROPOSAL_IMPORT,
    "proposal-form.upload_view": P.PROPOSAL_IMPORT,
    "proposal-notice.index": P.PROPOSAL_EDIT,
    "proposal-notice.make_view": P.PROPOSAL_EDIT,
}

#: Model views: {endpoint: {verb: permission}}.
MODEL_VIEWS: dict[str, dict[str, P]] = {}
