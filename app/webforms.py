"""Form fields that understand what people here type: dates in every Japanese way, money, fiscal years, relations.

Domains' `forms.py` build on these; the macros of `templates/macros/forms.html` draw them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import has_request_context, request
from wtforms import Field, Form, SelectField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.validators import Length, Optional
from wtforms.widgets import TextInput

from app.japanese.dates import format_date, format_fiscal_year, parse_date, parse_fiscal_year
from app.japanese.money import parse_yen
from app.japanese.text import clean_text
from app.problems import Problem

#: What the heading over the sentences says anyhow.
_HEADINGS = ("入力を確かめてください。", "入力の内容を確かめてください。", "入力内容を確認してください。")


class BackOfficeForm(Form):
    """Every form of the back office. `lock` is not a field: the base view carries the version beside the form."""

    class Meta:
        """WTForms' own sentences in Japanese."""

        locales = ("ja",)

    def __init__(
        self, formdata: Any = None, obj: Any = None, prefix: str = "", data: Any = None, **kwargs: Any
    ) -> None:
        # A page that is only opened brings an empty form. Taken for a posted one, every ticked box would be cleared.
        is_posted = has_request_context() and request.method == "POST"
        super().__init__(formdata if formdata or is_posted else None, obj, prefix, data, **kwargs)

    def problems(self) -> dict[str, list[str]]:
        """{field name: sentences} of what is wrong."""
        return {name: [str(error) for error in errors] for name, errors in self.errors.items() if name}

    def add_problems(self, problems: dict[str, str]) -> list[str]:
        """Tie sentences of a service to fields; returns those that belong to no field."""
        loose = []
        for name, sentence in problems.items():
            if name in self._fields:
                field = self._fields[name]
                field.errors = [*field.errors, sentence]
            else:
                loose.append(sentence)
        return loose

    def told(self, problem: Problem) -> list[str]:
        """Tie a service's refusal to the fields that it names; returns the sentences for the top of the form."""
        loose = self.add_problems(problem.fields)
        is_said = problem.message in problem.fields.values() or (problem.fields and problem.message in _HEADINGS)
        return loose if is_said else [*loose, problem.message]


#: What HTML cannot carry: a refused text stands in its box again without it.
_NOT_HTML = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def shown_again(text: str) -> str:
    """A typed text as it can stand in a page."""
    return _NOT_HTML.sub("", text)


class ParsedField(Field):
    """A text box whose text is parsed; what was typed stays in the box when it cannot be read."""

    widget = TextInput()

    def parse(self, text: str) -> Any:
        """The value; raises ValueError with a Japanese sentence."""
        raise NotImplementedError

    def show(self, value: Any) -> str:
        """The value as text in the box."""
        return str(value)

    def _value(self) -> str:
        if self.raw_data:
            return shown_again(str(self.raw_data[0]))
        return "" if self.data is None else self.show(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:  # nothing was posted: what the form was opened with stays
            return
        text = str(valuelist[0]).strip()
        if not text:
            self.data = None
            return
        try:
            self.data = self.parse(text)
        except ValueError as error:
            self.data = None
            raise ValueError(str(error)) from None


class DateField(ParsedField):
    """2026-07-01, 2026/7/1, R8.7.1 or 令和8年7月1日."""

    kind = "date"

    def parse(self, text: str) -> dt.date:
        return parse_date(text)

    def show(self, value: dt.date) -> str:
        return format_date(value, weekday=False)


class YenField(ParsedField):
    """Whole yen, typed with or without commas and full-width digits."""

    kind = "money"

    def parse(self, text: str) -> int:
        return parse_yen(text)

    def show(self, value: int) -> str:
        return f"{value:,}"


class FiscalYearField(ParsedField):
    """2026, R8, 令和8年度 …"""

    def parse(self, text: str) -> int:
        return parse_fiscal_year(text)

    def show(self, value: int) -> str:
        return format_fiscal_year(value)


class LineField(StringField):
    """A bounded one-line text; control characters are refused, blank becomes None."""

    def __init__(self, label: str, validators: Iterable[Any] = (), *, length: int = 300, **kwargs: Any) -> None:
        self.max_length = length
        bound = Length(max=length, message=f"{length}文字以内で入力してください。")
        super().__init__(label, [*validators, bound], filters=[_clean_line], **kwargs)

    def _value(self) -> str:
        return shown_again(str(self.data or ""))


class LongTextField(TextAreaField):
    """A text of several lines; blank becomes None."""

    kind = "textarea"

    def __init__(self, label: str, validators: Iterable[Any] = (), *, length: int = 20_000, **kwargs: Any) -> None:
        self.max_length = length
        bound = Length(max=length, message=f"{length:,}文字以内で入力してください。")
        super().__init__(label, [*validators, bound], filters=[_clean_text], **kwargs)

    def _value(self) -> str:
        return shown_again(str(self.data or ""))


def _clean_line(value: str | None) -> str | None:
    return _clean(value, keep_lines=False)


def _clean_text(value: str | None) -> str | None:
    return _clean(value, keep_lines=True)


def _clean(value: str | None, *, keep_lines: bool) -> str | None:
    if not value:
        return None
    try:
        cleaned = clean_text(value)
    except ValueError as error:
        raise ValidationError(str(error)) from None
    if not keep_lines:
        cleaned = " ".join(cleaned.split("\n"))
    return cleaned.strip() or None


class ChoiceField(SelectField):
    """A select over (code, label) pairs; the empty choice means None. An unknown code is a sentence, not an error."""

    def __init__(
        self,
        label: str,
        validators: Iterable[Any] = (),
        *,
        choices: Iterable[tuple[Any, str]] | Callable[[], Iterable[tuple[Any, str]]] = (),
        coerce: Callable[[str], Any] = str,
        empty: str | None = "(選択してください)",
        **kwargs: Any,
    ) -> None:
        self.empty = empty
        given = list(choices) if not callable(choices) else choices

        def pairs() -> list[tuple[Any, str]]:
            found = list(given() if callable(given) else given)
            return [("", empty), *found] if empty is not None else found

        def as_value(text: Any) -> Any:
            if text is None or text == "":
                return None
            return coerce(text)

        super().__init__(label, list(validators), choices=pairs, coerce=as_value, **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("一覧にある項目から選んでください。") from None

    def iter_choices(self) -> Any:
        for value, text, *rest in self.choices or ():
            is_on = (value or None) == self.data or (value != "" and str(value) == str(self.data))
            yield (value, text, is_on, rest[0] if rest else {})

    def pre_validate(self, form: Any) -> None:
        if self.data is None:
            return
        if not any(str(value) == str(self.data) for value, *_ in self.choices or () if value != ""):
            raise ValidationError("一覧にある項目から選んでください。")


class ChoicesField(SelectMultipleField):
    """Several of a short list (checkboxes)."""

    kind = "checkboxes"

    def __init__(
        self,
        label: str,
        validators: Iterable[Any] = (),
        *,
        choices: Iterable[tuple[Any, str]] | Callable[[], Iterable[tuple[Any, str]]] = (),
        coerce: Callable[[str], Any] = str,
        **kwargs: Any,
    ) -> None:
        given = list(choices) if not callable(choices) else choices
        super().__init__(label, list(validators), choices=given, coerce=coerce, **kwargs)

    def pre_validate(self, form: Any) -> None:
        allowed = {str(value) for value, *_ in self.choices or ()}
        if any(str(value) not in allowed for value in self.data or ()):
            raise ValidationError("一覧にある項目から選んでください。")


def optional() -> Optional:
    """A field that may stay empty."""
    return Optional(strip_whitespace=True)


class NeededWhen(Optional):
    """A field that may stay empty in some cases only: its label says in which it may not (「記録するとき必須」)."""

    def __init__(self, mark: str) -> None:
        super().__init__(strip_whitespace=True)
        self.field_flags = {"optional": True, "needed_when": mark}
