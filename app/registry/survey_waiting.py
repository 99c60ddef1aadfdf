"""What waits in the yearly survey: answers of one's own department, submissions to look through, rounds to end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy.orm import Session, selectinload

from app.access.permissions import Permission
from app.access.scopes import scoped
from app.actor import Actor
from app.japanese.dates import format_fiscal_year, today_in_tokyo
from app.registry.survey_policy import manages
from app.registry.survey_rules import OPEN_STATES
from app.work import Waiting, register_waiting
from models.survey import SurveyResponse, SurveyRound, SurveyState

#: So many days before the due date the office is told who has not answered.
DAYS_BEFORE = 7


@register_waiting
def survey_lines(session: Session, actor: Actor) -> Iterator[Waiting]:
    """Lines of the kinds `survey_answer` (department) and `survey_check`, `survey_remind`, `survey_close` (office)."""
    if not actor.may(Permission.SURVEY_READ) or actor.is_system:
        return
    responses = session.scalars(
        scoped(SurveyResponse, actor)
        .join(SurveyRound, SurveyRound.id == SurveyResponse.round_id)
        .where(SurveyRound.closed_at.is_(None))
        .options(selectinload(SurveyResponse.round), selectinload(SurveyResponse.department))
        .order_by(SurveyResponse.round_id, SurveyResponse.department_id)
    ).all()
    for response in responses:
        if response.department_id in actor.departments and response.state in OPEN_STATES:
            year = format_fiscal_year(response.round.fiscal_year)
            detail = (
                "推進担当から差し戻されています。" if response.state is SurveyState.RETURNED else response.state.label
            )
            label = f"取組調査({year})に回答する: {response.department.name}"
            yield Waiting("survey_answer", str(response.id), label, response.round.due_on, detail)
    if manages(actor):
        yield from _for_the_office(session, actor)


def _for_the_office(session: Session, actor: Actor) -> Iterator[Waiting]:
    rounds = session.scalars(
        scoped(SurveyRound, actor)
        .where(SurveyRound.closed_at.is_(None))
        .options(selectinload(SurveyRound.responses))
        .order_by(SurveyRound.fiscal_year)
    ).all()
    near = today_in_tokyo() + dt.timedelta(days=DAYS_BEFORE)
    for one in rounds:
        year, key = format_fiscal_year(one.fiscal_year), str(one.id)
        states = [response.state for response in one.responses]
        submitted = states.count(SurveyState.SUBMITTED)
        waiting = sum(state in OPEN_STATES for state in states)
        if submitted:
            yield Waiting(
                "survey_check", key, f"取組調査({year})の提出を確認する", None, f"{submitted}課が提出しています。"
            )
        if waiting and one.due_on <= near:
            yield Waiting(
                "survey_remind",
                key,
                f"取組調査({year})の未提出の課に連絡する",
                one.due_on,
                f"{waiting}課が未提出です。",
            )
        if states and all(state is SurveyState.ACCEPTED for state in states):
            yield Waiting("survey_close", key, f"取組調査({year})を一覧に反映する", None, "すべての課が確認済みです。")
