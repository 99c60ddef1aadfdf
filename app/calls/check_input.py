"""A proposal as JSON (the contract of `flask calls check FILE`) into facts, with a sentence for all that is malformed."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from app.calls.money import BudgetLineFacts
from app.calls.rule_facts import OtherSubsidy, ProposalFacts

MAX_BYTES = 5 * 1024 * 1024
#: Amounts beyond this are no amounts of yen. (1e12 still is one, far above every cap.)
_MAX_AMOUNT = 10**15
APPLICANT_KINDS = ("civic_group", "neighbourhood", "university", "business", "government")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MISSING = object()


class InputError(ValueError):
    """The JSON is no proposal; the message is a sentence that names the place."""


def parse_proposal(data: bytes, fiscal_year: int) -> ProposalFacts:
    """The facts of a proposal given as JSON. Raises InputError."""
    table = _table(_json_of(data), "全体")
    applicant = _table(_value(table, "applicant", ""), "applicant")
    return ProposalFacts(
        fiscal_year=fiscal_year,
        applicant_kind=_choice(applicant, "kind", "applicant.", APPLICANT_KINDS),
        is_nonprofit=_flag(applicant, "nonprofit", "applicant."),
        is_planned_and_run_by_applicant=_flag(table, "organizer_is_applicant"),
        is_in_city=_flag(table, "in_city"),
        start_on=_day(table, "start"),
        end_on=_day(table, "end"),
        other_subsidies=tuple(_subsidy(entry, place) for entry, place in _entries(table, "other_subsidies")),
        budget=tuple(_line(entry, place) for entry, place in _entries(table, "budget")),
        requested=_amount(table, "requested"),
        has_challenge=_is_filled(table.get("challenge")),
    )


def _json_of(data: bytes) -> Any:
    if len(data) > MAX_BYTES:
        raise InputError(f"ファイルが大きすぎます({MAX_BYTES // 1024 // 1024}MBまで)。")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("ファイルの文字コードがUTF-8ではありません。UTF-8で保存し直してください。") from None
    if not text.strip():
        raise InputError("ファイルが空です。提案をJSONで書いてください。")
    try:
        return json.loads(
            text,
            object_pairs_hook=_without_repeats,
            parse_int=_number,
            parse_float=_number,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        raise InputError(
            f"JSONとして読めません({error.lineno}行目{error.colno}文字目)。書き方を確かめてください。"
        ) from None
    except RecursionError:
        raise InputError("JSONの入れ子が深すぎます。書き方を確かめてください。") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise InputError(f"「{_shown(repeated)}」が2回書かれています。1回だけにしてください。")
    return table


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise InputError(f"「{_shown(text)}」は数として扱えません。") from None
    if len(text) > 100 or (number and not -30 <= number.adjusted() <= 30):
        raise InputError(f"「{_shown(text)}」は金額や率として大きすぎるか、小さすぎます。")
    return number


def _no_constant(text: str) -> Any:
    raise InputError(f"「{text}」は数として扱えません。")


def _table(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{place}は {{…}} の形(名前と値の組)で書いてください。")
    return value


def _value(table: dict[str, Any], name: str, place: str) -> Any:
    value = table.get(name, _MISSING)
    if value is _MISSING:
        raise InputError(f"「{place}{name}」がありません。")
    return value


def _entries(table: dict[str, Any], name: str) -> list[tuple[dict[str, Any], str]]:
    value = _value(table, name, "")
    if not isinstance(value, list):
        raise InputError(f"「{name}」は [ … ] の形(並び)で書いてください。なければ [] と書いてください。")
    return [(_table(entry, f"「{name}」の{n}番目"), f"{name}[{n}].") for n, entry in enumerate(value, start=1)]


def _subsidy(entry: dict[str, Any], place: str) -> OtherSubsidy:
    return OtherSubsidy(_text(entry, "from", place), _amount(entry, "amount", place))


def _line(entry: dict[str, Any], place: str) -> BudgetLineFacts:
    is_included = _choice(entry, "tax", place, ("included", "excluded")) == "included"
    rate = Fraction(0)
    if not is_included or entry.get("tax_rate") is not None:
        rate = _rate(entry, place)
    return BudgetLineFacts(
        label=_text(entry, "label", place),
        amount=_amount(entry, "amount", place),
        is_tax_included=is_included,
        tax_rate=rate,
        is_eligible=_flag(entry, "eligible", place),
    )


def _rate(entry: dict[str, Any], place: str) -> Fraction:
    value = _value(entry, "tax_rate", place)
    if isinstance(value, str) and re.fullmatch(r"[01](?:\.\d{1,6})?", value, re.ASCII):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not 0 <= value < 1:
        raise InputError(f'「{place}tax_rate」は税率を "0.10" のように書いてください(0以上1未満)。')
    return Fraction(value)


def _text(table: dict[str, Any], name: str, place: str = "") -> str:
    value = _value(table, name, place)
    if not isinstance(value, str):
        raise InputError(f"「{place}{name}」は文字で書いてください。")
    return _printable(value)


def _flag(table: dict[str, Any], name: str, place: str = "") -> bool:
    value = _value(table, name, place)
    if not isinstance(value, bool):
        raise InputError(f"「{place}{name}」は true か false で書いてください。")
    return value


def _choice(table: dict[str, Any], name: str, place: str, choices: tuple[str, ...]) -> str:
    value = _value(table, name, place)
    if not isinstance(value, str) or value not in choices:
        raise InputError(f"「{place}{name}」は {'・'.join(choices)} のどれかを書いてください。")
    return value


def _day(table: dict[str, Any], name: str) -> dt.date:
    value = _value(table, name, "")
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise InputError(f"「{name}」の日付{value}はありません。") from None
    raise InputError(f"「{name}」は日付を 2026-07-01 のように書いてください。")


def _amount(table: dict[str, Any], name: str, place: str = "") -> Fraction:
    value = _value(table, name, place)
    if not isinstance(value, Decimal):
        raise InputError(f"「{place}{name}」は金額を 98765 のように数字で書いてください。")
    if abs(value) > _MAX_AMOUNT:
        raise InputError(f"「{place}{name}」の金額が大きすぎます。")
    return Fraction(value)


def _is_filled(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    return isinstance(value, Decimal) or bool(value)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() or char == " " else " " for char in text)


def _shown(text: str) -> str:
    text = _printable(text)
    return text if len(text) <= 30 else text[:30] + "…"
