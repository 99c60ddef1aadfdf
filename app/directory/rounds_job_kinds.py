"""Registers the long work of the directory's year. Both may be done again from the start."""

from __future__ import annotations

from app.directory.rounds_jobs import BOOKLET, FORMS, run_booklet, run_forms
from app.jobs.kinds import register_job_kind

register_job_kind(FORMS, run_forms, title="年次確認の様式の作成", max_attempts=3)
register_job_kind(BOOKLET, run_booklet, title="むすぶの冊子の作成", max_attempts=3)
