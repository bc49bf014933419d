"""Attributes and arguments that say what is asked for: the same for `.update` and `.lock_test`."""

load(":lock_file_info.bzl", "PyEnvLockFileInfo")

REQUIREMENT_ATTRS = {
    "constraints": attr.label_list(doc = "Constraint files.", allow_files = True),
    "exclude_newer": attr.string(doc = "Cut-off date, YYYY-MM-DD: files uploaded on that day or later are not seen."),
    "excludes": attr.string_list(doc = "Distributions that are left out, whoever asks for them."),
    "extends": attr.label_keyed_string_dict(
        doc = "Lock of the environment that this one is derived from (`python_env_lock_file`) to the label that the lock " +
              "and messages name it by; one at most.",
        providers = [PyEnvLockFileInfo],
    ),
    "extras": attr.string_list(doc = "Extras of the project that a pyproject.toml, pylock.toml or uv.lock is for."),
    "groups": attr.string_list(doc = "Dependency groups of a pyproject.toml, pylock.toml or uv.lock."),
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
    "local_sources": attr.label_list(
        doc = "Wheels of the workspace, and all files of its projects, that requirement files name by path.",
        allow_files = True,
    ),
    "lock": attr.label(doc = "The lock, `<env>.lock.json`.", allow_single_file = [".json"], mandatory = True),
    "marker_values": attr.string_dict(
        doc = "Marker variable (PEP 508) to its value, beside what the platform tags say: `python_full_version` and the like.",
    ),
    "overrides": attr.string_list(doc = "Requirements, each of which replaces every requirement of its distribution."),
    "platform_requirements": attr.label_keyed_string_dict(
        doc = "Requirement files that are read for some platforms only, each with its platform tags, separated by spaces.",
        allow_files = True,
    ),
    "platforms": attr.string_list(doc = "Platform tags.", mandatory = True, allow_empty = False),
    "prereleases": attr.string(
        doc = "Whether pre-releases are taken; empty: where a requirement names one, or there is nothing else.",
        values = ["", "allow", "disallow"],
    ),
    "requirements": attr.label_list(
        doc = "Requirement files, pyproject.toml, pylock.toml, uv.lock.",
        allow_files = True,
        mandatory = True,
        allow_empty = False,
    ),
    "resolver": attr.string(
        doc = "What chooses the versions.",
        default = "uv",
        values = ["uv", "pip-tools"],
    ),
    "sdists": attr.string_list(doc = "Distributions that may be built from their sdist where no wheel fits."),
    "update": attr.string(doc = "The command that refreshes the lock, for messages.", mandatory = True),
    "variables": attr.string_dict(doc = "Values that `${NAME}` may stand for in requirement files."),
}

def requirement_files(ctx):
    """Returns every File that a requirement may come from."""
    return (ctx.files.requirements + ctx.files.platform_requirements + ctx.files.constraints + ctx.files.included +
            ctx.files.local_sources + ctx.files.extends)

def requirement_words(ctx):
    """Makes the tool's arguments; files are named as they lie in the runfiles.

    Args:
      ctx: context of a rule with REQUIREMENT_ATTRS.

    Returns:
      A list of words.
    """

    # one word each: a value that starts with a dash is no option
    words = ["--update-command=" + ctx.attr.update]
    words += ["--requirements=%s=%s" % (file.short_path, file.short_path) for file in ctx.files.requirements]
    for target, tags in ctx.attr.platform_requirements.items():
        for file in target.files.to_list():
            words.append("--requirements=%s=%s" % (file.short_path, file.short_path))
            words += ["--platform-requirements=%s=%s" % (tag, file.short_path) for tag in tags.split(" ")]
    words += ["--constraints=%s=%s" % (file.short_path, file.short_path) for file in ctx.files.constraints]
    words += ["--sdist=" + name for name in ctx.attr.sdists]
    words += ["--variable=%s=%s" % (name, ctx.attr.variables[name]) for name in sorted(ctx.attr.variables)]
    words += ["--override=" + override for override in ctx.attr.overrides]
    words += ["--exclude=" + name for name in ctx.attr.excludes]
    words += ["--extra=" + name for name in ctx.attr.extras]
    words += ["--group=" + name for name in ctx.attr.groups]
    words += ["--exclude-newer=" + ctx.attr.exclude_newer, "--prereleases=" + ctx.attr.prereleases]
    words += ["--index=" + alias for alias in ctx.attr.indexes]
    for alias in ctx.attr.index_bindings:
        words += ["--index-binding=%s=%s" % (alias, name) for name in ctx.attr.index_bindings[alias]]
    words += ["--index-url=%s=%s" % (alias, ctx.attr.index_urls[alias]) for alias in ctx.attr.index_urls]
    words += ["--marker-value=%s=%s" % (name, ctx.attr.marker_values[name]) for name in sorted(ctx.attr.marker_values)]
    for target, label in ctx.attr.extends.items():
        base = target[PyEnvLockFileInfo]
        words += ["--base=" + label, "--base-lock=" + base.lock.short_path, "--base-update=" + base.update]
    words.append("--resolver=" + ctx.attr.resolver)
    return words + ["--locked-platform=" + tag for tag in ctx.attr.platforms]
