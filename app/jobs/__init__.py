"""Background jobs: an own table, workers that claim from it, and what happens when a worker dies."""
