"""General commands, identity, SIM, clock, data modes."""
