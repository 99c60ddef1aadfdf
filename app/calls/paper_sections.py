"""A paper of a call as sections: what is given, and what is still 未設定. What is handed out shows only what is given."""

from __future__ import annotations

import dataclasses
from typing import Any

UNSET = "未設定"


@dataclasses.dataclass(frozen=True)
class Section:
    """A heading with facts (label, text or None: 未設定), paragraphs, and a table (header, rows)."""

    heading: str
    facts: tuple[tuple[str, str | None], ...] = ()
    paragraphs: tuple[str | None, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def missing(self) -> list[str]:
        """Labels of what is still 未設定; the heading itself for a paragraph."""
        return [label for label, text in self.facts if text is None] + [
            self.heading for text in self.paragraphs if text is None
        ]

    @property
    def given(self) -> Section:
        """The same without what is 未設定."""
        return dataclasses.replace(
            self,
            facts=tuple((label, text) for label, text in self.facts if text is not None),
            paragraphs=tuple(text for text in self.paragraphs if text is not None),
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is given."""
        return not (self.given.facts or self.given.paragraphs or self.rows)


@dataclasses.dataclass(frozen=True)
class CallPaper:
    """One paper of a call. is_draft: the call has not been opened yet."""

    code: str
    title: str
    call_name: str
    sections: tuple[Section, ...]
    is_draft: bool
    #: Told instead of a blank sheet.
    empty: str = "この書類には、まだ何も入力されていません。"

    @property
    def unset(self) -> list[str]:
        """「見出し(項目、項目)」 of what is 未設定."""
        told = []
        for section in self.sections:
            labels = [label for label in section.missing if label != section.heading]
            if section.missing:
                told.append(f"{section.heading}({'、'.join(labels)})" if labels else section.heading)
        return told

    @property
    def handed_out(self) -> list[Section]:
        """What is given, section by section. Of an opened call nothing is printed that only says 未設定."""
        return [section.given for section in self.sections if not section.is_empty]

    def as_json(self) -> dict[str, Any]:
        """As `typst/call_paper.typ` reads it. A draft says what is still missing, after all the rest."""
        sections = self.handed_out or [Section("", paragraphs=(self.empty,))]
        if self.is_draft and self.unset:
            sections = [*sections, Section(f"{UNSET}の項目", paragraphs=("\n".join(self.unset),))]
        return {
            "title": f"{self.call_name} {self.title}",
            "mark": "案" if self.is_draft else "",
            "sections": [
                {
                    "heading": section.heading,
                    "facts": [list(fact) for fact in section.facts],
                    "paragraphs": list(section.paragraphs),
                    "header": list(section.header),
                    "rows": [list(row) for row in section.rows],
                }
                for section in sections
            ],
        }
