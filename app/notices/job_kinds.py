"""Registers the sending of mail: a job as soon as something is put in, and a look every half minute."""

from __future__ import annotations

from app.jobs.kinds import register_chore, register_job_kind
from app.notices.delivery import chore, run_send
from app.notices.outbox import SEND

register_job_kind(SEND, run_send, title="メールの送信", max_attempts=5)
register_chore("outbox", chore, every_seconds=30)
