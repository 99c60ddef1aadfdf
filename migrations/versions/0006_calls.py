"""Calls, challenges, proposals and opinions.

Revision: 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "call",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("round_number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("copied_from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("coordination_from_on", sa.Date(), nullable=True),
        sa.Column("coordination_until_on", sa.Date(), nullable=True),
        sa.Column("opinions_due_on", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("decision_on", sa.Date(), nullable=True),
        sa.Column("period_from_on", sa.Date(), nullable=True),
        sa.Column("period_until_on", sa.Date(), nullable=True),
        sa.Column("report_due_on", sa.Date(), nullable=True),
        sa.Column("cap_yen", sa.BigInteger(), nullable=True),
        sa.Column("rate", sa.String(length=20), nullable=True),
        sa.Column("budget_yen", sa.BigInteger(), nullable=True),
        sa.Column("purpose_text", sa.Text(), nullable=False),
        sa.Column("applicants_text", sa.Text(), nullable=False),
        sa.Column("project_text", sa.Text(), nullable=False),
        sa.Column("cost_text", sa.Text(), nullable=False),
        sa.Column("application_text", sa.Text(), nullable=False),
        sa.Column("review_text", sa.Text(), nullable=False),
        sa.Column("processing_text", sa.Text(), nullable=False),
        sa.Column("contact_text", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "state = 'preparing' OR (opens_on IS NOT NULL AND closes_on IS NOT NULL)",
            name=op.f("ck_call_opened_has_its_dates"),
        ),
        sa.CheckConstraint("state = 'preparing' OR opened_at IS NOT NULL", name=op.f("ck_call_opened_has_its_moment")),
        sa.CheckConstraint("budget_yen IS NULL OR budget_yen > 0", name=op.f("ck_call_budget_is_positive")),
        sa.CheckConstraint("cap_yen IS NULL OR cap_yen > 0", name=op.f("ck_call_cap_is_positive")),
        sa.CheckConstraint(
            "closes_on IS NULL OR opens_on IS NULL OR closes_on >= opens_on",
            name=op.f("ck_call_closes_not_before_open"),
        ),
        sa.CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name=op.f("ck_call_fiscal_year_is_plausible")),
        sa.CheckConstraint(
            "period_until_on IS NULL OR period_from_on IS NULL OR period_until_on >= period_from_on",
            name=op.f("ck_call_period_ends_not_before_start"),
        ),
        sa.CheckConstraint("round_number BETWEEN 1 AND 9", name=op.f("ck_call_round_number_is_plausible")),
        sa.ForeignKeyConstraint(["copied_from_id"], ["call.id"], name=op.f("fk_call_copied_from_id")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_call_program_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint(
            "program_id", "fiscal_year", "round_number", name=op.f("uq_call_program_id_fiscal_year_round_number")
        ),
    )
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_fiscal_year"), ["fiscal_year"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_program_id"), ["program_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_state"), ["state"], unique=False)

    op.create_table(
        "call_briefing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_briefing_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_briefing")),
    )
    with op.batch_alter_table("call_briefing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_briefing_call_id"), ["call_id"], unique=False)

    op.create_table(
        "call_question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_on IS NULL)", name=op.f("ck_call_question_answered_has_its_day")
        ),
        sa.CheckConstraint(
            "is_public = false OR answer IS NOT NULL", name=op.f("ck_call_question_public_has_its_answer")
        ),
        sa.ForeignKeyConstraint(["answered_by_id"], ["user.id"], name=op.f("fk_call_question_answered_by_id")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_question_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_question")),
    )
    with op.batch_alter_table("call_question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_question_call_id"), ["call_id"], unique=False)

    op.create_table(
        "challenge",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("background", sa.Text(), nullable=False),
        sa.Column("current_situation", sa.Text(), nullable=False),
        sa.Column("expectation", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('chosen', 'declined')) = (decided_on IS NOT NULL)",
            name=op.f("ck_challenge_decided_has_its_day"),
        ),
        sa.CheckConstraint("call_id IS NULL OR state = 'chosen'", name=op.f("ck_challenge_shown_only_when_chosen")),
        sa.CheckConstraint(
            "state <> 'declined' OR decision_note IS NOT NULL", name=op.f("ck_challenge_declined_has_its_reason")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_challenge_call_id")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_challenge_department_id")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_challenge_program_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_challenge_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
    )
    with op.batch_alter_table("challenge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_challenge_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_challenge_deleted_at"), ["deleted_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_challenge_department_id"), ["department_id"], unique=False)
        batch_op.create_index("ix_challenge_program_id_fiscal_year", ["program_id", "fiscal_year"], unique=False)
        batch_op.create_index(batch_op.f("ix_challenge_state"), ["state"], unique=False)

    op.create_table(
        "challenge_department",
        sa.Column("challenge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenge.id"], name=op.f("fk_challenge_department_challenge_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_challenge_department_department_id")
        ),
        sa.PrimaryKeyConstraint("challenge_id", "department_id", name=op.f("pk_challenge_department")),
    )
    with op.batch_alter_table("challenge_department", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_challenge_department_department_id"), ["department_id"], unique=False)

    op.create_table(
        "proposal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("challenge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("predecessor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("state_since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("expected_effect", sa.Text(), nullable=False),
        sa.Column("organization_structure", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("requested_yen", sa.BigInteger(), nullable=True),
        sa.Column("is_nonprofit", sa.Boolean(), nullable=True),
        sa.Column("is_organized_by_applicant", sa.Boolean(), nullable=True),
        sa.Column("is_in_city", sa.Boolean(), nullable=True),
        sa.Column("states_no_other_subsidy", sa.Boolean(), nullable=True),
        sa.Column("representative_name", sa.String(length=100), nullable=True),
        sa.Column("contact_name", sa.String(length=100), nullable=True),
        sa.Column("contact_phone", sa.String(length=40), nullable=True),
        sa.Column("contact_email", sa.String(length=254), nullable=True),
        sa.Column("contact_address", sa.String(length=300), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_yen", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn') OR received_on IS NOT NULL OR source = 'taken_over'",
            name=op.f("ck_proposal_handed_in_has_its_day"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('withdrawn', 'discontinued', 'revoked') OR state_reason IS NOT NULL",
            name=op.f("ck_proposal_ended_early_has_its_reason"),
        ),
        sa.CheckConstraint("decided_yen IS NULL OR decided_yen >= 0", name=op.f("ck_proposal_decided_is_not_negative")),
        sa.CheckConstraint(
            "ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on",
            name=op.f("ck_proposal_ends_not_before_start"),
        ),
        sa.CheckConstraint("id <> predecessor_id", name=op.f("ck_proposal_does_not_follow_itself")),
        sa.CheckConstraint("is_late = (late_reason IS NOT NULL)", name=op.f("ck_proposal_late_has_its_reason")),
        sa.CheckConstraint(
            "requested_yen IS NULL OR requested_yen > 0", name=op.f("ck_proposal_requested_is_positive")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_proposal_call_id")),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_proposal_challenge_id")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_proposal_department_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_proposal_organization_id")),
        sa.ForeignKeyConstraint(["predecessor_id"], ["proposal.id"], name=op.f("fk_proposal_predecessor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index("ix_proposal_call_id_state", ["call_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_challenge_id"), ["challenge_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_deleted_at"), ["deleted_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_predecessor_id"), ["predecessor_id"], unique=False)
        batch_op.create_index("ix_proposal_state_since_at_id", ["state_since_at", "id"], unique=False)

    op.create_table(
        "budget_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("unit_price_yen", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("tax", sa.String(length=40), nullable=False),
        sa.Column("tax_percent", sa.Integer(), nullable=False),
        sa.Column("is_eligible", sa.Boolean(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_budget_line_quantity_is_positive")),
        sa.CheckConstraint("tax_percent BETWEEN 0 AND 100", name=op.f("ck_budget_line_tax_percent_is_a_share")),
        sa.CheckConstraint("unit_price_yen >= 0", name=op.f("ck_budget_line_unit_price_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_budget_line_proposal_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_line")),
    )
    with op.batch_alter_table("budget_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_budget_line_proposal_id"), ["proposal_id"], unique=False)

    op.create_table(
        "coordination_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("means", sa.String(length=40), nullable=False),
        sa.Column("participants", sa.String(length=300), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("written_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_coordination_note_department_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_coordination_note_proposal_id")),
        sa.ForeignKeyConstraint(["written_by_id"], ["user.id"], name=op.f("fk_coordination_note_written_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coordination_note")),
    )
    with op.batch_alter_table("coordination_note", schema=None) as batch_op:
        batch_op.create_index(
            "ix_coordination_note_proposal_id_held_on_id", ["proposal_id", "held_on", "id"], unique=False
        )

    op.create_table(
        "council_opinion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source_note", sa.String(length=300), nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_council_opinion_has_its_text")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_council_opinion_proposal_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user.id"], name=op.f("fk_council_opinion_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_opinion")),
        sa.UniqueConstraint("proposal_id", "given_on", name=op.f("uq_council_opinion_proposal_id_given_on")),
    )
    op.create_table(
        "department_opinion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("request_note", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waived_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(state = 'waived') = (waived_reason IS NOT NULL)", name=op.f("ck_department_opinion_waived_has_its_reason")
        ),
        sa.CheckConstraint(
            "state <> 'returned' OR return_reason IS NOT NULL",
            name=op.f("ck_department_opinion_returned_has_its_reason"),
        ),
        sa.CheckConstraint(
            "state <> 'submitted' OR submitted_at IS NOT NULL",
            name=op.f("ck_department_opinion_submitted_has_its_moment"),
        ),
        sa.CheckConstraint(
            "state <> 'submitted' OR verdict IS NOT NULL", name=op.f("ck_department_opinion_submitted_has_its_verdict")
        ),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_department_opinion_department_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_department_opinion_proposal_id")),
        sa.ForeignKeyConstraint(["requested_by_id"], ["user.id"], name=op.f("fk_department_opinion_requested_by_id")),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["user.id"], name=op.f("fk_department_opinion_submitted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department_opinion")),
        sa.UniqueConstraint(
            "proposal_id", "department_id", name=op.f("uq_department_opinion_proposal_id_department_id")
        ),
    )
    with op.batch_alter_table("department_opinion", schema=None) as batch_op:
        batch_op.create_index("ix_department_opinion_department_id_state", ["department_id", "state"], unique=False)

    op.create_table(
        "other_subsidy",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("giver", sa.String(length=200), nullable=False),
        sa.Column("amount_yen", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "amount_yen IS NULL OR amount_yen >= 0", name=op.f("ck_other_subsidy_amount_is_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_other_subsidy_proposal_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_other_subsidy")),
    )
    with op.batch_alter_table("other_subsidy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_other_subsidy_proposal_id"), ["proposal_id"], unique=False)

    op.create_table(
        "proposal_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("from_state", sa.String(length=40), nullable=True),
        sa.Column("to_state", sa.String(length=40), nullable=True),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor_label", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_proposal_event_actor_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_event_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_event")),
    )
    with op.batch_alter_table("proposal_event", schema=None) as batch_op:
        batch_op.create_index("ix_proposal_event_proposal_id_id", ["proposal_id", "id"], unique=False)

    op.create_table(
        "proposal_paper",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'received') = (received_on IS NOT NULL)", name=op.f("ck_proposal_paper_received_has_its_day")
        ),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_paper_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_paper")),
        sa.UniqueConstraint("proposal_id", "key", name=op.f("uq_proposal_paper_proposal_id_key")),
    )
    op.create_table(
        "proposal_partner",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=True),
        sa.Column("part", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_proposal_partner_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_partner_proposal_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_partner")),
    )
    with op.batch_alter_table("proposal_partner", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_partner_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_partner_proposal_id"), ["proposal_id"], unique=False)

    op.create_table(
        "proposal_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_proposal_version_number_is_positive")),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_proposal_version_made_by_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_version_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_version")),
        sa.UniqueConstraint("proposal_id", "number", name=op.f("uq_proposal_version_proposal_id_number")),
    )
    op.create_table(
        "receipt_number",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_receipt_number_number_is_positive")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_receipt_number_call_id")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["user.id"], name=op.f("fk_receipt_number_issued_by_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_receipt_number_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_number")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_receipt_number_proposal_id")),
    )
    with op.batch_alter_table("receipt_number", schema=None) as batch_op:
        batch_op.create_index("uq_receipt_number_call_id_number", ["call_id", "number"], unique=True)

    op.create_table(
        "rule_override",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("clause", sa.String(length=200), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_rule_override_has_its_reason")),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_rule_override_made_by_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_rule_override_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_override")),
    )
    with op.batch_alter_table("rule_override", schema=None) as batch_op:
        batch_op.create_index("ix_rule_override_proposal_id_id", ["proposal_id", "id"], unique=False)

    op.create_table(
        "coordination_task",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "done_at IS NULL OR result IS NOT NULL", name=op.f("ck_coordination_task_done_has_its_result")
        ),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_coordination_task_department_id")),
        sa.ForeignKeyConstraint(["done_by_id"], ["user.id"], name=op.f("fk_coordination_task_done_by_id")),
        sa.ForeignKeyConstraint(["note_id"], ["coordination_note.id"], name=op.f("fk_coordination_task_note_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_coordination_task_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coordination_task")),
    )
    with op.batch_alter_table("coordination_task", schema=None) as batch_op:
        batch_op.create_index("ix_coordination_task_department_id_done_at", ["department_id", "done_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_coordination_task_note_id"), ["note_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_coordination_task_proposal_id"), ["proposal_id"], unique=False)

    op.create_table(
        "opinion_draft",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opinion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["opinion_id"], ["department_opinion.id"], name=op.f("fk_opinion_draft_opinion_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_opinion_draft_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_draft")),
        sa.UniqueConstraint("opinion_id", name=op.f("uq_opinion_draft_opinion_id")),
    )
    with op.batch_alter_table("opinion_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opinion_draft_user_id"), ["user_id"], unique=False)

    op.create_table(
        "opinion_reminder",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opinion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["opinion_id"], ["department_opinion.id"], name=op.f("fk_opinion_reminder_opinion_id")),
        sa.ForeignKeyConstraint(["reminded_by_id"], ["user.id"], name=op.f("fk_opinion_reminder_reminded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_reminder")),
    )
    with op.batch_alter_table("opinion_reminder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opinion_reminder_opinion_id"), ["opinion_id"], unique=False)

    op.create_table(
        "opinion_submission",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opinion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["opinion_id"], ["department_opinion.id"], name=op.f("fk_opinion_submission_opinion_id")
        ),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["user.id"], name=op.f("fk_opinion_submission_submitted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_submission")),
        sa.UniqueConstraint("opinion_id", "number", name=op.f("uq_opinion_submission_opinion_id_number")),
    )


def downgrade() -> None:
    """One step back."""
    op.drop_table("opinion_submission")
    with op.batch_alter_table("opinion_reminder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opinion_reminder_opinion_id"))

    op.drop_table("opinion_reminder")
    with op.batch_alter_table("opinion_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opinion_draft_user_id"))

    op.drop_table("opinion_draft")
    with op.batch_alter_table("coordination_task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_coordination_task_proposal_id"))
        batch_op.drop_index(batch_op.f("ix_coordination_task_note_id"))
        batch_op.drop_index("ix_coordination_task_department_id_done_at")

    op.drop_table("coordination_task")
    with op.batch_alter_table("rule_override", schema=None) as batch_op:
        batch_op.drop_index("ix_rule_override_proposal_id_id")

    op.drop_table("rule_override")
    with op.batch_alter_table("receipt_number", schema=None) as batch_op:
        batch_op.drop_index("uq_receipt_number_call_id_number")

    op.drop_table("receipt_number")
    op.drop_table("proposal_version")
    with op.batch_alter_table("proposal_partner", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_partner_proposal_id"))
        batch_op.drop_index(batch_op.f("ix_proposal_partner_organization_id"))

    op.drop_table("proposal_partner")
    op.drop_table("proposal_paper")
    with op.batch_alter_table("proposal_event", schema=None) as batch_op:
        batch_op.drop_index("ix_proposal_event_proposal_id_id")

    op.drop_table("proposal_event")
    with op.batch_alter_table("other_subsidy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_other_subsidy_proposal_id"))

    op.drop_table("other_subsidy")
    with op.batch_alter_table("department_opinion", schema=None) as batch_op:
        batch_op.drop_index("ix_department_opinion_department_id_state")

    op.drop_table("department_opinion")
    op.drop_table("council_opinion")
    with op.batch_alter_table("coordination_note", schema=None) as batch_op:
        batch_op.drop_index("ix_coordination_note_proposal_id_held_on_id")

    op.drop_table("coordination_note")
    with op.batch_alter_table("budget_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_budget_line_proposal_id"))

    op.drop_table("budget_line")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index("ix_proposal_state_since_at_id")
        batch_op.drop_index(batch_op.f("ix_proposal_predecessor_id"))
        batch_op.drop_index(batch_op.f("ix_proposal_organization_id"))
        batch_op.drop_index(batch_op.f("ix_proposal_department_id"))
        batch_op.drop_index(batch_op.f("ix_proposal_deleted_at"))
        batch_op.drop_index(batch_op.f("ix_proposal_challenge_id"))
        batch_op.drop_index("ix_proposal_call_id_state")

    op.drop_table("proposal")
    with op.batch_alter_table("challenge_department", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_challenge_department_department_id"))

    op.drop_table("challenge_department")
    with op.batch_alter_table("challenge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_challenge_state"))
        batch_op.drop_index("ix_challenge_program_id_fiscal_year")
        batch_op.drop_index(batch_op.f("ix_challenge_department_id"))
        batch_op.drop_index(batch_op.f("ix_challenge_deleted_at"))
        batch_op.drop_index(batch_op.f("ix_challenge_call_id"))

    op.drop_table("challenge")
    with op.batch_alter_table("call_question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_question_call_id"))

    op.drop_table("call_question")
    with op.batch_alter_table("call_briefing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_briefing_call_id"))

    op.drop_table("call_briefing")
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_state"))
        batch_op.drop_index(batch_op.f("ix_call_program_id"))
        batch_op.drop_index(batch_op.f("ix_call_fiscal_year"))

    op.drop_table("call")
