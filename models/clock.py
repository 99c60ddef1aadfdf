"""Secret addresses of calendar feeds."""

from __future__ import annotations
