"""PostgreSQL is told what its function of tokens costs, so that it never goes through a million groups row by row."""

from __future__ import annotations

from alembic import op

from app.search.ddl import price_search_tokens

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    price_search_tokens(op.get_bind())


def downgrade() -> None:
    """The price harms nobody."""
