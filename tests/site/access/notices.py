"""Who may open the screens of notices."""

from __future__ import annotations

from app.access.permissions import Permission as P

#: Single screens and the permission that each takes.
PERMISSION: dict[str, P] = {
    "notice.discard_view": P.NOTICE_EDIT,
    "notice.issue_view": P.NOTICE_EDIT,
    "notice.pdf_view": P.NOTICE_READ,
    "notice.print_view": P.NOTICE_READ,
    "notice.withdraw_view": P.NOTICE_EDIT,
    "notice.write_view": P.NOTICE_EDIT,
    "outbox.again_view": P.NOTICE_EDIT,
    "outbox.arrived_view": P.NOTICE_EDIT,
    "outbox.cancel_view": P.NOTICE_EDIT,
    "outbox.copied_view": P.NOTICE_EDIT,
}

#: Model views: {endpoint: {verb: permission}}.
MODEL_VIEWS: dict[str, dict[str, P]] = {
    "notice": {"read": P.NOTICE_READ, "edit": P.NOTICE_EDIT},
    "notice-sender": {"read": P.NOTICE_READ, "edit": P.NOTICE_EDIT},
    "notice-template": {"read": P.NOTICE_READ, "edit": P.NOTICE_EDIT},
    "outbox": {"read": P.NOTICE_READ},
}
