"""Values that the handbook does not give (「未設定」): which a call may be given, what is still unset, and how it
differs from last year's call."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from app.japanese.dates import format_date
from app.japanese.money import format_yen
from app.problems import Invalid
from models.calls import Call


@dataclasses.dataclass(frozen=True)
class Setting:
    """One value: its label, how it is typed ("text", "yen", "percent", "number", "yesno"), and what needs it."""

    label: str
    kind: str = "text"
    needed_for: str = ""


#: By the name in the program's `status.unset`. Those with a column of the call stand in COLUMNS.
SETTINGS: dict[str, Setting] = {
    "eligible_costs": Setting("補助対象となる経費の範囲", needed_for="経費の対象・対象外の判断"),
    "rounding_unit_yen": Setting("補助額の端数処理の単位(円)", "yen", "認められる額の計算"),
    "tax": Setting("消費税の扱い", needed_for="認められる額の計算"),
    "within_city": Setting("市内で実施する事業に限る", "yesno", "応募の規則の判定"),
    "times_a_group_may_apply": Setting("同じ団体が応募できる回数", "number", "応募の受付"),
    "years_a_project_may_continue": Setting("同じ事業を続けられる年数", "number", "応募の受付"),
    "advance_payment_share": Setting("概算払の割合(%)", "percent", "概算払"),
    "change_approval_threshold": Setting("変更承認が要る変更の割合(%)", "percent", "変更承認"),
    "evaluation_sheet_items": Setting("評価シートの項目", needed_for="評価"),
    "agreement_due_on": Setting("協定・契約の期限", needed_for="協定・契約"),
    "evaluation_due_on": Setting("評価の期限", needed_for="評価"),
}
#: Unset names that are columns of the call.
COLUMNS = {
    "call_opens_on": "opens_on",
    "call_closes_on": "closes_on",
    "review_on": "review_on",
    "decision_on": "decision_on",
    "report_due_on": "report_due_on",
    "call_budget_yen": "budget_yen",
    "cap_yen": "cap_yen",
    "rate": "rate",
}
#: Set by another room: label, and what needs it.
_ELSEWHERE = {
    "criteria": Setting("審査基準と配点", needed_for="審査"),
    "minimum_score": Setting("最低基準点", needed_for="審査"),
    "quorum": Setting("審査会の定足数", needed_for="審査"),
    "absent_member_rule": Setting("欠席・除斥の委員の点の扱い", needed_for="審査"),
    "tie_chain": Setting("同点のときの順位の決め方", needed_for="審査"),
}
_COLUMN_USES = {
    "budget_yen": "採択できる総額",
    "review_on": "審査会の準備",
    "decision_on": "決定の時期",
    "report_due_on": "報告書の期限",
    "opens_on": "応募の受付",
    "closes_on": "応募の受付",
    "cap_yen": "認められる額の計算",
    "rate": "認められる額の計算",
}
#: (session, call) -> the value in words, None while unset. Rooms that keep such a value register it.
Reader = Callable[[Session, Call], str | None]
_readers: dict[str, Reader] = {}


def register_setting(name: str, reader: Reader) -> None:
    """Say where a value of `status.unset` is kept (reviews: quorum, weights, minimum …)."""
    _readers[name] = reader


def unset_values(session: Session, call: Call) -> list[tuple[str, str]]:
    """(label, what needs it) of every value that is still 未設定."""
    found = []
    for name in rules_of_names(call):
        if name in COLUMNS:
            if getattr(call, COLUMNS[name]) is None:
                found.append((str(Call.__table__.c[COLUMNS[name]].info["label"]), _COLUMN_USES[COLUMNS[name]]))
            continue
        setting = SETTINGS.get(name) or _ELSEWHERE.get(name)
        if setting is None:
            continue
        reader = _readers.get(name)
        value = reader(session, call) if reader else (call.settings or {}).get(name)
        if value in (None, ""):
            found.append((setting.label, setting.needed_for))
    return found


def review_values(session: Session, call: Call) -> list[tuple[str, str | None]]:
    """(label, value in words or None while unset) of the values of the review that the program's rules leave open."""
    names = [name for name in rules_of_names(call) if name in _ELSEWHERE and name != "criteria"]
    return [
        (_ELSEWHERE[name].label, reader(session, call) if (reader := _readers.get(name)) else None) for name in names
    ]


def rules_of_names(call: Call) -> list[str]:
    """The names that the program's rules leave open."""
    return list((call.rules.get("status") or {}).get("unset") or ())


def settings_of(call: Call) -> dict[str, Setting]:
    """The values that this call may be given here, in the order of the table."""
    names = set(rules_of_names(call))
    return {name: setting for name, setting in SETTINGS.items() if name in names}


def clean_setting(name: str, value: Any) -> Any:
    """The value as it is kept. Raises Invalid for what it cannot be."""
    setting = SETTINGS[name]
    if value in (None, ""):
        return None
    if setting.kind in ("yen", "number", "percent"):
        most = {"yen": 10**9, "number": 99, "percent": 100}[setting.kind]
        if (
            isinstance(value, bool)
            or not isinstance(value, int)
            or not 0 <= value <= most
            or (setting.kind == "yen" and not value)
        ):
            raise Invalid(
                f"{setting.label}は、{most:,}までの数で入力してください。",
                fields={f"s_{name}": "数を確かめてください。"},
            )
        return value
    if setting.kind == "yesno":
        return bool(value)
    return str(value).strip()[:2000]


def setting_in_words(name: str, value: Any) -> str:
    """As the call's page shows it."""
    if value in (None, ""):
        return "未設定"
    kind = SETTINGS[name].kind
    if kind == "yen":
        return format_yen(value)
    if kind == "percent":
        return f"{value}%"
    if kind == "yesno":
        return "はい" if value else "いいえ"
    return str(value)


def differences_from(earlier: Call, call: Call) -> list[tuple[str, str, str]]:
    """(label, last year's, this year's) of amounts, dates (by month and day), settings, rules and texts that differ."""
    rows: list[tuple[str, str, str]] = []
    for name in ("cap_yen", "budget_yen"):
        old, new = getattr(earlier, name), getattr(call, name)
        if old != new:
            rows.append((_label(name), _yen(old), _yen(new)))
    if earlier.rate != call.rate:
        rows.append((_label("rate"), earlier.rate or "未設定", call.rate or "未設定"))
    years = call.fiscal_year - earlier.fiscal_year
    for name in _DAYS:
        old, new = getattr(earlier, name), getattr(call, name)
        same = (
            old is not None
            and new is not None
            and (old.year + years, old.month, old.day) == (new.year, new.month, new.day)
        )
        if not same and (old or new):
            rows.append((_label(name), format_date(old) if old else "未設定", format_date(new) if new else "未設定"))
    for name, setting in SETTINGS.items():
        old, new = (earlier.settings or {}).get(name), (call.settings or {}).get(name)
        if old != new:
            rows.append((setting.label, setting_in_words(name, old), setting_in_words(name, new)))
    if _plain_rules(earlier) != _plain_rules(call):
        rows.append(("制度の規則", "前回の写し", "規則が変わっています"))
    for name in _TEXTS:
        if getattr(earlier, name) != getattr(call, name):
            rows.append((_label(name), getattr(earlier, name) or "(なし)", getattr(call, name) or "(なし)"))
    old_titles, new_titles = ("\n".join(one.title for one in each.challenges) for each in (earlier, call))
    if old_titles != new_titles:
        rows.append(("課題・テーマ", old_titles or "(なし)", new_titles or "(なし)"))
    return rows


_DAYS = tuple(column.key for column in Call.__table__.c if column.key.endswith("_on"))
_TEXTS = tuple(column.key for column in Call.__table__.c if column.key.endswith("_text"))


def _label(name: str) -> str:
    return str(Call.__table__.c[name].info["label"])


def _yen(value: int | None) -> str:
    return "未設定" if value is None else format_yen(value)


def _plain_rules(call: Call) -> Any:
    return {key: value for key, value in call.rules.items() if key != "status"}
