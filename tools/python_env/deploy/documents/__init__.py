"""What deploy writes, a module for each document."""
