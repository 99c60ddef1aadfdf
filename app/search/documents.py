"""What is searched of a record: the specs that domains register, and the document made of its fields."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import inspect

from app.search.bigrams import bigrams_of_run, scope, search_text

PUBLIC, STAFF, CENTRE = LEVELS = (0, 1, 2)
Weight = Literal["A", "B", "C"]
#: The text of one level by weight; several fields as a list, so that no word is found across two of them.
Texts = Mapping[Weight, str | Sequence[str]]
TextByLevel = Mapping[int, Texts]

#: Characters of one document that are searched; what lies beyond is not found (a tsvector holds 1 MB of distinct tokens).
MAX_BODY = 30_000
MAX_HEADING = 2_000


@dataclass(frozen=True)
class SearchSpec:
    """How records of one entity are searched.

    entity: its name in `search_document`. model: an ORM class with an integer primary key `id`.
    text_by_level: the record → for each level the whole text that its reader may find; a level left out finds nothing.
    touched_by: other model → ids of the records that change with one of its rows (an alias → its organisation; `owners`).
    options: loader options (selectinload …) for what `text_by_level` reads.
    reads: attributes of the model that `text_by_level` reads; a change of others alone rewrites nothing. None: any may be.
    """

    entity: str
    model: type[Any]
    text_by_level: Callable[[Any], TextByLevel]
    touched_by: Mapping[type[Any], Callable[[Any], Iterable[int | None]]] = field(default_factory=dict)
    options: tuple[Any, ...] = ()
    reads: frozenset[str] | None = None


_specs: dict[str, SearchSpec] = {}


def register(spec: SearchSpec) -> SearchSpec:
    """Take a spec; one of the same entity is replaced. Raises ValueError when two entities would share an index."""
    for other in _specs:
        if other != spec.entity and scope(other, 0) == scope(spec.entity, 0):
            raise ValueError(f"{spec.entity} and {other} have the same scope; rename one")
    _specs[spec.entity] = spec
    return spec


def unregister(entity: str) -> None:
    """Forget a spec (tests)."""
    _specs.pop(entity, None)


def get_spec(entity: str) -> SearchSpec:
    """The spec of an entity; KeyError when none is registered."""
    return _specs[entity]


def all_specs() -> list[SearchSpec]:
    """Every spec, in the order of registration."""
    return list(_specs.values())


def owners(attribute: str) -> Callable[[Any], list[int | None]]:
    """For `touched_by`: the record that a row's foreign key names now, and the one that it named before the change."""

    def ids_of(changed: Any) -> list[int | None]:
        history = inspect(changed).attrs[attribute].history
        return [*history.added, *history.unchanged, *history.deleted]

    return ids_of


def cumulative(fields: Iterable[tuple[int, Weight, str | None]]) -> dict[int, dict[Weight, list[str]]]:
    """Fields with the level that each is open to (0 public … 2 centre) → the text of every level.

    `cumulative([(0, "A", "みどりの会"), (1, "C", "内部の注記")])` gives the note to levels 1 and 2 only.
    """
    texts: dict[int, dict[Weight, list[str]]] = {level: {} for level in LEVELS}
    for open_to, weight, text in fields:
        for level in LEVELS:
            if text and level >= open_to:
                texts[level].setdefault(weight, []).append(text)
    return texts


@dataclass(frozen=True)
class Document:
    """A row of `search_document` as it is to be."""

    record_id: int
    level: int
    a_end: int
    b_end: int
    body: str


def documents_of(record_id: int, texts: TextByLevel) -> list[Document]:
    """The documents of one record; a level without any text has none."""
    found = []
    for level, by_weight in texts.items():
        if level not in LEVELS:
            raise ValueError(f"no such level: {level}")
        heading, summary, rest = (_lines(by_weight.get(weight, ())) for weight in ("A", "B", "C"))
        heading, summary = heading[:MAX_HEADING], summary[:MAX_BODY]
        body = (heading + summary + rest)[:MAX_BODY]
        if body:
            a_end = len(heading)
            found.append(Document(record_id, level, a_end, min(a_end + len(summary), len(body)), body))
    return found


#: The levels of a record mostly hold the same texts: each is folded and cut into tokens once.
_folded = functools.lru_cache(maxsize=64)(search_text)


def _lines(fields: str | Sequence[str]) -> str:
    texts = [fields] if isinstance(fields, str) else fields
    folded = (_folded(text) for text in texts)
    return "".join(line + "\n" for line in dict.fromkeys(folded) if line)


def tokens_of(entity: str, level: int, a_end: int, body: str) -> list[str]:
    """The distinct tokens of a document for FTS5: those of the whole, and those of its weight A in their own scope."""
    whole, heading = scope(entity, level), scope(entity, level, is_heading=True)
    tokens = [whole + token for token in _distinct(body)] + [heading + token for token in _distinct(body[:a_end])]
    return tokens


@functools.lru_cache(maxsize=8)
def _distinct(folded: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(token for run in folded.split() for token in bigrams_of_run(run)))
