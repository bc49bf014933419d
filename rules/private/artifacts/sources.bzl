"""First-party files of an artifact: attributes, and their places inside it."""

load("//rules/private/base:errors.bzl", "error_text")

SOURCE_ATTRS = {
    "src_root": attr.string(
        doc = "Folder of the package that is the root of the imports, e.g. `src`; the package itself when empty.",
    ),
    "srcs": attr.label_list(
        doc = "First-party files that the artifact carries beside its distributions.",
        allow_files = True,
    ),
}

def _destination(ctx, file):
    below = [part for part in ctx.attr.src_root.split("/") if part not in ["", "."]]
    root = "/".join(([ctx.label.package] if ctx.label.package else []) + below)
    path = file.short_path
    if not root:
        return path
    if not path.startswith(root + "/"):
        fail(error_text(
            "%s does not lie below the root of the imports" % path,
            where = "%s, srcs" % ctx.label,
            fix = "name its folder as src_root (now %r), or move the file below %s" % (ctx.attr.src_root, root),
        ))
    return path[len(root) + 1:]

def _check_file(ctx, file):
    if file.is_directory:
        fail(error_text(
            "%s is a folder" % file.short_path,
            where = "%s, srcs" % ctx.label,
            fix = "name its files, by a glob or by a rule that declares each of them",
        ))

def source_args(ctx, args):
    """Adds `--source=DESTINATION` and `--source-path=PATH`, in turn, for every first-party file.

    Args:
      ctx: context of a rule with SOURCE_ATTRS.
      args: Args to add to.
    """
    for file in ctx.files.srcs:
        _check_file(ctx, file)
        args.add(_destination(ctx, file), format = "--source=%s")
        args.add(file, format = "--source-path=%s")
