"""Cases of the Starlark that chooses interpreters."""

load("//rules/private:interpreters.bzl", "interpreter_error", "interpreter_faults", "tag_target")  # buildifier: disable=bzl-visibility
load("//rules/toolchain:interpreter_archive_repo.bzl", "apparent_name")  # buildifier: disable=bzl-visibility
load("//rules/toolchain:interpreter_releases.bzl", "ARCHIVES", "find_archive")  # buildifier: disable=bzl-visibility
load("//rules/toolchain:interpreters_repo.bzl", "interpreter_key")  # buildifier: disable=bzl-visibility

_TAGS = [
    "cp311-manylinux_2_28_x86_64",
    "cp312-manylinux2014_aarch64",
    "cp311-musllinux_1_2_x86_64",
    "cp313-macosx_14_0_arm64",
    "cp313-macosx_14_0_universal2",
    "cp313-cp313t-manylinux_2_28_x86_64",
    "cp311-win_amd64",
]

def _key(tag):
    target = tag_target(tag)
    return target.key if target else "none"

def found_interpreters():
    """Says which interpreter is looked for, and what the table says of it.

    Returns:
      A dict of case to text.
    """
    newest = find_archive("3.11", "x86_64-unknown-linux-gnu")
    exact = find_archive(newest.version, "x86_64-unknown-linux-gnu")
    digests = [digest for archives in ARCHIVES.values() for digest in archives.values()]
    return {
        "another patch": str(find_archive("3.11.1", "x86_64-unknown-linux-gnu")),
        "digests": str([digest for digest in digests if len(digest) != 64]),
        "exact": str(exact == newest),
        "faults": interpreter_error("//:x", interpreter_faults(["cp311-win_amd64"], {"cp312-win_amd64": "@a"})).split("\n")[1],
        "key": interpreter_key("3.11.9", "aarch64-apple-darwin"),
        "keys": ", ".join([_key(tag) for tag in _TAGS]),
        "names": " ".join([apparent_name(name) for name in ["a", "rules_python_env~~python_env~a", "rules_python_env++python_env+a"]]),
        "no dict": interpreter_error("//:x", interpreter_faults(["cp311-win_amd64"], "@a")).split("\n")[1],
        "no faults": interpreter_error("//:x", interpreter_faults(["a"], None) + interpreter_faults(["a"], {"a": "@b"})),
        "no such minor": str(find_archive("3.1", "x86_64-unknown-linux-gnu")),
        "url": newest.url.split("/releases/")[1],
    }
