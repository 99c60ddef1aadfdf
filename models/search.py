"""The search documents: one row per record and level of consent, holding folded text only.

The index itself belongs to `app/search/ddl.py`: on SQLite an FTS5 table beside this one, on PostgreSQL a GIN index over a
function of its columns, so that the rows stay narrow.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import CheckConstraint, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Key, Keyed


class SearchDocument(Keyed, Base):
    """What a reader of `level` may find of one record.

    body: folded fields, one a line, in the order of their weight: those of weight A end before character `a_end`,
    those of weight B before `b_end`, the rest is C.
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

    __table_args__ = (
        UniqueConstraint("entity", "level", "record_id", name="uq_search_document_record"),
        CheckConstraint("level IN (0, 1, 2)", name="level_is_known"),
        CheckConstraint("0 <= a_end AND a_end <= b_end", name="parts_are_in_order"),
    )
