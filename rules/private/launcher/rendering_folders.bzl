"""Which folders a launcher's renderings have."""

# Those that some artifact is started by; the others are always refused.
COMBINATIONS = [
    "connect",
    "kubernetes-client",
    "kubernetes-cluster",
    "local-cluster",
    "standalone-client",
    "yarn-client",
    "yarn-cluster",
]

def rendering_folders(kinds, combinations, profile):
    """Returns the folders, none of which holds another: some caches give those back only that they were given as one blob.

    Args:
      kinds: kinds of the artifacts.
      combinations: what was asked for; all when empty.
      profile: whose settings are written, empty for the rules' own.

    Returns:
      list of `<artifact>/<combination>`; one that is refused is empty.
    """
    wanted = combinations or COMBINATIONS
    on_yarn = [each for each in wanted if each.startswith("yarn-")]
    names = [each for each in wanted if each in COMBINATIONS] + (["skein"] if on_yarn and not profile else [])
    return sorted(["%s/%s" % (kind, name) for kind in kinds if kind != "code" for name in names])
