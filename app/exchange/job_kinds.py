"""Registers the jobs of imports. A preview may be repeated by itself; apply and undo wait for the person."""

from __future__ import annotations

from app.exchange.applying import run_apply, run_undo
from app.exchange.maintenance import REFRESH, run_refresh
from app.exchange.preview import run_preview
from app.exchange.retention import purge_expired
from app.exchange.services import APPLY, PREVIEW, UNDO
from app.jobs.kinds import register_chore, register_job_kind

register_job_kind(PREVIEW, run_preview, title="取込の内容確認", max_attempts=2)
register_job_kind(APPLY, run_apply, title="取込の反映")
register_job_kind(UNDO, run_undo, title="取込の取消し")
register_job_kind(REFRESH, run_refresh, title="検索の更新", max_attempts=10, rank=1)
register_chore("imports", purge_expired, every_seconds=6 * 3600)
