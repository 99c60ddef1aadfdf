"""Verbs on the rows of a response: save, add, remove, put back. The response row is locked first, so edits queue up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import editable_by, visible_to
from app.actor import Actor
from app.audit.recorder import act
from app.problems import Conflict, NotAllowed, NotFound, check_version
from app.registry.survey_contents import checked, long_text, new_row, put_content
from app.registry.survey_policy import manages
from app.registry.survey_queries import content_of_project, get_row
from app.registry.survey_rules import (
    OPEN_STATES,
    RowContent,
)
from models.survey import SurveyResponse, SurveyRow, SurveyState

CHANGED_MEANWHILE = "ほかの人が先に保存しました。画面を読み込み直し、内容を確かめてからもう一度操作してください。"


def lock_response(
    session: Session, actor: Actor, response_id: int, *, seen_version: int | None = None
) -> SurveyResponse:
    """The response, locked until the act ends, as it stands now. Call inside `act`.

    Raises NotFound outside the actor's scope, NotAllowed when it is only readable, Conflict when `seen_version` is old.
    """
    found = session.scalars(
        select(SurveyResponse)
        .where(SurveyResponse.id == response_id, visible_to(SurveyResponse, actor))
        .with_for_update(of=SurveyResponse)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    allowed = select(SurveyResponse.id).where(SurveyResponse.id == response_id, editable_by(SurveyResponse, actor))
    if session.scalar(allowed) is None:
        raise NotAllowed
    if seen_version is not None and found.version != seen_version:
        raise Conflict(CHANGED_MEANWHILE)
    return found


def require_open(response: SurveyResponse) -> None:
    """Raise Conflict, saying why, unless the response can be edited."""
    if response.round.closed_at is not None:
        raise Conflict("この年度の取組調査は締め切られ、一覧に反映されています。修正は協働事業の画面で行ってください。")
    if response.state not in OPEN_STATES:
        raise Conflict(
            f"この回答は「{response.state.label}」のため変更できません。"
            "提出を取り下げるか、推進担当に差戻しを依頼してください。"
        )


@contextmanager
def editing(session: Session, actor: Actor, response_id: int, verb: str, label: str) -> Iterator[SurveyResponse]:
    """An act on a response that is open for editing; a first edit starts it. The office edits on behalf."""
    actor.require(Permission.SURVEY_ANSWER)
    with act(session, actor, verb, label) as current:
        response = lock_response(session, actor, response_id)
        require_open(response)
        current.label = f"{label}({response.department.name})"
        if manages(actor) and not actor.is_system and response.department_id not in actor.departments:
            current.on_behalf_of = response.department.name
        if response.state is SurveyState.NOT_STARTED:
            response.state = SurveyState.IN_PROGRESS
        yield response


def save_row(session: Session, *, actor: Actor, row_id: int, seen_version: int, content: RowContent) -> SurveyRow:
    """Change a row. 継続 and 変更 follow from the cells; a row that breaks a rule is refused (Invalid with fields)."""
    response_id = get_row(session, actor, row_id).response_id
    with editing(session, actor, response_id, "survey:answer", "取組調査の行を変更") as response:
        row = _row_of(session, actor, response, row_id)
        check_version(row, seen_version)
        put_content(session, row, checked(session, row, content))
    return row


def add_row(session: Session, *, actor: Actor, response_id: int, content: RowContent) -> SurveyRow:
    """Add a new collaboration (新規) to a response."""
    with editing(session, actor, response_id, "survey:answer", "取組調査に新規の行を追加") as response:
        row = new_row(session, response)
        put_content(session, row, checked(session, row, content))
        response.has_nothing_to_report = False
        session.flush()
    return row


def remove_row(session: Session, *, actor: Actor, row_id: int, seen_version: int) -> None:
    """Take a new row back. One from last time cannot be removed: it is 終了."""
    response_id = get_row(session, actor, row_id).response_id
    with editing(session, actor, response_id, "survey:answer", "取組調査の新規の行を取消し") as response:
        row = _row_of(session, actor, response, row_id)
        check_version(row, seen_version)
        if row.predecessor_id is not None:
            raise Conflict("前回の一覧にある事業は取り消せません。続けない場合は、区分を「終了」にしてください。")
        response.rows.remove(row)


def reset_row(session: Session, *, actor: Actor, row_id: int, seen_version: int) -> SurveyRow:
    """Put a row back to what it was last time (継続)."""
    response_id = get_row(session, actor, row_id).response_id
    with editing(session, actor, response_id, "survey:answer", "取組調査の行を前回の内容に戻す") as response:
        row = _row_of(session, actor, response, row_id)
        check_version(row, seen_version)
        if row.predecessor is None:
            raise Conflict("新規の事業には前回の内容がありません。")
        put_content(session, row, content_of_project(row.predecessor))
    return row


def move_row(session: Session, *, actor: Actor, row_id: int, seen_version: int, response_id: int) -> SurveyRow:
    """Let another department answer for a row, after a reorganisation: the office's to decide. Both must be open."""
    actor.require(Permission.SURVEY_MANAGE)
    source_id = get_row(session, actor, row_id).response_id
    with act(session, actor, "survey:move", "取組調査の行を別の課へ移動") as current:
        locked = {key: lock_response(session, actor, key) for key in sorted({source_id, response_id})}
        source, target = locked[source_id], locked[response_id]
        if source is target or source.round_id != target.round_id:
            raise Conflict("移す先は、同じ年度の別の課を選んでください。")
        for response in (source, target):
            require_open(response)
        row = _row_of(session, actor, source, row_id)
        check_version(row, seen_version)
        current.label = f"取組調査の行を{source.department.name}から{target.department.name}へ移動"
        row.position = 1 + max([one.position for one in target.rows], default=0)
        row.response = target
        row.other_departments = [one for one in row.other_departments if one.id != target.department_id]
        target.has_nothing_to_report = False
        session.flush()
    return row


def save_response(
    session: Session, *, actor: Actor, response_id: int, seen_version: int, has_nothing_to_report: bool, note: str
) -> SurveyResponse:
    """Change what stands beside the rows: 「該当なし」 and the word to the office."""
    with editing(session, actor, response_id, "survey:answer", "取組調査の回答欄を変更") as response:
        if response.version != seen_version:
            raise Conflict(CHANGED_MEANWHILE)
        response.has_nothing_to_report = has_nothing_to_report
        response.note = long_text(note, 2_000)
    return response


def _row_of(session: Session, actor: Actor, response: SurveyResponse, row_id: int) -> SurveyRow:
    session.expire(response, ["rows"])
    for row in response.rows:
        if row.id == row_id:
            session.refresh(row)
            return row
    raise NotFound
