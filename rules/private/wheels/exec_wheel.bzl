"""python_env_exec_wheel: a locked wheel, chosen by the platform that it runs on."""

load("//rules/private/base:platform_transitions.bzl", "TRANSITION_ATTRS", "no_platform_transition")
load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo")

def _python_env_exec_wheel_impl(ctx):
    return [DefaultInfo(files = ctx.attr.wheel[DefaultInfo].files), ctx.attr.wheel[PyEnvWheelInfo]]

python_env_exec_wheel = rule(
    implementation = _python_env_exec_wheel_impl,
    cfg = no_platform_transition,
    doc = "A wheel that tools import: the same one whatever tag the tools work for. Written by the lock's repository.",
    attrs = dict({
        "wheel": attr.label(doc = "The wheel, by the execution platform.", providers = [PyEnvWheelInfo], mandatory = True),
    }, **TRANSITION_ATTRS),
    provides = [PyEnvWheelInfo],
)
