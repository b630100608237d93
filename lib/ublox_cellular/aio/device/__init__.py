"""The module as a device: switching on and off, identity, SIM, clock, recovery."""
