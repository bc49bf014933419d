"""python_env_lock_test: does the lock still answer the request? Offline, without a resolver."""

load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS", "tool_script")
load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo")
load(":requirement_attrs.bzl", "REQUIREMENT_ATTRS", "requirement_files", "requirement_words")

def _python_env_lock_test_impl(ctx):
    return [tool_script(
        ctx,
        command = ["lock", "test"],
        arguments = requirement_words(ctx) + [
            "--lock",
            ctx.file.lock.short_path,
            "--tools-lock",
            ctx.file._tools_lock.short_path,
        ],
        files = requirement_files(ctx) + [ctx.file.lock, ctx.file._tools_lock],
        wheels = [wheel[PyEnvWheelInfo].file for wheel in ctx.attr._wheels],
    )]

python_env_lock_test = rule(
    implementation = _python_env_lock_test_impl,
    doc = "Fails when the lock no longer answers its inputs, naming the input that changed and the command to run.",
    attrs = dict(
        REQUIREMENT_ATTRS,
        _tools_lock = attr.label(
            default = "//tools:tools.lock.json",
            allow_single_file = True,
        ),
        _wheels = attr.label_list(
            default = ["@python_env_tools_lock//exec:packaging"],
            cfg = "exec",
            providers = [PyEnvWheelInfo],
        ),
    ),
    test = True,
    toolchains = TOOL_TOOLCHAINS,
)
