"""Which groups of the directory fit a problem: the engine of the talents over what the reader may read of each group."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session

from app.access.levels import STAFF, level_of
from app.actor import Actor
from app.directory.completeness import assess, filled_fields
from app.directory.consent import open_fields
from app.partnering.queries import possible_partners, projects_of_partners
from app.talents.facts import ANYWHERE, EVERYBODY, RequestFacts, TalentFacts
from app.talents.features import talent_text
from app.talents.index import TalentIndex
from app.talents.lexicon import Lexicon
from app.talents.ranking import Candidate, advise
from app.talents.vectors import Encoder, Vectors, text_hash
from models.directory import Organization
from models.partnering import PartnerSearch

#: Free texts of the profile that say what a group does.
TEXTS = ("purpose", "policy", "founding_reason", "activities", "pr", "plans", "public_interest")
#: What a full profile, five collaborations and a group that stands firm each add to the engine's score (about 0 to 6).
COMPLETENESS_WEIGHT, PAST_WEIGHT, CAPACITY_WEIGHT = 0.15, 0.25, 0.15
#: Texts whose meaning is computed while somebody waits; further ones at the next visit.
MOST_AT_ONCE = 40
_MOST_PAST = 5
_WHENEVER = ("いつでも",)
_KEPT_VECTORS = 20_000


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
    capacity: float


@dataclass(frozen=True)
class Ranking:
    """The groups that fit best. `has_vectors`: meanings were compared; `is_partial`: of some groups not yet."""

    fits: tuple[Fit, ...]
    groups: int
    has_vectors: bool
    is_partial: bool


class VectorMemory:
    """Vectors of texts by their hash, for the life of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Vectors] = OrderedDict()

    def get(self, text: str) -> Vectors | None:
        with self._lock:
            return self._kept.get(text_hash(text))

    def put(self, texts: Sequence[str], vectors: Vectors) -> None:
        with self._lock:
            for text, vector in zip(texts, vectors, strict=True):
                self._kept[text_hash(text)] = vector
            while len(self._kept) > _KEPT_VECTORS:
                self._kept.popitem(last=False)


_memory = VectorMemory()


@dataclass(frozen=True)
class Engine:
    """What the comparison needs of its surroundings."""

    lexicon: Lexicon
    encoder: Encoder | None = None
    folder: Path | None = None
    memory: VectorMemory = _memory


def reading_level(actor: Actor) -> int:
    """The level at which a search is worked on: never above city staff, since a search is shared with a department."""
    return min(level_of(actor), STAFF)


def facts_of_group(
    organization: Organization,
    level: int,
    projects: Iterable[tuple[int, str]] = (),
    *,
    is_open_to: frozenset[str] | None = None,
) -> TalentFacts:
    """A group as the engine sees it, from the fields that a reader of that level may read and its public past."""
    is_open = open_fields(organization, level) if is_open_to is None else is_open_to
    texts = [text for name in TEXTS if name in is_open and (text := getattr(organization, name))]
    if "activity_records" in is_open:
        texts += [record.heading for record in organization.activity_records]
    texts += [name for _, name in projects]
    fields = [row.activity_field.number for row in organization.fields] if "fields" in is_open else []
    return TalentFacts(
        id=organization.id,
        kind="group",
        skills=(organization.name,),
        fields=tuple(fields),
        description="。".join(texts),
        audiences=(EVERYBODY,),
        areas=(ANYWHERE,),
        availability=_WHENEVER,
    )


def request_of_search(search: PartnerSearch) -> RequestFacts:
    """A problem as the engine sees it."""
    return RequestFacts(
        id=search.id or 0,
        title=search.title,
        description="。".join(text for text in (search.problem, search.goal, search.wanted) if text),
        fields=tuple(field.number for field in search.fields),
        audiences=(EVERYBODY,),
        area=ANYWHERE,
        times=_WHENEVER,
    )


def rank_groups(session: Session, actor: Actor, search: PartnerSearch, engine: Engine, *, top: int = 20) -> Ranking:
    """The groups that fit, best first. Only what the reader may read of a group moves it (`reading_level`)."""
    level = reading_level(actor)
    groups = {group.id: group for group in possible_partners(session, actor)}
    past = projects_of_partners(session, actor)
    facts = {key: facts_of_group(group, level, past.get(key, ())) for key, group in groups.items()}
    request = request_of_search(search)
    index, is_partial = _filled(list(facts.values()), request, engine)
    advice = advise(index, request, top=len(groups) or 1)
    fits = []
    for candidate in advice.candidates:
        group = groups[int(candidate.talent_id)]
        fits.append(_fit(group, candidate, past.get(group.id, []), level))
    fits.sort(key=lambda fit: (-fit.score, fit.organization.id))
    placed = tuple(Fit(**{**fit.__dict__, "position": place}) for place, fit in enumerate(fits[:top], start=1))
    return Ranking(placed, len(groups), index.has_vectors, is_partial)


def _filled(facts: list[TalentFacts], request: RequestFacts, engine: Engine) -> tuple[TalentIndex, bool]:
    """An index of the groups; meanings of the most likely ones are computed now, the others' as far as they are known."""
    index = TalentIndex(engine.lexicon, engine.encoder, engine.folder)
    texts = {one.id: talent_text(one) for one in facts}
    for one in facts:
        index.put(one, engine.memory.get(texts[one.id]))
    if engine.encoder is None:
        return index, False
    unknown = {key for key, text in texts.items() if engine.memory.get(text) is None}
    if unknown:
        likely = [
            each.talent_id for each in advise(index, request, top=len(facts)).candidates if each.talent_id in unknown
        ]
        now = [texts[key] for key in likely[:MOST_AT_ONCE]]
        engine.memory.put(now, engine.encoder.encode(now, "passage"))
        by_id = {one.id: one for one in facts}
        for key in likely[:MOST_AT_ONCE]:
            index.put(by_id[key], engine.memory.get(texts[key]))
    return index, len(unknown) > MOST_AT_ONCE


def _fit(group: Organization, candidate: Candidate, projects: Sequence[tuple[int, str]], level: int) -> Fit:
    is_open = open_fields(group, level)
    completeness = int(assess(filled_fields(group) & is_open).level)
    capacity, signs = capacity_of(group, is_open, projects)
    score = candidate.score + COMPLETENESS_WEIGHT * completeness / 5 + CAPACITY_WEIGHT * capacity
    score += PAST_WEIGHT * min(len(projects), _MOST_PAST) / _MOST_PAST
    reasons = [reason for reason in candidate.reasons if "空き" not in reason and "通える" not in reason]
    if projects:
        reasons.append(f"市との協働の実績が{len(projects)}件(最近は{projects[0][1]})")
    reasons += signs
    return Fit(group, 0, float(np.float32(score)), candidate, tuple(reasons), tuple(projects), completeness, capacity)


def capacity_of(
    group: Organization, is_open: frozenset[str], projects: Sequence[tuple[int, str]]
) -> tuple[float, list[str]]:
    """(0 to 1, signs in words) of whether the group can carry something more, from what the reader may read."""
    signs, points = [], 0.0
    if "member_count" in is_open and group.member_count:
        points += 0.4 * min(group.member_count, 20) / 20
        signs.append(f"会員{group.member_count}人")
    years = [year for year, _ in projects]
    if "activity_records" in is_open:
        years += [record.fiscal_year for record in group.activity_records]
    if years:
        points += 0.3
        signs.append(f"活動の記録が{max(years)}年度まである")
    if "statements" in is_open and group.statements:
        latest = group.statements[0]
        if latest.income_yen >= latest.expenditure_yen:
            points += 0.3
            signs.append(f"{latest.fiscal_year}年度の収支が赤字でない")
    return points, signs


def scores_in_words(parts: Mapping[str, float]) -> list[tuple[str, float]]:
    """(label, share) of parts that add something, largest first."""
    return sorted(((label, share) for label, share in parts.items() if share > 0), key=lambda pair: -pair[1])
