"""Which groups of the directory fit a problem: the engine of the talents over what the reader may read of each group.

One index a process and level, brought up to date before each use by the groups' versions. Meanings of texts are
computed by the background worker (meanings.py) and taken over when they are there; until then a group is compared by
its words, and the page says so.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.access.levels import STAFF, level_of
from app.actor import Actor
from app.config import Settings
from app.partnering.meanings import file_of, kept_meanings
from app.partnering.profiles import WHENEVER, GroupProfile, profile_of
from app.partnering.queries import partner_versions, possible_partners, projects_of_partners
from app.talents.candidates import Candidate
from app.talents.facts import ANYWHERE, EVERYBODY, Key, RequestFacts, TalentFacts
from app.talents.features import request_text, talent_text
from app.talents.index import TalentIndex
from app.talents.lexicon import load_lexicon
from app.talents.live import has_encoder
from app.talents.ranking import explained, rank
from app.talents.vector_store import ready_mark
from app.talents.vectors import Vectors, find_encoder, text_hash
from app.talents.wording import field_names, reason_in_words
from models.directory import Organization
from models.partnering import PartnerSearch

#: What a full profile, five collaborations and a group that stands firm each add to the engine's score (about 0 to 6).
COMPLETENESS_WEIGHT, PAST_WEIGHT, CAPACITY_WEIGHT = 0.15, 0.25, 0.15
_MOST_PAST = 5
#: Indexes of as many databases and levels are kept (tests open many).
_MOST = 6
#: What the engine says of times and places: nobody asked for any here.
_BESIDE_THE_MATTER = ("が空き", "などが空き", "に通える", "オンラインでできる")


@dataclass(frozen=True)
class Fit:
    """A group for a problem: its place, the engine's parts, and what its profile and past add."""

    organization: Organization
    position: int
    score: float
    candidate: Candidate
    reasons: tuple[str, ...]
    projects: tuple[tuple[int, str], ...]
    completeness: int


@dataclass(frozen=True)
class Ranking:
    """The groups that fit best. `is_partial`: of some groups the meaning is not computed yet."""

    fits: tuple[Fit, ...]
    groups: int
    has_vectors: bool
    is_partial: bool
    is_preparing: bool


class GroupIndex:
    """The groups of one database at one level. Used under its lock alone."""

    def __init__(self, settings: Settings, level: int) -> None:
        self.lock = threading.RLock()
        self._settings, self._level = settings, level
        self._begin()

    def _begin(self) -> None:
        mark = ready_mark(self._settings)
        self.is_preparing = not mark.exists() and has_encoder()
        encoder = find_encoder() if mark.exists() else None
        self.index = TalentIndex(load_lexicon(self._settings.city), encoder, mark.parent)
        self.profiles: dict[int, GroupProfile] = {}
        self._versions: dict[int, Hashable] = {}
        self._shown: dict[int, TalentFacts] = {}
        self.without_meaning: set[Key] = set()
        self._file = file_of(self._settings)
        #: When the file was written that was read last.
        self._read_at: int | None = None
        self._kept: dict[str, Vectors] = {}

    def refresh(self, session: Session, actor: Actor) -> dict[int, list[tuple[int, str]]]:
        """Take over what changed since; returns what each group did together with the city."""
        if self.is_preparing and ready_mark(self._settings).exists():
            self._begin()
        versions = partner_versions(session, actor)
        for key in self._versions.keys() - versions.keys():
            self._forget(key)
        changed = [key for key, version in versions.items() if self._versions.get(key) != version]
        for group in possible_partners(session, actor, changed):
            self.profiles[group.id] = profile_of(group, self._level)
            self._versions[group.id] = versions[group.id]
        past = projects_of_partners(session, actor)
        for key, profile in self.profiles.items():
            facts = profile.facts(past.get(key, ()))
            before = self._shown.get(key)
            if before == facts:
                continue
            if before is None or talent_text(before) != talent_text(facts):
                self.index.remove(key)
                self.without_meaning.add(key)
            self.index.put(facts)
            self._shown[key] = facts
        self._take_meanings()
        return past

    def _take_meanings(self) -> None:
        """Take over what the worker has computed, when there is something new or somebody new."""
        if self.index.encoder is None or not self.without_meaning or not self._file.exists():
            return
        written = self._file.stat().st_mtime_ns
        if written != self._read_at:
            self._kept, self._read_at = kept_meanings(self._file), written
        for key in list(self.without_meaning):
            vector = self._kept.get(text_hash(talent_text(self._shown[int(key)])))
            if vector is not None:
                self.index.put_vector(key, vector)
                self.without_meaning.discard(key)
        if not self.without_meaning:
            self._kept, self._read_at = {}, None

    def _forget(self, key: int) -> None:
        self.index.remove(key)
        self.without_meaning.discard(key)
        for kept in (self._versions, self._shown, self.profiles):
            kept.pop(key, None)


_indexes: dict[str, GroupIndex] = {}
_guard = threading.Lock()


def reading_level(actor: Actor) -> int:
    """The level at which a search is worked on: never above city staff, since a search is shared with a department."""
    return min(level_of(actor), STAFF)


def request_of_search(search: PartnerSearch) -> RequestFacts:
    """A problem as the engine sees it."""
    return RequestFacts(
        id=search.id or 0,
        title=search.title,
        description="。".join(text for text in (search.problem, search.goal, search.wanted) if text),
        fields=tuple(field.number for field in search.fields),
        audiences=(EVERYBODY,),
        area=ANYWHERE,
        times=WHENEVER,
    )


@functools.lru_cache(maxsize=200)
def _encoded(text: str) -> Vectors | None:
    encoder = find_encoder()
    return None if encoder is None else encoder.encode([text], "query")


def vector_of(settings: Settings, request: RequestFacts) -> Vectors | None:
    """(1, size): a problem's vector, computed once a process; None where meanings are not compared yet."""
    return _encoded(request_text(request)) if ready_mark(settings).exists() else None


def rank_groups(session: Session, settings: Settings, actor: Actor, search: PartnerSearch, *, top: int = 20) -> Ranking:
    """The groups that fit, best first. Only what the reader may read of a group moves it (`reading_level`)."""
    groups = _index_of(settings, reading_level(actor))
    request = request_of_search(search)
    vector = vector_of(settings, request)
    with groups.lock:
        past = groups.refresh(session, actor)
        index = groups.index
        asked = index.ask([request], vector)
        scores = {
            int(key): score + _added(groups.profiles[int(key)], past.get(int(key), ()))
            for key, score in rank(index, asked, top=None)[0]
        }
        best = sorted(scores, key=lambda key: (-scores[key], key))[:top]
        candidates = explained(index, asked, best)
        profiles = {key: groups.profiles[key] for key in best}
        counts = len(index), index.has_vectors, bool(groups.without_meaning and index.has_vectors), groups.is_preparing
    rows = {group.id: group for group in possible_partners(session, actor, best)}
    fields = field_names(session)
    fits = [
        _fit(rows[key], place, scores[key], candidates[key], profiles[key], past.get(key, []), fields)
        for place, key in enumerate((key for key in best if key in rows), start=1)
    ]
    return Ranking(tuple(fits), *counts)


def is_of_the_matter(reason: str) -> bool:
    """Whether a sentence of the engine is about the matter, not about times and places."""
    return not reason.endswith(_BESIDE_THE_MATTER)


def in_words(reason: str, fields: Mapping[str, str]) -> str:
    """A reason of the engine, which speaks of requests, about a problem."""
    return reason_in_words(reason, fields).replace("依頼の", "課題の", 1).replace("依頼と", "課題と", 1)


def _index_of(settings: Settings, level: int) -> GroupIndex:
    key = f"{settings.database_url}|{settings.data_dir}|{settings.city}|{level}"
    with _guard:
        if key not in _indexes:
            while len(_indexes) >= _MOST:
                _indexes.pop(next(iter(_indexes)))
            _indexes[key] = GroupIndex(settings, level)
        return _indexes[key]


def _added(profile: GroupProfile, projects: Sequence[tuple[int, str]]) -> float:
    capacity, _ = profile.capacity(projects)
    past = min(len(projects), _MOST_PAST) / _MOST_PAST
    return COMPLETENESS_WEIGHT * profile.completeness / 5 + CAPACITY_WEIGHT * capacity + PAST_WEIGHT * past


def _fit(
    group: Organization,
    place: int,
    score: float,
    candidate: Candidate,
    profile: GroupProfile,
    projects: Sequence[tuple[int, str]],
    fields: Mapping[str, str],
) -> Fit:
    reasons = [in_words(reason, fields) for reason in candidate.reasons if is_of_the_matter(reason)]
    if projects:
        reasons.append(f"市との協働の実績が{len(projects)}件(最近は{projects[0][1]})")
    reasons += profile.capacity(projects)[1]
    return Fit(group, place, score, candidate, tuple(reasons), tuple(projects), profile.completeness)
