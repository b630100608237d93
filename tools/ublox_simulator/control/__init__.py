"""The control channel: what a test or a person does to module and network."""
