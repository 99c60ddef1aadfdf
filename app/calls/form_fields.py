"""The fields of a proposal's Excel form: one table for writing it out and reading it back."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import Any

from app.exchange.columns import CellError, ColumnKind, ImportColumn
from app.japanese.dates import DateError, format_date, parse_date
from app.japanese.money import MoneyError, parse_yen
from app.japanese.normalize import fold
from models.directory import OrganizationKind
from models.proposal_lines import TaxKind

YES, NO = "はい", "いいえ"
ELIGIBLE, NOT_ELIGIBLE = "対象", "対象外"
TAX_PERCENTS = ("10", "8", "0")
BLANK_LINES = 30
MOST_LINES = 300

SHEET_FIELDS, SHEET_BUDGET, SHEET_PARTNERS, SHEET_SUBSIDIES = "応募書", "収支予算", "協力団体", "ほかの補助金"
ITEM, ENTRY, HOW = "項目", "入力欄", "書き方"


def _text(value: str) -> str | None:
    return value or None


def _day(value: str) -> dt.date:
    try:
        return parse_date(value)
    except DateError as error:
        raise ValueError(str(error)) from None


def _yen(value: str) -> int:
    try:
        return parse_yen(value)
    except MoneyError as error:
        raise ValueError(str(error)) from None


def _yes_or_no(value: str) -> bool:
    folded = fold(value)
    if folded in {fold(word) for word in (YES, "○", "〇", "1", "true")}:
        return True
    if folded in {fold(word) for word in (NO, "×", "0", "false")}:
        return False
    raise ValueError(f"「{YES}」か「{NO}」を選んでください。")


@dataclasses.dataclass(frozen=True)
class Field:
    """One line of the first sheet. name: column of Proposal; read: text -> value, ValueError with a sentence."""

    name: str
    label: str
    how: str = ""
    read: Callable[[str], Any] = _text
    length: int = 20_000
    choices: tuple[str, ...] = ()
    is_required: bool = False
    height: int = 20

    def show(self, value: Any) -> str:
        """The value as the form writes it."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return YES if value else NO
        if isinstance(value, dt.date):
            return format_date(value, weekday=False)
        return f"{value:,}" if isinstance(value, int) else str(value)


_BOTH = (YES, NO)
FIELDS: tuple[Field, ...] = (
    Field("title", "事業名", "200文字まで", length=200, is_required=True),
    Field("purpose", "目的", "地域のどのような課題を、どうしたいか", height=80),
    Field("content", "内容", "だれに、何を、どのように行うか", height=120),
    Field("place", "実施場所", length=300),
    Field("schedule", "スケジュール", "準備、実施、まとめの時期", height=80),
    Field("expected_effect", "期待される効果", height=80),
    Field("organization_structure", "実施体制", "人数、役割の分担", height=60),
    Field("starts_on", "実施期間の初日", "例: 令和8年7月1日", _day),
    Field("ends_on", "実施期間の末日", "例: 令和9年3月31日", _day),
    Field("requested_yen", "希望額(税込)", "円の単位の整数", _yen),
    Field("is_nonprofit", "営利を目的としない団体である", "選択", _yes_or_no, choices=_BOTH),
    Field("is_organized_by_applicant", "団体が自ら企画し、実施する", "選択", _yes_or_no, choices=_BOTH),
    Field("is_in_city", "市内で実施する", "選択", _yes_or_no, choices=_BOTH),
    Field(
        "states_no_other_subsidy",
        "国・都・市等の補助を受けない",
        "受けるときは「ほかの補助金」に書く",
        _yes_or_no,
        choices=_BOTH,
    ),
    Field("representative_name", "代表者氏名", length=100),
    Field("contact_name", "連絡担当者", length=100),
    Field("contact_phone", "電話", length=40),
    Field("contact_email", "メールアドレス", length=254),
    Field("contact_address", "連絡先住所", length=300),
)
PERSONAL = ("representative_name", "contact_name", "contact_phone", "contact_email", "contact_address")
CHALLENGE = "課題・テーマ"
GROUP = "応募団体"


def entry_text(raw: Any) -> str:
    """A cell of the first sheet as text; a real date too, since these cells are not a table of one kind."""
    if isinstance(raw, dt.datetime):
        raw = raw.date()
    if isinstance(raw, dt.date):
        return raw.isoformat()
    if isinstance(raw, bool):
        return YES if raw else NO
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    if isinstance(raw, int | float | str):
        return str(raw).strip()
    raise CellError("時刻として保存されています。セルの書式を「文字列」にして入力し直してください。")


FIELD_COLUMNS = [
    ImportColumn("item", ITEM, ColumnKind.TEXT, max_length=100, required=True),
    ImportColumn("entry", ENTRY, parse=entry_text),
]
BUDGET_COLUMNS = [
    ImportColumn("category", "費目", ColumnKind.TEXT, max_length=60),
    ImportColumn("label", "内容", ColumnKind.TEXT, max_length=200, required=True),
    ImportColumn("unit_price_yen", "単価(円)", ColumnKind.YEN, required=True),
    ImportColumn("quantity", "数量", ColumnKind.INT, minimum=1, maximum=1_000_000),
    ImportColumn("tax", "税込・税抜", ColumnKind.ENUM, choices=TaxKind.choices()),
    ImportColumn("tax_percent", "税率(%)", ColumnKind.INT, minimum=0, maximum=100),
    ImportColumn("is_eligible", "補助対象", ColumnKind.ENUM, choices=[("yes", ELIGIBLE), ("no", NOT_ELIGIBLE)]),
]
PARTNER_COLUMNS = [
    ImportColumn("name", "協力団体の名称", ColumnKind.TEXT, max_length=300, required=True),
    ImportColumn("kind", "種別", ColumnKind.ENUM, choices=OrganizationKind.choices()),
    ImportColumn("part", "役割", ColumnKind.TEXT, max_length=2_000, multiline=True),
]
SUBSIDY_COLUMNS = [
    ImportColumn("giver", "補助の出し手", ColumnKind.TEXT, max_length=200, required=True),
    ImportColumn("amount_yen", "補助の金額(円)", ColumnKind.YEN),
    ImportColumn("note", "備考", ColumnKind.TEXT, max_length=300),
]
