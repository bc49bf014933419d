"""What is none of a venv's entries in `python_env`: refused in analysis."""

load("//rules/private/base:errors.bzl", "error_text")
load(":selection.bzl", "SELECTION_ATTRS")

def venv_fault(where, options):
    """Finds entries of a python_env's `venv` that are none.

    Args:
      where: label of the environment.
      options: value of `venv`.

    Returns:
      The text of all faults, or an empty text.
    """
    if type(options) != "dict":
        return error_text("venv is not a dict", where = where, fix = "write venv = {\"ignored\": [\"pyspark\"]}")
    entries = sorted(SELECTION_ATTRS.keys() + ["compile"])
    known = ", ".join(entries)
    return "".join([
        error_text(
            "there is no entry %s of a venv" % repr(name),
            where = where + ", venv",
            fix = "write some of: %s; its format is venv_format, its interpreter stands in interpreters" % known,
        )
        for name in options
        if name not in entries
    ])
