"""Texts of attributes that become file names and lines: what no system takes for them is refused in analysis."""

load("//rules/private/base:errors.bzl", "error_text")

_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-"

def check_lines(ctx, attributes):
    """Fails with every text that has a line break: in a file of arguments it would be two of them.

    Args:
      ctx: context of a rule.
      attributes: dict of attribute to list of its texts.
    """
    faults = [
        error_text("%s of %s has a line break" % (repr(text), name), where = str(ctx.label), fix = "write it on one line")
        for name, texts in attributes.items()
        for text in texts
        if "\n" in text or "\r" in text
    ]
    if faults:
        fail("".join(faults))

def artifact_stem(ctx, env_name):
    """Returns the name of an artifact without its suffix; fails for one that clusters could take for something else.

    Args:
      ctx: context of a rule with the attribute `file_name`.
      env_name: the environment's name.

    Returns:
      The name that was chosen, else the environment's.
    """
    name = ctx.attr.file_name
    if name.startswith(".") or name.startswith("-") or not all([letter in _PLAIN for letter in name.elems()]):
        fail(error_text(
            "file_name %s is not a plain file name" % repr(name),
            where = str(ctx.label),
            fix = "write letters, digits and . _ + -; the file lies in the package of its target",
        ))
    return name or env_name
