"""Form fields that name records of another table: looked up by typing, never loaded whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import url_for
from wtforms import Field, ValidationError
from wtforms.widgets import HiddenInput

from app.access.scopes import as_key

#: id -> label of the rows among these ids that the actor may see.
Resolve = Callable[[Sequence[int]], dict[int, str]]


class RelationField(Field):
    """One record of a table of any size, looked up by typing. Posts the id; shows `text`.

    lookup: endpoint of the other view's lookup ("organization.lookup_view"). resolve: ids -> labels within the
    reader's row scope, so that an id outside of it is refused like one that does not exist.
    """

    widget = HiddenInput()
    kind = "lookup"
    multiple = False
    data: Any
    process_errors: Any

    def __init__(
        self, label: str, validators: Iterable[Any] = (), *, lookup: str, resolve: Resolve, **kwargs: Any
    ) -> None:
        super().__init__(label, list(validators), **kwargs)
        self.lookup_endpoint = lookup
        self.resolve = resolve

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """A name that was typed but not chosen (no script, or in haste) is looked up here, never dropped."""
        super().process(formdata, *args, **kwargs)
        typed = str((formdata or {}).get(f"{self.name}__text", "")).strip()[:300]
        if not typed:
            return
        if self.data is not None and not self.multiple and self.resolve([self.data]).get(self.data) in {typed, None}:
            return
        find = getattr(self.resolve, "find", None)
        found = find(typed) if find is not None else []
        if len(found) == 1:
            self.take(found[0])
        else:
            self.process_errors = [*self.process_errors, f"「{typed}」は候補から選んでください。"]

    def take(self, key: int) -> None:
        """Choose the record."""
        self.data = key

    def _ids(self) -> list[int]:
        return [] if self.data is None else [self.data]

    @property
    def selected(self) -> list[tuple[int, str]]:
        """(id, label) of what is chosen."""
        labels = self.resolve(self._ids()) if self._ids() else {}
        return [(key, labels.get(key, "(閲覧できない項目)")) for key in self._ids()]

    @property
    def lookup_url(self) -> str:
        """Where the combobox asks."""
        return url_for(self.lookup_endpoint)

    def _value(self) -> str:
        return "" if self.data is None else str(self.data)

    def process_data(self, value: Any) -> None:
        self.data = getattr(value, "id", value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if text:
            self.data = as_key(text)
            if self.data is None:
                raise ValueError("候補から選んでください。")

    def pre_validate(self, form: Any) -> None:
        missing = set(self._ids()) - set(self.resolve(self._ids()) if self._ids() else {})
        if missing:
            raise ValidationError("選んだ項目が見つかりません。候補から選び直してください。")


class RelationsField(RelationField):
    """Several records, looked up by typing: removable chips."""

    multiple = True

    def take(self, key: int) -> None:
        self.data = [*dict.fromkeys([*(self.data or []), key])]

    def _ids(self) -> list[int]:
        return list(self.data or [])

    def process_data(self, value: Any) -> None:
        self.data = [getattr(item, "id", item) for item in value or ()]

    def process_formdata(self, valuelist: list[Any]) -> None:
        keys = [as_key(str(item).strip()) for item in valuelist if str(item).strip()]
        if None in keys:
            raise ValueError("候補から選んでください。")
        self.data = list(dict.fromkeys(key for key in keys if key is not None))
