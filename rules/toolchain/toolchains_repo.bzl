"""Repository rule: one `toolchain` per execution platform; an archive is fetched for the platform that Bazel chooses."""

load(":interpreter_platform.bzl", "parse_platform")

_HEAD = """\
package(default_visibility = ["//visibility:public"])

exports_files(["trees.json"])
"""

_TOOLCHAIN = """
toolchain(
    name = "{platform}",
    exec_compatible_with = {constraints},
    toolchain = "@{tree}//:interpreter",
    toolchain_type = "@rules_python_env//rules/toolchain:exec_type",
)
"""

def _toolchains_repo_impl(rctx):
    rctx.file("BUILD", _HEAD + "".join([
        _TOOLCHAIN.format(constraints = parse_platform(platform).constraints, platform = platform, tree = tree)
        for platform, tree in sorted(rctx.attr.trees.items())
    ]))
    rctx.file("trees.json", json.encode(rctx.attr.trees))

toolchains_repo = repository_rule(
    implementation = _toolchains_repo_impl,
    doc = "The toolchains of the archive interpreters, for `register_toolchains`.",
    attrs = {"trees": attr.string_dict(doc = "Platform to name of its `python_interpreter_tree`.")},
)
