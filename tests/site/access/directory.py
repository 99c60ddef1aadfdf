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
    "confirmation-round.take_view": P.CONFIRMATION_ROUND_MANAGE,
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
    "duplicate.index": P.ORGANIZATION_MERGE,
    "duplicate.judge_view": P.ORGANIZATION_MERGE,
    "organization.completeness_view": P.ORGANIZATION_READ,
    "organization.consent_view": P.ORGANIZATION_EDIT,
    "organization.consents_view": P.REGISTRATION_READ,
    "organization.contact_view": P.ORGANIZATION_DISCLOSE,
    "organization.likely_view": P.ORGANIZATION_CREATE,
    "organization.merge_view": P.ORGANIZATION_MERGE,
    "organization.paper_view": P.ORGANIZATION_READ,
    "organization.papers_view": P.ORGANIZATION_FILE_EDIT,
    "organization.registration_view": P.REGISTRATION_EDIT,
    "organization.remove_paper_view": P.ORGANIZATION_FILE_EDIT,
    "organization.rows_view": P.ORGANIZATION_EDIT,
    "organization.unmerge_view": P.ORGANIZATION_MERGE,
}

#: Model views: {endpoint: {verb: permission}}.
_REFERENCE = {
    "read": P.REFERENCE_READ,
    "create": P.REFERENCE_EDIT,
    "edit": P.REFERENCE_EDIT,
    "export": P.REFERENCE_READ,
}
MODEL_VIEWS: dict[str, dict[str, P]] = {
    "audience": _REFERENCE,
    "registered-count": _REFERENCE,
    "registration": {"read": P.REGISTRATION_READ},
    "registration-requirement": _REFERENCE,
    "registration-rule": _REFERENCE,
}
