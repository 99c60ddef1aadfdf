"""Excel and CSV in and out: read, preview, apply, undo, write. One pipeline for every table."""
