"""Registration numbers: one writing for each, and whose it is. 「１２３」 and 「123」 are one number."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.japanese.text import TextError, check_length, clean_line
from app.problems import Invalid
from models.directory_registration import Registration

LIMIT = 40
_HEADING = "入力の内容を確かめてください。"
#: Dashes of every kind between letters and digits; the long vowel mark of a word stays.
_DASH = re.compile("(?<=[0-9A-Za-z])[\u2010-\u2015\u2043\u2212\u2500\u2501\u30fc](?=[0-9A-Za-z])")
#: ASCII as it stands in full width; numbers were once kept as they were typed.
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def plain_number(typed: str) -> str:
    """A number as it is kept: half-width letters, digits and hyphens. Raises Invalid for none, or one too long."""
    try:
        text = _DASH.sub("-", clean_line(unicodedata.normalize("NFKC", (typed or "")[: LIMIT * 20])))
        check_length(text, LIMIT, "登録番号")
    except TextError as error:
        raise Invalid(_HEADING, fields={"number": str(error)}) from None
    if not text:
        raise Invalid(_HEADING, fields={"number": "登録番号を入力してください。"})
    return text


def require_free(session: Session, number: str, *, held_by: int | None = None) -> None:
    """Raise Invalid when another registration than `held_by` (its id) has the number, in whatever width or case."""
    spellings = {one.translate(table) for one in (number, number.upper(), number.lower()) for table in ({}, _WIDE)}
    taken = session.scalars(select(Registration.id).where(Registration.number.in_(spellings))).all()
    if set(taken) - {held_by}:
        raise _taken(number)


def flush_number(session: Session, number: str) -> None:
    """Write it; two people who give out the same number at the same moment meet here. Raises Invalid."""
    try:
        session.flush()
    except IntegrityError as error:
        raise _taken(number) from error


def _taken(number: str) -> Invalid:
    return Invalid(_HEADING, fields={"number": f"登録番号「{number}」は、ほかの団体が使っています。"})


def next_number(session: Session) -> str | None:
    """The number after the highest of the newest ones that are digits alone, as a suggestion."""
    newest = session.scalars(select(Registration.number).order_by(Registration.id.desc()).limit(500))
    numbers = [int(number) for number in newest if number.isdecimal()]
    return str(max(numbers) + 1) if numbers else None
