"""The flag that names the platform tag to build for."""

load(":platform_flag_info.bzl", "PlatformFlagInfo")

def _platform_flag_impl(ctx):
    return [PlatformFlagInfo(value = ctx.build_setting_value)]

platform_flag = rule(
    implementation = _platform_flag_impl,
    doc = """A string build setting: the platform tag to build for, or empty.

Empty means: the first declared tag that matches Bazel's target platform (os, cpu, libc). `config_setting` reads it.""",
    build_setting = config.string(flag = True),
)
