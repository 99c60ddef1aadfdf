"""Backups of database and files in one signed file: made while the system runs, verified, restored."""
