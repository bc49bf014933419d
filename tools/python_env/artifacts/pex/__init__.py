"""A PEX: one executable zip with the wheels inside, byte for byte."""
