"""The archive interpreter of the machine that Bazel itself runs on, for repository rules."""

_TREES = Label("@python_env_toolchains//:trees.json")
_CPUS = {"amd64": "x86_64", "arm64": "aarch64"}

def _cpu(rctx):
    name = rctx.os.arch if hasattr(rctx.os, "arch") else rctx.execute(["uname", "-m"]).stdout.strip()
    return _CPUS.get(name.lower(), name.lower())

def _platform(rctx):
    """Returns the machine in python-build-standalone's words."""
    cpu, os = _cpu(rctx), rctx.os.name.lower()
    if os.startswith("mac"):
        return cpu + "-apple-darwin"
    if os.startswith("windows"):
        return cpu + "-pc-windows-msvc"
    musl = rctx.path("/lib/ld-musl-%s.so.1" % cpu).exists and not rctx.path("/etc/ld.so.cache").exists
    return cpu + ("-unknown-linux-musl" if musl else "-unknown-linux-gnu")

def _beside(label, repo, name):
    """Returns a label of a repository that was declared beside a label's own, under whatever name Bazel gives it."""
    if not hasattr(label, "repo_name"):  # Bazel 4
        return Label("@%s//:%s" % (repo, name))
    return Label("@@%s%s//:%s" % (label.repo_name[:-len("python_env_toolchains")], repo, name))

def machine_interpreter(rctx):
    """Fetches the archive that would run the tools on this machine.

    Args:
      rctx: context of a repository rule.

    Returns:
      The interpreter's path; None where no archive is declared for this machine.
    """
    repo = json.decode(rctx.read(_TREES)).get(_platform(rctx))
    if not repo:
        return None
    document = rctx.path(_beside(_TREES, repo, "interpreter.json"))
    return rctx.path(str(document.dirname) + "/" + json.decode(rctx.read(document))["executable"])
