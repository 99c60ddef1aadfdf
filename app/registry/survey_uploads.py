"""An uploaded form on its way: kept while its differences are looked at, then taken whole or put aside."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import scoped
from app.actor import Actor
from app.audit.recorder import act
from app.japanese.text import clean_line
from app.problems import Conflict, Invalid, NotFound
from app.registry.survey_contents import check_content, new_row, put_content
from app.registry.survey_exchange import FileRow, read_form
from app.registry.survey_queries import before_of_row, content_of_row, form_names, get_response
from app.registry.survey_rows import editing, lock_response, require_open
from app.registry.survey_rules import Line, RowContent, day_cell
from models.base import utc_now
from models.reference import Department
from models.survey import Intention, SurveyResponse, SurveyRow, SurveyUpload


@dataclasses.dataclass(frozen=True)
class RowDifference:
    """A row of the file beside what is stored. kind: new | changed | unchanged | wrong.

    cells: (label, stored, in the file) of what differs. problems: (cell, sentence).
    """

    kind: str
    number: int
    row_id: int | None
    name: str
    cells: tuple[tuple[str, str, str], ...]
    problems: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True)
class Differences:
    """All rows of an upload, and stored rows that the file does not have (they stay as they are)."""

    rows: list[RowDifference]
    kept: list[str]

    def count(self, kind: str) -> int:
        """How many rows are of that kind."""
        return sum(row.kind == kind for row in self.rows)


def receive(
    session: Session, *, actor: Actor, response_id: int, content: bytes, file_name: str, secret: str
) -> SurveyUpload:
    """Read an uploaded form and keep it beside the response; nothing of the response changes yet. Raises Invalid."""
    actor.require(Permission.SURVEY_ANSWER)
    with act(session, actor, "survey:upload", "取組調査の様式の読み取り"):
        lock_response(session, actor, response_id)
        response = get_response(session, actor, response_id)
        require_open(response)
        rows = read_form(response, content, secret)
        session.execute(delete(SurveyUpload).where(SurveyUpload.response_id == response.id))
        upload = SurveyUpload(
            response_id=response.id,
            uploaded_by_id=actor.user_id,
            uploaded_at=utc_now(),
            file_name=clean_line(file_name, strip_controls=True)[-200:] or "(名称なし)",
            content={
                "rows": [_as_json(row) for row in rows],
                "seen": {str(row.id): row.version for row in response.rows},
            },
        )
        session.add(upload)
        session.flush()
    return upload


def find_upload(session: Session, actor: Actor, response_id: int) -> SurveyUpload | None:
    """What waits to be taken for that response, if the actor may see it."""
    return session.scalars(scoped(SurveyUpload, actor).where(SurveyUpload.response_id == response_id)).one_or_none()


def differences_of(session: Session, response: SurveyResponse, upload: SurveyUpload) -> Differences:
    """The file beside what is stored now, row by row and cell by cell."""
    stored = {row.id: row for row in response.rows}
    forms = form_names(session)
    departments = set(session.scalars(select(Department.name)))
    seen: set[int] = set()
    found = []
    for one in map(_from_json, upload.content["rows"]):
        problems = list(one.problems)
        row = stored.get(one.row_id) if one.row_id else None
        if one.row_id is not None and row is None:
            problems.append(
                (f"{one.number}行目", "この回答にない行番号です。ほかの課の行か、行番号が書き換えられています。")
            )
        if one.row_id is not None and one.row_id in seen:
            problems.append((f"{one.number}行目", f"行番号{one.row_id}が2回出てきます。どちらかの行を消してください。"))
        seen.add(one.row_id or 0)
        problems += [
            (f"{one.number}行目", f"共同の課「{name}」は登録されていません。課名を確かめてください。")
            for name in one.content.other_departments
            if name not in departments
        ]
        found.append(_difference(one, row, forms, problems))
    kept = [row.name for row in response.rows if row.id not in seen]
    return Differences(found, kept)


def _difference(
    one: FileRow, row: SurveyRow | None, forms: list[str], problems: list[tuple[str, str]]
) -> RowDifference:
    before = before_of_row(row) if row is not None else None
    after = one.content
    try:
        after = check_content(before, one.content, forms)
    except Invalid as error:
        told = dict(error.fields) or {"": error.message}
        if problems:  # What hangs on an unreadable cell is not known; the partners stand for themselves.
            told = {key: sentence for key, sentence in told.items() if key == "lines"}
        problems = [*problems, *((f"{one.number}行目", sentence) for sentence in told.values())]
    now = content_of_row(row) if row is not None else None
    cells = tuple(cells_between(now, after))
    kind = "wrong" if problems else "new" if row is None else "changed" if cells else "unchanged"
    return RowDifference(kind, one.number, one.row_id, one.content.name, cells, tuple(problems))


def cells_between(stored: RowContent | None, new: RowContent) -> list[tuple[str, str, str]]:
    """(label, stored, new) of every cell of the form that differs."""
    old, now = _cells(stored) if stored is not None else {}, _cells(new)
    labels = dict.fromkeys([*now, *old])
    return [
        (label, old.get(label, ""), now.get(label, "")) for label in labels if old.get(label, "") != now.get(label, "")
    ]


def _cells(content: RowContent) -> dict[str, str]:
    """Every cell of the form, as a person reads it."""
    cells = {
        "区分": content.intention.label,
        "事業名称": content.name,
        "共同の課": "、".join(content.other_departments),
    }
    for number, line in enumerate(content.lines, start=1):
        cells[f"協働相手(団体名){number}"] = line.partners
        cells[f"協働形態{number}"] = line.form
        cells[f"個人名{number}"] = "はい" if line.is_person else ""
    return cells | {
        "事業の概要": content.summary,
        "変更・終了の理由など": content.note,
        "協定・契約の内容と役割": content.contract_note,
        "協定・契約の日": day_cell(content.contract_on),
    }


def fingerprint(response: SurveyResponse, upload: SurveyUpload) -> str:
    """What the differences were computed from: the file, and each row at its version."""
    versions = [(row.id, row.version) for row in response.rows]
    return hashlib.sha256(repr((upload.id, versions)).encode()).hexdigest()[:24]


def take(session: Session, *, actor: Actor, response_id: int, seen: str) -> Differences:
    """Put the uploaded rows into the response, all or nothing, and forget the file. seen: the fingerprint shown.

    Raises Conflict when a row was changed after the differences were shown, Invalid when a row is wrong.
    """
    with editing(session, actor, response_id, "survey:answer", "取組調査の様式の取込み"):
        response = get_response(session, actor, response_id)
        upload = session.scalars(select(SurveyUpload).where(SurveyUpload.response_id == response_id)).one_or_none()
        if upload is None:
            raise NotFound("取り込む様式がありません。もう一度ファイルを選んでください。")
        stored = {row.id: row for row in response.rows}
        if fingerprint(response, upload) != seen:
            raise Conflict(
                "違いを表示したあとに、回答か様式が変更されました。違いをもう一度確かめてから取り込んでください。"
            )
        result = differences_of(session, response, upload)
        if result.count("wrong"):
            raise Invalid(f"読み取れない行が{result.count('wrong')}行あります。様式を直して、もう一度選んでください。")
        forms = form_names(session)
        for one, difference in zip(map(_from_json, upload.content["rows"]), result.rows, strict=True):
            if difference.kind == "unchanged":
                continue
            row = stored[one.row_id] if one.row_id else new_row(session, response)
            put_content(session, row, check_content(before_of_row(row) if one.row_id else None, one.content, forms))
        if any(row.intention is not Intention.ENDED for row in response.rows):
            response.has_nothing_to_report = False
        session.delete(upload)
    return result


def discard(session: Session, *, actor: Actor, response_id: int) -> None:
    """Put an uploaded form aside."""
    with act(session, actor, "survey:upload", "取組調査の様式の取りやめ"):
        lock_response(session, actor, response_id)
        session.execute(delete(SurveyUpload).where(SurveyUpload.response_id == response_id))


# --- as the upload keeps them ------------------------------------------------------------------------------------


def _as_json(row: FileRow) -> dict[str, Any]:
    plain = dataclasses.asdict(row)
    on = row.content.contract_on
    plain["content"] |= {"contract_on": on.isoformat() if on else None, "intention": row.content.intention.value}
    return plain


def _from_json(plain: dict[str, Any]) -> FileRow:
    content = dict(plain["content"])
    content["lines"] = tuple(Line(**line) for line in content["lines"])
    content["other_departments"] = tuple(content["other_departments"])
    content["intention"] = Intention(content["intention"])
    content["contract_on"] = dt.date.fromisoformat(content["contract_on"]) if content["contract_on"] else None
    problems = tuple((cell, sentence) for cell, sentence in plain["problems"])
    return FileRow(plain["number"], plain["row_id"], RowContent(**content), problems)
