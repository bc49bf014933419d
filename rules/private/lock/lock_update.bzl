"""python_env_lock_update: `bazel run` refreshes the lock for all platform tags."""

load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS", "tool_script")
load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo")
load(":requirement_attrs.bzl", "REQUIREMENT_ATTRS", "requirement_files", "requirement_words")
load(":resolver_attrs.bzl", "RESOLVER_ATTRS", "resolver_files", "resolver_words")

def _python_env_lock_update_impl(ctx):
    return [tool_script(
        ctx,
        command = ["lock", "update"],
        # the lock is named from the workspace: what is written there is the user's file
        arguments = requirement_words(ctx) + resolver_words(ctx) + [
            "--lock",
            ctx.file.lock.short_path,
            "--name",
            ctx.attr.env_name,
        ],
        files = requirement_files(ctx) + resolver_files(ctx),
        wheels = [wheel[PyEnvWheelInfo].file for wheel in ctx.attr._wheels],
    )]

python_env_lock_update = rule(
    implementation = _python_env_lock_update_impl,
    doc = "Refreshes the lock in the workspace, for all platform tags at once, from any machine.",
    attrs = dict(
        dict(REQUIREMENT_ATTRS, **RESOLVER_ATTRS),
        env_name = attr.string(doc = "The environment's name.", mandatory = True),
    ),
    executable = True,
    toolchains = TOOL_TOOLCHAINS,
)
