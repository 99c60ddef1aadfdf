"""The end of a round: accepted rows become the projects of the year in one act, and the list is published."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from app.access.permissions import Permission
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.dates import format_fiscal_year
from app.problems import Conflict
from app.registry.publication import publish_list
from app.registry.survey_making import COPIED, Closing, Maker, Registered
from app.registry.survey_queries import ROW_OPTIONS
from app.registry.survey_rounds import get_round, require_unclosed
from models.base import utc_now
from models.registry import PublishedList
from models.survey import SurveyResponse, SurveyRound, SurveyState


def unaccepted(responses: Sequence[SurveyResponse]) -> list[SurveyResponse]:
    """Responses that stand in the way of closing."""
    return [response for response in responses if response.state is not SurveyState.ACCEPTED]


def close_round(session: Session, *, actor: Actor, round_id: int) -> Closing:
    """Make the year's projects of all accepted rows, in one act. Raises Conflict while a response is not accepted."""
    actor.require(Permission.SURVEY_MANAGE)
    with act(session, actor, "survey:close", "取組調査を一覧に反映") as current:
        survey_round = get_round(session, actor, round_id, for_update=True)
        current.label = f"取組調査({format_fiscal_year(survey_round.fiscal_year)})を一覧に反映"
        require_unclosed(survey_round)
        responses = session.scalars(
            _with_rows(survey_round).with_for_update(of=SurveyResponse).execution_options(populate_existing=True)
        ).all()
        _require_accepted(responses)
        with session.no_autoflush:  # all projects are written together
            result = Maker(session, actor, survey_round).make([row for one in responses for row in one.rows])
        survey_round.closed_at = utc_now()
    return result


def outlook(session: Session, actor: Actor, survey_round: SurveyRound) -> Closing:
    """What closing the round now would do; nothing is written."""
    actor.require(Permission.SURVEY_MANAGE)
    rows = [row for one in session.scalars(_with_rows(survey_round)) for row in one.rows]
    return Registered(session, survey_round).sorted(rows)


def _with_rows(survey_round: SurveyRound) -> Select[SurveyResponse]:
    return (
        select(SurveyResponse)
        .where(SurveyResponse.round_id == survey_round.id)
        .options(
            selectinload(SurveyResponse.department), selectinload(SurveyResponse.rows).options(*ROW_OPTIONS, *COPIED)
        )
        .order_by(SurveyResponse.id)
    )


def publish_round(session: Session, *, actor: Actor, round_id: int) -> PublishedList:
    """Publish the list of a closed round: numbered, frozen. Raises Conflict while it is not closed."""
    survey_round = get_round(session, actor, round_id)
    if survey_round.closed_at is None:
        responses = session.scalars(
            select(SurveyResponse)
            .where(SurveyResponse.round_id == survey_round.id)
            .options(selectinload(SurveyResponse.department))
            .order_by(SurveyResponse.id)
        ).all()
        _require_accepted(responses)
        raise Conflict("回答を一覧に反映してから公表してください。")
    return publish_list(session, actor=actor, fiscal_year=survey_round.fiscal_year)


def _require_accepted(responses: Sequence[SurveyResponse]) -> None:
    waiting = unaccepted(responses)
    if waiting:
        names = "、".join(f"{one.department.name}({one.state.label})" for one in waiting[:5])
        more = f"、ほか{len(waiting) - 5}課" if len(waiting) > 5 else ""
        raise Conflict(
            f"確認済みでない回答が{len(waiting)}課あります: {names}{more}。すべて確認済みにしてから行ってください。"
        )
