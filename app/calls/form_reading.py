"""A proposal's Excel form on its way back: every cell read, every fault a sentence with its place."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import python_calamine

from app.calls.form_fields import (
    BUDGET_COLUMNS,
    CHALLENGE,
    FIELD_COLUMNS,
    FIELDS,
    GROUP,
    MOST_LINES,
    PARTNER_COLUMNS,
    SHEET_BUDGET,
    SHEET_FIELDS,
    SHEET_PARTNERS,
    SHEET_SUBSIDIES,
    SUBSIDY_COLUMNS,
)
from app.calls.form_writing import FORM_KIND
from app.exchange.columns import ImportColumn
from app.exchange.excel_forms import find_form_id, verify_form_id
from app.exchange.packages import is_zip
from app.exchange.reading import Table, read_table
from app.exchange.validating import parse_rows
from app.japanese.text import TextError, clean_line, clean_text
from app.problems import Invalid

MAX_BYTES = 5 * 1024 * 1024
_HEAD_ROWS = 20


@dataclasses.dataclass(frozen=True)
class FormId:
    """What the signed number says: the call, and the proposal or (for a new one) the group; 0: a group not on the list."""

    call_id: int
    proposal_id: int | None
    organization_id: int | None


@dataclasses.dataclass
class FormContent:
    """What a form says, as plain (JSON) texts and numbers. problems: (place, sentence)."""

    fields: dict[str, str]
    challenge: str
    budget: list[dict[str, Any]]
    partners: list[dict[str, Any]]
    subsidies: list[dict[str, Any]]
    problems: list[tuple[str, str]]
    #: As the group wrote its name, where the form went out without one.
    group: str = ""

    def as_json(self) -> dict[str, Any]:
        """As the upload keeps it."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> FormContent:
        """The reverse."""
        problems = [(str(place), str(sentence)) for place, sentence in plain["problems"]]
        return cls(**{**plain, "problems": problems})


def read_form(content: bytes, secret: str) -> tuple[FormId, FormContent]:
    """Read a filled-in form. Raises Invalid for what is no form of ours; faults in cells are problems of the content."""
    if not content:
        raise Invalid("ファイルが空です(0バイト)。")
    if len(content) > MAX_BYTES:
        raise Invalid(
            f"ファイルが大きすぎます({MAX_BYTES // 1024 // 1024}MBまで)。ダウンロードした様式を使ってください。"
        )
    if not is_zip(content[:4]):
        raise Invalid("Excelのファイル(.xlsx)ではありません。ダウンロードした様式に入力して、選んでください。")
    table = read_table(content, FIELD_COLUMNS)
    form_id = _form_id(content, table, secret)
    problems: list[tuple[str, str]] = []
    fields, challenge, group = _fields(table, problems)
    return form_id, FormContent(
        fields=fields,
        challenge=challenge,
        budget=_rows(content, SHEET_BUDGET, BUDGET_COLUMNS, problems),
        partners=_rows(content, SHEET_PARTNERS, PARTNER_COLUMNS, problems),
        subsidies=_rows(content, SHEET_SUBSIDIES, SUBSIDY_COLUMNS, problems),
        problems=problems,
        group=group if form_id.organization_id == 0 else "",
    )


def _form_id(content: bytes, table: Table, secret: str) -> FormId:
    sheet = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_name(table.sheet or SHEET_FIELDS)
    written = find_form_id(list(islice(sheet.iter_rows(), _HEAD_ROWS)))
    if not written:
        raise Invalid("様式番号がありません。このシステムからダウンロードした様式に入力して、もう一度選んでください。")
    parts = verify_form_id(secret, written)
    numbers = [part for part in (parts[1:2] + parts[3:4]) if part.isascii() and part.isdecimal()]
    if len(parts) != 4 or parts[0] != FORM_KIND or parts[2] not in ("p", "o") or len(numbers) != 2:
        raise Invalid("応募・提案の様式ではありません。募集の様式をダウンロードして使ってください。")
    call_id, key = map(int, numbers)
    return FormId(call_id, key if parts[2] == "p" else None, key if parts[2] == "o" else None)


def _fields(table: Table, problems: list[tuple[str, str]]) -> tuple[dict[str, str], str, str]:
    by_label = {field.label: field for field in FIELDS}
    found: dict[str, str] = {}
    challenge = group = ""
    seen: set[str] = set()
    for row in parse_rows(table, FIELD_COLUMNS):
        label = str(row.values.get("item") or "").removesuffix("(必須)")
        problems += [(label or problem.address, problem.message) for problem in row.problems]
        if label in seen:
            problems.append((label, "同じ項目が2回出てきます。行を増やさずに入力してください。"))
        seen.add(label)
        text = str(row.values.get("entry") or "")
        if label == CHALLENGE:
            challenge = text
        elif label in by_label:
            found[by_label[label].name] = _checked(label, text, by_label[label].length, problems)
        elif label == GROUP:
            group = clean_line(text, strip_controls=True)[:200]
        elif label:
            problems.append((label, "この様式にない項目です。項目の列は変更しないでください。"))
    missing = [field.label for field in FIELDS if field.label not in seen]
    if missing:
        raise Invalid(
            f"項目「{'」「'.join(missing[:5])}」の行がありません。行を消さずに、様式をそのまま使ってください。"
        )
    for field in FIELDS:
        _try(field.label, found[field.name], field.read, problems)
        if field.is_required and not found[field.name]:
            problems.append((field.label, f"「{field.label}」が空欄です。入力してください。"))
    return found, challenge, group


def _checked(label: str, text: str, length: int, problems: list[tuple[str, str]]) -> str:
    try:
        text = clean_text(text).strip()
    except TextError as error:
        problems.append((label, str(error)))
        return ""
    if len(text) > length:
        problems.append((label, f"「{label}」は{length:,}文字までです({len(text):,}文字あります)。"))
        return text[:length]
    return text


def _try(label: str, text: str, read: Any, problems: list[tuple[str, str]]) -> None:
    if not text:
        return
    try:
        read(text)
    except ValueError as error:
        problems.append((label, str(error)))


def _rows(
    content: bytes, sheet: str, columns: Sequence[ImportColumn], problems: list[tuple[str, str]]
) -> list[dict[str, Any]]:
    try:
        table = read_table(content, columns)
    except Invalid as error:
        raise Invalid(f"シート「{sheet}」を読めません。{error.message}") from None
    found: list[dict[str, Any]] = []
    for row in islice(parse_rows(table, columns), MOST_LINES + 1):
        if len(found) == MOST_LINES:
            raise Invalid(f"シート「{sheet}」の行が多すぎます({MOST_LINES}行まで)。")
        problems += [(f"{sheet} {problem.address}", problem.message) for problem in row.problems]
        found.append(dict(row.values))
    return found
