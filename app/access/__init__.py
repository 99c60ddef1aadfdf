"""Who may do what: actors, permissions, row scopes, field scopes, signing in."""
