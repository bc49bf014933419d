"""The flag that names the platform tag to build for."""

def _platform_flag_impl(_ctx):
    return []

platform_flag = rule(
    implementation = _platform_flag_impl,
    doc = """A string build setting: the platform tag to build for, or empty.

Empty means: the first declared tag that matches Bazel's target platform (os, cpu, libc). `config_setting` reads it.""",
    build_setting = config.string(flag = True),
)
