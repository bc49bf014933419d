"""The checks, one module per kind of fault: pure functions of a subject and a target."""
