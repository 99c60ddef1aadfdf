"""The directory whole.

Revision: 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "audience",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audience")),
        sa.UniqueConstraint("code", name=op.f("uq_audience_code")),
        sa.UniqueConstraint("name", name=op.f("uq_audience_name")),
    )
    op.create_table(
        "registered_count",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("number >= 0", name=op.f("ck_registered_count_number_is_a_count")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registered_count")),
        sa.UniqueConstraint("code", name=op.f("uq_registered_count_code")),
        sa.UniqueConstraint("fiscal_year", name=op.f("uq_registered_count_fiscal_year")),
    )
    op.create_table(
        "registration_requirement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("wording", sa.String(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_requirement")),
        sa.UniqueConstraint("code", name=op.f("uq_registration_requirement_code")),
    )
    op.create_table(
        "registration_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("valid_years", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("notice_days BETWEEN 0 AND 730", name=op.f("ck_registration_rule_notice_days_are_few")),
        sa.CheckConstraint("valid_years BETWEEN 0 AND 20", name=op.f("ck_registration_rule_valid_years_are_few")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_registration_rule_code")),
    )
    op.create_table(
        "activity_record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("heading", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("participant_count", sa.Integer(), nullable=True),
        sa.Column("partner", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("fiscal_year BETWEEN 1900 AND 2200", name=op.f("ck_activity_record_fiscal_year_is_a_year")),
        sa.CheckConstraint(
            "participant_count IS NULL OR participant_count >= 0",
            name=op.f("ck_activity_record_participants_are_counted"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_activity_record_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_record")),
        sa.UniqueConstraint(
            "organization_id",
            "fiscal_year",
            "heading",
            name=op.f("uq_activity_record_organization_id_fiscal_year_heading"),
        ),
    )
    with op.batch_alter_table("activity_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activity_record_fiscal_year"), ["fiscal_year"], unique=False)

    op.create_table(
        "affiliation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "until_on IS NULL OR from_on IS NULL OR until_on >= from_on",
            name=op.f("ck_affiliation_ends_after_it_begins"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_affiliation_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_affiliation_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_affiliation")),
    )
    with op.batch_alter_table("affiliation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_affiliation_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_affiliation_user_id"), ["user_id"], unique=False)

    op.create_table(
        "duplicate_candidate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("second_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_duplicate_candidate_each_pair_once")),
        sa.ForeignKeyConstraint(
            ["first_id"], ["organization.id"], name=op.f("fk_duplicate_candidate_first_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["organization.id"], name=op.f("fk_duplicate_candidate_second_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_candidate")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_duplicate_candidate_first_id_second_id")),
    )
    with op.batch_alter_table("duplicate_candidate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duplicate_candidate_second_id"), ["second_id"], unique=False)

    op.create_table(
        "duplicate_judgement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("second_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_duplicate_judgement_each_pair_once")),
        sa.ForeignKeyConstraint(["first_id"], ["organization.id"], name=op.f("fk_duplicate_judgement_first_id")),
        sa.ForeignKeyConstraint(["second_id"], ["organization.id"], name=op.f("fk_duplicate_judgement_second_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_judgement")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_duplicate_judgement_first_id_second_id")),
    )
    with op.batch_alter_table("duplicate_judgement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duplicate_judgement_second_id"), ["second_id"], unique=False)

    op.create_table(
        "field_consent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.CheckConstraint("level IN (0, 1, 2)", name=op.f("ck_field_consent_level_is_known")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_field_consent_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_consent")),
        sa.UniqueConstraint("organization_id", "field", name=op.f("uq_field_consent_organization_id_field")),
    )
    op.create_table(
        "financial_statement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("income_yen", sa.BigInteger(), nullable=False),
        sa.Column("expenditure_yen", sa.BigInteger(), nullable=False),
        sa.Column("carried_forward_yen", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("expenditure_yen >= 0", name=op.f("ck_financial_statement_expenditure_is_not_negative")),
        sa.CheckConstraint(
            "fiscal_year BETWEEN 1900 AND 2200", name=op.f("ck_financial_statement_fiscal_year_is_a_year")
        ),
        sa.CheckConstraint("income_yen >= 0", name=op.f("ck_financial_statement_income_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_financial_statement_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_financial_statement")),
        sa.UniqueConstraint(
            "organization_id", "fiscal_year", name=op.f("uq_financial_statement_organization_id_fiscal_year")
        ),
    )
    with op.batch_alter_table("financial_statement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_financial_statement_fiscal_year"), ["fiscal_year"], unique=False)

    op.create_table(
        "member_count",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("in_city", sa.Integer(), nullable=True),
        sa.Column("joined", sa.Integer(), nullable=True),
        sa.Column("aged_65", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "aged_65 IS NULL OR aged_65 BETWEEN 0 AND members", name=op.f("ck_member_count_aged_is_a_part")
        ),
        sa.CheckConstraint("fiscal_year BETWEEN 1900 AND 2200", name=op.f("ck_member_count_fiscal_year_is_a_year")),
        sa.CheckConstraint(
            "in_city IS NULL OR in_city BETWEEN 0 AND members", name=op.f("ck_member_count_in_city_is_a_part")
        ),
        sa.CheckConstraint(
            "joined IS NULL OR joined BETWEEN 0 AND members", name=op.f("ck_member_count_joined_is_a_part")
        ),
        sa.CheckConstraint("members >= 0", name=op.f("ck_member_count_members_are_counted")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_member_count_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_count")),
        sa.UniqueConstraint("organization_id", "fiscal_year", name=op.f("uq_member_count_organization_id_fiscal_year")),
    )
    with op.batch_alter_table("member_count", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_count_fiscal_year"), ["fiscal_year"], unique=False)

    op.create_table(
        "organization_area",
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("area_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_organization_area_area_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_organization_area_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "area_id", name=op.f("pk_organization_area")),
    )
    with op.batch_alter_table("organization_area", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organization_area_area_id"), ["area_id"], unique=False)

    op.create_table(
        "organization_audience",
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("audience_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["audience_id"], ["audience.id"], name=op.f("fk_organization_audience_audience_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_organization_audience_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "audience_id", name=op.f("pk_organization_audience")),
    )
    with op.batch_alter_table("organization_audience", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organization_audience_audience_id"), ["audience_id"], unique=False)

    op.create_table(
        "organization_field",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("activity_field_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_organization_field_position_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["activity_field_id"], ["activity_field.id"], name=op.f("fk_organization_field_activity_field_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_organization_field_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_field")),
        sa.UniqueConstraint(
            "organization_id", "activity_field_id", name=op.f("uq_organization_field_organization_id_activity_field_id")
        ),
    )
    with op.batch_alter_table("organization_field", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_organization_field_activity_field_id"), ["activity_field_id"], unique=False
        )

    op.create_table(
        "organization_officer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("folded_name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=100), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "until_on IS NULL OR from_on IS NULL OR until_on >= from_on",
            name=op.f("ck_organization_officer_ends_after_it_begins"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_organization_officer_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_officer")),
    )
    with op.batch_alter_table("organization_officer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organization_officer_folded_name"), ["folded_name"], unique=False)
        batch_op.create_index(batch_op.f("ix_organization_officer_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "registration",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawal_reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("valid_until >= issued_on", name=op.f("ck_registration_ends_after_it_begins")),
        sa.CheckConstraint(
            "withdrawn_on IS NULL OR withdrawn_on >= issued_on", name=op.f("ck_registration_withdrawn_after_it_began")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_registration_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("number", name=op.f("uq_registration_number")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_registration_organization_id")),
    )
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registration_valid_until"), ["valid_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_registration_withdrawn_on"), ["withdrawn_on"], unique=False)

    op.create_table(
        "registration_check",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("registration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requirement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_met", sa.Boolean(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_registration_check_registration_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["requirement_id"], ["registration_requirement.id"], name=op.f("fk_registration_check_requirement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_check")),
        sa.UniqueConstraint(
            "registration_id", "requirement_id", name=op.f("uq_registration_check_registration_id_requirement_id")
        ),
    )
    with op.batch_alter_table("registration_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registration_check_requirement_id"), ["requirement_id"], unique=False)

    op.create_table(
        "registration_renewal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("registration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("renewed_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.CheckConstraint("valid_until >= renewed_on", name=op.f("ck_registration_renewal_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_registration_renewal_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_renewal")),
    )
    with op.batch_alter_table("registration_renewal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registration_renewal_registration_id"), ["registration_id"], unique=False)

    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.add_column(sa.Column("policy", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("founding_reason", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("founded_year", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("pr", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("regular_day", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("regular_place", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("member_count", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("member_count_in_city", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("public_interest", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("non_profit", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("voluntariness", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("bookkeeping", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("audit_method", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("soundness", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("disclosure", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("plans", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("independence", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("prospects", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("bylaws", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("sns", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("representative", sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column("contact_person", sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column("address", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("phone", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("fax", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("email", sa.String(length=254), nullable=True))
        batch_op.add_column(sa.Column("folded_phone", sa.String(length=30), nullable=True))
        batch_op.add_column(sa.Column("web_key", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("completeness_public", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("completeness_staff", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("completeness_center", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("confirmed_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("confirmed_by", sa.String(length=200), nullable=True))
        batch_op.create_index(batch_op.f("ix_organization_completeness_center"), ["completeness_center"], unique=False)
        batch_op.create_index(batch_op.f("ix_organization_completeness_public"), ["completeness_public"], unique=False)
        batch_op.create_index(batch_op.f("ix_organization_completeness_staff"), ["completeness_staff"], unique=False)
        batch_op.create_index(batch_op.f("ix_organization_confirmed_on"), ["confirmed_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_organization_folded_phone"), ["folded_phone"], unique=False)
        batch_op.create_index(batch_op.f("ix_organization_web_key"), ["web_key"], unique=False)


def downgrade() -> None:
    """One step back."""
    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organization_web_key"))
        batch_op.drop_index(batch_op.f("ix_organization_folded_phone"))
        batch_op.drop_index(batch_op.f("ix_organization_confirmed_on"))
        batch_op.drop_index(batch_op.f("ix_organization_completeness_staff"))
        batch_op.drop_index(batch_op.f("ix_organization_completeness_public"))
        batch_op.drop_index(batch_op.f("ix_organization_completeness_center"))
        batch_op.drop_column("confirmed_by")
        batch_op.drop_column("confirmed_on")
        batch_op.drop_column("completeness_center")
        batch_op.drop_column("completeness_staff")
        batch_op.drop_column("completeness_public")
        batch_op.drop_column("web_key")
        batch_op.drop_column("folded_phone")
        batch_op.drop_column("email")
        batch_op.drop_column("fax")
        batch_op.drop_column("phone")
        batch_op.drop_column("address")
        batch_op.drop_column("contact_person")
        batch_op.drop_column("representative")
        batch_op.drop_column("sns")
        batch_op.drop_column("bylaws")
        batch_op.drop_column("prospects")
        batch_op.drop_column("independence")
        batch_op.drop_column("plans")
        batch_op.drop_column("disclosure")
        batch_op.drop_column("soundness")
        batch_op.drop_column("audit_method")
        batch_op.drop_column("bookkeeping")
        batch_op.drop_column("voluntariness")
        batch_op.drop_column("non_profit")
        batch_op.drop_column("public_interest")
        batch_op.drop_column("member_count_in_city")
        batch_op.drop_column("member_count")
        batch_op.drop_column("regular_place")
        batch_op.drop_column("regular_day")
        batch_op.drop_column("pr")
        batch_op.drop_column("founded_year")
        batch_op.drop_column("founding_reason")
        batch_op.drop_column("policy")

    with op.batch_alter_table("registration_renewal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registration_renewal_registration_id"))

    op.drop_table("registration_renewal")
    with op.batch_alter_table("registration_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registration_check_requirement_id"))

    op.drop_table("registration_check")
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registration_withdrawn_on"))
        batch_op.drop_index(batch_op.f("ix_registration_valid_until"))

    op.drop_table("registration")
    with op.batch_alter_table("organization_officer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organization_officer_organization_id"))
        batch_op.drop_index(batch_op.f("ix_organization_officer_folded_name"))

    op.drop_table("organization_officer")
    with op.batch_alter_table("organization_field", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organization_field_activity_field_id"))

    op.drop_table("organization_field")
    with op.batch_alter_table("organization_audience", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organization_audience_audience_id"))

    op.drop_table("organization_audience")
    with op.batch_alter_table("organization_area", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organization_area_area_id"))

    op.drop_table("organization_area")
    with op.batch_alter_table("member_count", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_count_fiscal_year"))

    op.drop_table("member_count")
    with op.batch_alter_table("financial_statement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_financial_statement_fiscal_year"))

    op.drop_table("financial_statement")
    op.drop_table("field_consent")
    with op.batch_alter_table("duplicate_judgement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duplicate_judgement_second_id"))

    op.drop_table("duplicate_judgement")
    with op.batch_alter_table("duplicate_candidate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duplicate_candidate_second_id"))

    op.drop_table("duplicate_candidate")
    with op.batch_alter_table("affiliation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_affiliation_user_id"))
        batch_op.drop_index(batch_op.f("ix_affiliation_organization_id"))

    op.drop_table("affiliation")
    with op.batch_alter_table("activity_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_record_fiscal_year"))

    op.drop_table("activity_record")
    op.drop_table("registration_rule")
    op.drop_table("registration_requirement")
    op.drop_table("registered_count")
    op.drop_table("audience")
