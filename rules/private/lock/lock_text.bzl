"""Reading the file that a lock's label names; a lock that is not there yet is an empty one."""

load("//rules/private/base:errors.bzl", "error_text")

# Bazel 4 would not read a lock again that was made after it had been found missing; it has no `package_relative_label`.
_NOTICES_NEW_FILES = hasattr(native, "package_relative_label")

def lock_label(label):
    """Returns the label of a lock as a person writes it.

    Args:
      label: Label of the lock.
    """
    return "//%s:%s" % (label.package, label.name)

def _workspace(context):
    """Returns the main workspace's folder, or None.

    Bazel notes it in the output base, two folders up; an extension has no other way to it. The label cannot be asked: where
    it leads to nothing, Bazel fails in words of its own.
    """
    note = context.path("../../DO_NOT_BUILD_HERE")
    return context.path(context.read(note).strip()) if note.exists else None

def _below(folder, names):
    for name in names:
        folder = folder.get_child(name)
    return folder

def _is_package(workspace, folders):
    place = _below(workspace, folders)
    return place.get_child("BUILD").exists or place.get_child("BUILD.bazel").exists

def _innermost_package(workspace, folders):
    """Returns the folders of the package that a file in these folders belongs to; the root when there is none."""
    for depth in range(len(folders), 0, -1):
        if _is_package(workspace, folders[:depth]):
            return folders[:depth]
    return []

def _check_package(workspace, label, where):
    """Fails when the label's package is none, or the file belongs to one further in."""
    relative = label.package == "external"  # what WORKSPACE makes of a string that is no label
    folders = [] if relative else [part for part in label.package.split("/") if part]
    parts = folders + label.name.split("/")
    package = _innermost_package(workspace, parts[:-1])
    if relative or len(package) > len(folders):
        fail(error_text(
            "%s is not how a file of package //%s is named" % (label.name if relative else lock_label(label), "/".join(package)),
            where = where,
            fix = 'write lock = "//%s:%s"' % ("/".join(package), "/".join(parts[len(package):])),
        ))
    if not _is_package(workspace, folders):
        fail(error_text(
            "there is no package //%s, which %s names" % (label.package, lock_label(label)),
            where = where,
            fix = "mend the label, or make the file " + "/".join(folders + ["BUILD"]),
        ))

def read_lock_text(context, label, where):
    """Reads a lock's file.

    Args:
      context: repository or extension context.
      label: Label of the lock.
      where: what names the lock, for messages.

    Returns:
      The file's text; an empty one when there is no such file yet.
    """
    workspace = None if label.workspace_name else _workspace(context)
    if workspace:
        _check_package(workspace, label, where)
        path = (label.package + "/" + label.name).lstrip("/")
        if not _NOTICES_NEW_FILES and not _below(workspace, path.split("/")).exists:
            fail(error_text("there is no file %s" % lock_label(label), where = where, fix = "touch " + path))
    file = context.path(label)
    return context.read(file) if file.exists else ""
