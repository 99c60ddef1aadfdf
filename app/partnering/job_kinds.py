"""Registers the background work of choosing partners: the meaning of what groups say."""

from __future__ import annotations

from app.jobs.kinds import register_chore
from app.partnering.meanings import keep_meanings

register_chore("group-meanings", keep_meanings, every_seconds=30)
