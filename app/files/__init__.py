"""Stored files: kept under their content's SHA-256 outside the web root, read only through their owner's scope."""
