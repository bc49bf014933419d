"""The text of a lock repository's BUILD files: pure functions from a read lock."""

load(":source_build.bzl", "source_target", "source_targets")

_HEAD = """\
load("@rules_python_env//rules/private/lock:locked.bzl", "python_env_locked")
load("@rules_python_env//rules/private/lock:locked_project.bzl", "python_env_locked_project")
load("@rules_python_env//rules/private/wheels:source_wheel.bzl", "python_env_source_wheel")
load("@rules_python_env//rules/private/lock:unlocked.bzl", "python_env_unlocked")
load("@rules_python_env//rules/private/lock:unselected.bzl", "python_env_unselected")

package(default_visibility = ["//visibility:public"])
"""

_UNLOCKED = """
python_env_unlocked(
    name = "{name}",
    fix = "{fix}",
    lock = "{lock}",
    what = "{what}",
)
"""

_LOCKED = """
python_env_locked(
    name = "{tag}",
    locals = [
{locals}    ],
    lock = "{lock}",
{overriding}    platform = "{tag}",
    projects = [
{projects}    ],
    wheels = [
{wheels}    ],
)

config_setting(
    name = "flag_{tag}",
    flag_values = {{"@rules_python_env//rules/platforms:platform": "{tag}"}},
)
"""

_TARGET = """
config_setting(
    name = "target_{tag}",
    constraint_values = [
{constraints}    ],
    flag_values = {{"@rules_python_env//rules/platforms:platform": ""}},
)

config_setting(
    name = "exec_{tag}",
    constraint_values = [
{constraints}    ],
)
"""

_ALIAS = """
alias(
    name = "{name}",
    actual = select(
        {{
{branches}        }},
        no_match_error = {error},
    ),
)
"""

_EXEC_HEAD = """\
load("@rules_python_env//rules/private/wheels:exec_wheel.bzl", "python_env_exec_wheel")

package(default_visibility = ["//visibility:public"])
"""

_EXEC_WHEEL = """
python_env_exec_wheel(
    name = "{name}",
    wheel = select(
        {{
{branches}        }},
        no_match_error = {error},
    ),
)
"""

_UNSELECTED = """
python_env_unselected(
    name = "unselected",
    lock = "{lock}",
    platforms = [
{platforms}    ],
    update = "{update}",
)

alias(
    name = "wheels",
    actual = select({{
{branches}    }}),
)
"""

# Lock words to Bazel's.
_OS = {"linux": "linux", "macos": "osx", "windows": "windows"}

def _constraints(platform):
    values = ["@platforms//os:" + _OS[platform.os]]
    if platform.cpu != "universal2":  # of macOS: fits both of its cpus
        values.append("@platforms//cpu:" + platform.cpu)
    if platform.libc:
        values.append("@rules_python_env//rules/platforms:" + platform.libc)
    return values

def _by_constraints(lock):
    """Returns the tags that Bazel's target platform can select: of those with equal constraints, the first."""
    first = {}
    for tag in lock.platforms:
        first.setdefault(repr(_constraints(lock.platforms[tag])), tag)
    return first.values()

def _lines(items, indent):
    return "".join(['%s"%s",\n' % (" " * indent, item) for item in items])

def _target_settings(lock):
    return "".join([
        _TARGET.format(tag = tag, constraints = _lines(_constraints(lock.platforms[tag]), 8))
        for tag in _by_constraints(lock)
    ])

def _branches(pairs):
    return "".join(['            "%s": "%s",\n' % (key, value) for key, value in pairs])

def _no_match_error(lock, where, fix):
    return repr("\nerror: no locked platform is selected\n  where: %s locks %s\n  fix:   " % (where, ", ".join(lock.platforms)) + fix)

def _closures(lock, where, update):
    """Returns the alias that follows the flag and the one that never does, for tools of the execution platform."""
    tags = _by_constraints(lock)
    flagged = [(":flag_" + tag, ":" + tag) for tag in lock.platforms]
    default = [("//conditions:default", ":unselected")]
    return _UNSELECTED.format(
        branches = _branches(flagged + [(":target_" + tag, ":" + tag) for tag in tags] + default),
        lock = where,
        platforms = _lines(lock.platforms, 8),
        update = update,
    ) + _ALIAS.format(
        name = "exec_wheels",
        branches = _branches([(":exec_" + tag, ":" + tag) for tag in tags]),
        error = _no_match_error(lock, where, fix = "build on one of these, or add the execution platform's tag to `platforms` and run the .update target"),
    )

def lock_build_file(lock, where, fix, file = "", instead = []):
    """Makes the BUILD file of a lock's repository.

    Args:
      lock: what `read_lock` returned.
      where: label of the lock, for messages.
      fix: the command that refreshes the lock.
      file: label of the lock.
      instead: locks of other modules that this one stands for, `//package:name` each.

    Returns:
      The file's text.
    """
    if lock.problem:
        return _HEAD + "".join([
            _UNLOCKED.format(name = name, fix = fix, lock = where, what = lock.problem)
            for name in ["wheels", "exec_wheels"]
        ])
    overriding = '    instead = %r,\n    lock_file = "%s",\n' % (instead, file) if instead else ""
    sections = [_section(lock, tag, where, overriding) for tag in lock.platforms]
    return _HEAD + "".join(sections) + _target_settings(lock) + _closures(lock, where, fix) + source_targets(
        lock,
        by_constraints = _by_constraints(lock),
        constraints = _constraints,
        fix = fix,
    )

def _section(lock, tag, where, overriding):
    wheels = lock.platforms[tag].wheels
    targets = ["@%s//:wheel" % wheel.repo for wheel in wheels if wheel.repo]
    built = [wheel.build for wheel in wheels if wheel.build]
    return _LOCKED.format(
        locals = _lines([wheel.local for wheel in wheels if wheel.local], 8),
        lock = where,
        overriding = overriding,
        projects = _lines([source_target(lock, key, tag) for key in built if lock.sources[key].kind == "folder"], 8),
        tag = tag,
        wheels = _lines(
            targets + [source_target(lock, key, tag) for key in built if lock.sources[key].kind != "folder"],
            8,
        ),
    )

def _exec_wheel(distribution, pairs, lock, where):
    error = _no_match_error(lock, where, fix = "build on one of these, or lock %s for the execution platform" % distribution)
    return _EXEC_WHEEL.format(name = distribution, branches = _branches(pairs), error = error)

def exec_packages_build_file(lock, where):
    """Makes the BUILD file of package //exec: one target per distribution, chosen by the execution platform.

    Args:
      lock: what `read_lock` returned.
      where: label of the lock, for messages.

    Returns:
      The file's text.
    """
    branches = {wheel.distribution: [] for platform in lock.platforms.values() for wheel in platform.wheels if wheel.repo}
    for tag in _by_constraints(lock):
        for wheel in lock.platforms[tag].wheels:
            if wheel.repo:
                branches[wheel.distribution].append(("//:exec_" + tag, "@%s//:wheel" % wheel.repo))
    return _EXEC_HEAD + "".join([
        _exec_wheel(distribution, branches[distribution], lock, where)
        for distribution in sorted(branches)
    ])
