"""python_env_bundled_interpreter: a relocatable CPython of an archive, for the inside of venvs."""

load("//rules/private/base:param_file.bzl", "param_file_args")
load("//rules/private/base:platform_transitions.bzl", "TRANSITION_ATTRS", "no_platform_transition")
load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS", "run_tool")
load(":bundled_interpreter_info.bzl", "PyEnvBundledInterpreterInfo", "make_bundled_interpreter_info")
load(":text_checks.bzl", "check_lines")

def _args(ctx, parts, document):
    args = param_file_args(ctx)
    args.add("--archive", ctx.file.archive)
    args.add(ctx.attr.strip_prefix, format = "--strip-prefix=%s")
    args.add(ctx.attr.python_version, format = "--python-version=%s")
    args.add_all(ctx.attr.keep, format_each = "--keep=%s")
    args.add_all(ctx.attr.leave_out, format_each = "--leave-out=%s")
    if not ctx.attr.compress:
        args.add("--stored")
    args.add("--output", parts)
    args.add("--document", document)
    return args

def _python_env_bundled_interpreter_impl(ctx):
    check_lines(ctx, {
        "keep": ctx.attr.keep,
        "leave_out": ctx.attr.leave_out,
        "python_version": [ctx.attr.python_version],
        "strip_prefix": [ctx.attr.strip_prefix],
    })
    parts = ctx.actions.declare_file(ctx.label.name + ".interpreter.zip")
    document = ctx.actions.declare_file(ctx.label.name + ".interpreter.json")
    run_tool(
        ctx,
        command = ["artifacts", "interpreter"],
        arguments = _args(ctx, parts, document),
        inputs = depset([ctx.file.archive]),
        outputs = [parts, document],
        mnemonic = "PyEnvInterpreter",
        progress_message = "Taking the interpreter of %s" % ctx.file.archive.basename,
    )
    return [
        DefaultInfo(files = depset([parts, document])),
        make_bundled_interpreter_info(parts = parts, document = document),
    ]

python_env_bundled_interpreter = rule(
    implementation = _python_env_bundled_interpreter_impl,
    cfg = no_platform_transition,
    doc = """A relocatable CPython for the inside of venvs, from an archive that lies in the workspace or in a repository.

The archive is a `.tar.gz`, `.tar.xz`, `.tar.bz2`, `.tar`, `.zip` or `.jar` with `bin/python3.X` and `lib/python3.X` below one folder; it is never
unpacked. What is left out, and what is checked: docs/artifacts.md. A repository of `python_interpreter_archive` has such a target.""",
    attrs = dict({
        "archive": attr.label(
            doc = "The archive, as it was downloaded.",
            allow_single_file = True,
            mandatory = True,
        ),
        "compress": attr.bool(
            doc = "Whether the files of a tar are deflated, which needs the zlib of zlib.net on the execution platform; else they are stored. " +
                  "Those of a zip stay as they are.",
            default = True,
        ),
        "keep": attr.string_list(
            doc = "Globs (`*`, `**`) over paths such as `lib/python3.11/test/**`: what stays although it is left out by default.",
        ),
        "leave_out": attr.string_list(
            doc = "Globs over paths: what is left out, too.",
        ),
        "python_version": attr.string(
            doc = "`X.Y` or `X.Y.Z` that the archive must hold; empty for any.",
        ),
        "strip_prefix": attr.string(
            doc = "Folder of the archive that holds `bin/` and `lib/`.",
            default = "python",
        ),
    }, **TRANSITION_ATTRS),
    provides = [PyEnvBundledInterpreterInfo],
    toolchains = TOOL_TOOLCHAINS,
)
