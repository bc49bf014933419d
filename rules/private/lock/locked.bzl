"""python_env_locked: what a lock's repository holds for one platform."""

load("//rules/private/base:platform_transitions.bzl", "TRANSITION_ATTRS", "no_platform_transition")
load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo")
load(":locked_info.bzl", "PyEnvLockedInfo", "make_locked_info")
load(":locked_project_info.bzl", "PyEnvLockedProjectInfo")

def _python_env_locked_impl(ctx):
    wheels = depset([wheel[PyEnvWheelInfo].file for wheel in ctx.attr.wheels], order = "preorder")
    checks = depset([wheel[PyEnvWheelInfo].check for wheel in ctx.attr.wheels], order = "preorder")
    info = make_locked_info(
        checks = checks,
        instead = ctx.attr.instead,
        locals = ctx.attr.locals,
        lock = ctx.attr.lock,
        lock_file = ctx.file.lock_file,
        platform = ctx.attr.platform,
        projects = [project[PyEnvLockedProjectInfo] for project in ctx.attr.projects],
        wheels = wheels,
    )
    return [DefaultInfo(files = wheels), info]

python_env_locked = rule(
    implementation = _python_env_locked_impl,
    cfg = no_platform_transition,
    doc = """The wheels of one platform of a lock. Written by the lock's repository.

The platform is this target's own, whatever the flag says, so that a wheel of several platforms is analysed and read once. The transition is here and not
at each wheel: Bazel applies a rule's transition to each of its targets anew, two fifths of the analysis of a thousand wheels.""",
    attrs = dict({
        "instead": attr.string_list(doc = "Locks of other modules that the root's stands for, `//package:name` each."),
        "locals": attr.string_list(doc = "Wheels of the workspace, by path from its root."),
        "lock": attr.string(doc = "Label of the lock."),
        "lock_file": attr.label(doc = "The lock, where it stands for others.", allow_single_file = [".json"]),
        "platform": attr.string(doc = "Platform tag.", mandatory = True),
        "projects": attr.label_list(doc = "Projects of the workspace.", providers = [PyEnvLockedProjectInfo]),
        "wheels": attr.label_list(doc = "The wheels, in the lock's order.", providers = [PyEnvWheelInfo]),
    }, **TRANSITION_ATTRS),
    provides = [PyEnvLockedInfo],
)
