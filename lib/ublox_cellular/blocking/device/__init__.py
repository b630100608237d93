# Generated from aio/device/__init__.py by tools/generate. Do not edit.
"""The module as a device: switching on and off, identity, SIM, clock, recovery."""
