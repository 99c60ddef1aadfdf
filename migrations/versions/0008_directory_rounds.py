"""The directory's yearly confirmation and editions.

Revision: 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "confirmation_round",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "fiscal_year BETWEEN 1950 AND 2200", name=op.f("ck_confirmation_round_fiscal_year_is_plausible")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation_round")),
        sa.UniqueConstraint("fiscal_year", name=op.f("uq_confirmation_round_fiscal_year")),
    )
    op.create_table(
        "confirmation_form",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=100), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("stays_registered", sa.Boolean(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(state = 'accepted') = (accepted_at IS NOT NULL)",
            name=op.f("ck_confirmation_form_accepted_has_its_moment"),
        ),
        sa.CheckConstraint(
            "state <> 'returned' OR returned_at IS NOT NULL", name=op.f("ck_confirmation_form_returned_has_its_moment")
        ),
        sa.ForeignKeyConstraint(["accepted_by_id"], ["user.id"], name=op.f("fk_confirmation_form_accepted_by_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_confirmation_form_organization_id"),
        ),
        sa.ForeignKeyConstraint(["round_id"], ["confirmation_round.id"], name=op.f("fk_confirmation_form_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation_form")),
        sa.UniqueConstraint("round_id", "organization_id", name=op.f("uq_confirmation_form_round_id_organization_id")),
    )
    with op.batch_alter_table("confirmation_form", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_confirmation_form_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_confirmation_form_round_id_state", ["round_id", "state"], unique=False)

    op.create_table(
        "edition",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("entry_order", sa.String(length=40), nullable=False),
        sa.Column("foreword", sa.Text(), nullable=False),
        sa.Column("colophon", sa.JSON(), nullable=False),
        sa.Column("entry_columns", sa.JSON(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("previous_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("erased_count", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("entry_count >= 0 AND erased_count >= 0", name=op.f("ck_edition_counts_are_not_negative")),
        sa.CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name=op.f("ck_edition_fiscal_year_is_plausible")),
        sa.ForeignKeyConstraint(["frozen_by_id"], ["user.id"], name=op.f("fk_edition_frozen_by_id")),
        sa.ForeignKeyConstraint(["previous_id"], ["edition.id"], name=op.f("fk_edition_previous_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sa.UniqueConstraint("fiscal_year", name=op.f("uq_edition_fiscal_year")),
    )
    op.create_table(
        "confirmation_reminder",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("form_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_mailed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id"], ["confirmation_form.id"], name=op.f("fk_confirmation_reminder_form_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["reminded_by_id"], ["user.id"], name=op.f("fk_confirmation_reminder_reminded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation_reminder")),
    )
    with op.batch_alter_table("confirmation_reminder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_confirmation_reminder_form_id"), ["form_id"], unique=False)

    op.create_table(
        "confirmation_upload",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("form_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("file_name", sa.String(length=300), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "state <> 'unreadable' OR problem <> ''", name=op.f("ck_confirmation_upload_unreadable_upload_says_why")
        ),
        sa.CheckConstraint(
            "state IN ('unreadable', 'set_aside') OR form_id IS NOT NULL",
            name=op.f("ck_confirmation_upload_readable_upload_has_its_form"),
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_confirmation_upload_file_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["form_id"], ["confirmation_form.id"], name=op.f("fk_confirmation_upload_form_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["round_id"], ["confirmation_round.id"], name=op.f("fk_confirmation_upload_round_id")),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["user.id"], name=op.f("fk_confirmation_upload_uploaded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation_upload")),
    )
    with op.batch_alter_table("confirmation_upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_confirmation_upload_form_id"), ["form_id"], unique=False)
        batch_op.create_index("ix_confirmation_upload_round_id_state", ["round_id", "state"], unique=False)

    op.create_table(
        "edition_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("edition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_edition_entry_edition_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_edition_entry_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_entry")),
        sa.UniqueConstraint("edition_id", "organization_id", name=op.f("uq_edition_entry_edition_id_organization_id")),
        sa.UniqueConstraint("edition_id", "position", name=op.f("uq_edition_entry_edition_id_position")),
    )
    with op.batch_alter_table("edition_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_edition_entry_organization_id"), ["organization_id"], unique=False)


def downgrade() -> None:
    """One step back."""
    with op.batch_alter_table("edition_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_edition_entry_organization_id"))

    op.drop_table("edition_entry")
    with op.batch_alter_table("confirmation_upload", schema=None) as batch_op:
        batch_op.drop_index("ix_confirmation_upload_round_id_state")
        batch_op.drop_index(batch_op.f("ix_confirmation_upload_form_id"))

    op.drop_table("confirmation_upload")
    with op.batch_alter_table("confirmation_reminder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_confirmation_reminder_form_id"))

    op.drop_table("confirmation_reminder")
    op.drop_table("edition")
    with op.batch_alter_table("confirmation_form", schema=None) as batch_op:
        batch_op.drop_index("ix_confirmation_form_round_id_state")
        batch_op.drop_index(batch_op.f("ix_confirmation_form_organization_id"))

    op.drop_table("confirmation_form")
    op.drop_table("confirmation_round")
