"""python_env_no_interpreter: the last toolchain, for an execution platform that has no interpreter."""

load("//rules/private/base:errors.bzl", "error_text")

def _python_env_no_interpreter_impl(ctx):
    fail(error_text(
        "no CPython is registered that runs the tools on this execution platform",
        where = "%s, the last toolchain of type @rules_python_env//rules/toolchain:exec_type; before it stand @python_env_toolchains//:all" % ctx.label,
        fix = "name an archive for the platform: python_env.toolchain(platform = ..., urls = [...], sha256 = ...); or choose the machine's own CPython: " +
              "register_toolchains(\"@rules_python_env//rules/toolchain:host_interpreter_toolchain\"). See docs/toolchains.md",
    ))

python_env_no_interpreter = rule(
    implementation = _python_env_no_interpreter_impl,
    doc = "Stands for an interpreter where there is none: fails with the choices that there are.",
)
