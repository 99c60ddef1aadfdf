"""The directory of groups (a lean version: the directory issue completes it)."""
