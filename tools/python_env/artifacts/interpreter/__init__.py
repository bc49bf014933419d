"""An interpreter for the inside of a venv: from the archive of a relocatable CPython to a zip that is spliced."""
