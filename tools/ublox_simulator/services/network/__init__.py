"""Network, registration, contexts, names (+CEREG, +CGDCONT …)."""
