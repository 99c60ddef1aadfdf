"""Talents and requests as JSON records: read tolerantly, refused in a sentence that names the place."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from app.problems import Invalid
from app.talents.facts import Key, RequestFacts, TalentFacts

Facts = TypeVar("Facts", TalentFacts, RequestFacts)
#: More than any city has; beyond it a number is a slip of the keyboard.
MOST_PEOPLE = 1_000_000

_Reader = Callable[[object, str], Any]


def read_talents(path: Path) -> list[TalentFacts]:
    """The talents of a JSON file. Raises Invalid with a sentence when it is not a list of such records."""
    return _read(path, "人財", "talents", talent_of)


def read_requests(path: Path) -> list[RequestFacts]:
    """The requests of a JSON file. Raises Invalid with a sentence when it is not a list of such records."""
    return _read(path, "依頼", "requests", request_of)


def talent_of(record: object, place: str = "人財") -> TalentFacts:
    """One talent from its JSON object; what is missing or null is empty."""
    return TalentFacts(**_values(record, place, _TALENT))


def request_of(record: object, place: str = "依頼") -> RequestFacts:
    """One request from its JSON object; what is missing or null is empty."""
    return RequestFacts(**_values(record, place, _REQUEST))


def as_record(facts: TalentFacts | RequestFacts) -> dict[str, Any]:
    """The JSON record of the contract (without what only the database knows)."""
    names = _TALENT if isinstance(facts, TalentFacts) else _REQUEST
    values = {name: getattr(facts, name) for name in names}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _read(path: Path, label: str, wrapper: str, reader: Callable[[object, str], Facts]) -> list[Facts]:
    data = _loaded(path, label)
    if isinstance(data, dict) and isinstance(data.get(wrapper), list):
        data = data[wrapper]
    if not isinstance(data, list):
        raise Invalid(f"{label}のファイル({path.name})は、記録の配列([…])にしてください。")
    found = [reader(record, f"{label}の{number}件目") for number, record in enumerate(data, 1)]
    seen: dict[str, int] = {}
    for number, facts in enumerate(found, 1):
        if (first := seen.setdefault(str(facts.id), number)) != number:
            raise Invalid(f"{label}の{first}件目と{number}件目のidが同じです。idは重ならないようにしてください。")
    return found


def _loaded(path: Path, label: str) -> object:
    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise Invalid(f"{label}のファイル({path.name})がUTF-8ではありません({error.start}バイト目)。") from None
    except json.JSONDecodeError as error:
        where = f"{error.lineno}行目の{error.colno}文字目"
        raise Invalid(f"{label}のファイル({path.name})がJSONとして読めません({where})。") from None
    except (ValueError, RecursionError):
        raise Invalid(
            f"{label}のファイル({path.name})がJSONとして読めません(数でない値か、大きすぎる数か、深すぎる入れ子)。"
        ) from None
    except FileNotFoundError:
        raise Invalid(f"{label}のファイル({path})が見つかりません。") from None
    except IsADirectoryError:
        raise Invalid(f"{label}のファイル({path})はフォルダです。JSONのファイルを指定してください。") from None
    except OSError as error:
        raise Invalid(f"{label}のファイル({path})を開けません({error.strerror})。") from None


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _values(record: object, place: str, readers: dict[str, _Reader]) -> dict[str, Any]:
    if not isinstance(record, dict):
        raise Invalid(f"{place}が記録({{…}})ではありません。")
    if record.get("id") is None:
        raise Invalid(f"{place}にidがありません。")
    given = {name: value for name in readers if (value := record.get(name)) is not None}
    return {name: readers[name](value, f"{place}の{name}") for name, value in given.items()}


def _key(value: object, place: str) -> Key:
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise Invalid(f"{place}は文字列か整数にしてください。")
    return value if isinstance(value, int) else _text(value, place)


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise Invalid(f"{place}は文字列にしてください。")
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")


def _word(value: object, place: str) -> str:
    return _text(value, place).strip()


def _list(value: object, place: str) -> list[object]:
    if not isinstance(value, list):
        raise Invalid(f"{place}は配列([…])にしてください。")
    return [item for item in value if item is not None]


def _words(value: object, place: str) -> tuple[str, ...]:
    words = (_word(item, place) for item in _list(value, place))
    return tuple(dict.fromkeys(word for word in words if word))


def _codes(value: object, place: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.lower() for word in _words(value, place)))


def _fields(value: object, place: str) -> tuple[Key, ...]:
    return tuple(dict.fromkeys(_field(item, place) for item in _list(value, place)))


def _field(value: object, place: str) -> Key:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and (text := value.strip()).isdecimal() and len(text) < 10:
        return int(text)
    if isinstance(value, float):
        return str(value)
    return _key(value, place)


def _headcount(value: object, place: str) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_PEOPLE:
        raise Invalid(f"{place}は0以上の整数にしてください。")
    return value


_TALENT: dict[str, _Reader] = {
    "id": _key, "kind": _text, "name": _text, "fields": _fields, "skills": _words, "description": _text,
    "audiences": _words, "areas": _words, "availability": _codes, "reward": _word,
}  # fmt: skip
_REQUEST: dict[str, _Reader] = {
    "id": _key, "organization": _text, "title": _text, "description": _text, "fields": _fields, "skills_wanted": _words,
    "audiences": _words, "area": _word, "times": _codes, "reward_offered": _word, "headcount": _headcount,
}  # fmt: skip

assert set(_TALENT) <= {field.name for field in dataclasses.fields(TalentFacts)}
assert set(_REQUEST) <= {field.name for field in dataclasses.fields(RequestFacts)}
