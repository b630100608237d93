"""The serial line: interface, parser, modes, faults, rules."""
