"""File system (+UDWNFILE …)."""
