"""python_env_source_wheel: a wheel that is built from a locked sdist or commit."""

load("//rules/private/base:build_wheel.bzl", "BUILD_LIBRARIES", "build_wheel")
load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS")
load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo", "make_wheel_info")
load(":check_wheel.bzl", "check_wheel")

def _python_env_source_wheel_impl(ctx):
    wheel = ctx.actions.declare_file("%s/%s" % (ctx.label.name, ctx.attr.wheel))
    sources = ctx.files.source
    kind = "--sdist=%s" if ctx.attr.kind == "sdist" else "--tree=%s"
    build_wheel(
        ctx,
        source = ctx.attr,
        wheel = wheel,
        inputs = sources + ctx.files.tools,
        options = [(kind, file) for file in sources] + [("--tool=%s", file) for file in ctx.files.tools],
        libraries = ctx.files._libraries,
    )
    return [
        DefaultInfo(files = depset([wheel])),
        make_wheel_info(
            check = check_wheel(ctx, wheel),
            distribution = ctx.attr.distribution,
            file = wheel,
            version = ctx.attr.version,
        ),
    ]

python_env_source_wheel = rule(
    implementation = _python_env_source_wheel_impl,
    doc = "A wheel that is built in an action, without the network. Written by the lock's repository.",
    attrs = {
        "distribution": attr.string(doc = "Normalised name (PEP 503).", mandatory = True),
        "key": attr.string(doc = "The source's name in the lock, for messages.", mandatory = True),
        "kind": attr.string(doc = "`sdist` or `git`.", values = ["sdist", "git"], mandatory = True),
        "platform": attr.string(doc = "Platform tag that the wheel is for.", mandatory = True),
        "source": attr.label(doc = "The sdist, or the tars of a commit.", allow_files = True, mandatory = True),
        "subdirectory": attr.string(doc = "Folder of the project inside the source."),
        "tools": attr.label(doc = "Wheels of the build requirements, for the execution platform.", cfg = "exec"),
        "update": attr.string(doc = "The command that refreshes the lock, for messages.", mandatory = True),
        "version": attr.string(doc = "Normalised version (PEP 440).", mandatory = True),
        "wheel": attr.string(doc = "File name of the wheel.", mandatory = True),
        "_libraries": attr.label_list(default = BUILD_LIBRARIES, cfg = "exec", providers = [PyEnvWheelInfo]),
    },
    provides = [PyEnvWheelInfo],
    toolchains = TOOL_TOOLCHAINS,
)
