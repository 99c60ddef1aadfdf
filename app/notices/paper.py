"""Notices on paper: one letter a page, A4, as issued; drafts say so across the page."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from app.documents.pdf import render_pdf
from app.japanese.dates import format_date
from app.notices.wording import addressed
from models.notices import Notice, NoticeState

UNSET = "(差出人は未設定です)"


@dataclasses.dataclass(frozen=True)
class Paper:
    """A PDF and its name."""

    content: bytes
    file_name: str


def paper_of(notices: Sequence[Notice]) -> Paper:
    """The letters as one PDF. The caller has made sure that the reader may see each."""
    marks = {_mark(notice) for notice in notices}
    name = str(notices[0]) if len(notices) == 1 else f"通知{len(notices)}通"
    data: dict[str, Any] = {
        "title": name,
        "author": notices[0].sender_name if notices else "",
        "mark": marks.pop() if len(marks) == 1 else "",
        "letters": [letter_of(notice) for notice in notices],
    }
    return Paper(render_pdf("letter", data), f"{name}.pdf")


def _mark(notice: Notice) -> str:
    return {NoticeState.DRAFT: "案", NoticeState.WITHDRAWN: "取消"}.get(notice.state, "")


def letter_of(notice: Notice) -> dict[str, Any]:
    """What the template prints of one notice."""
    return {
        "number": notice.document_number or "",
        "date": format_date(notice.dated_on, weekday=False),
        "address": notice.recipient_address.splitlines(),
        "recipient": addressed(notice.recipient_name, notice.honorific),
        "sender": [line for line in (notice.sender_name,) if line]
        or [UNSET if notice.state is NoticeState.DRAFT else ""],
        "subject": notice.title,
        "body": notice.body.split("\n"),
        "instruction": notice.instruction.split("\n") if notice.instruction else [],
        "contact": [line for line in (notice.sender_office, *notice.sender_contact.splitlines()) if line],
    }
