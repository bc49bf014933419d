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

def _outside(ctx, path, root):
    """Returns the error for a file outside the root; the first folder of its path below the package is a likely root."""
    package = ctx.label.package + "/" if ctx.label.package else ""
    if path == root:
        return error_text("%s is a folder" % path, where = "%s, srcs" % ctx.label, fix = "name its files: glob([\"%s/**\"])" % path[len(package):])
    likely = path[len(package):].partition("/") if path.startswith(package) else ("", "", "")
    example = ", e.g. %r" % likely[0] if likely[1] else ""
    return error_text(
        "%s does not lie below the root of the imports" % path,
        where = "%s, srcs" % ctx.label,
        fix = "set src_root, now %r, to the folder of the package that imports begin in%s" % (ctx.attr.src_root, example),
    )

def _destination(ctx, file):
    below = [part for part in ctx.attr.src_root.split("/") if part not in ["", "."]]
    root = "/".join(([ctx.label.package] if ctx.label.package else []) + below)
    path = file.short_path
    if not root:
        return path
    if not path.startswith(root + "/"):
        fail(_outside(ctx, path, root))
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
