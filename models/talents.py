"""こだいら人財の森: talents, requests, matches and their log (domain.md 2.3)."""

from __future__ import annotations
