"""Which interpreter a venv of `python_env` carries: by platform tag, as the workspace or the environment says."""

load("//rules/private/base:errors.bzl", "error_text")

# Labels of this file's own repository: python_env is called in others, which may not see them by these names.
_FLAG = str(Label("//rules/platforms:platform"))
_CPUS = ["x86_64", "aarch64", "arm64", "i686", "armv7l", "ppc64le", "s390x", "riscv64"]

# Start of a tag's platform to os and libc in Bazel's words, and to the words of python-build-standalone.
_SYSTEMS = {
    "macosx_": (str(Label("@platforms//os:osx")), None, "{cpu}-apple-darwin"),
    "manylinux": (str(Label("@platforms//os:linux")), str(Label("//rules/platforms:glibc")), "{cpu}-unknown-linux-gnu"),
    "musllinux_": (str(Label("@platforms//os:linux")), str(Label("//rules/platforms:musl")), "{cpu}-unknown-linux-musl"),
}

def tag_target(tag):
    """Returns what a platform tag says of its target.

    Args:
      tag: a platform tag, e.g. `cp311-manylinux_2_28_x86_64`.

    Returns:
      A struct of `key`, as `interpreter_key` makes it, and `constraints`; None where no interpreter can lie inside: on Windows, in
      free-threaded builds and in universal binaries.
    """
    python, platform = tag.split("-")[0], tag.split("-")[-1]
    cpus = [cpu for cpu in _CPUS if platform.endswith("_" + cpu)]
    systems = [start for start in _SYSTEMS if platform.startswith(start)]
    if not cpus or not systems or tag.split("-")[1].endswith("t"):
        return None
    os, libc, words = _SYSTEMS[systems[0]]
    cpu = "aarch64" if cpus[0] == "arm64" else cpus[0]
    return struct(
        constraints = [os, str(Label("@platforms//cpu:" + cpu))] + ([libc] if libc else []),
        key = "3.%s %s" % (python[len("cp3"):], words.format(cpu = cpu)),
    )

def interpreter_faults(platforms, interpreters):
    """Finds tags of `interpreters` that are no platforms of the environment.

    Args:
      platforms: list of platform tags.
      interpreters: value of that attribute, or None.

    Returns:
      list of (what, fix).
    """
    if interpreters == None:
        return []
    if type(interpreters) != "dict":
        return [("interpreters is %s, not a dict" % repr(interpreters), "write interpreters = {\"%s\": \"@cpython\"}" % platforms[0])]
    return [
        ("interpreters names %s, which is none of the environment's platforms" % repr(tag), "write one of: " + ", ".join(platforms))
        for tag in interpreters
        if tag not in platforms
    ]

def _chosen(platforms, interpreters, registered):
    """Returns the interpreter of every tag that has one."""
    if interpreters != None:
        return {tag: interpreters[tag] for tag in platforms if tag in interpreters}
    targets = {tag: tag_target(tag) for tag in platforms}
    return {tag: registered[targets[tag].key] for tag in platforms if targets[tag] and targets[tag].key in registered}

def _first_tags(platforms):
    """Returns the tags that Bazel's target platform selects: of those with equal constraints, the first."""
    first = {}
    for tag in platforms:
        target = tag_target(tag)
        if target:
            first.setdefault(repr(target.constraints), tag)
    return first.values()

def choose_interpreter(name, platforms, interpreters, registered):
    """Declares what the choice of an interpreter depends on: the platform flag, or Bazel's target platform.

    Args:
      name: the environment's name.
      platforms: list of platform tags.
      interpreters: dict of platform tag to label; None for what the workspace has.
      registered: dict of key to label, what the workspace has.

    Returns:
      A value for `interpreter` of python_env_venv: None where no platform has one.
    """
    chosen = _chosen(platforms, interpreters, registered)
    branches = {}
    for tag, label in chosen.items():
        setting = "%s.for_%s" % (name, tag)
        native.config_setting(name = setting, flag_values = {_FLAG: tag})
        branches[":" + setting] = label
    for tag in _first_tags(platforms):
        if tag in chosen:
            setting = "%s.target_%s" % (name, tag)
            native.config_setting(name = setting, constraint_values = tag_target(tag).constraints, flag_values = {_FLAG: ""})
            branches[":" + setting] = chosen[tag]
    return select(dict(branches, **{"//conditions:default": None})) if branches else None

def interpreter_error(where, faults):
    """Returns the text of faults, or an empty text.

    Args:
      where: label of the environment.
      faults: what `interpreter_faults` returned.
    """
    return "".join([error_text(what, where = where, fix = fix) for what, fix in faults])
