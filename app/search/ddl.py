"""What the search index needs beyond the table `search_document`, for migrations and tests to call."""

from __future__ import annotations

from sqlalchemy import Connection

_TABLES = frozenset({"search_index", "search_index_config", "search_index_data", "search_index_idx"})
_GIN_INDEX = "ix_search_document_tokens"


def is_own(name: str | None, kind: str) -> bool:
    """Whether a "table" or "index" of the database is made here and known to no model: Alembic does not compare it."""
    return (kind == "table" and name in _TABLES) or (kind == "index" and name == _GIN_INDEX)


# Contentless: the folded text stands once, in search_document, from which tokens are made again to be removed.
# detail=none, columnsize=0: which document holds a token is all that is kept; no position, no rank.
_FTS5 = (
    "CREATE VIRTUAL TABLE search_index USING fts5("
    "tokens, content='', columnsize=0, detail=none, tokenize='unicode61 remove_diacritics 0')"
)

# PostgreSQL's `app.search.bigrams`: every pair of neighbours, and a character alone before a space or line end; all under
# 「entity level:」, those of weight A once more under 「entity level!」. It costs what it says: row by row a million groups take
# minutes where the index takes milliseconds; and no worker is started for what the index answers alone.
_SEARCH_TOKENS = """
CREATE OR REPLACE FUNCTION search_tokens(entity varchar, level smallint, a_end integer, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL RESTRICTED COST 1000 AS $$
    SELECT array_to_tsvector(coalesce(array_agg(scope || this || translate(next, E' \\n', '')), '{}'))
    FROM (SELECT string_to_array(body, NULL) AS chars) AS split,
        unnest(chars, chars[2:] || ' '::text) WITH ORDINALITY AS pair(this, next, place),
        (VALUES (entity || level || ':', 2147483647), (entity || level || '!', a_end)) AS part(scope, until)
    WHERE this <> ' ' AND this <> E'\\n' AND place <= until
$$
"""

_POSTGRESQL = (
    _SEARCH_TOKENS,
    """CREATE INDEX IF NOT EXISTS ix_search_document_tokens ON search_document
    USING gin (search_tokens(entity, level, a_end, body))""",
    # 3,000 frequent tokens in the statistics instead of 1,000: `plan` asks them before it counts.
    "ALTER INDEX ix_search_document_tokens ALTER COLUMN 1 SET STATISTICS 300",
)


def price_search_tokens(connection: Connection) -> None:
    """Tell PostgreSQL, where the index was made before it was told, what its function of tokens costs."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "ALTER FUNCTION search_tokens(varchar, smallint, integer, text) PARALLEL RESTRICTED COST 1000"
        )


def create_search_index(connection: Connection) -> None:
    """SQLite: the FTS5 table. PostgreSQL: the function of tokens and its GIN index. Needs `search_document`."""
    for statement in (_FTS5,) if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)


def drop_search_index(connection: Connection) -> None:
    """Undo `create_search_index`; `search_document` is dropped by its own migration afterwards."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TABLE IF EXISTS search_index")
    # On PostgreSQL the index goes with its table; the function without it does no harm.


def optimize_search_index(connection: Connection) -> None:
    """Merge the index so that what was removed is gone from it too (after erasure, or now and then at night).

    PostgreSQL: moves waiting entries into the GIN index; the space of removed rows is freed by VACUUM.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO search_index(search_index) VALUES ('optimize')")
    else:
        connection.exec_driver_sql("SELECT gin_clean_pending_list('ix_search_document_tokens')")
