"""Two people, one record: when somebody else saved first, both versions stand side by side and the person chooses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField, SelectMultipleField

from admin_views.columns import shown
from admin_views.pages import VersionRow
from app.webforms import RelationField

#: Names in the POST that are not the form's own.
LOCK_NAMES = ("version", "seen", "resolve", "csrf_token")


def digest_of(field: Any) -> str:
    """A short mark of a field's value, to tell later whether the person touched it."""
    return hashlib.sha256(words_of(field).encode()).hexdigest()[:12]


def seen_of(form: Any) -> str:
    """What the form showed when it was opened: {name: mark} as JSON, for a hidden field."""
    return json.dumps({field.short_name: digest_of(field) for field in form}, separators=(",", ":"))


def words_of(field: Any) -> str:
    """A field's value as people read it."""
    if isinstance(field, FieldList):
        return "\n".join(words_of(entry) for entry in field.entries)
    if isinstance(field, FormField):
        return "／".join(text for text in (words_of(inner) for inner in field.form) if text)
    if isinstance(field, HiddenField):
        return ""  # keys of lines: nothing that people read
    if isinstance(field, RelationField):
        return "、".join(label for _, label in field.selected)
    if isinstance(field, SelectMultipleField):
        wanted = {str(value) for value in field.data or ()}
        return "、".join(str(choice[1]) for choice in field.iter_choices() if str(choice[0]) in wanted)
    if isinstance(field, SelectField):
        wanted = str(field.data)
        return "、".join(
            str(choice[1]) for choice in field.iter_choices() if choice[0] != "" and str(choice[0]) == wanted
        )
    if isinstance(field, BooleanField):
        return "はい" if field.data else "いいえ"
    return str(shown(field.data))


def differences(mine: Any, theirs: Any, seen: str) -> list[VersionRow]:
    """The fields that differ. Where the person left what the page had shown, the other's value is preselected."""
    try:
        marks = json.loads(seen)
        if not isinstance(marks, dict):
            marks = {}
    except ValueError:
        marks = {}
    rows = []
    for field in mine:
        other = theirs[field.short_name]
        my_words, their_words = words_of(field), words_of(other)
        if my_words == their_words:
            continue
        untouched = marks.get(field.short_name) == digest_of(field)
        rows.append(
            VersionRow(
                name=field.short_name,
                label=str(field.label.text),
                mine=my_words,
                theirs=their_words,
                choice="theirs" if untouched else "mine",
            )
        )
    return rows


def merge_choices(mine: Any, theirs: Any, chosen: MultiDict[str, str]) -> None:
    """Put the other's values into `mine` where the person chose them."""
    for field in mine:
        if chosen.get(f"choose-{field.short_name}") == "theirs":
            other = theirs[field.short_name]
            if isinstance(field, FieldList):
                field.entries = other.entries
            else:
                field.data = other.data
            field.errors = ()
            field.raw_data = None


def own_pairs(posted: MultiDict[str, str]) -> Iterable[tuple[str, str]]:
    """The person's own entries as posted, to be carried through the page of the choice."""
    for name, values in posted.lists():
        if name in LOCK_NAMES or name.startswith("choose-"):
            continue
        for value in values:
            yield name, value
