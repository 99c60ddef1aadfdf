"""Who may open the screens of directory."""

from __future__ import annotations

from app.access.permissions import Permission as P

#: Single screens and the permission that each takes.
PERMISSION: dict[str, P] = {
    "confirmation-form.confirm_view": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-form.form_file_view": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-form.form_view": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-form.index": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-round.ask_view": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-round.close_view": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-round.edit_view": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-round.forms_view": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-round.index": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-round.open_view": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-round.package_view": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-round.progress_view": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-round.remind_view": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-round.round_view": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-round.upload_view": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-upload.differences_view": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-upload.file_view": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-upload.index": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-upload.set_aside_view": P.CONFIRMATION_ROUND_MANAGE,
    "confirmation-upload.take_view": P.CONFIRMATION_ROUND_MANAGE,
    "edition.booklet_view": P.EDITION_READ,
    "edition.difference_view": P.EDITION_READ,
    "edition.edition_view": P.EDITION_READ,
    "edition.erase_view": P.EDITION_MANAGE,
    "edition.file_view": P.EDITION_READ,
    "edition.freeze_view": P.EDITION_MANAGE,
    "edition.index": P.EDITION_READ,
    "edition.progress_view": P.EDITION_READ,
    "organization-compare.index": P.ORGANIZATION_COMPARE,
}

#: Model views: {endpoint: {verb: permission}}.
MODEL_VIEWS: dict[str, dict[str, P]] = {}
