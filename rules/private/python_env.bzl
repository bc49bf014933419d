"""python_env: one environment, from its requirement files to its launcher manifest."""

load("//rules/private/artifacts:pex.bzl", "python_env_pex")
load("//rules/private/artifacts:venv.bzl", "python_env_venv")
load("//rules/private/env:closure.bzl", "python_env_closure")
load("//rules/private/launcher:launcher.bzl", "python_env_launcher")
load("//rules/private/lock:lock_test.bzl", "python_env_lock_test")
load("//rules/private/lock:lock_update.bzl", "python_env_lock_update")

def python_env(
        name,
        requirements,
        platforms,
        lock,
        lock_repo,
        constraints = [],
        included = [],
        overrides = [],
        excludes = [],
        exclude_newer = "",
        prereleases = "",
        indexes = ["default"],
        index_bindings = {},
        index_urls = {},
        srcs = [],
        src_root = "",
        entry_point = "",
        combinations = [],
        tags = [],
        visibility = None):
    """Declares an environment and everything that is made of it.

    | target | what |
    |---|---|
    | `:<name>` | the closure for the selected platform (`PyEnvInfo`) |
    | `:<name>_pex`, `:<name>_venv` | artifacts, each with its JSON report |
    | `:<name>_launcher` | how a cluster must start them |
    | `:<name>.update` | `bazel run`: refresh the lock for all platform tags |
    | `:<name>.lock_test` | offline staleness test |

    Args:
      name: the environment's name; artifacts are named after it.
      requirements: requirement files, as pip reads them.
      platforms: platform tags to lock and build for, e.g. `cp311-manylinux_2_28_x86_64`. Where several match Bazel's
        target platform, the first is built unless the platform flag names another.
      lock: the lock file, `<name>.lock.json`; an empty file means "nothing locked yet".
      lock_repo: repository of the lock, e.g. `@training_lock`.
      constraints: constraint files.
      included: files that the requirement files reach by `-r` or `-c`.
      overrides: requirements, each of which replaces every requirement of its distribution.
      excludes: distributions that are left out, whoever asks for them.
      exclude_newer: cut-off date, YYYY-MM-DD: files uploaded on that day or later are not seen.
      prereleases: `allow` or `disallow`; empty: where a requirement names one, or there is nothing else.
      indexes: index aliases, asked in this order for what is bound nowhere: the first that has a distribution is the
        only one. `default` is what pip is configured with; where another lies say the variable
        `PYTHON_ENV_INDEX_<ALIAS>`, pip.conf, or `index_urls`.
      index_bindings: index alias to the distributions (or prefixes, `acme-*`) that are looked up there and nowhere else.
        An alias that does not stand in `indexes` is asked for nothing else.
      index_urls: index alias to its URL without credentials, or to a folder of the workspace; it enters the lock.
      srcs: first-party files that the artifacts carry.
      src_root: folder of the package that is the root of their imports.
      entry_point: `module` or `module:function` that the PEX runs; empty for an interpreter.
      combinations: masters and deploy modes of the launcher manifest; all that work when empty.
      tags: tags of all targets.
      visibility: visibility of all targets.
    """
    common = {"tags": tags, "visibility": visibility}
    request = {
        "constraints": constraints,
        "exclude_newer": exclude_newer,
        "excludes": excludes,
        "included": included,
        "index_bindings": index_bindings,
        "index_urls": index_urls,
        "indexes": indexes,
        "lock": lock,
        "overrides": overrides,
        "platforms": platforms,
        "prereleases": prereleases,
        "requirements": requirements,
        "update": "bazel run //%s:%s.update" % (native.package_name(), name),
    }
    artifact = dict(common, env = ":" + name, srcs = srcs, src_root = src_root)
    python_env_lock_update(name = name + ".update", env_name = name, **dict(request, **common))
    python_env_lock_test(name = name + ".lock_test", size = "small", **dict(request, **common))
    python_env_closure(name = name, lock = lock, wheels = lock_repo + "//:wheels", **common)
    python_env_pex(name = name + "_pex", entry_point = entry_point, **artifact)
    python_env_venv(name = name + "_venv", **artifact)
    python_env_launcher(
        name = name + "_launcher",
        artifacts = [":" + name + "_pex", ":" + name + "_venv"],
        combinations = combinations,
        **common
    )
