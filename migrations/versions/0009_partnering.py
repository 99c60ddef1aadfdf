"""Choosing a partner.

Revision: 0009, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "partner_search",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=True),
        sa.Column("wanted", sa.Text(), nullable=True),
        sa.Column("gains", sa.JSON(), nullable=False),
        sa.Column("gains_note", sa.Text(), nullable=True),
        sa.Column("group_strengths", sa.Text(), nullable=True),
        sa.Column("city_strengths", sa.Text(), nullable=True),
        sa.Column("verdict", sa.String(length=40), nullable=True),
        sa.Column("verdict_reason", sa.Text(), nullable=True),
        sa.Column("lead", sa.String(length=40), nullable=True),
        sa.Column("supports", sa.JSON(), nullable=False),
        sa.Column("form_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("form_reason", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("criteria", sa.Text(), nullable=True),
        sa.Column("choice_reason", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("challenge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "decided_on IS NULL OR (criteria IS NOT NULL AND method IS NOT NULL AND choice_reason IS NOT NULL)",
            name=op.f("ck_partner_search_choice_has_method_criteria_and_reason"),
        ),
        sa.CheckConstraint(
            "fiscal_year BETWEEN 1950 AND 2200", name=op.f("ck_partner_search_fiscal_year_is_plausible")
        ),
        sa.CheckConstraint(
            "verdict IS NULL OR verdict_reason IS NOT NULL", name=op.f("ck_partner_search_verdict_has_its_reason")
        ),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_partner_search_challenge_id")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_partner_search_department_id")),
        sa.ForeignKeyConstraint(["form_id"], ["collaboration_form.id"], name=op.f("fk_partner_search_form_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_partner_search_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_search")),
    )
    with op.batch_alter_table("partner_search", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_search_challenge_id"), ["challenge_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_partner_search_deleted_at"), ["deleted_at"], unique=False)
        batch_op.create_index("ix_partner_search_department_id_id", ["department_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_partner_search_fiscal_year"), ["fiscal_year"], unique=False)
        batch_op.create_index(batch_op.f("ix_partner_search_form_id"), ["form_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_partner_search_project_id"), ["project_id"], unique=False)

    op.create_table(
        "partner_candidate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("search_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rank_when_taken", sa.Integer(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("has_common_purpose", sa.Boolean(), nullable=True),
        sa.Column("purpose_note", sa.Text(), nullable=True),
        sa.Column("has_workable_method", sa.Boolean(), nullable=True),
        sa.Column("method_note", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("is_chosen", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "NOT is_chosen OR (has_common_purpose AND has_workable_method)",
            name=op.f("ck_partner_candidate_chosen_has_purpose_and_method"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_partner_candidate_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["search_id"], ["partner_search.id"], name=op.f("fk_partner_candidate_search_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_candidate")),
        sa.UniqueConstraint(
            "search_id", "organization_id", name=op.f("uq_partner_candidate_search_id_organization_id")
        ),
    )
    with op.batch_alter_table("partner_candidate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_candidate_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "partner_search_category",
        sa.Column("search_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["project_category.id"], name=op.f("fk_partner_search_category_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["search_id"], ["partner_search.id"], name=op.f("fk_partner_search_category_search_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("search_id", "category_id", name=op.f("pk_partner_search_category")),
    )
    with op.batch_alter_table("partner_search_category", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_search_category_category_id"), ["category_id"], unique=False)

    op.create_table(
        "partner_search_field",
        sa.Column("search_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["field_id"], ["activity_field.id"], name=op.f("fk_partner_search_field_field_id")),
        sa.ForeignKeyConstraint(
            ["search_id"], ["partner_search.id"], name=op.f("fk_partner_search_field_search_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("search_id", "field_id", name=op.f("pk_partner_search_field")),
    )
    with op.batch_alter_table("partner_search_field", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_search_field_field_id"), ["field_id"], unique=False)


def downgrade() -> None:
    """One step back."""
    with op.batch_alter_table("partner_search_field", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_search_field_field_id"))

    op.drop_table("partner_search_field")
    with op.batch_alter_table("partner_search_category", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_search_category_category_id"))

    op.drop_table("partner_search_category")
    with op.batch_alter_table("partner_candidate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_candidate_organization_id"))

    op.drop_table("partner_candidate")
    with op.batch_alter_table("partner_search", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_search_project_id"))
        batch_op.drop_index(batch_op.f("ix_partner_search_form_id"))
        batch_op.drop_index(batch_op.f("ix_partner_search_fiscal_year"))
        batch_op.drop_index("ix_partner_search_department_id_id")
        batch_op.drop_index(batch_op.f("ix_partner_search_deleted_at"))
        batch_op.drop_index(batch_op.f("ix_partner_search_challenge_id"))

    op.drop_table("partner_search")
