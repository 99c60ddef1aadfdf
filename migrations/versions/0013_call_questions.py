"""The order of a call's questions, versions of its briefings, why its dates leave the program's months.

With this revision the triggers of app/calls/ddl.py and app/meetings/ddl.py stand too (env.py makes them after each).

Revision: 0013, after 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step up."""
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.add_column(sa.Column("calendar_reason", sa.Text(), nullable=True))

    with op.batch_alter_table("call_briefing", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))

    with op.batch_alter_table("call_question", schema=None) as batch_op:
        batch_op.add_column(sa.Column("position", sa.Integer(), server_default="1", nullable=False))

    # As they stood until now: by the day they came in.
    op.execute(
        "UPDATE call_question SET position = 1 + (SELECT count(*) FROM call_question AS earlier"
        " WHERE earlier.call_id = call_question.call_id AND (earlier.asked_on < call_question.asked_on"
        " OR (earlier.asked_on = call_question.asked_on AND earlier.id < call_question.id)))"
    )


def downgrade() -> None:
    """One step back."""
    with op.batch_alter_table("call_question", schema=None) as batch_op:
        batch_op.drop_column("position")

    with op.batch_alter_table("call_briefing", schema=None) as batch_op:
        batch_op.drop_column("version")

    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.drop_column("calendar_reason")
