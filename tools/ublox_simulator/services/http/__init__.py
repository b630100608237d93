"""HTTP client (+UHTTP…)."""
