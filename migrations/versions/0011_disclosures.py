"""What was disclosed of a review's sealed record; publication of single proposals' results.

Revision: 0011, after 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "review_disclosure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=200), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.Column("disclosed_on", sa.Date(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("record_sha256", sa.String(length=64), nullable=False),
        sa.Column("copy_sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("basis <> ''", name=op.f("ck_review_disclosure_has_its_basis")),
        sa.CheckConstraint("recipient <> ''", name=op.f("ck_review_disclosure_has_its_recipient")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_review_disclosure_call_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_review_disclosure_made_by_id")),
        sa.ForeignKeyConstraint(["record_id"], ["sealed_record.id"], name=op.f("fk_review_disclosure_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_disclosure")),
        sa.UniqueConstraint("call_id", "number", name=op.f("uq_review_disclosure_call_id_number")),
    )
    with op.batch_alter_table("review_disclosure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_disclosure_record_id"), ["record_id"], unique=False)

    with op.batch_alter_table("publication_record", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.drop_index("uq_publication_record_one_in_force")
        batch_op.create_index(
            "uq_publication_record_one_in_force",
            ["call_id", "part"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL AND proposal_id IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL AND proposal_id IS NULL"),
        )
        batch_op.create_index(
            "uq_publication_record_one_a_proposal",
            ["proposal_id", "part"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL AND proposal_id IS NOT NULL"),
            postgresql_where=sa.text("ended_at IS NULL AND proposal_id IS NOT NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_publication_record_proposal_id"), "proposal", ["proposal_id"], ["id"]
        )


def downgrade() -> None:
    """One step back. What was public of one proposal alone goes: without its column it would say "of all"."""
    op.execute("DELETE FROM publication_record WHERE proposal_id IS NOT NULL")
    with op.batch_alter_table("publication_record", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_publication_record_proposal_id"), type_="foreignkey")
        batch_op.drop_index(
            "uq_publication_record_one_a_proposal",
            sqlite_where=sa.text("ended_at IS NULL AND proposal_id IS NOT NULL"),
            postgresql_where=sa.text("ended_at IS NULL AND proposal_id IS NOT NULL"),
        )
        batch_op.drop_index("uq_publication_record_one_in_force")
        batch_op.drop_column("proposal_id")
        batch_op.create_index(
            "uq_publication_record_one_in_force",
            ["call_id", "part"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    with op.batch_alter_table("review_disclosure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_disclosure_record_id"))

    op.drop_table("review_disclosure")
