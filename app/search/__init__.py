"""Full-text search of Japanese on SQLite (FTS5) and PostgreSQL (GIN): each level of consent has its own text and index."""
