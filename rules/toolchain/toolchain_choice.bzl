"""Which module's `python_env.toolchain` counts."""

load(":toolchain_rows.bzl", "DEFAULT_PYTHON")

_ROOT = "state what holds in the root module's MODULE.bazel, which wins: python_env.toolchain(python_version = \"%s\"%s)"

def _owners(requests, key):
    """Returns by what is asked for the modules that ask."""
    owners = {}
    for request in requests:
        owners.setdefault(key(request), []).append(request.module)
    return owners

def _said(owners):
    return ", ".join(["%s by %s" % (what, " and ".join({"module %s" % each: None for each in owners[what]}.keys())) for what in owners])

def _version_of(request):
    return request.archive.get("python_version") or DEFAULT_PYTHON

def _archive_of(request):
    archive = request.archive
    return " ".join([archive.get("python_version") or DEFAULT_PYTHON] + list(archive.get("urls") or []) + [archive.get("sha256") or ""]).rstrip()

def chosen_toolchains(requests):
    """Decides between what modules ask for: the root module wins, the others must agree.

    Args:
      requests: list of struct: `module` (its name), `root` (whether it is the root module), `platform` (empty for all platforms of the table) and
        `archive`, the dict that `toolchain_rows` takes.

    Returns:
      A struct of `python_version` and `archives` for `toolchain_rows`, and `faults`, list of (what, fix).
    """
    deciding = [request for request in requests if request.root] or requests
    faults = []
    versions = _owners([request for request in deciding if not request.platform], _version_of)
    if len(versions) > 1:
        faults.append((
            "two versions of the Python that runs the tools are asked for: " + _said(versions),
            _ROOT % (versions.keys()[-1], ""),
        ))
    named = {request.platform: request.archive for request in deciding if request.platform}
    for platform in named:
        archives = _owners([request for request in deciding if request.platform == platform], _archive_of)
        if len(archives) > 1:
            faults.append((
                "two archives are to run the tools on %s: %s" % (platform, _said(archives)),
                _ROOT % (_version_of(struct(archive = named[platform])), ", platform = \"%s\", urls = [...], sha256 = ..." % platform),
            ))
    return struct(archives = named, faults = faults, python_version = versions.keys()[0] if versions else DEFAULT_PYTHON)
