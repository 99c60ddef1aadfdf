"""Two people, one record: when somebody else saved first, both versions stand side by side and the person chooses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField, SelectMultipleField

from admin_views.columns import shown
from admin_views.pages import ConflictPage, VersionRow
from app.lookup_fields import RelationField

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
            _take(field, theirs[field.short_name])


def _take(field: Any, other: Any) -> None:
    """Let the field hold what the other holds, as if the person had typed it: validators ask what was sent."""
    if isinstance(field, FieldList):
        field.errors, field.entries = (), other.entries
        for entry in field.entries:
            _take(entry, entry)
    elif isinstance(field, FormField):
        for inner in field.form:
            _take(inner, other.form[inner.short_name])
    else:
        field.errors, field.data = (), other.data
        is_empty = other.data is None or other.data in ("", [], ())
        field.raw_data = [] if is_empty else [other._value() if hasattr(other, "_value") else words_of(other)]


def conflict_page(
    mine: Any, theirs: Any, *, record: tuple[str, str], last: Any, version: int, urls: tuple[str, str]
) -> ConflictPage:
    """The page of the choice between what is posted now (`mine`) and what is stored.

    `last`: the line of the history that saved it, None when there is none; `urls`: where to post, where to go instead.
    """
    rows = differences(mine, theirs, request.form.get("seen", "")[:20_000])
    return ConflictPage(
        record=record,
        saved_by=last.who if last else "",
        saved_at=str(shown(last.at)) if last else "",
        rows=rows,
        same_count=sum(1 for _ in mine) - len(rows),
        hidden=list(own_pairs(request.form)),
        version=version,
        action_url=urls[0],
        cancel_url=urls[1],
    )


def own_pairs(posted: MultiDict[str, str]) -> Iterable[tuple[str, str]]:
    """The person's own entries as posted, to be carried through the page of the choice."""
    for name, values in posted.lists():
        if name in LOCK_NAMES or name.startswith("choose-"):
            continue
        for value in values:
            yield name, value
