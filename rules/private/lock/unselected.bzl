"""python_env_unselected: what is built where a lock has no section for the platform that was asked for."""

load("//rules/platforms:platform_flag_info.bzl", "PlatformFlagInfo")
load("//rules/private/base:errors.bzl", "error_text")

def _python_env_unselected_impl(ctx):
    flag = ctx.attr._flag[PlatformFlagInfo].value
    if flag:
        asked = "the platform flag (or `platforms` of a wheelhouse or of .all_platforms) names %s" % flag
    else:
        asked = "none of them fits the target platform %s (os, cpu, libc)" % ctx.fragments.platform.platform
    fail(error_text(
        "no locked platform is selected: " + asked,
        where = "%s locks %s" % (ctx.attr.lock, ", ".join(ctx.attr.platforms)),
        fix = "build with --@rules_python_env//rules/platforms:platform=<one of these>, or add %s to `platforms`: %s" %
              (flag or "the wanted tag", ctx.attr.update),
    ))

python_env_unselected = rule(
    implementation = _python_env_unselected_impl,
    doc = "Stands for the platforms that a lock does not have: fails when something is built from it. Written by the lock's repository.",
    attrs = {
        "lock": attr.string(doc = "Label of the lock.", mandatory = True),
        "platforms": attr.string_list(doc = "Platform tags that the lock has."),
        "update": attr.string(doc = "The command that refreshes the lock.", mandatory = True),
        "_flag": attr.label(default = "//rules/platforms:platform", providers = [PlatformFlagInfo]),
    },
    fragments = ["platform"],
)
