"""Registers the long work of reviews: packs, and forgetting old ones."""

from __future__ import annotations

from app.jobs.kinds import register_chore, register_job_kind
from app.reviews.pack_jobs import KIND, forget_packs, run_pack

register_job_kind(KIND, run_pack, title="審査資料・結果資料の作成", max_attempts=2)
register_chore("review_packs", forget_packs, every_seconds=6 * 3600)
