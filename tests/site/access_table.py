"""Who may open what, written by hand: each endpoint of the application stands here exactly once. A new screen that is
missing here fails `test_routes`: somebody has to say who may see it."""

from __future__ import annotations

from app.access.permissions import Permission as P

#: Without signing in.
PUBLIC = {
    "static",
    "home.static",
    "healthz",
    "auth.login",
    "auth.enter_code",
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
    "reference.index": P.REFERENCE_READ,
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
    "principle": _REFERENCE,
    "program": _REFERENCE,
    "project-category": _REFERENCE,
    "skill": _REFERENCE,
}

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
