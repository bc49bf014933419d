"""pytest_test: runs pytest in this repository's own `dev` environment, as the venv tarball that the rules built."""

load("//rules/private/artifacts:artifact_info.bzl", "PyEnvArtifactInfo")  # buildifier: disable=bzl-visibility

_SCRIPT = """\
#!/usr/bin/env bash
set -euo pipefail
mkdir -p "$TEST_TMPDIR/venv" "$TEST_TMPDIR/home"
tar -xzf '{venv}' -C "$TEST_TMPDIR/venv"
export HOME="$TEST_TMPDIR/home" PYTHONDONTWRITEBYTECODE=1 {exports}
exec "$TEST_TMPDIR/venv/bin/python" -m pytest -q -p no:cacheprovider --junitxml="$XML_OUTPUT_FILE" \\
  --basetemp="$TEST_TMPDIR/work" {paths} "$@"
"""

def _pytest_test_impl(ctx):
    venv = ctx.attr._venv[PyEnvArtifactInfo].file
    script = ctx.actions.declare_file(ctx.label.name)
    paths = [file.short_path for file in ctx.files.srcs if file.basename.startswith("test_")]
    files = {target.files.to_list()[0]: name for target, name in ctx.attr.env_files.items()}
    ctx.actions.write(
        script,
        _SCRIPT.format(
            exports = " ".join(["%s=\"$PWD/%s\"" % (name, file.short_path) for file, name in files.items()]),
            paths = " ".join(["'%s'" % path for path in paths]),
            venv = venv.short_path,
        ),
        is_executable = True,
    )
    runfiles = ctx.runfiles(files = ctx.files.srcs + ctx.files.data + [venv] + files.keys())
    return [DefaultInfo(executable = script, runfiles = runfiles)]

pytest_test = rule(
    implementation = _pytest_test_impl,
    doc = "Runs the `test_*.py` files of `srcs` with pytest; every case stands in Bazel's test.xml.",
    attrs = {
        "data": attr.label_list(doc = "Files that the tests read.", allow_files = True),
        "env_files": attr.label_keyed_string_dict(
            doc = "A file to the variable that names its place.",
            allow_files = True,
        ),
        "srcs": attr.label_list(doc = "Test files and what they import.", allow_files = [".py"], mandatory = True),
        "_venv": attr.label(
            default = "//tests/dev:dev_venv",
            providers = [PyEnvArtifactInfo],
        ),
    },
    test = True,
)
