"""Bodies and their meetings: agenda, attendance, quorum, resolutions, minutes (domain.md 2.7)."""
