"""Who may open the screens of meetings."""

from __future__ import annotations

from app.access.permissions import Permission as P

#: Single screens and the permission that each takes.
PERMISSION: dict[str, P] = {
    "agenda-item.absence_view": P.MEETING_EDIT,
    "agenda-item.move_view": P.MEETING_EDIT,
    "agenda-item.remove_view": P.MEETING_EDIT,
    "agenda-item.resolve_view": P.MEETING_EDIT,
    "body.renew_view": P.BODY_EDIT,
    "meeting.agenda_view": P.MEETING_EDIT,
    "meeting.attendance_view": P.MEETING_EDIT,
    "meeting.call_pdf_view": P.MEETING_READ,
    "meeting.call_view": P.MEETING_EDIT,
    "meeting.cancel_view": P.MEETING_EDIT,
    "meeting.circulate_view": P.MEETING_EDIT,
    "meeting.confirm_minutes_view": P.MEETING_CONFIRM,
    "meeting.correct_minutes_view": P.MEETING_EDIT,
    "meeting.edit_minutes_view": P.MEETING_EDIT,
    "meeting.hold_view": P.MEETING_EDIT,
    "meeting.minutes_pdf_view": P.MEETING_READ,
    "meeting.minutes_view": P.MEETING_READ,
    "meeting.notices_view": P.MEETING_EDIT,
    "meeting.public_minutes_pdf_view": P.MEETING_EDIT,
    "meeting.reply_view": P.MEETING_READ,
    "membership.new_view": P.BODY_EDIT,
    "membership.remove_view": P.BODY_EDIT,
    "resolution.take_back_view": P.MEETING_EDIT,
}

#: Model views: {endpoint: {verb: permission}}.
MODEL_VIEWS: dict[str, dict[str, P]] = {
    "agenda-item": {"read": P.MEETING_READ, "edit": P.MEETING_EDIT, "export": P.MEETING_READ},
    "body": {"read": P.BODY_READ, "edit": P.BODY_EDIT},
    "meeting": {"read": P.MEETING_READ, "create": P.MEETING_EDIT, "edit": P.MEETING_EDIT, "export": P.MEETING_READ},
    "membership": {"read": P.BODY_READ, "edit": P.BODY_EDIT},
    "resolution": {"read": P.MEETING_READ, "export": P.MEETING_READ},
}
