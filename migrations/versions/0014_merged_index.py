"""Indexes of groups that hold only the rare: merged and deleted ones. SQLite, without statistics, asked the whole ones for
nearly all rows and sorted them.

Revision: 0014, after 0013.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_RARE = ("merged_into_id", "deleted_at")


def upgrade() -> None:
    """One step up."""
    op.drop_index("ix_organization_is_person", table_name="organization")
    for column in _RARE:
        is_set = sa.text(f"{column} IS NOT NULL")
        op.drop_index(f"ix_organization_{column}", table_name="organization")
        op.create_index(
            f"ix_organization_{column}", "organization", [column], sqlite_where=is_set, postgresql_where=is_set
        )


def downgrade() -> None:
    """One step down."""
    for column in _RARE:
        op.drop_index(f"ix_organization_{column}", table_name="organization")
        op.create_index(f"ix_organization_{column}", "organization", [column])
    op.create_index("ix_organization_is_person", "organization", ["is_person"])
