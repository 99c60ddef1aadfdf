"""What can be done, and which role may do it: one enum, one table. The README's matrix is printed from here.

Everything is denied unless it stands in ROLE_PERMISSIONS. A permission says that a role may do an action at all;
on which rows is said by the row scopes (`app.access.scopes`), which fields by the field scopes.
"""

from __future__ import annotations

import enum

from models.people import Role


class Permission(enum.StrEnum):
    """`resource:action`, alphabetised."""

    AUDIT_READ = "audit:read"
    BACKUP_MANAGE = "backup:manage"
    IMPORT_RUN = "import:run"
    ORGANIZATION_CREATE = "organization:create"
    ORGANIZATION_DELETE = "organization:delete"
    ORGANIZATION_EDIT = "organization:edit"
    ORGANIZATION_EXPORT = "organization:export"
    ORGANIZATION_IMPORT = "organization:import"
    ORGANIZATION_READ = "organization:read"
    PROJECT_CREATE = "project:create"
    PROJECT_DELETE = "project:delete"
    PROJECT_EDIT = "project:edit"
    PROJECT_EXPORT = "project:export"
    PROJECT_IMPORT = "project:import"
    PROJECT_PUBLISH = "project:publish"
    PROJECT_READ = "project:read"
    REFERENCE_EDIT = "reference:edit"
    REFERENCE_READ = "reference:read"
    SURVEY_ANSWER = "survey:answer"
    SURVEY_MANAGE = "survey:manage"
    SURVEY_READ = "survey:read"
    USER_MANAGE = "user:manage"


_P = Permission

#: Read by everybody who signs in.
_EVERYBODY = {_P.ORGANIZATION_READ, _P.ORGANIZATION_EXPORT, _P.PROJECT_READ, _P.PROJECT_EXPORT, _P.REFERENCE_READ}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OFFICE: frozenset(
        _EVERYBODY
        | {
            _P.IMPORT_RUN,
            _P.PROJECT_CREATE,
            _P.PROJECT_DELETE,
            _P.PROJECT_EDIT,
            _P.PROJECT_IMPORT,
            _P.PROJECT_PUBLISH,
            _P.REFERENCE_EDIT,
            _P.SURVEY_ANSWER,
            _P.SURVEY_MANAGE,
            _P.SURVEY_READ,
        }
    ),
    Role.CENTER: frozenset(
        _EVERYBODY
        | {
            _P.IMPORT_RUN,
            _P.ORGANIZATION_CREATE,
            _P.ORGANIZATION_DELETE,
            _P.ORGANIZATION_EDIT,
            _P.ORGANIZATION_IMPORT,
        }
    ),
    Role.DEPARTMENT: frozenset(
        _EVERYBODY
        | {_P.IMPORT_RUN, _P.PROJECT_CREATE, _P.PROJECT_EDIT, _P.PROJECT_IMPORT, _P.SURVEY_ANSWER, _P.SURVEY_READ}
    ),
    Role.COMMITTEE: frozenset(_EVERYBODY),
    Role.AGENCY: frozenset(_EVERYBODY),
    Role.ADMINISTRATOR: frozenset(
        _EVERYBODY | {_P.AUDIT_READ, _P.BACKUP_MANAGE, _P.IMPORT_RUN, _P.REFERENCE_EDIT, _P.USER_MANAGE}
    ),
}
