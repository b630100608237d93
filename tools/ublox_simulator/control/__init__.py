"""The control channel: actions of a test or a person on module and network."""
