"""The engine's sentences as people read them: it knows the twenty fields by number alone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.reference import ActivityField

_FIELDS = re.compile(r"^分野が同じ\((?P<numbers>[\d・]+)\)$")


def field_names(session: Session) -> dict[str, str]:
    """number → name of the twenty fields."""
    rows = session.execute(select(ActivityField.number, ActivityField.name).order_by(ActivityField.number))
    return {str(number): name for number, name in rows}


def reason_in_words(sentence: str, fields: Mapping[str, str]) -> str:
    """A reason of the engine with the fields' names."""
    found = _FIELDS.match(sentence)
    if found is None:
        return sentence
    names = [fields.get(number, number) for number in found["numbers"].split("・")]
    return f"分野が同じ({'・'.join(names)})"
