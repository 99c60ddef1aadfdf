"""A column of an import: what its cells may hold, and the parser that turns a cell into a plain (JSON) value."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.actor import Actor
from app.exchange.cells import Raw, unquoted
from app.exchange.column_kinds import KIND_HELP, SHOWN, CellError, ColumnKind, Plain
from app.exchange.parsers import PARSERS, as_text

#: texts → {text: (key, label)}; texts that name nothing are left out. One query for all of them.
Lookup = Callable[[Session, Actor, frozenset[str]], Mapping[str, tuple[Any, str]]]


@dataclasses.dataclass(frozen=True)
class ImportColumn:
    """One column. `aliases`: other headers it is known by. `help`: a sentence for the form and the upload page.

    `choices`: (code, label) pairs of an ENUM. `lookup`: of REFERENCE and MANY. `parse`: instead of the kind's own
    parser, (raw) -> plain value, raising CellError. `show`: plain value -> text, instead of the kind's own.
    `keeps_blank`: a blank cell leaves what is stored. `personal`: the log says only that it changed.
    """

    key: str
    label: str
    kind: ColumnKind = ColumnKind.TEXT
    aliases: Sequence[str] = ()
    required: bool = False
    max_length: int = 10_000
    multiline: bool = False
    minimum: int | None = None
    maximum: int | None = None
    choices: Sequence[tuple[str, str]] = ()
    lookup: Lookup | None = None
    unknown: str = "「{text}」は登録されていません。登録されている名称で入力してください。"
    parse: Callable[[Raw], Plain] | None = None
    show: Callable[[Plain], str] | None = None
    help: str = ""
    width: int = 16
    keeps_blank: bool = False
    personal: bool = False
    allows_negative: bool = False

    @property
    def kind_help(self) -> str:
        """What may be typed, in a sentence."""
        if self.kind is ColumnKind.ENUM:
            return "、".join(f"「{label}」" for _, label in self.choices[:20])
        if self.kind is ColumnKind.TEXT:
            return f"文字({self.max_length:,}文字まで)" if self.max_length < 10_000 else "文字"
        return KIND_HELP[self.kind]

    @property
    def is_lookup(self) -> bool:
        """Whether cells name other records, to be resolved a chunk at a time."""
        return self.kind in {ColumnKind.REFERENCE, ColumnKind.MANY} and self.lookup is not None

    def parser(self) -> Callable[[Raw], Plain]:
        """A function (cell) -> plain value or None when blank; raises CellError. For lookups: the text(s) named."""
        own = self.parse or PARSERS[self.kind](self)

        def parse(raw: Raw) -> Plain:
            if type(raw) is str:
                if not raw or raw.isspace():
                    return None
                if raw[0] == "'":
                    raw = unquoted(raw)
            elif raw is None:
                return None
            return own(raw)

        return parse

    def shown(self, value: Plain) -> str:
        """A plain value in words, as previews and wrong-row files write it."""
        if value is None or value == []:
            return ""
        if self.show is not None:
            return self.show(value)
        if self.kind is ColumnKind.ENUM:
            return dict(self.choices).get(value, str(value))
        return SHOWN.get(self.kind, str)(value)


def required_message(column: ImportColumn) -> str:
    """The sentence for a blank cell of a required column."""
    return f"「{column.label}」が空欄です。入力してください。"


__all__ = ["CellError", "ColumnKind", "ImportColumn", "Lookup", "Plain", "as_text", "required_message"]
