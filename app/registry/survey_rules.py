"""The rules of the yearly survey, pure: what a row must hold, what changed since last time, the steps of a response."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Collection, Sequence

from app.access.permissions import Permission
from app.japanese.dates import format_date
from models.survey import Intention, SurveyState

MAX_LINES = 10
COMMISSION = "委託"
#: Between several partners of one line; a space or 「・」 may stand inside a name (資料3).
_BETWEEN = re.compile(r"[、,，\n]+")

_S = SurveyState


@dataclasses.dataclass(frozen=True)
class Step:
    """One step of a response: from where, to where, who may, and what it asks."""

    code: str
    label: str
    sources: frozenset[SurveyState]
    target: SurveyState
    permission: Permission
    asks_reason: bool = False


#: Read like the city's custom: the department answers, the office looks through it, hands it back or takes it.
STEPS: dict[str, Step] = {
    step.code: step
    for step in (
        Step("submit", "提出する", frozenset({_S.NOT_STARTED, _S.IN_PROGRESS, _S.RETURNED}), _S.SUBMITTED, Permission.SURVEY_ANSWER),
        Step("withdraw", "提出を取り下げる", frozenset({_S.SUBMITTED}), _S.IN_PROGRESS, Permission.SURVEY_ANSWER),
        Step("accept", "確認済みにする", frozenset({_S.SUBMITTED}), _S.ACCEPTED, Permission.SURVEY_MANAGE),
        Step("return", "差し戻す", frozenset({_S.SUBMITTED, _S.ACCEPTED}), _S.RETURNED, Permission.SURVEY_MANAGE, asks_reason=True),
    )
}  # fmt: skip

#: States in which rows can be edited.
OPEN_STATES = frozenset({_S.NOT_STARTED, _S.IN_PROGRESS, _S.RETURNED})


@dataclasses.dataclass(frozen=True)
class Line:
    """A printed line: partners as they shall be printed, and their form."""

    partners: str
    form: str
    is_person: bool = False


@dataclasses.dataclass(frozen=True)
class RowContent:
    """What a row says. other_departments: names, in order."""

    intention: Intention
    name: str
    lines: tuple[Line, ...] = ()
    other_departments: tuple[str, ...] = ()
    summary: str = ""
    note: str = ""
    contract_note: str = ""
    contract_on: dt.date | None = None


def form_of(text: str) -> str:
    """The form that a printed form cell names: its first word (a remark may follow it, as in row 121 of 資料3)."""
    return text.split()[0] if text.split() else ""


def tidy_form(text: str) -> str:
    """A form cell without the form printed twice (row 65 of 資料3): 「協力 協力」 → 「協力」."""
    words = text.split()
    return " ".join(word for place, word in enumerate(words) if place == 0 or word != words[place - 1])


def partners_of(text: str) -> list[str]:
    """The partners of a line, one each, split at 「、」 and line ends."""
    return [name.strip() for name in _BETWEEN.split(text) if name.strip()]


def differences(before: RowContent | None, after: RowContent) -> list[tuple[str, str, str]]:
    """(label, last time, now) of every cell that reads differently; all cells of a new row, none of an ended one."""
    if after.intention is Intention.ENDED:
        return []
    old = _cells(before) if before else {}
    new = _cells(after)
    labels = dict.fromkeys([*new, *old])
    return [
        (label, old.get(label, ""), new.get(label, "")) for label in labels if old.get(label, "") != new.get(label, "")
    ]


def registry_differences(registered: RowContent, answer: RowContent) -> list[tuple[str, str, str]]:
    """(label, in the registry, in the answer) of every cell that a project registered already says differently."""
    answer = dataclasses.replace(answer, intention=Intention.CHANGED)
    found = differences(registered, answer)
    there, said = (tuple(line.is_person for line in one.lines) for one in (registered, answer))
    if not found and there != said:
        found.append(("個人名", "あり" if any(there) else "なし", "あり" if any(said) else "なし"))
    if registered.contract_note != answer.contract_note:
        found.append(("協定・契約の内容と役割", registered.contract_note, answer.contract_note))
    if registered.contract_on != answer.contract_on:
        found.append(("協定・契約の日", day_cell(registered.contract_on), day_cell(answer.contract_on)))
    return found


def day_cell(on: dt.date | None) -> str:
    """A day as the form and its differences write it; '' for none."""
    return format_date(on, weekday=False) if on else ""


def _cells(content: RowContent) -> dict[str, str]:
    cells = {"事業名称": content.name, "共同の課": "、".join(content.other_departments)}
    for number, line in enumerate(content.lines, start=1):
        suffix = "" if number == 1 else f"({number}行目)"
        cells[f"協働相手(団体名){suffix}"] = line.partners
        cells[f"協働形態{suffix}"] = line.form
    return cells | {"事業の概要": content.summary}


def settled_intention(before: RowContent | None, after: RowContent) -> Intention:
    """The intention that fits the cells: 継続 where nothing differs, 変更 where something does; 新規 and 終了 as said."""
    if before is None:
        return Intention.NEW
    if after.intention is Intention.ENDED:
        return Intention.ENDED
    return (
        Intention.CHANGED
        if differences(before, dataclasses.replace(after, intention=Intention.CHANGED))
        else Intention.CONTINUES
    )


def row_problems(before: RowContent | None, after: RowContent, forms: Collection[str]) -> dict[str, str]:
    """{field: sentence} of what is wrong with a row. Fields: intention, name, lines."""
    found: dict[str, str] = {}
    if not after.name:
        found["name"] = "事業名称を入力してください。"
    if before is None and after.intention is not Intention.NEW:
        found["intention"] = "前回の一覧にない事業の区分は「新規」です。"
    if before is not None and after.intention is Intention.NEW:
        found["intention"] = "前回の一覧にある事業の区分は「継続」「変更」「終了」から選んでください。"
    if after.intention is Intention.ENDED:
        return found
    if not after.lines:
        found["lines"] = "協働相手(団体名)と協働形態を1行以上入力してください。"
    if len(after.lines) > MAX_LINES:
        found["lines"] = f"協働相手の行は{MAX_LINES}行までです。同じ形態の相手は1行にまとめてください。"
    for number, line in enumerate(after.lines, start=1):
        if not line.partners:
            found["lines"] = f"{number}行目の協働相手(団体名)を入力してください。"
        elif not line.form:
            found["lines"] = f"{number}行目の協働形態を選んでください。"
        elif form_of(line.form) not in forms:
            found["lines"] = f"{number}行目の協働形態「{line.form}」は登録されていません。一覧から選んでください。"
    return found


def row_hints(after: RowContent) -> list[str]:
    """What does not stop a row but will be asked for later."""
    if after.intention is Intention.ENDED or (after.contract_note and after.contract_on):
        return []
    if COMMISSION in {form_of(line.form) for line in after.lines}:
        return ["委託は、協定・契約の内容と日付を記録するまで「計画中」として登録されます(実践編1(2))。"]
    return []


def response_problems(has_nothing_to_report: bool, going_on: int, sentences: Sequence[str]) -> list[str]:
    """Why a response cannot be handed in: `going_on` counts the rows that are not ended, `sentences` tell bad rows."""
    found = list(sentences)
    if has_nothing_to_report and going_on:
        found.append(f"「該当なし」としていますが、終了ではない事業が{going_on}件あります。どちらかを直してください。")
    if not has_nothing_to_report and not going_on:
        found.append("この年度の事業が1件もありません。事業がないときは「該当なし」を選んでください。")
    return found


def reminder_text(department: str, year: str, due_on: dt.date, today: dt.date) -> str:
    """The words of a reminder, to copy into the city's own mail."""
    when = format_date(due_on)
    state = f"回答期限の{when}を過ぎています。" if due_on < today else f"回答期限は{when}です。"
    return (
        f"{department} 御中\n\n"
        f"協働や連携の取組調査({year})について、まだご提出を確認できていません。{state}\n"
        "協働バックオフィスの「取組調査」から、前回の内容を確かめて提出してください。\n"
        "該当する取組がない場合も、「該当なし」として提出をお願いします。\n\n"
        "市民協働・男女参画推進課 市民協働・市民活動推進担当"
    )
