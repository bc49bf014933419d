"""python_env_closure: the resolved closure of an environment for the selected platform."""

load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS", "run_tool")
load("//rules/private/lock:locked_info.bzl", "PyEnvLockedInfo")
load(":env_info.bzl", "PyEnvInfo", "make_env_info")

def _args(ctx, platform, manifest):
    args = ctx.actions.args()
    args.add("--lock", ctx.file.lock)
    args.add("--lock-label", "//%s:%s" % (ctx.file.lock.owner.package, ctx.file.lock.owner.name))
    args.add("--platform", platform)
    args.add("--name", ctx.label.name)
    args.add("--output", manifest)
    return args

def _python_env_closure_impl(ctx):
    locked = ctx.attr.wheels[PyEnvLockedInfo]
    manifest = ctx.actions.declare_file(ctx.label.name + ".env.json")
    run_tool(
        ctx,
        command = ["env", "closure"],
        arguments = _args(ctx, locked.platform, manifest),
        inputs = depset([ctx.file.lock]),
        outputs = [manifest],
        mnemonic = "PyEnvClosure",
        progress_message = "Writing the closure of %s for %s" % (ctx.label, locked.platform),
    )
    return [
        DefaultInfo(files = depset([manifest])),
        make_env_info(
            checks = locked.checks,
            name = ctx.label.name,
            manifest = manifest,
            platform = locked.platform,
            wheels = locked.wheels,
        ),
    ]

python_env_closure = rule(
    implementation = _python_env_closure_impl,
    doc = """The closure of an environment for the selected platform, as `<name>.env.json`.

The platform is the one that `--@rules_python_env//rules/platforms:platform` names, else the first locked tag that
matches Bazel's target platform (os, cpu, libc).""",
    attrs = {
        "lock": attr.label(
            doc = "The lock, `<name>.lock.json`.",
            allow_single_file = [".json"],
            mandatory = True,
        ),
        "wheels": attr.label(
            doc = "Target `//:wheels` of the lock's repository.",
            providers = [PyEnvLockedInfo],
            mandatory = True,
        ),
    },
    provides = [PyEnvInfo],
    toolchains = TOOL_TOOLCHAINS,
)
