"""Who may open what, written by hand: each endpoint of the application stands here exactly once. A new screen that is
missing here fails `test_routes`: somebody has to say who may see it."""

from __future__ import annotations

from app.access.permissions import Permission as P
from tests.site.access import calls, clock, directory, meetings, notices, partnering, reviews, talents

#: Without signing in.
PUBLIC = {
    "static",
    "home.static",
    "healthz",
    "auth.login",
    "auth.enter_code",
    "calendar-feed.feed_view",
}

#: Everybody who signed in, whatever their role.
SIGNED_IN = {
    "home.index",
    "auth.logout",
    "account.index",
    "account.change_password",
    "account.disable_second_factor",
    "account.end_session",
    "account.recovery_codes",
    "account.second_factor",
    "account.second_factor_picture",
}

#: Single screens and the permission that each takes.
PERMISSION: dict[str, P] = {
    "audit.accesses_view": P.AUDIT_READ,
    "audit.entry_view": P.AUDIT_READ,
    "audit.export_view": P.AUDIT_READ,
    "audit.index": P.AUDIT_READ,
    "import.apply_view": P.IMPORT_RUN,
    "import.blank_form_view": P.IMPORT_RUN,
    "import.choose_view": P.IMPORT_RUN,
    "import.discard_view": P.IMPORT_RUN,
    "import.file_view": P.IMPORT_RUN,
    "import.index": P.IMPORT_RUN,
    "import.preview_view": P.IMPORT_RUN,
    "import.progress_view": P.IMPORT_RUN,
    "import.run_view": P.IMPORT_RUN,
    "import.undo_view": P.IMPORT_RUN,
    "import.upload_view": P.IMPORT_RUN,
    "import.wrong_rows_view": P.IMPORT_RUN,
    "project-list.index": P.PROJECT_READ,
    "project-list.pdf_view": P.PROJECT_READ,
    "project.carry_over_view": P.PROJECT_CREATE,
    "project.finish_view": P.PROJECT_EDIT,
    "project.start_view": P.PROJECT_EDIT,
    "reference.index": P.REFERENCE_READ,
    "registry-year.chart_view": P.PROJECT_READ,
    "registry-year.compare_chart_view": P.PROJECT_READ,
    "registry-year.compare_view": P.PROJECT_READ,
    "registry-year.index": P.PROJECT_READ,
    "registry-year.publish_view": P.PROJECT_PUBLISH,
    "registry-year.published_view": P.PROJECT_READ,
    "registry-year.year_view": P.PROJECT_READ,
    "role-setting.index": P.USER_MANAGE,
    "survey-response.accept_view": P.SURVEY_MANAGE,
    "survey-response.differences_view": P.SURVEY_ANSWER,
    "survey-response.discard_view": P.SURVEY_ANSWER,
    "survey-response.form_file_view": P.SURVEY_ANSWER,
    "survey-response.index": P.SURVEY_READ,
    "survey-response.new_row_view": P.SURVEY_ANSWER,
    "survey-response.note_view": P.SURVEY_ANSWER,
    "survey-response.response_view": P.SURVEY_READ,
    "survey-response.return_view": P.SURVEY_MANAGE,
    "survey-response.submit_view": P.SURVEY_ANSWER,
    "survey-response.take_view": P.SURVEY_ANSWER,
    "survey-response.upload_view": P.SURVEY_ANSWER,
    "survey-response.withdraw_view": P.SURVEY_ANSWER,
    "survey-row.edit_view": P.SURVEY_ANSWER,
    "survey-row.move_view": P.SURVEY_MANAGE,
    "survey-row.end_view": P.SURVEY_ANSWER,
    "survey-row.index": P.SURVEY_READ,
    "survey-row.remove_view": P.SURVEY_ANSWER,
    "survey-row.reset_view": P.SURVEY_ANSWER,
    "survey.add_department_view": P.SURVEY_MANAGE,
    "survey.changes_view": P.SURVEY_READ,
    "survey.close_view": P.SURVEY_MANAGE,
    "survey.edit_view": P.SURVEY_MANAGE,
    "survey.index": P.SURVEY_READ,
    "survey.open_view": P.SURVEY_MANAGE,
    "survey.publish_view": P.PROJECT_PUBLISH,
    "survey.remind_view": P.SURVEY_MANAGE,
    "survey.round_view": P.SURVEY_READ,
    "user.activate_view": P.USER_MANAGE,
    "user.assign_view": P.USER_MANAGE,
    "user.deactivate_view": P.USER_MANAGE,
    "user.end_role_view": P.USER_MANAGE,
    "user.hand_over_view": P.USER_MANAGE,
    "user.reset_password_view": P.USER_MANAGE,
    "user.reset_second_factor_view": P.USER_MANAGE,
}

#: Model views: {endpoint: {verb: permission}}; a verb that is missing is closed to everybody.
_REFERENCE = {
    "read": P.REFERENCE_READ,
    "create": P.REFERENCE_EDIT,
    "edit": P.REFERENCE_EDIT,
    "export": P.REFERENCE_READ,
}
MODEL_VIEWS: dict[str, dict[str, P]] = {
    "activity-field": _REFERENCE,
    "area": _REFERENCE,
    "check-item": _REFERENCE,
    "check-point": _REFERENCE,
    "chronicle": _REFERENCE,
    "collaboration-form": _REFERENCE,
    "department": _REFERENCE,
    "effect": _REFERENCE,
    "evaluation-point": _REFERENCE,
    "policy-basis": _REFERENCE,
    "organization": {
        "read": P.ORGANIZATION_READ,
        "create": P.ORGANIZATION_CREATE,
        "edit": P.ORGANIZATION_EDIT,
        "delete": P.ORGANIZATION_DELETE,
        "export": P.ORGANIZATION_EXPORT,
    },
    "principle": _REFERENCE,
    "program": _REFERENCE,
    "project": {
        "read": P.PROJECT_READ,
        "create": P.PROJECT_CREATE,
        "edit": P.PROJECT_EDIT,
        "delete": P.PROJECT_DELETE,
        "export": P.PROJECT_EXPORT,
    },
    "project-category": _REFERENCE,
    "skill": _REFERENCE,
    "user": {"read": P.USER_MANAGE, "create": P.USER_MANAGE, "edit": P.USER_MANAGE, "export": P.USER_MANAGE},
}

for _part in (directory, talents, partnering, meetings, notices, calls, clock, reviews):
    PERMISSION |= _part.PERMISSION
    MODEL_VIEWS |= _part.MODEL_VIEWS

#: The doors of every model view and the verb that each takes.
VERB_OF_DOOR = {
    "index_view": "read",
    "details_view": "read",
    "history_view": "read",
    "lookup_view": "read",
    "save_view": "read",
    "forget_view": "read",
    "create_view": "create",
    "edit_view": "edit",
    "action_view": "edit",
    "delete_view": "delete",
    "deleted_view": "delete",
    "restore_view": "delete",
    "export_view": "export",
}


def classes_of(endpoint: str) -> list[str]:
    """The access classes in which the endpoint stands; exactly one is right."""
    view, _, door = endpoint.partition(".")
    found = []
    if endpoint in PUBLIC:
        found.append("public")
    if endpoint in SIGNED_IN:
        found.append("signed in")
    if endpoint in PERMISSION:
        found.append("permission")
    elif view in MODEL_VIEWS and door in VERB_OF_DOOR:
        found.append("model view")
    return found


def permission_of(endpoint: str) -> P | None:
    """The permission that the endpoint takes; None when it is closed to everybody."""
    if endpoint in PERMISSION:
        return PERMISSION[endpoint]
    view, _, door = endpoint.partition(".")
    return MODEL_VIEWS.get(view, {}).get(VERB_OF_DOOR.get(door, ""))
