"""Where an index alias lies on this machine, and what that index has."""
