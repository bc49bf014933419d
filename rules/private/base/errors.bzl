"""Errors meant for people: what is wrong, where, and the command or edit that mends it."""

def error_text(what, where, fix):
    """Returns an error in the three parts that every tool of this project uses.

    Args:
      what: one sentence that says what is wrong.
      where: the file or label at fault.
      fix: the edit or the command that mends it.
    """
    return "\nerror: %s\n  where: %s\n  fix:   %s" % (what, where, fix)
