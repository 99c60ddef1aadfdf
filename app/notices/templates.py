"""Changing the words of notices: placeholders are checked, the words before are kept; who sends, in which form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import is_editable
from app.actor import Actor
from app.audit.recorder import act
from app.notices import wording
from app.notices.numbering import check_pattern
from app.problems import Invalid, NotAllowed, check_version
from models.engine import lock
from models.notices import NoticeSender, NoticeTemplate, NoticeTemplateEdition

_WORDS = ("title", "body", "instruction")


def update_template(
    session: Session, *, actor: Actor, template: NoticeTemplate, version: int | None, values: Mapping[str, Any]
) -> NoticeTemplate:
    """Change a template: name, purpose, title, body, instruction, is_numbered, is_active. Raises Invalid with fields."""
    actor.require(Permission.NOTICE_EDIT)
    words = {name: wording.clean_value(values.get(name, getattr(template, name)) or "") for name in _WORDS}
    wrong = {name: "入力してください。" for name in ("title", "body") if not words[name]}
    if wrong:
        raise Invalid("文面を確認してください。", fields=wrong)
    wording.check_words(wording.declared(template.placeholders), **words)
    with act(session, actor, "notice:template", f"通知のひな形の変更({template.name})"):
        lock(session, template)
        if not is_editable(session, template, actor):
            raise NotAllowed
        check_version(template, version)
        if any(getattr(template, name) != words[name] for name in _WORDS):
            template.editions.append(
                NoticeTemplateEdition(
                    edition=template.edition,
                    ended_by=actor.label[:200],
                    **{name: getattr(template, name) for name in _WORDS},
                )
            )
            template.edition += 1
        for name, value in words.items():
            setattr(template, name, value)
        for name in ("name", "purpose", "is_numbered", "is_active"):
            if name in values:
                setattr(template, name, values[name] if values[name] is not None else "")
    return template


def update_sender(
    session: Session, *, actor: Actor, sender: NoticeSender, version: int | None, values: Mapping[str, Any]
) -> NoticeSender:
    """Change who sends, and the form of the numbers. Issued notices stay as they were."""
    actor.require(Permission.NOTICE_EDIT)
    pattern = wording.clean_line(values.get("number_pattern") or "")
    check_pattern(pattern)
    with act(session, actor, "notice:sender", "差出人の設定の変更"):
        lock(session, sender)
        if not is_editable(session, sender, actor):
            raise NotAllowed
        check_version(sender, version)
        sender.name = wording.clean_line(values.get("name") or "")
        sender.office = wording.clean_line(values.get("office") or "")
        sender.contact = wording.clean_value(values.get("contact") or "")
        sender.number_pattern = pattern
    return sender
