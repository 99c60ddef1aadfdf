"""The lists' order indexes, partial on rows that are not deleted.

Revision: 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organization_name_id"))
        batch_op.create_index(
            "ix_organization_name_id",
            ["name", "id", "is_person", "merged_into_id"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_organization_reading_id"))
        batch_op.create_index(
            "ix_organization_reading_id",
            ["reading", "id", "is_person", "merged_into_id"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_fiscal_year_number_id"))
        batch_op.create_index(
            "ix_project_fiscal_year_number_id",
            ["fiscal_year", "number", "id", "is_published"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_project_name_id"))
        batch_op.create_index(
            "ix_project_name_id",
            ["name", "id", "is_published"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )


def downgrade() -> None:
    """One step back."""
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_project_name_id",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_project_name_id"), ["name", "id"], unique=False)
        batch_op.drop_index(
            "ix_project_fiscal_year_number_id",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_project_fiscal_year_number_id"), ["fiscal_year", "number", "id"], unique=False
        )

    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_organization_reading_id",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_organization_reading_id"), ["reading", "id"], unique=False)
        batch_op.drop_index(
            "ix_organization_name_id",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_organization_name_id"), ["name", "id"], unique=False)
