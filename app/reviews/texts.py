"""Texts as people type them into a review: cleaned, of a length, and refused at the field that they stand in."""

from __future__ import annotations

from app.japanese.text import TextError, check_length, clean_line, clean_text
from app.problems import Invalid

TEXT_LENGTH = 4_000


def checked_text(
    value: str | None,
    label: str,
    *,
    field: str | None = None,
    length: int = TEXT_LENGTH,
    required: str | None = None,
    is_line: bool = False,
) -> str:
    """The cleaned text of a field called `label`. required: the sentence when there is none.

    Raises Invalid, with the sentence at `field` where one is named.
    """
    try:
        text = (clean_line if is_line else clean_text)(value or "")
        check_length(text, length, label)
    except TextError as error:
        raise _refused(str(error), field) from None
    if required is not None and not text:
        raise _refused(required, field)
    return text


def _refused(sentence: str, field: str | None) -> Invalid:
    return Invalid(sentence, fields={field: sentence} if field else {})
