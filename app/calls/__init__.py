"""Calls, challenges, proposals and opinions: both programs up to the committee's door (実践編2)."""
