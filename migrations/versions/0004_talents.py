"""The talents.

Revision: 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "talent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("reading", sa.String(length=200), nullable=False),
        sa.Column("contact_person", sa.String(length=200), nullable=True),
        sa.Column("phone", sa.String(length=60), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("address", sa.String(length=300), nullable=True),
        sa.Column("contact_note", sa.String(length=300), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("free_skills", sa.JSON(), nullable=False),
        sa.Column("audiences", sa.JSON(), nullable=False),
        sa.Column("areas", sa.JSON(), nullable=False),
        sa.Column("availability", sa.JSON(), nullable=False),
        sa.Column("reward", sa.String(length=40), nullable=False),
        sa.Column("reward_note", sa.String(length=200), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("consent_on", sa.Date(), nullable=True),
        sa.Column("consent_way", sa.String(length=40), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("consent_withdrawn_on", sa.Date(), nullable=True),
        sa.Column("is_adult", sa.Boolean(), nullable=False),
        sa.Column("has_guardian_consent", sa.Boolean(), nullable=False),
        sa.Column("is_insured", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(status = 'erased') = (erased_at IS NOT NULL)", name=op.f("ck_talent_erased_has_its_moment")
        ),
        sa.CheckConstraint("status <> 'active' OR consent_on IS NOT NULL", name=op.f("ck_talent_active_has_consent")),
        sa.CheckConstraint(
            "status <> 'active' OR consent_withdrawn_on IS NULL",
            name=op.f("ck_talent_active_has_not_withdrawn_its_consent"),
        ),
        sa.CheckConstraint(
            "status <> 'erased' OR (name = '' AND phone IS NULL AND email IS NULL AND address IS NULL AND contact_person IS NULL AND description IS NULL AND note IS NULL)",
            name=op.f("ck_talent_erased_holds_nothing"),
        ),
        sa.CheckConstraint("capacity BETWEEN 1 AND 20", name=op.f("ck_talent_capacity_is_one_to_twenty")),
        sa.CheckConstraint(
            "consent_on IS NULL OR valid_until IS NULL OR valid_until >= consent_on",
            name=op.f("ck_talent_consent_ends_after_it_begins"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talent")),
    )
    with op.batch_alter_table("talent", schema=None) as batch_op:
        batch_op.create_index("ix_talent_reading_id", ["reading", "id"], unique=False)
        batch_op.create_index("ix_talent_status_id", ["status", "id"], unique=False)
        batch_op.create_index("ix_talent_valid_until_id", ["valid_until", "id"], unique=False)

    op.create_table(
        "talent_field",
        sa.Column("talent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["field_id"], ["activity_field.id"], name=op.f("fk_talent_field_field_id")),
        sa.ForeignKeyConstraint(
            ["talent_id"], ["talent.id"], name=op.f("fk_talent_field_talent_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("talent_id", "field_id", name=op.f("pk_talent_field")),
    )
    with op.batch_alter_table("talent_field", schema=None) as batch_op:
        batch_op.create_index("ix_talent_field_field_id_talent_id", ["field_id", "talent_id"], unique=False)

    op.create_table(
        "talent_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_name", sa.String(length=200), nullable=True),
        sa.Column("contact_phone", sa.String(length=60), nullable=True),
        sa.Column("contact_email", sa.String(length=254), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("free_skills", sa.JSON(), nullable=False),
        sa.Column("audiences", sa.JSON(), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("place_note", sa.String(length=200), nullable=True),
        sa.Column("times", sa.JSON(), nullable=False),
        sa.Column("schedule_note", sa.String(length=300), nullable=True),
        sa.Column("reward_offered", sa.String(length=40), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("requires_adult", sa.Boolean(), nullable=False),
        sa.Column("requires_insurance", sa.Boolean(), nullable=False),
        sa.Column("requires_guardian_consent", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("unfilled_reason", sa.String(length=40), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'closed') = (unfilled_reason IS NOT NULL)", name=op.f("ck_talent_request_closed_has_its_reason")
        ),
        sa.CheckConstraint("headcount BETWEEN 1 AND 999", name=op.f("ck_talent_request_headcount_is_one_to_999")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_talent_request_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talent_request")),
    )
    with op.batch_alter_table("talent_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_talent_request_deleted_at"), ["deleted_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_talent_request_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_talent_request_received_on_id", ["received_on", "id"], unique=False)
        batch_op.create_index("ix_talent_request_status_due_on_id", ["status", "due_on", "id"], unique=False)

    op.create_table(
        "talent_skill",
        sa.Column("talent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("skill_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_talent_skill_skill_id")),
        sa.ForeignKeyConstraint(
            ["talent_id"], ["talent.id"], name=op.f("fk_talent_skill_talent_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("talent_id", "skill_id", name=op.f("pk_talent_skill")),
    )
    with op.batch_alter_table("talent_skill", schema=None) as batch_op:
        batch_op.create_index("ix_talent_skill_skill_id_talent_id", ["skill_id", "talent_id"], unique=False)

    op.create_table(
        "talent_match",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("talent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("stage_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("seat", sa.Integer(), nullable=True),
        sa.Column("close_reason", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("last_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("introduced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("group_agreed_on", sa.Date(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(stage IN ('accepted', 'introduced', 'engaged', 'finished')) = (seat IS NOT NULL)",
            name=op.f("ck_talent_match_an_accepted_match_holds_a_seat"),
        ),
        sa.CheckConstraint(
            "(stage IN ('approached', 'accepted', 'introduced', 'engaged')) = (place IS NOT NULL)",
            name=op.f("ck_talent_match_a_running_match_holds_a_place"),
        ),
        sa.CheckConstraint(
            "(stage IN ('declined', 'unmatched', 'cancelled')) = (close_reason IS NOT NULL)",
            name=op.f("ck_talent_match_ended_early_has_its_reason"),
        ),
        sa.CheckConstraint(
            "stage NOT IN ('introduced', 'engaged', 'finished') OR introduced_at IS NOT NULL",
            name=op.f("ck_talent_match_introduced_before_engaged"),
        ),
        sa.CheckConstraint(
            "introduced_at IS NULL OR group_agreed_on IS NOT NULL",
            name=op.f("ck_talent_match_introduced_when_both_have_agreed"),
        ),
        sa.ForeignKeyConstraint(["request_id"], ["talent_request.id"], name=op.f("fk_talent_match_request_id")),
        sa.ForeignKeyConstraint(["talent_id"], ["talent.id"], name=op.f("fk_talent_match_talent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talent_match")),
        sa.UniqueConstraint("request_id", "seat", name=op.f("uq_talent_match_request_id_seat")),
        sa.UniqueConstraint("talent_id", "place", name=op.f("uq_talent_match_talent_id_place")),
        sa.UniqueConstraint("talent_id", "request_id", name=op.f("uq_talent_match_talent_id_request_id")),
    )
    with op.batch_alter_table("talent_match", schema=None) as batch_op:
        batch_op.create_index("ix_talent_match_request_id_stage", ["request_id", "stage"], unique=False)
        batch_op.create_index("ix_talent_match_stage_stage_at_id", ["stage", "stage_at", "id"], unique=False)

    op.create_table(
        "talent_request_field",
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["field_id"], ["activity_field.id"], name=op.f("fk_talent_request_field_field_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["talent_request.id"], name=op.f("fk_talent_request_field_request_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("request_id", "field_id", name=op.f("pk_talent_request_field")),
    )
    with op.batch_alter_table("talent_request_field", schema=None) as batch_op:
        batch_op.create_index("ix_talent_request_field_field_id_request_id", ["field_id", "request_id"], unique=False)

    op.create_table(
        "talent_request_skill",
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("skill_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["talent_request.id"], name=op.f("fk_talent_request_skill_request_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_talent_request_skill_skill_id")),
        sa.PrimaryKeyConstraint("request_id", "skill_id", name=op.f("pk_talent_request_skill")),
    )
    with op.batch_alter_table("talent_request_skill", schema=None) as batch_op:
        batch_op.create_index("ix_talent_request_skill_skill_id_request_id", ["skill_id", "request_id"], unique=False)

    op.create_table(
        "text_vector",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("talent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("encoder", sa.String(length=60), nullable=False),
        sa.Column("vector_values", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(talent_id IS NULL) <> (request_id IS NULL)", name=op.f("ck_text_vector_is_of_one_record")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["talent_request.id"], name=op.f("fk_text_vector_request_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["talent_id"], ["talent.id"], name=op.f("fk_text_vector_talent_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_vector")),
        sa.UniqueConstraint("request_id", name=op.f("uq_text_vector_request_id")),
        sa.UniqueConstraint("talent_id", name=op.f("uq_text_vector_talent_id")),
    )
    op.create_table(
        "contact_disclosure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("match_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_side", sa.String(length=40), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("purpose", sa.String(length=100), nullable=False),
        sa.Column("disclosed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_label", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["match_id"], ["talent_match.id"], name=op.f("fk_contact_disclosure_match_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_disclosure")),
        sa.UniqueConstraint("match_id", "to_side", name=op.f("uq_contact_disclosure_match_id_to_side")),
    )
    op.create_table(
        "contact_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("match_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_label", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["match_id"], ["talent_match.id"], name=op.f("fk_contact_log_match_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_log")),
    )
    with op.batch_alter_table("contact_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_log_match_id"), ["match_id"], unique=False)

    op.create_table(
        "match_follow_up",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("match_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("wants_again", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["match_id"], ["talent_match.id"], name=op.f("fk_match_follow_up_match_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_follow_up")),
        sa.UniqueConstraint("match_id", "side", name=op.f("uq_match_follow_up_match_id_side")),
    )
    op.create_table(
        "match_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("match_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_label", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["match_id"], ["talent_match.id"], name=op.f("fk_match_step_match_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_step")),
    )
    with op.batch_alter_table("match_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_match_step_match_id"), ["match_id"], unique=False)
        batch_op.create_index("ix_match_step_stage_at", ["stage", "at"], unique=False)

    op.create_table(
        "match_time",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("match_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("talent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["match_id"], ["talent_match.id"], name=op.f("fk_match_time_match_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["talent_id"], ["talent.id"], name=op.f("fk_match_time_talent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_time")),
        sa.UniqueConstraint("talent_id", "code", name=op.f("uq_match_time_talent_id_code")),
    )
    with op.batch_alter_table("match_time", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_match_time_match_id"), ["match_id"], unique=False)


def downgrade() -> None:
    """One step back."""
    with op.batch_alter_table("match_time", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_match_time_match_id"))

    op.drop_table("match_time")
    with op.batch_alter_table("match_step", schema=None) as batch_op:
        batch_op.drop_index("ix_match_step_stage_at")
        batch_op.drop_index(batch_op.f("ix_match_step_match_id"))

    op.drop_table("match_step")
    op.drop_table("match_follow_up")
    with op.batch_alter_table("contact_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_log_match_id"))

    op.drop_table("contact_log")
    op.drop_table("contact_disclosure")
    op.drop_table("text_vector")
    with op.batch_alter_table("talent_request_skill", schema=None) as batch_op:
        batch_op.drop_index("ix_talent_request_skill_skill_id_request_id")

    op.drop_table("talent_request_skill")
    with op.batch_alter_table("talent_request_field", schema=None) as batch_op:
        batch_op.drop_index("ix_talent_request_field_field_id_request_id")

    op.drop_table("talent_request_field")
    with op.batch_alter_table("talent_match", schema=None) as batch_op:
        batch_op.drop_index("ix_talent_match_stage_stage_at_id")
        batch_op.drop_index("ix_talent_match_request_id_stage")

    op.drop_table("talent_match")
    with op.batch_alter_table("talent_skill", schema=None) as batch_op:
        batch_op.drop_index("ix_talent_skill_skill_id_talent_id")

    op.drop_table("talent_skill")
    with op.batch_alter_table("talent_request", schema=None) as batch_op:
        batch_op.drop_index("ix_talent_request_status_due_on_id")
        batch_op.drop_index("ix_talent_request_received_on_id")
        batch_op.drop_index(batch_op.f("ix_talent_request_organization_id"))
        batch_op.drop_index(batch_op.f("ix_talent_request_deleted_at"))

    op.drop_table("talent_request")
    with op.batch_alter_table("talent_field", schema=None) as batch_op:
        batch_op.drop_index("ix_talent_field_field_id_talent_id")

    op.drop_table("talent_field")
    with op.batch_alter_table("talent", schema=None) as batch_op:
        batch_op.drop_index("ix_talent_valid_until_id")
        batch_op.drop_index("ix_talent_status_id")
        batch_op.drop_index("ix_talent_reading_id")

    op.drop_table("talent")
