"""こだいら人財の森: talents, requests, their matching (domain.md 2.3)."""
