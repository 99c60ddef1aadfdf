"""The committee's work: conflicts, criteria, score sheets, the tally, and what follows from it."""
