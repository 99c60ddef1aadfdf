"""What may be typed into a talent and a request, and how it is kept. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.japanese.kana import is_kana, to_hiragana
from app.japanese.text import TextError, check_length, clean_line, clean_text
from app.problems import Invalid
from app.talents.facts import AUDIENCES, TIMES
from models.base import Base

MAX_TEXT = 20_000
MAX_WORDS = 30
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Cleaner:
    """Collects cleaned values and one sentence per wrong field."""

    def __init__(self, model: type[Base]) -> None:
        self._model = model
        self.clean: dict[str, Any] = {}
        self.wrong: dict[str, str] = {}

    def label(self, name: str) -> str:
        """The field's Japanese label."""
        return str(self._model.__mapper__.columns[name].info["label"])

    def line(self, name: str, value: Any, *, length: int, is_long: bool = False, is_required: bool = False) -> None:
        """A text; blank becomes None."""
        try:
            text = (clean_text if is_long else clean_line)(value or "")
            check_length(text, length, self.label(name))
        except TextError as error:
            self.wrong[name] = str(error)
            return
        if is_required and not text:
            self.wrong[name] = f"{self.label(name)}を入力してください。"
        self.clean[name] = text or None

    def words(self, name: str, values: Iterable[Any] | None, *, length: int = 60) -> None:
        """A short list of short words, without blanks and doubles."""
        try:
            words = [clean_line(str(value)) for value in values or ()]
            for word in words:
                check_length(word, length, self.label(name))
        except TextError as error:
            self.wrong[name] = str(error)
            return
        kept = list(dict.fromkeys(word for word in words if word))
        if len(kept) > MAX_WORDS:
            self.wrong[name] = f"{self.label(name)}は{MAX_WORDS}個までです。"
        self.clean[name] = kept

    def codes(self, name: str, values: Iterable[Any] | None, allowed: Iterable[str]) -> None:
        """Some of a list, in the list's order."""
        given = {str(value) for value in values or ()}
        order = list(allowed)
        if given - set(order):
            self.wrong[name] = f"{self.label(name)}は、一覧にある項目から選んでください。"
        self.clean[name] = [code for code in order if code in given]

    def mail(self, name: str, value: Any) -> None:
        """A mail address, or nothing."""
        self.line(name, value, length=254)
        if self.clean.get(name) and not _MAIL.fullmatch(self.clean[name]):
            self.wrong[name] = "メールアドレスの形になっていません。例: hanako@example.jp"

    def number(self, name: str, value: Any, low: int, high: int) -> None:
        """A whole number within bounds."""
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.wrong[name] = f"{self.label(name)}は、{low}から{high}までの数で入力してください。"
        self.clean[name] = value

    def as_is(self, name: str, value: Any) -> None:
        """A value that its type has already checked (a date, a flag, an enum, related rows)."""
        self.clean[name] = value

    def done(self) -> dict[str, Any]:
        """The values; raises Invalid when something is wrong."""
        if self.wrong:
            raise Invalid("入力の内容を確かめてください。", fields=self.wrong)
        return self.clean


_Rule = Callable[[Cleaner, str, Any], None]


def _line(length: int, **more: Any) -> _Rule:
    return lambda cleaner, name, value: cleaner.line(name, value, length=length, **more)


def _reading(cleaner: Cleaner, name: str, value: Any) -> None:
    cleaner.line(name, value, length=200)
    text = cleaner.clean.get(name)
    if text and not is_kana(text):
        cleaner.wrong[name] = "よみは、ひらがなかカタカナで入力してください。"
    cleaner.clean[name] = to_hiragana(text) if text else ""


def _as_is(cleaner: Cleaner, name: str, value: Any) -> None:
    cleaner.as_is(name, value)


def _codes(allowed: Iterable[str]) -> _Rule:
    known = tuple(allowed)
    return lambda cleaner, name, value: cleaner.codes(name, value, known)


CONTACT_RULES: dict[str, _Rule] = {
    "contact_person": _line(200),
    "phone": _line(60),
    "email": lambda cleaner, name, value: cleaner.mail(name, value),
    "address": _line(300),
    "contact_note": _line(300),
}
TALENT_RULES: dict[str, _Rule] = {
    "kind": _as_is,
    "status": _as_is,
    "name": _line(200, is_required=True),
    "reading": _reading,
    "description": _line(MAX_TEXT, is_long=True),
    "free_skills": lambda cleaner, name, value: cleaner.words(name, value),
    "audiences": _codes(AUDIENCES),
    "areas": lambda cleaner, name, value: cleaner.words(name, value),
    "availability": _codes(TIMES),
    "reward": _as_is,
    "reward_note": _line(200),
    "capacity": lambda cleaner, name, value: cleaner.number(name, value, 1, 20),
    "consent_on": _as_is,
    "consent_way": _as_is,
    "valid_until": _as_is,
    "consent_withdrawn_on": _as_is,
    "is_adult": _as_is,
    "has_guardian_consent": _as_is,
    "is_insured": _as_is,
    "note": _line(MAX_TEXT, is_long=True),
    "registered_on": _as_is,
    "is_demo": _as_is,
    "skills": _as_is,
    "fields": _as_is,
} | CONTACT_RULES
REQUEST_CONTACT_RULES: dict[str, _Rule] = {
    "contact_name": _line(200),
    "contact_phone": _line(60),
    "contact_email": lambda cleaner, name, value: cleaner.mail(name, value),
}
REQUEST_RULES: dict[str, _Rule] = {
    "organization_id": _as_is,
    "title": _line(200, is_required=True),
    "description": _line(MAX_TEXT, is_long=True),
    "free_skills": lambda cleaner, name, value: cleaner.words(name, value),
    "audiences": _codes(AUDIENCES),
    "area": _line(60, is_required=True),
    "place_note": _line(200),
    "times": _codes(TIMES),
    "schedule_note": _line(300),
    "reward_offered": _as_is,
    "headcount": lambda cleaner, name, value: cleaner.number(name, value, 1, 999),
    "due_on": _as_is,
    "requires_adult": _as_is,
    "requires_insurance": _as_is,
    "requires_guardian_consent": _as_is,
    "received_on": _as_is,
    "is_demo": _as_is,
    "skills": _as_is,
    "fields": _as_is,
} | REQUEST_CONTACT_RULES


def cleaned(model: type[Base], rules: Mapping[str, _Rule], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are kept. Raises Invalid with a sentence per field; ValueError for what nobody may set."""
    unknown = set(values) - set(rules)
    if unknown:
        raise ValueError(f"not settable: {sorted(unknown)}")
    cleaner = Cleaner(model)
    for name, value in values.items():
        rules[name](cleaner, name, value)
    return cleaner.done()
