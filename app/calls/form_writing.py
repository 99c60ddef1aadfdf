"""A proposal's Excel form on its way out: prefilled, with dropdowns, a budget table and a signed number."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.form_fields import (
    BLANK_LINES,
    BUDGET_COLUMNS,
    CHALLENGE,
    ELIGIBLE,
    ENTRY,
    FIELDS,
    GROUP,
    HOW,
    ITEM,
    NOT_ELIGIBLE,
    PARTNER_COLUMNS,
    SHEET_BUDGET,
    SHEET_FIELDS,
    SHEET_PARTNERS,
    SHEET_SUBSIDIES,
    SUBSIDY_COLUMNS,
    TAX_PERCENTS,
)
from app.exchange.columns import ImportColumn
from app.exchange.excel_forms import FORM_LABEL, sign_form_id
from app.exchange.outgoing import Unwritable
from app.exchange.writing import Formats, open_workbook, write_cell
from app.japanese.dates import format_date
from models.calls import Call, Challenge, ChallengeState
from models.directory import Organization, OrganizationKind
from models.proposal_lines import TaxKind
from models.proposals import Proposal

FORM_KIND = "proposal"
NOTES = (
    "うすい黄色のセルに入力してください。ほかのセルと様式番号は変更しないでください。",
    "経費は「収支予算」、一緒に取り組む団体は「協力団体」、ほかの補助は「ほかの補助金」のシートに入力してください。",
)


def form_of(
    session: Session, *, call: Call, proposal: Proposal | None, organization: Organization | None, secret: str
) -> tuple[str, bytes]:
    """(file name, .xlsx) of a new form for a group (None: one that no list knows yet), or of a proposal as it stands now.

    The caller has asked whether the reader may have it, and has noted that contacts go out. Raises Unwritable.
    """
    key = ("p", proposal.id) if proposal is not None else ("o", organization.id if organization is not None else 0)
    form_id = sign_form_id(secret, FORM_KIND, call.id, *key)
    target = io.BytesIO()
    with open_workbook(target, constant_memory=False) as book:
        looks = _Looks(book)
        title = f"{call.name} {proposal.title if proposal is not None else '応募書'}"
        _write_fields(book, looks, title, form_id, call, proposal, organization, shown_challenges(session, call))
        lists = proposal or Proposal()
        budget = [
            (
                line.category,
                line.label,
                line.unit_price_yen,
                line.quantity,
                line.tax.label,
                line.tax_percent,
                ELIGIBLE if line.is_eligible else NOT_ELIGIBLE,
            )
            for line in lists.budget_lines
        ]
        _write_table(
            book,
            looks,
            SHEET_BUDGET,
            BUDGET_COLUMNS,
            budget,
            {
                "tax": [kind.label for kind in TaxKind],
                "tax_percent": TAX_PERCENTS,
                "is_eligible": (ELIGIBLE, NOT_ELIGIBLE),
            },
        )
        partners = [(one.name, one.kind.label if one.kind else "", one.part) for one in lists.partners]
        kinds = [kind.label for kind in OrganizationKind]
        _write_table(book, looks, SHEET_PARTNERS, PARTNER_COLUMNS, partners, {"kind": kinds})
        subsidies = [(one.giver, one.amount_yen, one.note or "") for one in lists.other_subsidies]
        _write_table(book, looks, SHEET_SUBSIDIES, SUBSIDY_COLUMNS, subsidies, {})
    name = f"{call.name}_{proposal.title if proposal is not None else organization or '応募書'}.xlsx"
    return name, target.getvalue()


def shown_challenges(session: Session, call: Call) -> list[Challenge]:
    """What the call shows, in its order."""
    return list(
        session.scalars(
            select(Challenge)
            .where(
                Challenge.call_id == call.id,
                Challenge.state == ChallengeState.CHOSEN,
                Challenge.deleted_at.is_(None),
            )
            .order_by(Challenge.position, Challenge.id)
        )
    )


class _Looks:
    """Formats of the form: what may be filled in is pale yellow and unlocked."""

    def __init__(self, book: Any) -> None:
        self.formats = Formats(book)
        base = {"num_format": "@", "text_wrap": True, "valign": "top", "border": 1}
        self.entry = book.add_format(base | {"locked": False, "bg_color": "#FFFFE5"})
        self.fixed = book.add_format(base | {"bg_color": "#F2F2F2"})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.number = book.add_format({"font_name": "Consolas"})

    def write(self, sheet: Any, row: int, place: int, value: Any, *, is_fixed: bool = False) -> None:
        """A cell in the form's look; a blank one too, so that it can be filled in."""
        look = self.fixed if is_fixed else self.entry
        sheet.write_blank(row, place, None, look)
        kept, self.formats.text = self.formats.text, look
        try:
            text = str(value) if type(value) is int else value
            if not write_cell(sheet, self.formats, row, place, text):
                raise Unwritable("Excelのセルに入りきらない文章があります(32,767文字まで)。", [f"{row + 1}行目"], 1)
        finally:
            self.formats.text = kept


def _write_fields(
    book: Any,
    looks: _Looks,
    title: str,
    form_id: str,
    call: Call,
    proposal: Proposal | None,
    organization: Organization | None,
    challenges: Sequence[Challenge],
) -> None:
    sheet = book.add_worksheet(SHEET_FIELDS)
    sheet.write_string(0, 0, title, looks.title)
    sheet.write_string(1, 0, FORM_LABEL)
    sheet.write_string(1, 1, form_id, looks.number)
    due = f"募集の締切: {format_date(call.closes_on)}" if call.closes_on else "募集の締切: 未設定"
    for number, note in enumerate((due, *NOTES), start=2):
        sheet.write_string(number, 0, note)
    row = 2 + len(NOTES) + 1
    for place, (label, width) in enumerate(((ITEM, 30), (ENTRY, 70), (HOW, 36))):
        sheet.write_string(row, place, label, looks.formats.header)
        sheet.set_column(place, place, width)
    chosen = proposal.challenge.title if proposal is not None and proposal.challenge is not None else ""
    lines: list[tuple[str, Any, str, Sequence[str], int, bool]] = [
        (GROUP, str(organization), "変更できません", (), 20, True)
        if organization is not None
        else (f"{GROUP}(必須)", "", "団体の正式な名称", (), 20, False),
        (CHALLENGE, chosen, "一覧から選択", [one.title for one in challenges], 20, False),
    ]
    for field in FIELDS:
        value = field.show(getattr(proposal, field.name)) if proposal is not None else ""
        label = f"{field.label}(必須)" if field.is_required else field.label
        lines.append((label, value, field.how, field.choices, field.height, False))
    for number, (label, value, how, choices, height, is_fixed) in enumerate(lines, start=row + 1):
        looks.write(sheet, number, 0, label, is_fixed=True)
        looks.write(sheet, number, 1, value, is_fixed=is_fixed)
        looks.write(sheet, number, 2, how, is_fixed=True)
        sheet.set_row(number, height)
        if choices:
            _dropdown(book, sheet, choices, number, number, 1, f"field_{number}")
    _finish(sheet, row)


def _write_table(
    book: Any,
    looks: _Looks,
    name: str,
    columns: Sequence[ImportColumn],
    rows: Sequence[Sequence[Any]],
    choices: dict[str, Sequence[str]],
) -> None:
    sheet = book.add_worksheet(name)
    last = len(rows) + BLANK_LINES
    for place, column in enumerate(columns):
        label = f"{column.label}(必須)" if column.required else column.label
        sheet.write_string(0, place, label, looks.formats.header)
        sheet.set_column(place, place, 34 if column.max_length in (200, 300, 2_000) else 14)
        if column.key in choices:
            _dropdown(book, sheet, choices[column.key], 1, last, place, f"{column.key}_{len(columns)}")
    for number in range(1, last + 1):
        given = rows[number - 1] if number <= len(rows) else ()
        for place in range(len(columns)):
            looks.write(sheet, number, place, given[place] if place < len(given) else "")
    _finish(sheet, 0)


def _dropdown(book: Any, sheet: Any, choices: Sequence[str], first: int, last: int, place: int, name: str) -> None:
    """A list from a hidden sheet by a defined name, so that commas in the choices do no harm."""
    lists = book.get_worksheet_by_name("選択肢")
    if lists is None:
        lists = book.add_worksheet("選択肢")
        lists.very_hidden()
        lists.protect()
    column = getattr(lists, "used_columns", 0)
    lists.used_columns = column + 1
    for row, choice in enumerate(choices):
        lists.write_string(row, column, choice)
    letter = chr(ord("A") + column) if column < 26 else f"A{chr(ord('A') + column - 26)}"
    book.define_name(f"choices_{name}", f"='選択肢'!${letter}$1:${letter}${len(choices)}")
    sheet.data_validation(
        first,
        place,
        last,
        place,
        {
            "validate": "list",
            "source": f"=choices_{name}",
            "error_title": "一覧から選んでください",
            "error_message": "一覧にあるものから選んでください。",
        },
    )


def _finish(sheet: Any, header: int) -> None:
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.freeze_panes(header + 1, 0)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header)
