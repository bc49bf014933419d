"""Attributes and arguments that say what is asked for: the same for `.update` and `.lock_test`."""

REQUIREMENT_ATTRS = {
    "constraints": attr.label_list(doc = "Constraint files.", allow_files = True),
    "included": attr.label_list(doc = "Files that requirement files reach by `-r` or `-c`.", allow_files = True),
    "lock": attr.label(doc = "The lock, `<env>.lock.json`.", allow_single_file = [".json"], mandatory = True),
    "platforms": attr.string_list(doc = "Platform tags.", mandatory = True, allow_empty = False),
    "requirements": attr.label_list(doc = "Requirement files.", allow_files = True, mandatory = True, allow_empty = False),
    "update": attr.string(doc = "The command that refreshes the lock, for messages.", mandatory = True),
}

def requirement_files(ctx):
    """Returns every File that a requirement may come from."""
    return ctx.files.requirements + ctx.files.constraints + ctx.files.included

def requirement_words(ctx):
    """Makes the tool's arguments; files are named as they lie in the runfiles.

    Args:
      ctx: context of a rule with REQUIREMENT_ATTRS.

    Returns:
      A list of words.
    """
    words = ["--update-command", ctx.attr.update]
    for file in ctx.files.requirements:
        words += ["--requirements", "%s=%s" % (file.short_path, file.short_path)]
    for file in ctx.files.constraints:
        words += ["--constraints", "%s=%s" % (file.short_path, file.short_path)]
    for tag in ctx.attr.platforms:
        words += ["--locked-platform", tag]
    return words
