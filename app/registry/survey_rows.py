"""Verbs on the rows of a response: save, add, remove, put back. The response row is locked first, so edits queue up."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import editable_by, visible_to
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.text import TextError, check_length, clean_line, clean_text
from app.problems import Conflict, Invalid, NotAllowed, NotFound
from app.registry.survey_policy import manages
from app.registry.survey_queries import before_of_row, content_of_project, form_names, get_row
from app.registry.survey_rules import (
    OPEN_STATES,
    Line,
    RowContent,
    partners_of,
    row_problems,
    settled_intention,
    tidy_form,
)
from models.base import utc_now
from models.reference import Department
from models.survey import Intention, SurveyResponse, SurveyRow, SurveyRowLine, SurveyState

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
        if row.version != seen_version:
            raise Conflict(CHANGED_MEANWHILE)
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
        if row.version != seen_version:
            raise Conflict(CHANGED_MEANWHILE)
        if row.predecessor_id is not None:
            raise Conflict("前回の一覧にある事業は取り消せません。続けない場合は、区分を「終了」にしてください。")
        response.rows.remove(row)


def reset_row(session: Session, *, actor: Actor, row_id: int, seen_version: int) -> SurveyRow:
    """Put a row back to what it was last time (継続)."""
    response_id = get_row(session, actor, row_id).response_id
    with editing(session, actor, response_id, "survey:answer", "取組調査の行を前回の内容に戻す") as response:
        row = _row_of(session, actor, response, row_id)
        if row.version != seen_version:
            raise Conflict(CHANGED_MEANWHILE)
        if row.predecessor is None:
            raise Conflict("新規の事業には前回の内容がありません。")
        put_content(session, row, content_of_project(row.predecessor))
    return row


def save_response(
    session: Session, *, actor: Actor, response_id: int, seen_version: int, has_nothing_to_report: bool, note: str
) -> SurveyResponse:
    """Change what stands beside the rows: 「該当なし」 and the word to the office."""
    with editing(session, actor, response_id, "survey:answer", "取組調査の回答欄を変更") as response:
        if response.version != seen_version:
            raise Conflict(CHANGED_MEANWHILE)
        response.has_nothing_to_report = has_nothing_to_report
        response.note = _cleaned({"note": "推進担当への連絡"}, {"note": note}, 2_000)["note"]
    return response


# --- parts that the upload and the opening use too ---------------------------------------------------------------


def new_row(session: Session, response: SurveyResponse) -> SurveyRow:
    """A blank new row at the end of a response, not yet filled."""
    last = session.scalar(select(func.max(SurveyRow.position)).where(SurveyRow.response_id == response.id)) or 0
    last = max([last, *(row.position for row in response.rows)])
    row = SurveyRow(intention=Intention.NEW, name="", position=last + 1)
    response.rows.append(row)
    return row


def checked(session: Session, row: SurveyRow, content: RowContent) -> RowContent:
    """The content cleaned, its intention settled, and found right; raises Invalid with sentences by field."""
    return check_content(before_of_row(row), content, form_names(session))


def check_content(before: RowContent | None, content: RowContent, forms: Sequence[str]) -> RowContent:
    """`checked` without the database."""
    labels = {
        "name": "事業名称",
        "summary": "事業の概要",
        "note": "変更・終了の理由など",
        "contract_note": "協定・契約の内容と役割",
    }
    texts = {name: getattr(content, name) for name in labels}
    long = _cleaned({key: labels[key] for key in labels if key != "name"}, texts, 10_000)
    name = _cleaned({"name": labels["name"]}, texts, 300, is_line=True)["name"]
    lines = []
    for number, line in enumerate(content.lines, start=1):
        cells = {"partners": line.partners, "form": line.form}
        given = _cleaned({"partners": f"{number}行目の協働相手"}, cells, 1_000, field="lines")
        form = _cleaned({"form": f"{number}行目の協働形態"}, cells, 100, is_line=True, field="lines")["form"]
        partners = "、".join(partners_of(given["partners"])) if "\n" in given["partners"] else given["partners"]
        if partners or form:
            lines.append(Line(partners, tidy_form(form), line.is_person))
    cleaned = RowContent(
        intention=content.intention,
        name=name,
        lines=tuple(lines),
        other_departments=tuple(dict.fromkeys(content.other_departments)),
        summary=long["summary"],
        note=long["note"],
        contract_note=long["contract_note"],
        contract_on=content.contract_on,
    )
    problems = row_problems(before, cleaned, forms)
    if problems:
        raise Invalid("入力内容を確認してください。", fields=problems)
    return dataclasses.replace(cleaned, intention=settled_intention(before, cleaned))


def put_content(session: Session, row: SurveyRow, content: RowContent) -> None:
    """Write a checked content into a row; a change of its lines is a new version of the row too."""
    row.intention, row.name, row.summary = content.intention, content.name, content.summary
    row.note, row.contract_note, row.contract_on = content.note, content.contract_note, content.contract_on
    for number, line in enumerate(content.lines, start=1):
        if number > len(row.lines):
            row.lines.append(SurveyRowLine(position=number))
        kept = row.lines[number - 1]
        kept.is_person = line.is_person
        kept.partners, kept.form = line.partners, line.form
    for extra in row.lines[len(content.lines) :]:
        row.lines.remove(extra)
    wanted = _departments(session, row, content.other_departments)
    if [department.id for department in row.other_departments] != [department.id for department in wanted]:
        row.other_departments = wanted
    row.updated_at = utc_now()


def _departments(session: Session, row: SurveyRow, names: Sequence[str]) -> list[Department]:
    if not names:
        return []
    found: dict[str, Department] = {}
    kept = {department.id for department in row.other_departments}
    for department in session.scalars(
        select(Department)
        .where(Department.name.in_(names))
        .order_by(Department.valid_until.is_not(None), Department.id)
    ):
        if department.name not in found or department.id in kept:
            found[department.name] = department
    for name in names:
        if name not in found:
            raise Invalid(
                f"課「{name}」は登録されていません。",
                fields={"other_departments": f"課「{name}」は登録されていません。"},
            )
    own = row.response.department_id if row.response is not None else None
    return sorted((one for one in found.values() if one.id != own), key=lambda one: one.id)


def _row_of(session: Session, actor: Actor, response: SurveyResponse, row_id: int) -> SurveyRow:
    session.expire(response, ["rows"])
    for row in response.rows:
        if row.id == row_id:
            session.refresh(row)
            return row
    raise NotFound


def long_text(value: str, limit: int = 5_000) -> str:
    """A text of several lines as it is kept; raises Invalid with the sentence."""
    return _cleaned({"text": "文章"}, {"text": value}, limit)["text"]


def _cleaned(
    labels: dict[str, str], texts: dict[str, str], limit: int, *, is_line: bool = False, field: str | None = None
) -> dict[str, str]:
    done = {}
    for name, label in labels.items():
        try:
            done[name] = (clean_line if is_line else clean_text)(texts[name] or "")
            check_length(done[name], limit, label)
        except TextError as error:
            raise Invalid(f"{label}: {error}", fields={field or name: str(error)}) from None
    return done
