"""Names of generated repositories and targets."""

def wheel_repo_name(distribution, sha256):
    """Returns the repository of one locked file: the same in every lock that names the file."""
    return "whl_%s_%s" % (distribution.replace("-", "_").replace(".", "_"), sha256[:16])

def source_repo_name(distribution, identity):
    """Returns the repository of one locked source: an sdist by its sha256, a commit by its id."""
    return "src_%s_%s" % (distribution.replace("-", "_").replace(".", "_"), identity[:16])
