"""Notes who sees names and contacts of talents, and for what; and reads the purpose that a person gives."""

from __future__ import annotations

from collections.abc import Mapping

from app.actor import Actor
from app.audit.access_notes import note_access
from app.problems import Invalid
from app.talents.policy import reads_names

OWN_RECORD = "本人からの問合せ・開示請求"
#: A fixed list: what is noted cannot name anybody, so that erasure leaves nothing behind in the log.
PURPOSES = (
    "打診・日程の連絡",
    "依頼団体への紹介",
    "活動後の聞き取り",
    "登録内容・同意の確認",
    OWN_RECORD,
    "緊急の連絡",
)


def note_names(actor: Actor, action: str, table: str, key: object | None, count: int, purpose: str) -> None:
    """Note a display or export for whom it shows names; others see none, and nothing is noted. Before the read."""
    if reads_names(actor) and count:
        note_access(actor, action, table, key, count, purpose)


def purpose_given(form: Mapping[str, str]) -> str:
    """The purpose chosen in a form. Raises Invalid when there is none."""
    purpose = form.get("purpose", "")
    if purpose not in PURPOSES:
        raise Invalid("連絡先を表示する目的を選んでください。", fields={"purpose": "目的を選んでください。"})
    return purpose
