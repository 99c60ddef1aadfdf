"""A row's content, cleaned, checked and written: what the screen, the Excel form and the opening of a round share."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.acts import ACT_KEY, MASK, Act, Change
from app.japanese.text import TextError, check_length, clean_line, clean_text
from app.problems import Invalid
from app.registry.survey_queries import before_of_row, form_names
from app.registry.survey_rules import (
    Line,
    RowContent,
    partners_of,
    row_problems,
    settled_intention,
    tidy_form,
)
from models.base import utc_now
from models.records import ChangeKind
from models.reference import Department
from models.survey import Intention, SurveyResponse, SurveyRow, SurveyRowLine


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
    before = _lines_in_words(row)
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
    if row.id is not None and before != _lines_in_words(row):
        _tell_lines(session, row, before)


def _lines_in_words(row: SurveyRow) -> str:
    return "、".join(f"{line.partners}({line.form})" for line in row.lines)


def _tell_lines(session: Session, row: SurveyRow, before: str) -> None:
    """Tell of changed lines on the response's page too: the log hangs a line's own change on its row alone."""
    current: Act = session.info[ACT_KEY]
    pair = [before, _lines_in_words(row)]
    if any(line.is_person for line in row.lines) or (row.predecessor is not None and row.predecessor.names_a_person):
        pair = [MASK, MASK]
    table, key = str(SurveyRow.__tablename__), str(row.id)
    root = str(SurveyResponse.__tablename__)
    current.note(Change(ChangeKind.UPDATED, table, key, row.name, root, str(row.response_id), {"lines": pair}))


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
