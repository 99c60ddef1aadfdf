"""Notices: templates as data, letters to one addressee, the outbox of mail."""
