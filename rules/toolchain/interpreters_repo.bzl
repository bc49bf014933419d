"""Repository rule: which archives of interpreters a workspace has, for `python_env` to load."""

_FILE = '''\
"""The interpreters that venvs carry by default: X.Y and platform (in python-build-standalone's words) to target."""

INTERPRETERS = {{
{rows}}}
'''

def _row(key, name):
    return '    "%s": str(Label("@%s//:interpreter")),\n' % (key, name)

def _interpreters_repo_impl(rctx):
    rows = {}
    for name, key in rctx.attr.archives.items():
        rows.setdefault(key, _row(key, name))
    rctx.file("BUILD", "")
    rctx.file("interpreters.bzl", _FILE.format(rows = "".join([rows[key] for key in sorted(rows)])))

interpreters_repo = repository_rule(
    implementation = _interpreters_repo_impl,
    doc = "A table of the workspace's interpreter archives; nothing of them is fetched by it.",
    attrs = {"archives": attr.string_dict(doc = "Name of a repository to `<X.Y> <platform>`.")},
)

def interpreter_key(python_version, platform):
    """Returns what an archive is found by: `<X.Y> <platform>`.

    Args:
      python_version: `X.Y` or `X.Y.Z`.
      platform: in python-build-standalone's words.
    """
    return "%s %s" % (".".join(python_version.split(".")[:2]), platform)
