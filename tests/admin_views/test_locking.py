"""The choice between two versions of a record, field by field."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, FormField
from wtforms.validators import InputRequired

from admin_views.locking import differences, merge_choices, seen_of
from app.webforms import BackOfficeForm, DateField, LineField

STORED = {"name": "先の名前", "on": dt.date(2026, 4, 1), "lines": [{"text": "先の行"}]}
TYPED = {"name": "私の名前", "on": "令和8年5月2日", "lines-0-text": "私の行"}


class Line(BackOfficeForm):
    """A line with a field that must be filled."""

    text = LineField("行", [InputRequired("入力してください。")])


class Sheet(BackOfficeForm):
    """Every field must be filled, by whichever of the two."""

    name = LineField("名前", [InputRequired("入力してください。")])
    on = DateField("日付", [InputRequired("入力してください。")])
    lines = FieldList(FormField(Line), "行")


def _sheet(posted: dict[str, str] | None) -> Any:
    return Sheet(MultiDict(posted) if posted is not None else None, data=STORED, meta={"csrf": False})


@pytest.mark.parametrize("taken", [(), ("name",), ("on",), ("lines",), ("name", "on", "lines")])
def test_what_was_chosen_is_valid_and_saved_as_chosen(app: Flask, taken: tuple[str, ...]) -> None:
    with app.test_request_context():
        mine, theirs = _sheet(TYPED), _sheet(None)
        merge_choices(mine, theirs, MultiDict({f"choose-{name}": "theirs" for name in taken}))
        assert mine.validate(), mine.errors
        own = {"name": "私の名前", "on": dt.date(2026, 5, 2), "lines": [{"text": "私の行"}]}
        assert mine.data == {name: STORED[name] if name in taken else own[name] for name in own}


def test_the_others_value_is_preselected_where_the_person_touched_nothing(app: Flask) -> None:
    with app.test_request_context():
        before = Sheet(None, data={**STORED, "name": "私の名前"}, meta={"csrf": False})
        rows = differences(_sheet(TYPED), _sheet(None), seen_of(before))
        assert [(row.name, row.mine, row.theirs, row.choice) for row in rows] == [
            ("name", "私の名前", "先の名前", "theirs"),
            ("on", "令和8年5月2日(土)", "令和8年4月1日(水)", "mine"),
            ("lines", "私の行", "先の行", "mine"),
        ]


@pytest.mark.parametrize("seen", ["", "[]", "{", '{"name": 1}', "null"])
def test_a_broken_memory_of_what_was_shown_preselects_the_persons_own(app: Flask, seen: str) -> None:
    with app.test_request_context():
        rows = differences(_sheet(TYPED), _sheet(None), seen)
        assert {row.choice for row in rows} == {"mine"}
