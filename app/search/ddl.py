"""What the search index needs beyond the table `search_document`, for migrations and tests to call."""

from __future__ import annotations

from sqlalchemy import Connection, text

#: The FTS5 table and the tables behind it, which no model knows (Alembic's comparison leaves them out).
FTS5_TABLES = frozenset({"search_index", "search_index_config", "search_index_data", "search_index_idx"})

# Contentless: the folded text stands once, in search_document, from which tokens are made again to be removed.
# detail=none, columnsize=0: which document holds a token is all that is kept; no position, no rank.
_FTS5 = (
    "CREATE VIRTUAL TABLE search_index USING fts5("
    "tokens, content='', columnsize=0, detail=none, tokenize='unicode61 remove_diacritics 0')"
)

# 10,000 frequent tokens in the statistics instead of 1,000, by which plans are chosen.
_STATISTICS = "ALTER TABLE search_document ALTER COLUMN tokens SET STATISTICS"


def create_search_index(connection: Connection) -> None:
    """SQLite: the FTS5 table. PostgreSQL: how well the column `tokens` is known to the planner. Needs `search_document`."""
    if connection.dialect.name == "sqlite":
        connection.execute(text(_FTS5))
    else:
        connection.execute(text(f"{_STATISTICS} 1000"))


def drop_search_index(connection: Connection) -> None:
    """Undo `create_search_index`; `search_document` is dropped by its own migration afterwards."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("DROP TABLE IF EXISTS search_index"))
    else:
        connection.execute(text(f"{_STATISTICS} -1"))


def optimize_search_index(connection: Connection) -> None:
    """Merge the index so that what was removed is gone from it too (after erasure, or now and then at night).

    PostgreSQL: moves waiting entries into the GIN index; the space of removed rows is freed by VACUUM.
    """
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO search_index(search_index) VALUES ('optimize')"))
    else:
        connection.execute(text("SELECT gin_clean_pending_list('ix_search_document_tokens')"))
