"""python_env_wheel: one wheel file with what the lock says of it."""

load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS")
load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo", "make_wheel_info")
load(":check_wheel.bzl", "check_wheel")

def _python_env_wheel_impl(ctx):
    return [
        DefaultInfo(files = depset([ctx.file.src])),
        make_wheel_info(
            check = check_wheel(ctx, ctx.file.src),
            distribution = ctx.attr.distribution,
            file = ctx.file.src,
            sha256 = ctx.attr.sha256,
            version = ctx.attr.version,
        ),
    ]

python_env_wheel = rule(
    implementation = _python_env_wheel_impl,
    doc = "One wheel file. Written into the repository of each locked file; `src` may also be a wheel of the workspace.",
    attrs = {
        "distribution": attr.string(doc = "Normalised name (PEP 503).", mandatory = True),
        "sha256": attr.string(doc = "Hex digest that the lock states.", mandatory = True),
        "src": attr.label(doc = "The wheel.", allow_single_file = [".whl"], mandatory = True),
        "version": attr.string(doc = "Normalised version (PEP 440).", mandatory = True),
    },
    provides = [PyEnvWheelInfo],
    toolchains = TOOL_TOOLCHAINS,
)
