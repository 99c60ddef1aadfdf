"""What matching compares of each talent, kept beside it; an index that says whether any talent has changed.

Revision: 0012, after 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "talent_features",
        sa.Column(
            "talent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("talent_version", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["talent_id"], ["talent.id"], name=op.f("fk_talent_features_talent_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("talent_id", name=op.f("pk_talent_features")),
    )
    op.create_index("ix_talent_status_version_updated_at", "talent", ["status", "version", "updated_at"])


def downgrade() -> None:
    """One step down."""
    op.drop_index("ix_talent_status_version_updated_at", table_name="talent")
    op.drop_table("talent_features")
