"""A logged value in words, by what the column is: dates in 和暦, yen, はい/いいえ, texts cut short, and their difference."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Boolean, Date
from sqlalchemy import inspect as inspect_

from app.audit.acts import MASK
from app.audit.plans import plan_of
from app.japanese.dates import format_date, format_datetime, format_fiscal_year
from app.japanese.money import format_yen
from models.base import Base, UtcDateTime

NOTHING = "(なし)"
#: A text up to this length is told whole in a sentence.
SHORT = 60
_DIFF_LIMIT = 20_000
_WORDS = re.compile(r"[ァ-ヴー]+|[一-龠々]+|[ぁ-ん]+|[A-Za-z0-9_.%-]+|\s+|.", re.DOTALL)


def label_of_column(model: type[Base] | None, name: str) -> str:
    """The Japanese label of a column or a many-to-many side; the name itself when the model is gone."""
    if model is None:
        return name
    traits = plan_of(model).columns.get(name)
    if traits is not None:
        return traits.label
    relation = inspect_(model).relationships.get(name)
    if relation is None:
        return name
    return str(relation.info.get("label") or relation.mapper.class_.__label__ or name)


def label_of_table(model: type[Base] | None, table: str) -> str:
    """The Japanese name of a table."""
    return (model.__label__ if model is not None else "") or table


def is_consented(model: type[Base] | None, name: str) -> bool:
    """Whether somebody outside says up to whom this column (or many-to-many side) is open: `info["consent"]`."""
    if model is None:
        return False
    mapper = inspect_(model)
    if name in mapper.columns:
        return bool(mapper.columns[name].info.get("consent"))
    return name in mapper.relationships and bool(mapper.relationships[name].info.get("consent"))


def veiled(pair: list[Any]) -> list[Any]:
    """A change without its values."""
    return [None if value is None or value == [] else MASK for value in pair[:2]]


def value_in_words(model: type[Base] | None, name: str, value: Any, label: Any) -> str:
    """One side of a change. `label` is what the log kept beside the value, or the value itself."""
    if value is None or value == "" or value == []:
        return NOTHING
    if value == MASK:
        return MASK
    traits = plan_of(model).columns.get(name) if model is not None else None
    kind = traits.column.type if traits is not None else None
    if isinstance(kind, Boolean) or isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(kind, UtcDateTime) and isinstance(value, str):
        return _moment(value)
    if isinstance(kind, Date) and isinstance(value, str):
        return _day(value)
    if isinstance(value, int) and name.endswith("_yen"):
        return format_yen(value)
    if isinstance(value, int) and name == "fiscal_year" and 1868 < value < 2200:
        return format_fiscal_year(value)
    if isinstance(label, list) and all(isinstance(item, str) for item in label):
        return "、".join(label)
    if isinstance(value, dict | list):
        return "(内容あり)"
    return str(label)


def _day(value: str) -> str:
    try:
        return format_date(dt.date.fromisoformat(value), weekday=False)
    except ValueError:
        return value


def _moment(value: str) -> str:
    try:
        return format_datetime(dt.datetime.fromisoformat(value), weekday=False)
    except ValueError:
        return value


def sentence_of(model: type[Base] | None, name: str, pair: list[Any]) -> str:
    """「形態: 協力 → 共催」, 「連絡先: 変更あり」, 「担当課: 「防災課」を追加」, 「概要: 書き換え(120字 → 135字)」."""
    column = label_of_column(model, name)
    if not _is_pair(pair):
        return f"{column}: 変更あり"
    old, new = pair[0], pair[1]
    if MASK in (old, new):
        return f"{column}: {'入力' if old is None else '消去' if new is None else '変更あり'}"
    labels = pair[2:4] if len(pair) >= 4 else [old, new]
    if isinstance(old, list) and isinstance(new, list) and _are_texts(labels):
        words = _words_of(model, name)
        labels = [[words.get(item, item) for item in side] for side in labels]
        return f"{column}: {_list_in_words(old, new, labels)}"
    told = [value_in_words(model, name, value, label) for value, label in zip((old, new), labels, strict=True)]
    if max(len(text) for text in told) > SHORT or "\n" in told[0] + told[1]:
        return f"{column}: {_long_in_words(*told)}"
    if told[0] == told[1]:
        return f"{column}: 変更あり"
    return f"{column}: {told[0]} → {told[1]}"


def _words_of(model: type[Base] | None, name: str) -> Mapping[str, str]:
    """How the codes of a list column read; nothing where they are words themselves."""
    traits = plan_of(model).columns.get(name) if model is not None else None
    return traits.column.info.get("words", {}) if traits is not None else {}


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) >= 2


def _are_texts(labels: list[Any]) -> bool:
    return all(isinstance(side, list) and all(isinstance(item, str) for item in side) for side in labels)


def _list_in_words(old: list[Any], new: list[Any], labels: list[list[str]]) -> str:
    before, after = dict(zip(map(str, old), labels[0], strict=False)), dict(zip(map(str, new), labels[1], strict=False))
    parts = []
    added = [label for key, label in after.items() if key not in before]
    removed = [label for key, label in before.items() if key not in after]
    if added:
        parts.append(f"「{'」「'.join(added)}」を追加")
    if removed:
        parts.append(f"「{'」「'.join(removed)}」を除外")
    return "、".join(parts) or "並び順の変更"


def _long_in_words(old: str, new: str) -> str:
    if old == NOTHING:
        return f"入力({len(new)}字)「{shortened(new)}」"
    if new == NOTHING:
        return f"消去(もとは{len(old)}字)「{shortened(old)}」"
    return f"書き換え({len(old)}字 → {len(new)}字)"


def shortened(text: str, limit: int = 40) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def difference(old: str, new: str) -> list[tuple[str, str]]:
    """[("same" | "removed" | "added", text)]: word by word, a word being a run of one script. Long texts as a whole."""
    if len(old) + len(new) > _DIFF_LIMIT:
        return [("removed", old), ("added", new)]
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    parts: list[tuple[str, str]] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(("same", "".join(before[a:b])))
            continue
        if b > a:
            parts.append(("removed", "".join(before[a:b])))
        if d > c:
            parts.append(("added", "".join(after[c:d])))
    return parts
