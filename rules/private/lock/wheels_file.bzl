"""The text of a lock repository's wheels.bzl, which WORKSPACE loads."""

_WHEELS_FILE = """\
\"\"\"Declares a repository for every file of the lock; a file is fetched only when something is built from it.\"\"\"

load("@rules_python_env//rules/private/wheels:declare_repos.bzl", "declare_repos")
{load_tools}
_SOURCES = {{
{sources}}}

_WHEELS = [
{wheels}]

def wheel_repositories():
    \"\"\"Declares the wheel repositories of this lock and of the tools.\"\"\"
{call_tools}    declare_repos([struct(sources = _SOURCES, wheels = _WHEELS)], existing = native.existing_rules())
"""

_WHEEL_FIELDS = ["distribution", "file", "index", "index_url", "path", "repo", "sha256", "url", "version"]
_SOURCE_FIELDS = ["commit", "distribution", "index", "index_url", "key", "kind", "path", "repo", "sha256", "url", "version"]

def wheels_bzl_file(lock, tools_repo):
    """Returns the text of wheels.bzl: the lock's repositories, and those of the tools.

    Args:
      lock: what `read_lock` returned.
      tools_repo: name of the tools' own lock repository, or empty when this is the one.
    """
    load_tools = 'load("@%s//:wheels.bzl", tools_wheel_repositories = "wheel_repositories")\n' % tools_repo
    return _WHEELS_FILE.format(
        call_tools = "    tools_wheel_repositories()\n" if tools_repo else "",
        load_tools = load_tools if tools_repo else "",
        sources = "".join(["    %r: %s,\n" % (key, _struct(lock.sources[key], _SOURCE_FIELDS)) for key in lock.sources]),
        wheels = "".join(["    %s,\n" % _struct(wheel, _WHEEL_FIELDS) for wheel in lock.wheels]),
    )

def _struct(value, fields):
    return "struct(%s)" % ", ".join(["%s = %r" % (field, getattr(value, field)) for field in fields])
