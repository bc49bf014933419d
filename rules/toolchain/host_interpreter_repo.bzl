"""Repository rule: the host's CPython >= 3.11 behind a wrapper whose bytes do not tell which one it is."""

load("//rules/private/base:tool_path.bzl", "TOOL_PATH")

_NAMES = ["python3.11", "python3.12", "python3.13", "python3.14", "python3"]
_CHECK = "import sys; sys.exit(sys.version_info < (3, 11))"

_WRAPPER = """\
#!/bin/sh
# Runs the first CPython >= 3.11 of this machine. These bytes are the same on every machine.
for python in {names}; do
  if "$python" -I -S -c '{check}' 2>/dev/null; then exec "$python" "$@"; fi
done
echo "error: no CPython >= 3.11 on this machine's PATH ($PATH)" >&2
echo "  where: the execution interpreter (toolchain //rules/toolchain:exec_type)" >&2
echo "  fix:   install python3.11 or newer, or register an archive interpreter" >&2
exit 2
"""

_ELSEWHERE = """\
#!/bin/sh
exec '{path}' "$@"
"""

def _works(rctx, path):
    return rctx.execute([path, "-I", "-S", "-c", _CHECK]).return_code == 0

def _find_on_user_path(rctx):
    for name in _NAMES:
        path = rctx.which(name)
        if path and _works(rctx, path):
            return path
    return None

def _host_interpreter_repo_impl(rctx):
    wrapper = _WRAPPER.format(names = " ".join(_NAMES), check = _CHECK)
    rctx.file("python", wrapper, executable = True)
    rctx.file("BUILD", 'exports_files(["python"])\n')
    found = rctx.execute([rctx.path("python"), "-I", "-S", "-c", ""], environment = {"PATH": TOOL_PATH})
    if found.return_code == 0:
        return
    path = _find_on_user_path(rctx)
    if not path:
        return  # the wrapper itself says what is missing, when an action really needs it

    # A place of this machine enters the wrapper: correct, but its results are shared with nobody.
    rctx.file("python", _ELSEWHERE.format(path = path), executable = True)

host_interpreter_repo = repository_rule(
    implementation = _host_interpreter_repo_impl,
    doc = "The host's CPython >= 3.11 as the explicit fallback of the execution toolchain.",
    environ = ["PATH"],
    local = True,
)
