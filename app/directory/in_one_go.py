"""Many changes of groups in one act: what follows from them is reckoned once a record, at the end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy.orm import Session

from app.audit.acts import ACT_KEY
from app.directory.derived import PUT_OFF, derive_many
from app.directory.duplicates import refresh_candidates
from app.search.index import held


@contextlib.contextmanager
def in_one_go(session: Session) -> Iterator[None]:
    """Put off completeness, likely duplicates and search documents until the end of the block.

    Within an act only, so that nothing is committed before all of it is reckoned; RuntimeError else.
    """
    if ACT_KEY not in session.info:
        raise RuntimeError("what is put off must be reckoned before the commit: open an act first")
    if PUT_OFF in session.info:
        yield
        return
    later: dict[str, set[int]] = {}
    session.info[PUT_OFF] = later
    try:
        with held(session):
            yield
            session.flush()
            session.info.pop(PUT_OFF)
            derive_many(session, sorted(later.get("completeness", ())))
        refresh_candidates(session, sorted(later.get("candidates", ())))
    finally:
        session.info.pop(PUT_OFF, None)
