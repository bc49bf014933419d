"""The text of the targets that build a lock's sources: pure functions from a read lock."""

_TOOLS = """
python_env_locked(
    name = "{name}",
    platform = "{tag}",
    wheels = [
{wheels}    ],
)
"""

_TOOLS_HERE = """
alias(
    name = "{name}_here",
    actual = select({{
{branches}        "//conditions:default": ":{name}",
    }}),
)
"""

_WHEEL = """
python_env_source_wheel(
    name = "{name}",
    distribution = "{distribution}",
    key = "{key}",
    kind = "{kind}",
    platform = "{tag}",
    source = "@{repo}//:source",
    subdirectory = "{subdirectory}",
    tools = ":tools_{name}_here",
    update = "{fix}",
    version = "{version}",
    wheel = "{wheel}",
)
"""

_PROJECT = """
python_env_locked_project(
    name = "{name}",
    distribution = "{distribution}",
    key = "{key}",
    platform = "{tag}",
    tools = ":tools_{name}_here",
    update = "{fix}",
    version = "{version}",
    wheel = "{wheel}",
)
"""

def source_target(lock, key, tag):
    """Returns the label of the target that stands for a source on a platform.

    Args:
      lock: what `read_lock` returned.
      key: key of the source.
      tag: platform tag.
    """
    return ":" + _name(lock, key, tag)

def _name(lock, key, tag):
    return "source_%d_%s" % (lock.sources.keys().index(key), tag)

def source_targets(lock, by_constraints, constraints, fix):
    """Returns the text of all targets that build sources.

    The build requirements' wheels are those of the execution platform: of the target's own tag where it fits, else of
    the first locked tag that does, else of the target's tag, which serves where they are pure.

    Args:
      lock: what `read_lock` returned.
      by_constraints: list of tags that have a config_setting `exec_<tag>`.
      constraints: function from a platform to its constraint values.
      fix: the command that refreshes the lock.

    Returns:
      The text.
    """
    text = ""
    for tag in lock.platforms:
        for wheel in lock.platforms[tag].wheels:
            if wheel.build:
                text += _tools(lock, wheel.build, tag, by_constraints, constraints)
                text += _built(lock, wheel, tag, fix)
    return text

def _tools(lock, key, tag, by_constraints, constraints):
    source = lock.sources[key]
    own = constraints(lock.platforms[tag])
    branches = ""
    for other in by_constraints:
        chosen = tag if constraints(lock.platforms[other]) == own else other
        if _uses(lock, chosen, key):
            branches += '        ":exec_%s": ":tools_%s",\n' % (other, _name(lock, key, chosen))
    name = "tools_" + _name(lock, key, tag)
    wheels = "".join(['        "@%s//:wheel",\n' % tool.repo for tool in source.tools.get(tag, [])])
    return _TOOLS.format(name = name, tag = tag, wheels = wheels) + _TOOLS_HERE.format(branches = branches, name = name)

def _uses(lock, tag, key):
    for wheel in lock.platforms[tag].wheels:
        if wheel.build == key:
            return True
    return False

def _built(lock, wheel, tag, fix):
    source = lock.sources[wheel.build]
    text = _PROJECT if source.kind == "folder" else _WHEEL
    return text.format(
        distribution = source.distribution,
        fix = fix,
        key = source.key,
        kind = source.kind,
        name = _name(lock, wheel.build, tag),
        repo = source.repo,
        subdirectory = source.subdirectory,
        tag = tag,
        version = source.version,
        wheel = wheel.file,
    )
