"""The search documents: one row per record and level of consent, holding folded text only.

On SQLite the bigrams stand in the FTS5 table `search_index` beside it (`app/search/ddl.py`), under the row's id; on
PostgreSQL in the column `tokens` under a GIN index.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Key, Keyed


class SearchDocument(Keyed, Base):
    """What a reader of `level` may find of one record.

    body: folded fields, one a line, in the order of their weight: those of weight A end before character `a_end`,
    those of weight B before `b_end`, the rest is C. tokens: PostgreSQL only, always NULL on SQLite.
    """

    __tablename__ = "search_document"
    __audited__: ClassVar[bool] = False
    __label__: ClassVar[str] = "検索用文書"

    entity: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int] = mapped_column(Key)
    level: Mapped[int] = mapped_column(SmallInteger)
    a_end: Mapped[int]
    b_end: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    tokens: Mapped[Any | None] = mapped_column(TSVECTOR().with_variant(Text(), "sqlite"))

    __table_args__ = (
        UniqueConstraint("entity", "level", "record_id", name="uq_search_document_record"),
        CheckConstraint("level IN (0, 1, 2)", name="level_is_known"),
        CheckConstraint("0 <= a_end AND a_end <= b_end", name="parts_are_in_order"),
        # Empty on SQLite, where FTS5 takes its place.
        Index(
            "ix_search_document_tokens",
            "tokens",
            postgresql_using="gin",
            sqlite_where=text("tokens IS NOT NULL"),
        ),
    )
