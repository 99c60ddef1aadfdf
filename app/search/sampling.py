"""PostgreSQL: how many documents hold the words, by a sample of them.

Its own guess takes the pairs of a word for independent of each other, and is far too low for words of three letters and more;
a count would read every hit.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import func, literal_column, select, tablesample
from sqlalchemy.orm import Session

from app.search.criteria import holds
from app.search.query import Query
from models.search import SearchDocument

#: Percent of the table's pages that are read: some thousand rows of three million.
PERCENT = 0.1
#: Fewer hits in the sample than this say nothing.
TELLING = 30


@dataclasses.dataclass(frozen=True)
class Sample:
    """Documents of an entity and level that were looked at, and how many of them hold the words: anywhere, in weight A."""

    seen: int
    hits: int
    in_heading: int

    @property
    def estimate(self) -> float:
        """Hits in the whole table; 0 when the sample says nothing."""
        return self.hits * 100 / PERCENT if self.hits >= TELLING else 0.0

    @property
    def share(self) -> float:
        """The share of documents that hold the words; 0.0 when the sample says nothing."""
        return self.hits / self.seen if self.hits >= TELLING else 0.0

    @property
    def heading_share(self) -> float:
        """The share of documents that hold the words in weight A; 0.0 when the sample says nothing."""
        return self.in_heading / self.seen if self.in_heading >= TELLING else 0.0


def sample_of(session: Session, entity: str, query: Query, level: int) -> Sample:
    """Look at the same pages each time, wherever they lie."""
    drawn: Any = tablesample(SearchDocument.__table__, func.system(PERCENT), seed=literal_column("0"))
    heading = func.substr(drawn.c.body, 1, drawn.c.a_end)
    found = session.execute(
        select(
            func.count(),
            func.count().filter(holds(query, drawn.c.body, "postgresql")),
            func.count().filter(holds(query, heading, "postgresql")),
        ).where(drawn.c.entity == entity, drawn.c.level == level)
    ).one()
    return Sample(*found)
