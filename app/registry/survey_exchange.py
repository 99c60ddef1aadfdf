"""A department's own Excel form: written with its rows, dropdowns and a signed number, and read back row by row."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import python_calamine
from sqlalchemy.orm import Session

from app.actor import Actor
from app.exchange import csv_text
from app.exchange.cells import Raw
from app.exchange.columns import ColumnKind, ImportColumn
from app.exchange.excel_forms import FormColumn, find_form_id, sign_form_id, verify_form_id, write_form
from app.exchange.headers import SEARCHED_ROWS
from app.exchange.reading import Table, read_table
from app.exchange.validating import parse_rows
from app.japanese.dates import format_date, format_fiscal_year
from app.problems import Invalid
from app.registry.survey_queries import content_of_row, form_names, get_response
from app.registry.survey_rules import MAX_LINES, Line, RowContent, day_cell, partners_of
from models.survey import Intention, SurveyResponse

#: Pairs of partner and form that every form offers.
MIN_PAIRS = 3
MAX_ROWS = 2_000
_KIND = "survey"
_YES, _NO = "はい", "いいえ"

NOTES = (
    "うすい黄色のセルに入力してください。灰色の「行番号」は変更しないでください。",
    "続けない事業は、行を消さずに区分を「終了」にしてください。新しい事業は、下の空いている行に入力してください。",
    "同じ形態の相手が複数あるときは、一つのセルに「、」で区切って入力してください。形態が違う相手は2、3に分けてください。",
)

_TEXTS: tuple[tuple[str, str, int, str], ...] = (
    ("summary", "事業の概要", 30, "任意です。"),
    ("note", "変更・終了の理由など", 24, "任意です。推進担当が確認のときに読みます。"),
    ("contract_note", "協定・契約の内容と役割", 24, "委託のときに入力してください(実践編1(2))。"),
)


@dataclasses.dataclass(frozen=True)
class FileRow:
    """A row of an uploaded form. `row_id` None: a new collaboration. `problems`: [(cell, sentence)]."""

    number: int
    row_id: int | None
    content: RowContent
    problems: tuple[tuple[str, str], ...] = ()


def form_columns(pairs: int, forms: Sequence[str]) -> list[FormColumn]:
    """The columns of the form, in order."""
    columns = [
        FormColumn("行番号", 9, is_locked=True),
        FormColumn(
            "区分",
            9,
            choices=[one.label for one in Intention],
            is_required=True,
            help="継続・変更・終了・新規から選びます。",
        ),
        FormColumn("事業名称", 36, is_required=True),
        FormColumn("共同の課", 18, help="いっしょに行う課があれば、課名を「、」で区切って入力します。"),
    ]
    for number in range(1, pairs + 1):
        columns += [
            FormColumn(f"協働相手(団体名){number}", 32, help="複数の相手は「、」で区切ります。"),
            FormColumn(f"協働形態{number}", 15, choices=forms),
            FormColumn(
                f"個人名{number}", 9, choices=(_YES, _NO), help="相手が個人か、個人名を含むときは「はい」にします。"
            ),
        ]
    columns += [FormColumn(label, width, help=words) for _, label, width, words in _TEXTS]
    return [*columns, FormColumn("協定・契約の日", 16, help="例: 令和8年7月1日")]


def form_file(session: Session, actor: Actor, response_id: int, secret: str) -> tuple[str, bytes]:
    """(file name, .xlsx) of a department's form. Raises NotFound outside the actor's scope."""
    response = get_response(session, actor, response_id)
    pairs = _pairs_of(response)
    rows = []
    for row in response.rows:
        content = content_of_row(row)
        cells: list[Any] = [str(row.id), content.intention.label, content.name, "、".join(content.other_departments)]
        for number in range(pairs):
            line = content.lines[number] if number < len(content.lines) else None
            cells += [line.partners, line.form, _YES if line.is_person else ""] if line else ["", "", ""]
        cells += [content.summary, content.note, content.contract_note]
        rows.append([*cells, day_cell(content.contract_on)])
    year = format_fiscal_year(response.round.fiscal_year)
    target = io.BytesIO()
    write_form(
        target,
        form_columns(pairs, form_names(session)),
        rows,
        title=f"取組調査 {year} {response.department.name}",
        form_id=sign_form_id(secret, _KIND, response.round_id, response.id),
        notes=(f"回答期限: {format_date(response.round.due_on)}", *NOTES),
    )
    return f"取組調査_{year}_{response.department.name}.xlsx", target.getvalue()


def _pairs_of(response: SurveyResponse) -> int:
    return min(MAX_LINES, max([MIN_PAIRS, *(len(row.lines) for row in response.rows)]))


def read_form(response: SurveyResponse, content: bytes, secret: str) -> list[FileRow]:
    """The rows of an uploaded form. Raises Invalid with a sentence when it is not this response's form."""
    pairs = _pairs_of(response)
    columns = _import_columns()
    table = read_table(content, columns)
    _check_form_id(response, find_form_id(_head(content, table)), secret)
    there = set(table.keys.values())
    wanted = [one for one in columns if not one.key[-1].isdecimal() or int(one.key.rpartition("_")[2]) <= pairs]
    missing = [one.label for one in wanted if one.key not in there]
    if missing:
        names = "".join(f"「{label}」" for label in missing)
        raise Invalid(f"列{names}がありません。列を消さずに、ダウンロードした様式をそのまま使ってください。")
    rows: list[FileRow] = []
    for parsed in islice(parse_rows(table, columns), MAX_ROWS + 1):
        if len(rows) == MAX_ROWS:
            raise Invalid(f"行が多すぎます。一度に読めるのは{MAX_ROWS:,}行までです。")
        problems = [(problem.address, problem.message) for problem in parsed.problems]
        rows.append(_file_row(parsed.number, parsed.values, problems))
    if not rows:
        raise Invalid("様式に入力された行がありません。")
    return rows


def _file_row(number: int, values: dict[str, Any], problems: list[tuple[str, str]]) -> FileRow:
    row_id = None
    if values.get("row_id"):
        if values["row_id"].isascii() and values["row_id"].isdecimal() and len(values["row_id"]) < 18:
            row_id = int(values["row_id"])
        else:
            problems.append((f"{number}行目", "行番号が変わっています。ダウンロードした様式の行番号に戻してください。"))
            row_id = 0
    lines = []
    for pair in range(1, MAX_LINES + 1):
        partners, form = values.get(f"partners_{pair}") or "", values.get(f"form_{pair}") or ""
        if partners or form:
            joined = "、".join(partners_of(partners)) if "\n" in partners else partners
            lines.append(Line(joined, form, bool(values.get(f"person_{pair}"))))
    contract_on = values.get("contract_on")
    intention = Intention(values["intention"]) if values.get("intention") else Intention.NEW
    content = RowContent(
        intention=intention,
        name=values.get("name") or "",
        lines=tuple(lines),
        other_departments=tuple(values.get("other_departments") or ()),
        summary=values.get("summary") or "",
        note=values.get("note") or "",
        contract_note=values.get("contract_note") or "",
        contract_on=dt.date.fromisoformat(contract_on) if contract_on else None,
    )
    return FileRow(number, row_id, content, tuple(problems))


def _import_columns() -> list[ImportColumn]:
    text = ColumnKind.TEXT
    columns = [
        ImportColumn("row_id", "行番号", text, max_length=60),
        ImportColumn("intention", "区分", ColumnKind.ENUM, choices=Intention.choices(), required=True),
        ImportColumn("name", "事業名称", text, max_length=300, required=True),
        ImportColumn("other_departments", "共同の課", ColumnKind.MANY, max_length=1_000),
    ]
    for number in range(1, MAX_LINES + 1):
        columns += [
            ImportColumn(f"partners_{number}", f"協働相手(団体名){number}", text, max_length=1_000, multiline=True),
            ImportColumn(f"form_{number}", f"協働形態{number}", text, max_length=100),
            ImportColumn(f"person_{number}", f"個人名{number}", ColumnKind.BOOL),
        ]
    columns += [ImportColumn(key, label, text, multiline=True) for key, label, _, _ in _TEXTS]
    return [*columns, ImportColumn("contract_on", "協定・契約の日", ColumnKind.DATE)]


def _check_form_id(response: SurveyResponse, written: str | None, secret: str) -> None:
    if not written:
        raise Invalid("様式番号がありません。この画面からダウンロードした様式に入力して、もう一度選んでください。")
    parts = verify_form_id(secret, written)
    if len(parts) != 3 or parts[0] != _KIND:
        raise Invalid("取組調査の様式ではありません。この画面からダウンロードした様式を使ってください。")
    if parts[1] != str(response.round_id):
        raise Invalid("別の年度の取組調査の様式です。この年度の様式をダウンロードして入力してください。")
    if parts[2] != str(response.id):
        raise Invalid("別の課の様式です。自分の課の画面からダウンロードした様式を使ってください。")


def _head(content: bytes, table: Table) -> list[Sequence[Raw]]:
    """The first rows of the sheet that was read, where the form's number stands."""
    rows: Iterable[Sequence[Raw]]
    if table.sheet is None:
        rows = (cells for _, cells in csv_text.rows(csv_text.decode(content)[0]))
    else:
        rows = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_name(table.sheet).iter_rows()
    return list(islice(rows, SEARCHED_ROWS))
