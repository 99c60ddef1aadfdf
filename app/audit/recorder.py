"""The unit of work of every service: writes the log in the same transaction as the change.

`act(...)` collects what the ORM flushes meanwhile, and on leaving writes one AuditEntry with its AuditChange rows,
takes the next place in the chain and commits. An error rolls everything back. A flush of an audited table outside an
act is refused, and so is a bulk statement that the act was not told about, or a commit inside an act.
"""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit import chain, collecting, guarding
from app.audit.acts import ACT_KEY, MASK, Act, Change, UnloggedChange
from app.audit.collecting import describe
from models.base import utc_now
from models.engine import is_reading
from models.records import AuditChange

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def act(
    session: Session,
    actor: Actor,
    verb: str,
    label: str,
    *,
    reason: str | None = None,
    on_behalf_of: str | None = None,
    keep_when_empty: bool = False,
) -> Iterator[Act]:
    """The unit of work of a service. Nested acts join the outermost, which writes the log and commits.

    Args:
        verb: `resource:action`. label: what was done, in Japanese, as the history tells it (no personal values).
        keep_when_empty: the entry is written although nothing changed (an export, a sign-off).
    Raises:
        whatever the body raises, after rolling back; nothing is then changed or logged.
    """
    outer: Act | None = session.info.get(ACT_KEY)
    if outer is not None:
        outer.reason = outer.reason or reason
        outer.is_kept_when_empty |= keep_when_empty
        yield outer
        return
    if is_reading():
        raise UnloggedChange("a reading transaction cannot change anything")
    current = Act(actor, verb, label, reason, on_behalf_of, is_kept_when_empty=keep_when_empty)
    session.info[ACT_KEY] = current
    try:
        yield current
        _flush_all(session)
        entry = _write(session, current)
        current.is_written = True
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(ACT_KEY, None)
    if entry is not None:
        chain.write_anchor(*entry)
        if actor.channel != "cli":
            # Where logs are kept elsewhere, this is a second anchor, which nobody here can put back.
            logger.info("audit head", extra={"fields": {"sequence": entry[0], "hash": entry[1]}})


def _flush_all(session: Session) -> None:
    """Flush until listeners (search index, hooks) add nothing more; the entry is written after the last."""
    for _ in range(20):
        session.flush()
        if not (session.new or session.dirty or session.deleted):
            return


def _write(session: Session, current: Act) -> tuple[int, str] | None:
    """Write the entry; returns (sequence, hash), None when there was nothing to write."""
    changes = list(current.changes.values())
    if not changes and not current.is_kept_when_empty:
        return None
    entry_id = uuid.uuid4().hex
    rows = [_row(current, entry_id, position, change) for position, change in enumerate(changes)]
    connection = session.connection()
    if rows:
        connection.execute(insert(AuditChange.__table__), rows)  # type: ignore[arg-type]
    entry = {
        "id": entry_id,
        "at": utc_now(),
        "actor_id": current.actor.user_id,
        "actor_label": current.text(current.actor.label, 200),
        "channel": current.actor.channel[:20],
        "address": current.actor.address[:64] if current.actor.address else None,  # as a proxy says it: of any length
        "on_behalf_of": current.text(current.on_behalf_of, 200) if current.on_behalf_of else None,
        "verb": current.verb[:80],
        "label": current.text(current.label, 300),
        "reason": current.text(current.reason, 10_000) if current.reason else None,
        "change_count": len(rows),
        "body_digest": chain.digest_of_changes(rows),
    }
    return chain.append(connection, entry)


def _row(current: Act, entry_id: str, position: int, change: Change) -> dict[str, Any]:
    return {
        "entry_id": entry_id,
        "position": position,
        "kind": str(change.kind),
        "table_name": change.table_name,
        "record_key": change.record_key,
        "record_label": current.label_of(change, 300),
        "root_table": change.root_table,
        "root_key": change.root_key,
        "change_values": change.values,
    }


def install() -> None:
    """Attach the listeners to every session. May be called again."""
    collecting.install()
    guarding.install()


__all__ = ["MASK", "Act", "Change", "UnloggedChange", "act", "describe", "install"]
