"""Steps of a response: hand in, take back, accept, hand back, remind. What leads where: `survey_rules.STEPS`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import format_fiscal_year, today_in_tokyo
from app.problems import Conflict, Invalid
from app.registry.survey_contents import long_text
from app.registry.survey_policy import manages
from app.registry.survey_queries import before_of_row, content_of_row, form_names, get_response
from app.registry.survey_rounds import require_unclosed
from app.registry.survey_rows import CHANGED_MEANWHILE, lock_response
from app.registry.survey_rules import STEPS, reminder_text, response_problems, row_problems
from models.base import utc_now
from models.survey import Intention, SurveyReminder, SurveyResponse, SurveyState, SurveyUpload


def submit(session: Session, *, actor: Actor, response_id: int, seen_version: int) -> SurveyResponse:
    """Hand a response in (提出). Raises Invalid with what is still wrong, Conflict when it has been handed in."""
    return _take(session, actor, response_id, "submit", seen_version=seen_version)


def withdraw(session: Session, *, actor: Actor, response_id: int, seen_version: int) -> SurveyResponse:
    """Take a submission back before the office has accepted it."""
    return _take(session, actor, response_id, "withdraw", seen_version=seen_version)


def accept(session: Session, *, actor: Actor, response_id: int, seen_version: int) -> SurveyResponse:
    """The office has looked through a submission (確認済み)."""
    return _take(session, actor, response_id, "accept", seen_version=seen_version)


def hand_back(session: Session, *, actor: Actor, response_id: int, seen_version: int, reason: str) -> SurveyResponse:
    """Return a submission to its department, with the reason."""
    return _take(session, actor, response_id, "return", seen_version=seen_version, reason=reason)


def _take(
    session: Session, actor: Actor, response_id: int, code: str, *, seen_version: int, reason: str | None = None
) -> SurveyResponse:
    step = STEPS[code]
    actor.require(step.permission)
    said = long_text(reason or "")
    if step.asks_reason and not said:
        raise Invalid("差戻しの理由を入力してください。", fields={"reason": "差戻しの理由を入力してください。"})
    with act(session, actor, f"survey:{code}", step.label, reason=said or None) as current:
        response = lock_response(session, actor, response_id)
        current.label = f"取組調査の回答を{step.label}({response.department.name})"
        require_unclosed(response.round)
        if response.state not in step.sources:
            raise Conflict(f"この回答は「{response.state.label}」のため、「{step.label}」ことはできません。")
        if response.version != seen_version:
            raise Conflict(CHANGED_MEANWHILE)
        if code == "submit":
            _require_complete(session, actor, response)
            # A form that was not taken may hold persons' names and has no use any more.
            session.execute(delete(SurveyUpload).where(SurveyUpload.response_id == response.id))
            if manages(actor) and not actor.is_system and response.department_id not in actor.departments:
                current.on_behalf_of = response.department.name
        _stamp(response, step.target, actor, said)
        session.flush()
    return response


def _stamp(response: SurveyResponse, target: SurveyState, actor: Actor, reason: str) -> None:
    now = utc_now()
    response.state = target
    if target is SurveyState.ACCEPTED:
        response.accepted_at, response.accepted_by_id = now, actor.user_id
        return
    response.accepted_at = response.accepted_by_id = None
    is_submitted = target is SurveyState.SUBMITTED
    response.submitted_at = now if is_submitted else None
    response.submitted_by_id = actor.user_id if is_submitted else None
    if target is SurveyState.RETURNED:
        response.return_reason, response.returned_at = reason, now


def _require_complete(session: Session, actor: Actor, response: SurveyResponse) -> None:
    full = get_response(session, actor, response.id)
    forms = form_names(session)
    sentences = []
    for number, row in enumerate(full.rows, start=1):
        problems = row_problems(before_of_row(row), content_of_row(row), forms)
        sentences += [f"{number}番「{row.name}」: {sentence}" for sentence in problems.values()]
    going_on = sum(row.intention is not Intention.ENDED for row in full.rows)
    problems_of_all = response_problems(full.has_nothing_to_report, going_on, sentences)
    if problems_of_all:
        raise Invalid("提出の前に、次のことを直してください。" + " ".join(problems_of_all[:10]))


def remind(session: Session, *, actor: Actor, response_ids: Sequence[int]) -> list[SurveyReminder]:
    """Note that departments without an answer were reminded; returns the words to send. Raises Invalid for none."""
    actor.require(Permission.SURVEY_MANAGE)
    done = []
    with act(session, actor, "survey:remind", "取組調査の督促"):
        for response_id in dict.fromkeys(response_ids):
            response = lock_response(session, actor, response_id)
            require_unclosed(response.round)
            if response.state in {SurveyState.SUBMITTED, SurveyState.ACCEPTED}:
                continue
            year = format_fiscal_year(response.round.fiscal_year)
            words = reminder_text(response.department.name, year, response.round.due_on, today_in_tokyo())
            reminder = SurveyReminder(response=response, reminded_by_id=actor.user_id, text=words)
            session.add(reminder)
            done.append(reminder)
        if not done:
            raise Invalid("督促する課を選んでください。提出済みの課には督促できません。")
        session.flush()
    return done
