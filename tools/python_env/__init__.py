"""Tools of rules_python_env: one package per stage, from requirement files to a launcher manifest."""
