"""Indexes of the list of groups that hold all that a page of ids and a count ask, also for one kind.

Revision: 0015, after 0014.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_LIVE = sa.text("deleted_at IS NULL")


def _renew(name: str, columns: list[str], *, is_partial: bool = True) -> None:
    op.drop_index(name, table_name="organization")
    live = _LIVE if is_partial else None
    op.create_index(name, "organization", columns, sqlite_where=live, postgresql_where=live)


def upgrade() -> None:
    """One step up."""
    asked = ["is_person", "merged_into_id", "deleted_at"]
    _renew("ix_organization_name_id", ["name", "id", *asked])
    _renew("ix_organization_reading_id", ["reading", "id", *asked])
    _renew("ix_organization_kind", ["kind", "name", "id", *asked])


def downgrade() -> None:
    """One step down."""
    _renew("ix_organization_name_id", ["name", "id", "is_person", "merged_into_id"])
    _renew("ix_organization_reading_id", ["reading", "id", "is_person", "merged_into_id"])
    _renew("ix_organization_kind", ["kind"], is_partial=False)
