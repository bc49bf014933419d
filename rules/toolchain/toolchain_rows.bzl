"""Which archives run the tools: the table's of one version, and those that a workspace names by platform."""

load("//rules/private/base:errors.bzl", "error_text")
load(":interpreter_archive_repo.bzl", "python_interpreter_archive", "wanted_archive")
load(":interpreter_platform.bzl", "known_platforms", "parse_platform")
load(":interpreter_releases.bzl", "ARCHIVES", "platforms_of")
load(":interpreter_tree_repo.bzl", "python_interpreter_tree")
load(":toolchains_repo.bzl", "toolchains_repo")

DEFAULT_PYTHON = "3.11"
TOOLCHAINS_REPO = "python_env_toolchains"
_OLDEST = (3, 11)

def _version_fault(version):
    words = version.split(".")
    if len(words) not in (2, 3) or [word for word in words if not word.isdigit()]:
        return "python_version is %s, not X.Y or X.Y.Z" % repr(version)
    if (int(words[0]), int(words[1])) < _OLDEST:
        return "CPython %s is too old to run the tools, which need 3.11 or newer" % version
    return ""

def _version_fix():
    newer = [version for version in ARCHIVES if not _version_fault(version)]
    return "take a version of the table: %s; the Python of an environment is its platform tag's, whatever runs the tools" % ", ".join(newer)

def _row(platform, archive, python_version):
    """Returns one row, and list of (what, fix)."""
    version = archive.get("python_version") or python_version
    fault = _version_fault(version)
    if fault:
        return None, [(fault, _version_fix())]
    if not parse_platform(platform):
        return None, [("platform %s is not known" % repr(platform), "write " + known_platforms())]
    wanted = wanted_archive(version, platform, urls = archive.get("urls") or [], sha256 = archive.get("sha256") or "")
    if wanted.what:
        return None, [(wanted.what, wanted.fix)]
    prefix = archive.get("strip_prefix")
    return struct(
        file = wanted.file,
        platform = platform,
        python_version = wanted.version,
        sha256 = wanted.sha256,
        strip_prefix = "python" if prefix == None else prefix,
        urls = wanted.urls,
    ), []

def toolchain_rows(python_version, archives):
    """Decides which archive runs the tools on which execution platform.

    Args:
      python_version: `X.Y`, or `X.Y.Z` of the table.
      archives: dict of platform to dict of `urls`, `sha256`, `strip_prefix` and `python_version`, all optional; they win over the table.

    Returns:
      list of rows (structs of `platform`, `python_version`, `urls`, `sha256`, `strip_prefix`, `file`), and list of (what, fix).
    """
    named = dict({platform: {} for platform in platforms_of(python_version)}, **archives)
    if not named:
        return [], [(
            _version_fault(python_version) or "the table has no CPython %s, and no archive is named" % python_version,
            _version_fix(),
        )]
    pairs = [_row(platform, named[platform], python_version) for platform in sorted(named)]
    faults = {fault: None for _, faults in pairs for fault in faults}
    return [row for row, _ in pairs if row], faults.keys()

def checked_rows(python_version, archives, where, faults = []):
    """Returns the rows; fails with all faults.

    Args:
      python_version: see `toolchain_rows`.
      archives: see `toolchain_rows`.
      where: what a person wrote, for messages.
      faults: list of (what, fix) that were found before.

    Returns:
      The first part of what `toolchain_rows` returns.
    """
    rows, more = toolchain_rows(python_version, archives)
    faults = faults + more
    if faults:
        fail("".join([error_text(what, where = where, fix = fix) for what, fix in faults]))
    return rows

def declared_archives(archives):
    """Returns by sha256 the archives that venvs carry.

    Args:
      archives: dict of repository to dict of the attributes of `python_interpreter_archive`.

    Returns:
      dict of sha256 to (repository, file).
    """
    found = {}
    for name, archive in archives.items():
        wanted = wanted_archive(
            archive["python_version"],
            archive["platform"],
            urls = list(archive["urls"]),
            sha256 = archive["sha256"],
        )
        if not wanted.what:
            found.setdefault(wanted.sha256, (name, wanted.file))
    return found

def _name(row):
    return "python_env_cpython_%s_%s" % ("_".join(row.python_version.split(".")[:2]), row.platform.replace("-", "_"))

def declare_toolchains(rows, declared):
    """Declares the archives' repositories, one per execution platform, and their toolchains; nothing is fetched by it.

    Args:
      rows: what `toolchain_rows` returned.
      declared: dict of sha256 to (repository, file) of the archives that venvs carry: they are fetched once for both uses.
    """
    for row in rows:
        archive = declared.get(row.sha256)
        if not archive:
            archive = (_name(row) + "_archive", row.file)
            python_interpreter_archive(
                name = archive[0],
                platform = row.platform,
                python_version = row.python_version,
                runs_tools = True,
                sha256 = row.sha256,
                strip_prefix = row.strip_prefix,
                urls = row.urls,
            )
        python_interpreter_tree(
            name = _name(row),
            archive = "@%s//:%s" % archive,
            platform = row.platform,
            python_version = row.python_version,
            strip_prefix = row.strip_prefix,
        )
    toolchains_repo(name = TOOLCHAINS_REPO, trees = {row.platform: _name(row) for row in rows})
