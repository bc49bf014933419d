"""The text of a lock repository's wheels.bzl, which WORKSPACE loads."""

_WHEELS_HEAD = """\
\"\"\"Declares a repository for every file of the lock; a file is fetched only when something is built from it.\"\"\"

load("@rules_python_env//rules/private/wheels:wheel_repo.bzl", "wheel_repo")
"""

_WHEEL = """\
    if not native.existing_rule("{repo}"):
        wheel_repo(
            name = "{repo}",
            distribution = "{distribution}",
            file = "{file}",
{index}            path = "{path}",
            sha256 = "{sha256}",
            version = "{version}",
        )
"""

def wheels_bzl_file(lock, tools_repo):
    """Returns the text of wheels.bzl, which WORKSPACE loads: the lock's repositories, and those of the tools.

    Args:
      lock: what `read_lock` returned.
      tools_repo: name of the tools' own lock repository, or empty when this is the one.
    """
    load_tools = 'load("@%s//:wheels.bzl", tools_wheel_repositories = "wheel_repositories")\n' % tools_repo if tools_repo else ""
    call_tools = "    tools_wheel_repositories()\n" if tools_repo else "    pass\n"
    return _WHEELS_HEAD + load_tools + "\ndef wheel_repositories():\n" + \
           '    """Declares the wheel repositories of this lock and of the tools."""\n' + call_tools + \
           "".join([_wheel_call(wheel) for wheel in lock.wheels])

def _index_attrs(wheel):
    if wheel.index == "default":
        return ""
    return '            index = "%s",\n            index_url = "%s",\n' % (wheel.index, wheel.index_url)

def _wheel_call(wheel):
    return _WHEEL.format(
        distribution = wheel.distribution,
        file = wheel.file,
        index = _index_attrs(wheel),
        path = wheel.path,
        repo = wheel.repo,
        sha256 = wheel.sha256,
        version = wheel.version,
    )
