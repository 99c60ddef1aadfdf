"""Who may open the screens of calls."""

from __future__ import annotations

from app.access.permissions import Permission as P

#: Single screens and the permission that each takes.
PERMISSION: dict[str, P] = {
    "call-question.briefing_edit_view": P.CALL_EDIT,
    "call-question.briefing_new_view": P.CALL_EDIT,
    "call-question.briefing_remove_view": P.CALL_EDIT,
    "call-question.call_view": P.CALL_EDIT,
    "call-question.index": P.CALL_EDIT,
    "call-question.question_edit_view": P.CALL_EDIT,
    "call-question.question_move_view": P.CALL_EDIT,
    "call-question.question_new_view": P.CALL_EDIT,
    "call-question.question_remove_view": P.CALL_EDIT,
    "call-question.question_show_view": P.CALL_EDIT,
    "call.challenges_view": P.CALL_EDIT,
    "call.finish_view": P.CALL_EDIT,
    "call.open_view": P.CALL_EDIT,
    "call.prepare_view": P.CALL_EDIT,
    "challenge.decide_view": P.CHALLENGE_DECIDE,
    "challenge.reopen_view": P.CHALLENGE_DECIDE,
    "challenge.return_view": P.CHALLENGE_DECIDE,
    "challenge.submit_view": P.CHALLENGE_EDIT,
    "coordination.index": P.PROPOSAL_READ,
    "coordination.note_edit_view": P.PROPOSAL_READ,
    "coordination.note_new_view": P.PROPOSAL_READ,
    "coordination.task_done_view": P.PROPOSAL_READ,
    "coordination.task_new_view": P.PROPOSAL_EDIT,
    "coordination.task_reopen_view": P.PROPOSAL_READ,
    "opinion.ask_again_view": P.OPINION_MANAGE,
    "opinion.council_view": P.OPINION_MANAGE,
    "opinion.draft_view": P.OPINION_ANSWER,
    "opinion.index": P.OPINION_READ,
    "opinion.opinion_view": P.OPINION_READ,
    "opinion.remind_all_view": P.OPINION_MANAGE,
    "opinion.remind_view": P.OPINION_MANAGE,
    "opinion.request_view": P.OPINION_MANAGE,
    "opinion.return_view": P.OPINION_MANAGE,
    "opinion.submit_view": P.OPINION_ANSWER,
    "opinion.waive_view": P.OPINION_MANAGE,
    "proposal-paper.contacts_erase_view": P.PROPOSAL_DELETE,
    "proposal-paper.contacts_view": P.PROPOSAL_READ,
    "proposal-paper.file_add_view": P.PROPOSAL_EDIT,
    "proposal-paper.file_remove_view": P.PROPOSAL_EDIT,
    "proposal-paper.file_view": P.PROPOSAL_READ,
    "proposal-paper.freeze_view": P.PROPOSAL_EDIT,
    "proposal-paper.index": P.PROPOSAL_READ,
    "proposal-paper.papers_view": P.PROPOSAL_EDIT,
    "proposal-paper.version_view": P.PROPOSAL_READ,
    "proposal-step.index": P.PROPOSAL_READ,
    "proposal-step.step_view": P.PROPOSAL_ADVANCE,
    "proposal-step.take_over_view": P.PROPOSAL_ADVANCE,
    "proposal.check_view": P.PROPOSAL_CREATE,
}

#: Model views: {endpoint: {verb: permission}}.
MODEL_VIEWS: dict[str, dict[str, P]] = {
    "call": {"read": P.CALL_READ, "edit": P.CALL_EDIT},
    "challenge": {
        "read": P.CHALLENGE_READ,
        "create": P.CHALLENGE_EDIT,
        "edit": P.CHALLENGE_EDIT,
        "delete": P.CHALLENGE_EDIT,
    },
    "proposal": {
        "read": P.PROPOSAL_READ,
        "create": P.PROPOSAL_CREATE,
        "edit": P.PROPOSAL_EDIT,
        "delete": P.PROPOSAL_DELETE,
        "export": P.PROPOSAL_EXPORT,
    },
}
