"""What python_env can say of its attributes while a BUILD file is loaded: slips that Bazel words badly or not at all."""

load("//rules/private/base:errors.bzl", "error_text")

_TAG_FIX = "write <python>[-<abi>]-<platform>: cp311-manylinux_2_28_x86_64 or cp311-musllinux_1_2_x86_64 for Linux, " + \
           "cp311-macosx_14_0_arm64, cp311-win_amd64"

def _is_tag(text):
    """Tells whether a text looks like a platform tag; whether there is such a platform is for the tools to say."""
    parts = text.split("-")
    if len(parts) not in [2, 3]:
        return False
    for part in parts[:-1]:
        if not part.startswith("cp3") or not part[len("cp3"):].rstrip("t").isdigit():
            return False
    for prefix in ["manylinux", "musllinux_", "macosx_", "win_", "win32"]:
        if parts[-1].startswith(prefix):
            return True
    return False

def _list_fault(key, value):
    if type(value) != "string":
        return None
    return ("%s is the string \"%s\", not a list" % (key, value), "write %s = [\"%s\"]" % (key, value))

def _tag_faults(platforms):
    if type(platforms) != "list":
        return []
    return [("%s is not a platform tag" % repr(tag), _TAG_FIX) for tag in platforms if type(tag) == "string" and not _is_tag(tag)]

def _repo_fault(lock_repo):
    if type(lock_repo) != "string" or (lock_repo.startswith("@") and "/" not in lock_repo):
        return None
    name = lock_repo.lstrip("@").split("/")[0] or "training_lock"
    return ("lock_repo %s is not the name of a repository" % repr(lock_repo), "write lock_repo = \"@%s\"" % name)

def base_label(extends, package):
    """Makes the whole label of a base, which its lock's target is named after and which messages and the lock say.

    Args:
      extends: label as it was written; may be empty.
      package: package of the derived environment.

    Returns:
      The label, or an empty text.
    """
    if extends.startswith(":"):
        return "//%s%s" % (package, extends)
    if ":" in extends or not extends:
        return extends
    return "%s:%s" % (extends, extends.split("/")[-1]) if "/" in extends else "//%s:%s" % (package, extends)

def _extends_fault(where, extends):
    if type(extends) != "string":
        return ("extends is %s, not a label" % repr(extends), "write extends = \"//envs:base\": an environment has one base")
    if extends and base_label(extends, where[2:].split(":")[0]) == where:
        return ("%s extends itself" % where, "name another environment, or leave extends out")
    return None

def python_env_fault(where, lists, lock_repo, extends = ""):
    """Finds slips in the attributes of a python_env.

    Args:
      where: label of the environment.
      lists: dict of attribute to value, of those that are lists; `platforms` is one of them.
      lock_repo: value of that attribute.
      extends: value of that attribute.

    Returns:
      The text of all faults of the first kind that was found, or an empty text.
    """
    for faults in [
        [fault for fault in [_list_fault(key, lists[key]) for key in lists] if fault],
        _tag_faults(lists["platforms"]),
        [fault for fault in [_repo_fault(lock_repo), _extends_fault(where, extends)] if fault],
    ]:
        if faults:
            return "".join([error_text(what, where = where, fix = fix) for what, fix in faults])
    return ""

def split_fault(where, split, srcs, src_root = ""):
    """Finds a `split` that splits nothing, and a `src_root` of nothing.

    Args:
      where: label of the environment.
      split: value of that attribute.
      srcs: value of that attribute; a select is taken unseen.
      src_root: value of that attribute.

    Returns:
      The text of the fault, or an empty text.
    """
    if srcs != [] or not (split or src_root):
        return ""
    what, name = ("split = True has nothing to lay apart", "split") if split else ("src_root = %r has no files" % src_root, "src_root")
    return error_text(
        "%s: srcs is empty" % what,
        where = where,
        fix = "name the first-party files in srcs (a glob that finds nothing is empty, too), or leave out %s" % name,
    )
