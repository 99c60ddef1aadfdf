"""Notes who saw personal data, before they see it: in a short transaction of its own, and in the chain like any act.

If the note cannot be written, the error goes up and nothing is read.
"""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.acts import ACT_KEY, Change
from app.audit.plans import model_of_table
from app.audit.recorder import act
from app.audit.values import label_of_table
from app.problems import Invalid
from models.base import db, utc_now
from models.engine import is_reading, writing
from models.records import AccessNote, ChangeKind

_NOTE = AccessNote.__table__
ACTIONS = {"display": "表示", "export": "書き出し", "print": "印刷", "search": "検索"}


def note_access(actor: Actor, action: str, table: str, key: object | None, count: int, purpose: str) -> None:
    """Note an access to personal data. Call it before the read, outside an act.

    action: one of ACTIONS. key: of the one record, None for several. count: how many records.
    Raises Invalid when no purpose is given, and whatever keeps the note from being written.
    """
    purpose = " ".join(purpose.replace("\x00", "").split())
    if not purpose:
        raise Invalid("閲覧の目的を入力してください。", fields={"purpose": "目的を入力してください。"})
    _release_request_transaction()
    values = {
        "at": utc_now(),
        "actor_id": actor.user_id,
        "actor_label": actor.label.replace("\x00", "")[:200],
        "address": actor.address,
        "action": action[:40],
        "table_name": table[:60],
        "record_key": None if key is None else str(key)[:60],
        "record_count": count,
        "purpose": purpose[:300],
    }
    name = label_of_table(model_of_table(table), table)
    label = f"{name}の個人情報の{ACTIONS.get(action, action)}({count}件)"
    with writing(), Session(db.engine) as session, act(session, actor, f"access:{action}", label, reason=purpose) as a:
        note_id = session.connection().execute(insert(_NOTE), values).inserted_primary_key[0]  # type: ignore[arg-type, index]
        told = {column: [None, values[column]] for column in ("action", "table_name", "record_key", "record_count")}
        told["purpose"] = [None, values["purpose"]]
        a.note(Change(ChangeKind.CREATED, "access_note", str(note_id), label, "access_note", str(note_id), told))


def _release_request_transaction() -> None:
    """End the request's own writing transaction, which on SQLite would lock our note out.

    It has read only (who asks, what they look at); had it changed something, the note would have come too late.
    """
    if is_reading() or not db.session.registry.has():
        return
    session = db.session()
    if ACT_KEY in session.info or session.new or session.dirty or session.deleted:
        raise RuntimeError("note the access before anything is changed")
    if session.in_transaction():
        session.rollback()
