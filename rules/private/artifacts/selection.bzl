"""What one artifact holds beside the closure, and without which of its distributions: attributes, and their options."""

load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo")

SELECTION_ATTRS = {
    "additional": attr.label_list(
        doc = "Wheels of the workspace that this artifact holds beside the closure: `[\"//libs:acme-1.0-py3-none-any.whl\"]`. " +
              "They must fit the platform; a distribution of the closure must be in `ignored` first.",
        allow_files = [".whl"],
    ),
    "ignored": attr.string_list(
        doc = "Distributions of the closure that this artifact leaves out: what the cluster has anyway, e.g. `pyspark`.",
    ),
}

# What reads the markers of wheels where the lock decided against them, and tags of additional wheels.
LIBRARY_ATTRS = {
    "_packaging": attr.label(
        default = "@python_env_tools_lock//exec:packaging",
        cfg = "exec",
        providers = [PyEnvWheelInfo],
    ),
}

def selection_args(ctx, args):
    """Adds `--additional` and `--ignored`.

    Args:
      ctx: context of a rule with SELECTION_ATTRS and LIBRARY_ATTRS.
      args: Args to add to.

    Returns:
      The wheels that the tool imports, list of File.
    """
    args.add_all(ctx.files.additional, before_each = "--additional")
    args.add_all(ctx.attr.ignored, format_each = "--ignored=%s")
    return library_files(ctx)

def library_files(ctx):
    """Returns the wheels that the tool imports.

    Args:
      ctx: context of a rule with LIBRARY_ATTRS.

    Returns:
      List of File.
    """
    return [ctx.attr._packaging[PyEnvWheelInfo].file]

def additional_of(*options):
    """Collects the additional wheels of several artifacts.

    Args:
      *options: dicts of attributes of artifacts.

    Returns:
      Their labels, each once; selects are added as they are.
    """
    found = [each["additional"] for each in options if "additional" in each]
    lists = [each for each in found if type(each) == "list"]
    labels = {label: None for each in lists for label in each}.keys()
    others = [each for each in found if type(each) != "list"]
    merged = list(labels)
    for other in others:
        merged = merged + other
    return merged
