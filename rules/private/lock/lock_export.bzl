"""python_env_lock_export: a lock as files for pip, uv and others; `bazel run` writes them into a folder of the workspace."""

load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS", "run_tool", "tool_script")

def _words(ctx):
    label = ctx.file.lock.owner
    return [
        "--lock-label",
        "//%s:%s" % (label.package, label.name),
        "--wheels-folder",
        ctx.attr.wheels_folder,
        "--update-command=" + ctx.attr.update,
    ]

def _write_folder(ctx):
    # Which constraint files there are, the lock decides: a folder.
    folder = ctx.actions.declare_directory(ctx.attr.env_name + ".export")
    args = ctx.actions.args()
    args.add_all(_words(ctx))
    args.add("--lock", ctx.file.lock)
    args.add_all("--output", [folder], expand_directories = False)
    run_tool(
        ctx,
        command = ["lock", "export"],
        arguments = args,
        inputs = depset([ctx.file.lock]),
        outputs = [folder],
        mnemonic = "PyEnvLockExport",
        progress_message = "Writing the lock of %s as pylock and requirement files" % ctx.attr.env_name,
    )
    return folder

def _python_env_lock_export_impl(ctx):
    script = tool_script(
        ctx,
        command = ["lock", "export"],
        arguments = _words(ctx) + ["--lock", ctx.file.lock.short_path],
        files = [ctx.file.lock],
    )
    return [DefaultInfo(
        executable = script.files.to_list()[0],
        files = depset([_write_folder(ctx)]),
        runfiles = script.default_runfiles,
    )]

python_env_lock_export = rule(
    implementation = _python_env_lock_export_impl,
    doc = """A lock as files that other tools read, for all of its platforms.

    <env>.export
    ├── constraints.txt               for pip and uv; one per tag where markers cannot tell platforms apart
    ├── pylock.<tag>.toml             PEP 751, wheels by relative path
    └── requirements.<tag>.txt        name==version and the wheel's digest

`bazel run` with `-- --output FOLDER` writes them where the person stands; `--file-root URL` then names the wheels by URL.""",
    attrs = {
        "env_name": attr.string(doc = "The environment's name; the folder is named after it.", mandatory = True),
        "lock": attr.label(doc = "The lock, `<env>.lock.json`.", allow_single_file = [".json"], mandatory = True),
        "update": attr.string(
            doc = "The command that refreshes the lock, for messages.",
            default = "run the environment's .update target",
        ),
        "wheels_folder": attr.string(
            doc = "Where the wheels lie for those who install, relative to the pylock file; `.` for beside it.",
            default = "wheels",
        ),
    },
    executable = True,
    toolchains = TOOL_TOOLCHAINS,
)
