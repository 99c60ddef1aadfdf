"""Calls, challenges, proposals, opinions, coordination (domain.md 2.5, 4)."""

from __future__ import annotations
