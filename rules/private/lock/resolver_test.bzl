"""python_env_resolver_test: do both resolvers choose the same? With the network."""

load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS", "tool_script")
load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo")
load(":requirement_attrs.bzl", "REQUIREMENT_ATTRS", "requirement_files", "requirement_words")
load(":resolver_attrs.bzl", "RESOLVER_ATTRS", "resolver_files", "resolver_words")

def _python_env_resolver_test_impl(ctx):
    known = []
    for name in sorted(ctx.attr.known):
        known += ["--known", name]
    return [tool_script(
        ctx,
        command = ["lock", "resolvers"],
        arguments = requirement_words(ctx) + resolver_words(ctx) + known + ["--lock", ctx.file.lock.short_path],
        files = requirement_files(ctx) + resolver_files(ctx) + [ctx.file.lock],
        wheels = [wheel[PyEnvWheelInfo].file for wheel in ctx.attr._wheels],
    )]

python_env_resolver_test = rule(
    implementation = _python_env_resolver_test_impl,
    doc = """Locks with both resolvers, in memory and without the old lock's versions, and explains every difference.

It asks the index: give it the tags `external`, `local`, `manual` and `requires-network`, as `python_env` does.
""",
    attrs = dict(
        dict(REQUIREMENT_ATTRS, **RESOLVER_ATTRS),
        known = attr.string_dict(doc = "Distributions that the resolvers may choose differently, each with the reason."),
    ),
    test = True,
    toolchains = TOOL_TOOLCHAINS,
)
