"""Attributes and arguments that say what is asked for: the same for `.update` and `.lock_test`."""

REQUIREMENT_ATTRS = {
    "constraints": attr.label_list(doc = "Constraint files.", allow_files = True),
    "exclude_newer": attr.string(doc = "Cut-off date, YYYY-MM-DD: files uploaded on that day or later are not seen."),
    "excludes": attr.string_list(doc = "Distributions that are left out, whoever asks for them."),
    "included": attr.label_list(doc = "Files that requirement files reach by `-r` or `-c`.", allow_files = True),
    "index_bindings": attr.string_list_dict(
        doc = "Index alias to the distributions (or prefixes, `acme-*`) that are looked up there and nowhere else.",
    ),
    "index_urls": attr.string_dict(
        doc = "Index alias to its URL without credentials, or to a folder of the workspace; a variable of the machine wins.",
    ),
    "indexes": attr.string_list(
        doc = "Index aliases, asked in this order for what is bound nowhere: the first that has a distribution is the only one.",
        default = ["default"],
    ),
    "lock": attr.label(doc = "The lock, `<env>.lock.json`.", allow_single_file = [".json"], mandatory = True),
    "overrides": attr.string_list(doc = "Requirements, each of which replaces every requirement of its distribution."),
    "platforms": attr.string_list(doc = "Platform tags.", mandatory = True, allow_empty = False),
    "prereleases": attr.string(
        doc = "Whether pre-releases are taken; empty: where a requirement names one, or there is nothing else.",
        values = ["", "allow", "disallow"],
    ),
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
    for override in ctx.attr.overrides:
        words += ["--override", override]
    for name in ctx.attr.excludes:
        words += ["--exclude", name]
    words += ["--exclude-newer", ctx.attr.exclude_newer, "--prereleases", ctx.attr.prereleases]
    for alias in ctx.attr.indexes:
        words += ["--index", alias]
    for alias in ctx.attr.index_bindings:
        for distribution in ctx.attr.index_bindings[alias]:
            words += ["--index-binding", "%s=%s" % (alias, distribution)]
    for alias in ctx.attr.index_urls:
        words += ["--index-url", "%s=%s" % (alias, ctx.attr.index_urls[alias])]
    for tag in ctx.attr.platforms:
        words += ["--locked-platform", tag]
    return words
