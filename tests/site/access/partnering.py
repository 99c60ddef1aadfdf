"""Who may open the screens of partnering."""

from __future__ import annotations

from app.access.permissions import Permission as P

#: Single screens and the permission that each takes.
PERMISSION: dict[str, P] = {
    "partner-search.challenge_view": P.PARTNER_SEARCH_EDIT,
    "partner-search.compare_view": P.PARTNER_SEARCH_READ,
    "partner-search.decide_view": P.PARTNER_SEARCH_EDIT,
    "partner-search.drop_view": P.PARTNER_SEARCH_EDIT,
    "partner-search.groups_view": P.PARTNER_SEARCH_READ,
    "partner-search.judge_view": P.PARTNER_SEARCH_EDIT,
    "partner-search.pdf_view": P.PARTNER_SEARCH_READ,
    "partner-search.project_view": P.PARTNER_SEARCH_EDIT,
    "partner-search.reopen_view": P.PARTNER_SEARCH_EDIT,
    "partner-search.take_view": P.PARTNER_SEARCH_EDIT,
}

#: Model views: {endpoint: {verb: permission}}.
MODEL_VIEWS: dict[str, dict[str, P]] = {
    "partner-search": {
        "read": P.PARTNER_SEARCH_READ,
        "create": P.PARTNER_SEARCH_EDIT,
        "edit": P.PARTNER_SEARCH_EDIT,
        "delete": P.PARTNER_SEARCH_EDIT,
    }
}
