"""Who may open the screens of talents."""

from __future__ import annotations

from app.access.permissions import Permission as P

#: Single screens and the permission that each takes.
PERMISSION: dict[str, P] = {
    "match-board.index": P.MATCH_READ,
    "match-board.move_view": P.MATCH_EDIT,
    "match.contact_log_view": P.MATCH_EDIT,
    "match.correct_contact_view": P.MATCH_EDIT,
    "match.correct_note_view": P.MATCH_EDIT,
    "match.follow_up_view": P.MATCH_EDIT,
    "match.introduction_view": P.CONTACT_DISCLOSE,
    "match.step_view": P.MATCH_EDIT,
    "talent-assignment.accept_view": P.MATCH_EDIT,
    "talent-assignment.index": P.MATCH_EDIT,
    "talent-numbers.chart_view": P.TALENT_STATISTIC_READ,
    "talent-numbers.excel_view": P.TALENT_STATISTIC_READ,
    "talent-numbers.index": P.TALENT_STATISTIC_READ,
    "talent-request.approach_view": P.MATCH_EDIT,
    "talent-request.candidate_view": P.MATCH_EDIT,
    "talent-request.change_contact_view": P.CONTACT_DISCLOSE,
    "talent-request.close_view": P.TALENT_REQUEST_EDIT,
    "talent-request.contact_view": P.CONTACT_DISCLOSE,
    "talent-request.erase_contact_view": P.TALENT_ERASE,
    "talent-request.look_view": P.MATCH_READ,
    "talent-request.reopen_view": P.TALENT_REQUEST_EDIT,
    "talent-request.why_view": P.MATCH_READ,
    "talent.change_contact_view": P.CONTACT_DISCLOSE,
    "talent.contact_view": P.CONTACT_DISCLOSE,
    "talent.erase_view": P.TALENT_ERASE,
    "talent.record_view": P.CONTACT_DISCLOSE,
    "talent.renew_view": P.TALENT_EDIT,
    "talent.withdraw_view": P.TALENT_EDIT,
}

#: Model views: {endpoint: {verb: permission}}.
MODEL_VIEWS: dict[str, dict[str, P]] = {
    "match": {"read": P.MATCH_READ},
    "talent": {"read": P.TALENT_READ, "create": P.TALENT_CREATE, "edit": P.TALENT_EDIT, "export": P.TALENT_EXPORT},
    "talent-request": {
        "read": P.TALENT_REQUEST_READ,
        "create": P.TALENT_REQUEST_CREATE,
        "edit": P.TALENT_REQUEST_EDIT,
        "delete": P.TALENT_REQUEST_DELETE,
        "export": P.TALENT_REQUEST_EXPORT,
    },
}
