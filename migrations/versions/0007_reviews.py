"""The committee's review.

Revision: 0007, after 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "review_preset",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_preset")),
        sa.UniqueConstraint("code", name=op.f("uq_review_preset_code")),
    )
    op.create_table(
        "criterion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("lowest", sa.Integer(), nullable=False),
        sa.Column("highest", sa.Integer(), nullable=False),
        sa.Column("weight", sa.String(length=12), nullable=False),
        sa.Column("veto_at", sa.Integer(), nullable=True),
        sa.Column("comment_below", sa.Integer(), nullable=True),
        sa.Column("comment_above", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "comment_above IS NULL OR comment_above BETWEEN lowest AND highest",
            name=op.f("ck_criterion_comment_above_lies_in_range"),
        ),
        sa.CheckConstraint(
            "comment_below IS NULL OR comment_below BETWEEN lowest AND highest",
            name=op.f("ck_criterion_comment_below_lies_in_range"),
        ),
        sa.CheckConstraint(
            "lowest >= 0 AND lowest < highest AND highest <= 1000", name=op.f("ck_criterion_range_is_plausible")
        ),
        sa.CheckConstraint(
            "veto_at IS NULL OR veto_at BETWEEN lowest AND highest", name=op.f("ck_criterion_veto_lies_in_range")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_criterion_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion")),
        sa.UniqueConstraint("call_id", "stage", "label", name=op.f("uq_criterion_call_id_stage_label")),
    )
    with op.batch_alter_table("criterion", schema=None) as batch_op:
        batch_op.create_index("ix_criterion_call_id_stage_position", ["call_id", "stage", "position"], unique=False)

    op.create_table(
        "decision_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("minimum_percent", sa.String(length=12), nullable=True),
        sa.Column("missing", sa.String(length=40), nullable=True),
        sa.Column("quorum", sa.String(length=40), nullable=True),
        sa.Column("tie", sa.JSON(), nullable=True),
        sa.Column("next_best", sa.String(length=40), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_decision_rule_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_rule")),
        sa.UniqueConstraint("call_id", name=op.f("uq_decision_rule_call_id")),
    )
    op.create_table(
        "publication_record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("public_from_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "ended_at IS NULL OR end_reason <> ''", name=op.f("ck_publication_record_ended_has_its_reason")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_publication_record_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication_record")),
    )
    with op.batch_alter_table("publication_record", schema=None) as batch_op:
        batch_op.create_index(
            "uq_publication_record_one_in_force",
            ["call_id", "part"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "review_member",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("membership_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("is_chair", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("left_reason", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(left_on IS NULL) = (left_reason IS NULL)", name=op.f("ck_review_member_left_has_its_reason")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_review_member_call_id")),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_review_member_membership_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_review_member_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_member")),
        sa.UniqueConstraint("call_id", "membership_id", name=op.f("uq_review_member_call_id_membership_id")),
        sa.UniqueConstraint("call_id", "user_id", name=op.f("uq_review_member_call_id_user_id")),
    )
    with op.batch_alter_table("review_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_member_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_review_member_one_chair",
            ["call_id"],
            unique=True,
            sqlite_where=sa.text("is_chair AND left_on IS NULL"),
            postgresql_where=sa.text("is_chair AND left_on IS NULL"),
        )

    op.create_table(
        "sealed_record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_sealed_record_number_is_positive")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_sealed_record_call_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_sealed_record_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_record")),
        sa.UniqueConstraint("call_id", "number", name=op.f("uq_sealed_record_call_id_number")),
    )
    op.create_table(
        "stage_opening",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_stage_opening_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_opening")),
    )
    with op.batch_alter_table("stage_opening", schema=None) as batch_op:
        batch_op.create_index(
            "uq_stage_opening_one_in_force",
            ["call_id", "stage"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "tie_decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_ids", sa.JSON(), nullable=False),
        sa.Column("means", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("note <> ''", name=op.f("ck_tie_decision_has_its_note")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_tie_decision_call_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user.id"], name=op.f("fk_tie_decision_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tie_decision")),
    )
    with op.batch_alter_table("tie_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tie_decision_call_id"), ["call_id"], unique=False)

    op.create_table(
        "review_conclusion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("concluded_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("minutes_file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_by_means", sa.String(length=40), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "confirmed_by_means IS NULL OR confirmed_by_means <> 'signed_minutes' OR minutes_file_id IS NOT NULL",
            name=op.f("ck_review_conclusion_signed_minutes_are_attached"),
        ),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by_means IS NULL)",
            name=op.f("ck_review_conclusion_confirmed_says_by_which_means"),
        ),
        sa.CheckConstraint(
            "confirmed_at IS NULL OR meeting_id IS NOT NULL",
            name=op.f("ck_review_conclusion_confirmed_has_its_meeting"),
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_review_conclusion_call_id")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["user.id"], name=op.f("fk_review_conclusion_confirmed_by_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_review_conclusion_meeting_id")),
        sa.ForeignKeyConstraint(
            ["minutes_file_id"], ["stored_file.id"], name=op.f("fk_review_conclusion_minutes_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_conclusion")),
        sa.UniqueConstraint("call_id", name=op.f("uq_review_conclusion_call_id")),
    )
    with op.batch_alter_table("review_conclusion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_conclusion_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "review_setting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("declarations_due_on", sa.Date(), nullable=True),
        sa.Column("document_due_on", sa.Date(), nullable=True),
        sa.Column("interview_on", sa.Date(), nullable=True),
        sa.Column("interview_due_on", sa.Date(), nullable=True),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("tells_criterion_means", sa.Boolean(), nullable=True),
        sa.Column("publishes_member_scores", sa.Boolean(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_review_setting_call_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_review_setting_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_setting")),
        sa.UniqueConstraint("call_id", name=op.f("uq_review_setting_call_id")),
    )
    with op.batch_alter_table("review_setting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_setting_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "stage_absence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_stage_absence_has_its_reason")),
        sa.ForeignKeyConstraint(["member_id"], ["review_member.id"], name=op.f("fk_stage_absence_member_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user.id"], name=op.f("fk_stage_absence_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_absence")),
        sa.UniqueConstraint("member_id", "stage", name=op.f("uq_stage_absence_member_id_stage")),
    )
    op.create_table(
        "city_decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("amount_yen", sa.BigInteger(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("departure_reason", sa.Text(), nullable=False),
        sa.Column("drafted_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision_class", sa.String(length=60), nullable=False),
        sa.Column("consulted", sa.String(length=300), nullable=False),
        sa.Column("document_number", sa.String(length=100), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "outcome <> 'adopted_with_conditions' OR conditions <> ''",
            name=op.f("ck_city_decision_conditions_are_written"),
        ),
        sa.CheckConstraint(
            "outcome <> 'rejected' OR amount_yen = 0", name=op.f("ck_city_decision_rejected_gets_nothing")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_city_decision_has_its_reason")),
        sa.CheckConstraint("amount_yen >= 0", name=op.f("ck_city_decision_amount_is_not_negative")),
        sa.CheckConstraint(
            "decided_at IS NULL OR decided_on IS NOT NULL", name=op.f("ck_city_decision_decided_has_its_day")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_city_decision_decided_by_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_city_decision_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city_decision")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_city_decision_proposal_id")),
    )
    op.create_table(
        "conclusion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conclusion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("amount_yen", sa.BigInteger(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rule_outcome", sa.String(length=20), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("percent", sa.String(length=10), nullable=True),
        sa.Column("departure_reason", sa.Text(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=True),
        sa.Column("votes_against", sa.Integer(), nullable=True),
        sa.Column("votes_abstained", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome <> 'adopted_with_conditions' OR conditions <> ''",
            name=op.f("ck_conclusion_conditions_are_written"),
        ),
        sa.CheckConstraint("outcome <> 'rejected' OR amount_yen = 0", name=op.f("ck_conclusion_rejected_gets_nothing")),
        sa.CheckConstraint("outcome <> 'rejected' OR reason <> ''", name=op.f("ck_conclusion_rejected_has_its_reason")),
        sa.CheckConstraint(
            "(votes_for IS NULL) = (votes_against IS NULL) AND (votes_for IS NULL) = (votes_abstained IS NULL)",
            name=op.f("ck_conclusion_votes_are_whole"),
        ),
        sa.CheckConstraint("amount_yen >= 0", name=op.f("ck_conclusion_amount_is_not_negative")),
        sa.ForeignKeyConstraint(["conclusion_id"], ["review_conclusion.id"], name=op.f("fk_conclusion_conclusion_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_conclusion_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conclusion")),
        sa.UniqueConstraint("conclusion_id", "proposal_id", name=op.f("uq_conclusion_conclusion_id_proposal_id")),
    )
    with op.batch_alter_table("conclusion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conclusion_proposal_id"), ["proposal_id"], unique=False)

    op.create_table(
        "conflict",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("affiliation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "source <> 'derived' OR affiliation_id IS NOT NULL", name=op.f("ck_conflict_derived_has_its_origin")
        ),
        sa.CheckConstraint(
            "source <> 'office' OR reason <> ''", name=op.f("ck_conflict_set_by_the_office_has_its_reason")
        ),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lift_reason IS NULL)", name=op.f("ck_conflict_lifted_has_its_reason")
        ),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["user.id"], name=op.f("fk_conflict_lifted_by_id")),
        sa.ForeignKeyConstraint(["member_id"], ["review_member.id"], name=op.f("fk_conflict_member_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_conflict_proposal_id")),
        sa.ForeignKeyConstraint(["set_by_id"], ["user.id"], name=op.f("fk_conflict_set_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict")),
        sa.UniqueConstraint(
            "member_id",
            "proposal_id",
            "source",
            "affiliation_id",
            name=op.f("uq_conflict_member_id_proposal_id_source_affiliation_id"),
        ),
    )
    with op.batch_alter_table("conflict", schema=None) as batch_op:
        batch_op.create_index("ix_conflict_proposal_id_member_id", ["proposal_id", "member_id"], unique=False)
        batch_op.create_index(
            "uq_conflict_one_in_force",
            ["member_id", "proposal_id", "source"],
            unique=True,
            sqlite_where=sa.text("lifted_at IS NULL AND affiliation_id IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL AND affiliation_id IS NULL"),
        )

    op.create_table(
        "conflict_declaration",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("has_interest", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_on_behalf", sa.Boolean(), nullable=False),
        sa.Column("scan_file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "NOT is_on_behalf OR scan_file_id IS NOT NULL",
            name=op.f("ck_conflict_declaration_paper_declaration_has_its_scan"),
        ),
        sa.CheckConstraint(
            "has_interest = (kind IS NOT NULL)", name=op.f("ck_conflict_declaration_interest_has_its_kind")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["review_member.id"], name=op.f("fk_conflict_declaration_member_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_conflict_declaration_proposal_id")),
        sa.ForeignKeyConstraint(
            ["scan_file_id"], ["stored_file.id"], name=op.f("fk_conflict_declaration_scan_file_id")
        ),
        sa.ForeignKeyConstraint(["signed_by_id"], ["user.id"], name=op.f("fk_conflict_declaration_signed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_declaration")),
    )
    with op.batch_alter_table("conflict_declaration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conflict_declaration_proposal_id"), ["proposal_id"], unique=False)
        batch_op.create_index(
            "uq_conflict_declaration_one_in_force",
            ["member_id", "proposal_id"],
            unique=True,
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )

    op.create_table(
        "conflict_suspicion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("settle_reason", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (settled_at IS NULL)", name=op.f("ck_conflict_suspicion_settled_has_its_moment")
        ),
        sa.CheckConstraint(
            "state = 'open' OR settle_reason <> ''", name=op.f("ck_conflict_suspicion_settled_has_its_reason")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["review_member.id"], name=op.f("fk_conflict_suspicion_member_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_conflict_suspicion_proposal_id")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["user.id"], name=op.f("fk_conflict_suspicion_settled_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_suspicion")),
        sa.UniqueConstraint(
            "member_id", "proposal_id", "origin", name=op.f("uq_conflict_suspicion_member_id_proposal_id_origin")
        ),
    )
    with op.batch_alter_table("conflict_suspicion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conflict_suspicion_proposal_id"), ["proposal_id"], unique=False)
        batch_op.create_index("ix_conflict_suspicion_state", ["state"], unique=False)

    op.create_table(
        "review_correction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("record_sha256", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_by_label", sa.String(length=200), nullable=False),
        sa.CheckConstraint("text <> '' AND reason <> ''", name=op.f("ck_review_correction_has_text_and_reason")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_review_correction_call_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_review_correction_file_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_review_correction_made_by_id")),
        sa.ForeignKeyConstraint(["member_id"], ["review_member.id"], name=op.f("fk_review_correction_member_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_review_correction_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_correction")),
    )
    with op.batch_alter_table("review_correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_correction_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_correction_proposal_id"), ["proposal_id"], unique=False)

    op.create_table(
        "score_sheet",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("entered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(state = 'voided') = (voided_at IS NOT NULL)", name=op.f("ck_score_sheet_voided_has_its_moment")
        ),
        sa.CheckConstraint(
            "state <> 'voided' OR void_reason IS NOT NULL", name=op.f("ck_score_sheet_voided_has_its_reason")
        ),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user.id"], name=op.f("fk_score_sheet_entered_by_id")),
        sa.ForeignKeyConstraint(["member_id"], ["review_member.id"], name=op.f("fk_score_sheet_member_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_score_sheet_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_sheet")),
        sa.UniqueConstraint(
            "member_id", "proposal_id", "stage", name=op.f("uq_score_sheet_member_id_proposal_id_stage")
        ),
    )
    with op.batch_alter_table("score_sheet", schema=None) as batch_op:
        batch_op.create_index("ix_score_sheet_proposal_id_stage_state", ["proposal_id", "stage", "state"], unique=False)

    op.create_table(
        "score_draft",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sheet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("draft_values", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["score_sheet.id"], name=op.f("fk_score_draft_sheet_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_draft")),
        sa.UniqueConstraint("sheet_id", name=op.f("uq_score_draft_sheet_id")),
    )
    op.create_table(
        "score_sheet_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sheet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_on_behalf", sa.Boolean(), nullable=False),
        sa.Column("scan_file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_after_opening", sa.Boolean(), nullable=False),
        sa.Column("unsealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unsealed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("unseal_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(unsealed_at IS NULL) = (unseal_reason IS NULL)",
            name=op.f("ck_score_sheet_version_unsealed_has_its_reason"),
        ),
        sa.CheckConstraint(
            "NOT is_on_behalf OR scan_file_id IS NOT NULL", name=op.f("ck_score_sheet_version_paper_sheet_has_its_scan")
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_score_sheet_version_number_is_positive")),
        sa.ForeignKeyConstraint(["scan_file_id"], ["stored_file.id"], name=op.f("fk_score_sheet_version_scan_file_id")),
        sa.ForeignKeyConstraint(["sealed_by_id"], ["user.id"], name=op.f("fk_score_sheet_version_sealed_by_id")),
        sa.ForeignKeyConstraint(["sheet_id"], ["score_sheet.id"], name=op.f("fk_score_sheet_version_sheet_id")),
        sa.ForeignKeyConstraint(["unsealed_by_id"], ["user.id"], name=op.f("fk_score_sheet_version_unsealed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_sheet_version")),
        sa.UniqueConstraint("sheet_id", "number", name=op.f("uq_score_sheet_version_sheet_id_number")),
    )
    with op.batch_alter_table("score_sheet_version", schema=None) as batch_op:
        batch_op.create_index(
            "uq_score_sheet_version_one_in_force",
            ["sheet_id"],
            unique=True,
            sqlite_where=sa.text("unsealed_at IS NULL"),
            postgresql_where=sa.text("unsealed_at IS NULL"),
        )

    op.create_table(
        "score",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("criterion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["criterion_id"], ["criterion.id"], name=op.f("fk_score_criterion_id")),
        sa.ForeignKeyConstraint(["version_id"], ["score_sheet_version.id"], name=op.f("fk_score_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score")),
        sa.UniqueConstraint("version_id", "criterion_id", name=op.f("uq_score_version_id_criterion_id")),
    )
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_score_criterion_id"), ["criterion_id"], unique=False)


def downgrade() -> None:
    """One step back."""
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_score_criterion_id"))

    op.drop_table("score")
    with op.batch_alter_table("score_sheet_version", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_score_sheet_version_one_in_force",
            sqlite_where=sa.text("unsealed_at IS NULL"),
            postgresql_where=sa.text("unsealed_at IS NULL"),
        )

    op.drop_table("score_sheet_version")
    op.drop_table("score_draft")
    with op.batch_alter_table("score_sheet", schema=None) as batch_op:
        batch_op.drop_index("ix_score_sheet_proposal_id_stage_state")

    op.drop_table("score_sheet")
    with op.batch_alter_table("review_correction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_correction_proposal_id"))
        batch_op.drop_index(batch_op.f("ix_review_correction_call_id"))

    op.drop_table("review_correction")
    with op.batch_alter_table("conflict_suspicion", schema=None) as batch_op:
        batch_op.drop_index("ix_conflict_suspicion_state")
        batch_op.drop_index(batch_op.f("ix_conflict_suspicion_proposal_id"))

    op.drop_table("conflict_suspicion")
    with op.batch_alter_table("conflict_declaration", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_conflict_declaration_one_in_force",
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_conflict_declaration_proposal_id"))

    op.drop_table("conflict_declaration")
    with op.batch_alter_table("conflict", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_conflict_one_in_force",
            sqlite_where=sa.text("lifted_at IS NULL AND affiliation_id IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL AND affiliation_id IS NULL"),
        )
        batch_op.drop_index("ix_conflict_proposal_id_member_id")

    op.drop_table("conflict")
    with op.batch_alter_table("conclusion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conclusion_proposal_id"))

    op.drop_table("conclusion")
    op.drop_table("city_decision")
    op.drop_table("stage_absence")
    with op.batch_alter_table("review_setting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_setting_meeting_id"))

    op.drop_table("review_setting")
    with op.batch_alter_table("review_conclusion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_conclusion_meeting_id"))

    op.drop_table("review_conclusion")
    with op.batch_alter_table("tie_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tie_decision_call_id"))

    op.drop_table("tie_decision")
    with op.batch_alter_table("stage_opening", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_stage_opening_one_in_force",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.drop_table("stage_opening")
    op.drop_table("sealed_record")
    with op.batch_alter_table("review_member", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_review_member_one_chair",
            sqlite_where=sa.text("is_chair AND left_on IS NULL"),
            postgresql_where=sa.text("is_chair AND left_on IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_review_member_user_id"))

    op.drop_table("review_member")
    with op.batch_alter_table("publication_record", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_publication_record_one_in_force",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.drop_table("publication_record")
    op.drop_table("decision_rule")
    with op.batch_alter_table("criterion", schema=None) as batch_op:
        batch_op.drop_index("ix_criterion_call_id_stage_position")

    op.drop_table("criterion")
    op.drop_table("review_preset")
