"""python_env_locked_project: what a lock says of a project of the workspace."""

load("//rules/private/base:build_wheel.bzl", "BUILD_LIBRARIES")
load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo")
load(":locked_project_info.bzl", "PyEnvLockedProjectInfo", "make_locked_project_info")

def _python_env_locked_project_impl(ctx):
    return [make_locked_project_info(
        distribution = ctx.attr.distribution,
        key = ctx.attr.key,
        libraries = ctx.files._libraries,
        platform = ctx.attr.platform,
        tools = ctx.files.tools,
        update = ctx.attr.update,
        version = ctx.attr.version,
        wheel = ctx.attr.wheel,
    )]

python_env_locked_project = rule(
    implementation = _python_env_locked_project_impl,
    doc = "What a lock says of a project of the workspace. Written by the lock's repository.",
    attrs = {
        "distribution": attr.string(doc = "Normalised name (PEP 503).", mandatory = True),
        "key": attr.string(doc = "Folder of the project, from the root of the workspace.", mandatory = True),
        "platform": attr.string(doc = "Platform tag that the wheel is for.", mandatory = True),
        "tools": attr.label(doc = "Wheels of the build requirements, for the execution platform.", cfg = "exec"),
        "update": attr.string(doc = "The command that refreshes the lock, for messages.", mandatory = True),
        "version": attr.string(doc = "Normalised version (PEP 440).", mandatory = True),
        "wheel": attr.string(doc = "File name of the wheel.", mandatory = True),
        "_libraries": attr.label_list(default = BUILD_LIBRARIES, cfg = "exec", providers = [PyEnvWheelInfo]),
    },
    provides = [PyEnvLockedProjectInfo],
)
