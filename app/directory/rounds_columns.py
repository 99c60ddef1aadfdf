"""What the yearly form asks: the rows of its first sheet, and the columns of its sheets by fiscal year."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from app.directory.fields import FIELDS, Item, Kept, ProfileField
from app.exchange.cells import Raw, shortened
from app.exchange.columns import CellError, ColumnKind, ImportColumn, as_text
from app.japanese.dates import DateError, parse_fiscal_year
from models.directory_profile import ConsentLevel

#: Activity fields that every form offers.
MIN_FIELDS = 3
CONSENT_CHOICES = [(str(level.value), level.label) for level in ConsentLevel]
STAYS_CHOICES = [("yes", "続ける"), ("no", "やめる")]


@dataclasses.dataclass(frozen=True)
class FormRow:
    """One line of the first sheet. `field`: the profile's field whose consent is asked beside it, if any."""

    column: ImportColumn
    field: ProfileField | None = None
    help: str = ""
    #: Belongs to the five items: coloured while it is empty.
    is_wanted: bool = False

    @property
    def key(self) -> str:
        """The name under which its value is kept."""
        return self.column.key


_HELP = {
    "purpose": "何のために活動しているかを、はじめて読む人に分かるように書いてください。",
    "founded_year": "西暦でも和暦でもかまいません(例: 2009、平成21年)。",
    "activities": "ふだん行っていること、年間の主な行事などを書いてください。",
    "public_interest": "だれの、どのような役に立っていますか。",
    "non_profit": "余ったお金をどう使っていますか(会員に分けないことなど)。",
    "voluntariness": "会員がどのように参加し、活動を決めていますか。",
    "bookkeeping": "帳簿のつけ方、領収書の保管などを書いてください。",
    "audit_method": "会計監査をだれが、いつ行うかを書いてください。",
    "bylaws": "規約・会則の名称と、最後に改めた年月を書いてください。",
    "phone": "公開する場合は、右の「公開の範囲」を選んでください。",
}
_FIRST = (
    FormRow(ImportColumn("name", "団体名", max_length=300, required=True), help="正式な名称を書いてください。"),
    FormRow(ImportColumn("reading", "よみ", max_length=300), help="ひらがなで書いてください。"),
    FormRow(ImportColumn("legal_form", "法人格", max_length=60), help="法人でない団体は空欄でかまいません。"),
)
_RELATED = {
    "audiences": "「、」で区切って、いくつでも書けます。",
    "areas": "町名を「、」で区切って書いてください。",
}
ANSWER_ROWS = (
    FormRow(
        ImportColumn("stays", "登録の継続", ColumnKind.ENUM, choices=STAYS_CHOICES),
        help="来年度もあすぴあの登録を続けるかを選んでください。",
    ),
    FormRow(
        ImportColumn("answered_by", "記入者", max_length=100),
        help="この様式を確かめた人の氏名を書いてください(公開しません)。",
    ),
    FormRow(ImportColumn("answered_on", "記入日", ColumnKind.DATE), help="例: 令和8年7月1日"),
)


def form_rows(choices: Sequence[tuple[str, str]], field_count: int = MIN_FIELDS) -> list[FormRow]:
    """The lines of the first sheet, in order. choices: (number, 「7 環境の保全」) of the activity fields."""
    rows = list(_FIRST)
    for field in FIELDS:
        if field.is_internal or field.kept in {Kept.FILE, Kept.ROWS}:
            continue
        if field.name == "fields":
            rows += _field_rows(field, choices, max(MIN_FIELDS, field_count))
        else:
            rows.append(_row_of(field))
    return [*rows, *ANSWER_ROWS]


def _field_rows(field: ProfileField, choices: Sequence[tuple[str, str]], count: int) -> list[FormRow]:
    rows = []
    for number in range(1, count + 1):
        label = f"{field.label}(主なもの)" if number == 1 else f"{field.label}{number}"
        column = ImportColumn(f"fields_{number}", label, ColumnKind.ENUM, choices=choices)
        words = "一覧から選んでください。「むすぶ」は、この分野の順に並びます。" if number == 1 else "任意です。"
        rows.append(FormRow(column, field if number == 1 else None, words, is_wanted=number == 1))
    return rows


def _year_of(raw: Raw) -> int:
    """A calendar year, typed as 2009 or 平成21年."""
    try:
        return parse_fiscal_year(as_text(raw))
    except DateError:
        raise CellError(
            f"「{shortened(as_text(raw))}」は年として読めません。「2009」「平成21年」のように書いてください。"
        ) from None


def _row_of(field: ProfileField) -> FormRow:
    is_wanted = field.item is not None
    if field.name in _RELATED:
        column = ImportColumn(field.name, field.label, ColumnKind.MANY, max_length=2_000)
        return FormRow(column, field, _RELATED[field.name], is_wanted)
    if field.name == "founded_year":
        column = ImportColumn(field.name, field.label, ColumnKind.INT, parse=_year_of)
    elif field.kept is Kept.NUMBER:
        column = ImportColumn(field.name, field.label, ColumnKind.INT, maximum=10_000_000)
    else:
        column = ImportColumn(
            field.name,
            field.label,
            max_length=field.limit,
            multiline=field.kept is Kept.TEXT,
            personal=field.is_contact,
        )
    return FormRow(column, field, _HELP.get(field.name, ""), is_wanted)


@dataclasses.dataclass(frozen=True)
class YearSheet:
    """A sheet with one line a fiscal year (or several, of activities). `key`: the field of the profile."""

    key: str
    title: str
    columns: tuple[ImportColumn, ...]
    #: Columns that tell one line from another.
    identity: tuple[str, ...]
    item: Item
    note: str


_YEAR = ImportColumn("fiscal_year", "年度", ColumnKind.FISCAL_YEAR, required=True, width=12)


def _number(key: str, label: str) -> ImportColumn:
    return ImportColumn(key, label, ColumnKind.INT, maximum=10_000_000, width=14)


SHEETS: tuple[YearSheet, ...] = (
    YearSheet(
        "activity_records",
        "活動の記録",
        (
            _YEAR,
            ImportColumn("heading", "活動の名称", max_length=200, required=True, width=32),
            ImportColumn("description", "内容", multiline=True, width=56),
            _number("participant_count", "参加者数"),
            ImportColumn("partner", "協働の相手", max_length=200, width=28),
        ),
        ("fiscal_year", "heading"),
        Item.RECORD,
        "前年度の主な活動を、空いている行に書き足してください。市や他の団体と一緒に行った活動は、相手も書いてください。",
    ),
    YearSheet(
        "statements",
        "決算",
        (
            _YEAR,
            ImportColumn("income_yen", "収入", ColumnKind.YEN, required=True),
            ImportColumn("expenditure_yen", "支出", ColumnKind.YEN, required=True),
            ImportColumn("carried_forward_yen", "繰越", ColumnKind.YEN, allows_negative=True),
            ImportColumn("note", "説明", multiline=True, width=48),
        ),
        ("fiscal_year",),
        Item.FINANCE,
        "前年度の決算を、空いている行に円単位で書き足してください。1年度に1行です。",
    ),
    YearSheet(
        "member_counts",
        "会員数",
        (
            _YEAR,
            ImportColumn("members", "会員数", ColumnKind.INT, required=True, maximum=10_000_000, width=14),
            _number("in_city", "うち市民"),
            _number("joined", "うちその年度の入会"),
            _number("aged_65", "うち65歳以上"),
        ),
        ("fiscal_year",),
        Item.ACTIVITY,
        "前年度末の会員数を、空いている行に書き足してください。1年度に1行です。",
    ),
)
SHEET_BY_KEY = {sheet.key: sheet for sheet in SHEETS}
