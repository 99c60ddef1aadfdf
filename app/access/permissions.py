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
    BODY_EDIT = "body:edit"
    BODY_READ = "body:read"
    CALL_EDIT = "call:edit"
    CALL_READ = "call:read"
    CHALLENGE_DECIDE = "challenge:decide"
    CHALLENGE_EDIT = "challenge:edit"
    CHALLENGE_READ = "challenge:read"
    CLOCK_READ = "clock:read"
    CONCLUSION_EDIT = "conclusion:edit"
    CONCLUSION_READ = "conclusion:read"
    CONFIRMATION_ROUND_MANAGE = "confirmation-round:manage"
    CONFLICT_MANAGE = "conflict:manage"
    CONTACT_DISCLOSE = "contact:disclose"
    CRITERION_EDIT = "criterion:edit"
    DECLARATION_SIGN = "declaration:sign"
    EDITION_MANAGE = "edition:manage"
    EDITION_READ = "edition:read"
    IMPORT_RUN = "import:run"
    MATCH_EDIT = "match:edit"
    MATCH_READ = "match:read"
    MEETING_CONFIRM = "meeting:confirm"
    MEETING_EDIT = "meeting:edit"
    MEETING_READ = "meeting:read"
    NOTICE_EDIT = "notice:edit"
    NOTICE_READ = "notice:read"
    OPINION_ANSWER = "opinion:answer"
    OPINION_MANAGE = "opinion:manage"
    OPINION_READ = "opinion:read"
    ORGANIZATION_FILE_EDIT = "organization-file:edit"
    ORGANIZATION_COMPARE = "organization:compare"
    ORGANIZATION_CREATE = "organization:create"
    ORGANIZATION_DELETE = "organization:delete"
    ORGANIZATION_DISCLOSE = "organization:disclose"
    ORGANIZATION_EDIT = "organization:edit"
    ORGANIZATION_EXPORT = "organization:export"
    ORGANIZATION_IMPORT = "organization:import"
    ORGANIZATION_MERGE = "organization:merge"
    ORGANIZATION_READ = "organization:read"
    PARTNER_SEARCH_EDIT = "partner-search:edit"
    PARTNER_SEARCH_READ = "partner-search:read"
    PROJECT_CREATE = "project:create"
    PROJECT_DELETE = "project:delete"
    PROJECT_EDIT = "project:edit"
    PROJECT_EXPORT = "project:export"
    PROJECT_IMPORT = "project:import"
    PROJECT_PUBLISH = "project:publish"
    PROJECT_READ = "project:read"
    PROPOSAL_ADVANCE = "proposal:advance"
    PROPOSAL_CREATE = "proposal:create"
    PROPOSAL_DELETE = "proposal:delete"
    PROPOSAL_EDIT = "proposal:edit"
    PROPOSAL_EXPORT = "proposal:export"
    PROPOSAL_IMPORT = "proposal:import"
    PROPOSAL_READ = "proposal:read"
    REFERENCE_EDIT = "reference:edit"
    REFERENCE_READ = "reference:read"
    REGISTRATION_EDIT = "registration:edit"
    REGISTRATION_READ = "registration:read"
    REVIEW_DECISION_EDIT = "review-decision:edit"
    REVIEW_DECISION_READ = "review-decision:read"
    SCORE_ENTER = "score:enter"
    SCORE_READ = "score:read"
    SHEET_MANAGE = "sheet:manage"
    SURVEY_ANSWER = "survey:answer"
    SURVEY_MANAGE = "survey:manage"
    SURVEY_READ = "survey:read"
    TALENT_REQUEST_CREATE = "talent-request:create"
    TALENT_REQUEST_DELETE = "talent-request:delete"
    TALENT_REQUEST_EDIT = "talent-request:edit"
    TALENT_REQUEST_EXPORT = "talent-request:export"
    TALENT_REQUEST_READ = "talent-request:read"
    TALENT_STATISTIC_READ = "talent-statistic:read"
    TALENT_CREATE = "talent:create"
    TALENT_EDIT = "talent:edit"
    TALENT_ERASE = "talent:erase"
    TALENT_EXPORT = "talent:export"
    TALENT_IMPORT = "talent:import"
    TALENT_READ = "talent:read"
    USER_MANAGE = "user:manage"


_P = Permission

#: Read by everybody who signs in.
_EVERYBODY = {
    _P.CLOCK_READ,
    _P.EDITION_READ,
    _P.ORGANIZATION_COMPARE,
    _P.ORGANIZATION_EXPORT,
    _P.ORGANIZATION_READ,
    _P.PROJECT_EXPORT,
    _P.PROJECT_READ,
    _P.REFERENCE_READ,
}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OFFICE: frozenset(
        _EVERYBODY
        | {
            _P.BODY_EDIT,
            _P.BODY_READ,
            _P.CALL_EDIT,
            _P.CALL_READ,
            _P.CHALLENGE_DECIDE,
            _P.CHALLENGE_EDIT,
            _P.CHALLENGE_READ,
            _P.CONCLUSION_EDIT,
            _P.CONCLUSION_READ,
            _P.CONFLICT_MANAGE,
            _P.CRITERION_EDIT,
            _P.IMPORT_RUN,
            _P.MEETING_CONFIRM,
            _P.MEETING_EDIT,
            _P.MEETING_READ,
            _P.NOTICE_EDIT,
            _P.NOTICE_READ,
            _P.OPINION_MANAGE,
            _P.OPINION_READ,
            _P.ORGANIZATION_DISCLOSE,
            _P.PARTNER_SEARCH_EDIT,
            _P.PARTNER_SEARCH_READ,
            _P.PROJECT_CREATE,
            _P.PROJECT_DELETE,
            _P.PROJECT_EDIT,
            _P.PROJECT_IMPORT,
            _P.PROJECT_PUBLISH,
            _P.PROPOSAL_ADVANCE,
            _P.PROPOSAL_CREATE,
            _P.PROPOSAL_DELETE,
            _P.PROPOSAL_EDIT,
            _P.PROPOSAL_EXPORT,
            _P.PROPOSAL_IMPORT,
            _P.PROPOSAL_READ,
            _P.REFERENCE_EDIT,
            _P.REGISTRATION_READ,
            _P.REVIEW_DECISION_EDIT,
            _P.REVIEW_DECISION_READ,
            _P.SCORE_READ,
            _P.SHEET_MANAGE,
            _P.SURVEY_ANSWER,
            _P.SURVEY_MANAGE,
            _P.SURVEY_READ,
            _P.TALENT_REQUEST_READ,
            _P.TALENT_STATISTIC_READ,
            _P.TALENT_EXPORT,
            _P.TALENT_READ,
        }
    ),
    Role.CENTER: frozenset(
        _EVERYBODY
        | {
            _P.BODY_READ,
            _P.CONFIRMATION_ROUND_MANAGE,
            _P.CONTACT_DISCLOSE,
            _P.EDITION_MANAGE,
            _P.IMPORT_RUN,
            _P.MATCH_EDIT,
            _P.MATCH_READ,
            _P.MEETING_READ,
            _P.NOTICE_EDIT,
            _P.NOTICE_READ,
            _P.ORGANIZATION_FILE_EDIT,
            _P.ORGANIZATION_CREATE,
            _P.ORGANIZATION_DELETE,
            _P.ORGANIZATION_DISCLOSE,
            _P.ORGANIZATION_EDIT,
            _P.ORGANIZATION_IMPORT,
            _P.ORGANIZATION_MERGE,
            _P.REGISTRATION_EDIT,
            _P.REGISTRATION_READ,
            _P.TALENT_REQUEST_CREATE,
            _P.TALENT_REQUEST_DELETE,
            _P.TALENT_REQUEST_EDIT,
            _P.TALENT_REQUEST_EXPORT,
            _P.TALENT_REQUEST_READ,
            _P.TALENT_STATISTIC_READ,
            _P.TALENT_CREATE,
            _P.TALENT_EDIT,
            _P.TALENT_ERASE,
            _P.TALENT_EXPORT,
            _P.TALENT_IMPORT,
            _P.TALENT_READ,
        }
    ),
    Role.DEPARTMENT: frozenset(
        _EVERYBODY
        | {
            _P.BODY_READ,
            _P.CALL_READ,
            _P.CHALLENGE_EDIT,
            _P.CHALLENGE_READ,
            _P.IMPORT_RUN,
            _P.MEETING_READ,
            _P.OPINION_ANSWER,
            _P.OPINION_READ,
            _P.ORGANIZATION_DISCLOSE,
            _P.PARTNER_SEARCH_EDIT,
            _P.PARTNER_SEARCH_READ,
            _P.PROJECT_CREATE,
            _P.PROJECT_EDIT,
            _P.PROJECT_IMPORT,
            _P.PROPOSAL_ADVANCE,
            _P.PROPOSAL_READ,
            _P.SURVEY_ANSWER,
            _P.SURVEY_READ,
            _P.TALENT_READ,
        }
    ),
    Role.COMMITTEE: frozenset(
        _EVERYBODY
        | {
            _P.BODY_READ,
            _P.CALL_READ,
            _P.CHALLENGE_READ,
            _P.CONCLUSION_READ,
            _P.DECLARATION_SIGN,
            _P.MEETING_CONFIRM,
            _P.MEETING_READ,
            _P.OPINION_READ,
            _P.PROPOSAL_READ,
            _P.REVIEW_DECISION_READ,
            _P.SCORE_ENTER,
            _P.SCORE_READ,
        }
    ),
    Role.AGENCY: frozenset(
        _EVERYBODY
        | {
            _P.BODY_READ,
            _P.CALL_READ,
            _P.MEETING_READ,
            _P.TALENT_READ,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        _EVERYBODY
        | {
            _P.AUDIT_READ,
            _P.BACKUP_MANAGE,
            _P.IMPORT_RUN,
            _P.REFERENCE_EDIT,
            _P.USER_MANAGE,
        }
    ),
}
