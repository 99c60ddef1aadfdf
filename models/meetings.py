"""Bodies, memberships, meetings, resolutions (domain.md 2.7)."""

from __future__ import annotations
