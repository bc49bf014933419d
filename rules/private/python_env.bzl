"""python_env: one environment, from its requirement files to its launcher manifest."""

load("//rules/private/artifacts:pex.bzl", "python_env_pex")
load("//rules/private/artifacts:venv.bzl", "python_env_venv")
load("//rules/private/env:closure.bzl", "python_env_closure")
load("//rules/private/launcher:launcher.bzl", "python_env_launcher")
load("//rules/private/lock:lock_export.bzl", "python_env_lock_export")
load("//rules/private/lock:lock_file.bzl", "python_env_lock_file")
load("//rules/private/lock:lock_test.bzl", "python_env_lock_test")
load("//rules/private/lock:lock_update.bzl", "python_env_lock_update")
load("//rules/private/lock:resolver_test.bzl", "python_env_resolver_test")
load(":python_env_checks.bzl", "base_label", "python_env_fault")

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
        sdists = [],
        local_sources = [],
        variables = {},
        platform_requirements = {},
        extends = "",
        marker_values = {},
        extras = [],
        groups = [],
        resolver = "uv",
        resolver_differences = {},
        indexes = ["default"],
        index_bindings = {},
        index_urls = {},
        srcs = [],
        src_root = "",
        entry_point = "",
        collisions = {},
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
    | `:<name>.lock` | the lock, for environments that are derived from this one |
    | `:<name>.lock_test` | offline staleness test |
    | `:<name>.pylock` | the lock as `pylock.<tag>.toml`, hashed requirements and constraints |
    | `:<name>.resolver_test` | do both resolvers choose the same? With the network, only when named |

    Args:
      name: the environment's name; artifacts are named after it.
      requirements: requirement files, as pip reads them; `pyproject.toml`; and locks made elsewhere, which are taken over pin
        by pin: `pylock.toml`, `uv.lock`, requirement files in which everything is pinned by `==` and hashed.
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
      sdists: distributions that may be built from their sdist where no wheel fits.
      local_sources: wheels of the workspace, and filegroups with all files of its projects, that requirement files name by path.
      variables: values that `${NAME}` may stand for in requirement files.
      platform_requirements: requirement files that are read for some platforms only, each with a list of platform tags.
      extends: label of another `python_env` that this one is derived from: its requirements hold here, too, and each of
        its packages keeps version and file. `platforms` must be among those of the base.
      marker_values: marker variable (PEP 508) to its value, beside what the platform tags say:
        `{"python_full_version": "3.11.9"}` counts for the platforms of that Python, any other value for all.
      extras: extras of the project that a `pyproject.toml`, `pylock.toml` or `uv.lock` of `requirements` is for.
      groups: dependency groups of these files.
      resolver: `uv` or `pip-tools`: what chooses the versions.
      resolver_differences: distributions that the two may choose differently, each with the reason (`.resolver_test`).
      indexes: index aliases, asked in this order for what is bound nowhere: the first that has a distribution is the
        only one. `default` is what pip is configured with; where another lies say the variable
        `PYTHON_ENV_INDEX_<ALIAS>`, pip.conf, or `index_urls`.
      index_bindings: index alias to the distributions (or prefixes, `acme-*`) that are looked up there and nowhere else.
        An alias that does not stand in `indexes` is asked for nothing else.
      index_urls: index alias to its URL without credentials, or to a folder of the workspace; it enters the lock.
      srcs: first-party files that the artifacts carry.
      src_root: folder of the package that is the root of their imports.
      entry_point: `module` or `module:function` that the PEX runs; empty for an interpreter.
      collisions: path of the installed tree to the distribution whose file wins where several wheels own it with
        different content, e.g. `{"site-packages/tests/__init__.py": "a"}`; an entry that changes nothing is an error.
      combinations: masters and deploy modes of the launcher manifest; all that work when empty.
      tags: tags of all targets.
      visibility: visibility of all targets.
    """
    lists = {
        "combinations": combinations,
        "constraints": constraints,
        "excludes": excludes,
        "extras": extras,
        "groups": groups,
        "included": included,
        "indexes": indexes,
        "local_sources": local_sources,
        "overrides": overrides,
        "platforms": platforms,
        "requirements": requirements,
        "sdists": sdists,
        "srcs": srcs,
    }
    fault = python_env_fault("//%s:%s" % (native.package_name(), name), lists = lists, lock_repo = lock_repo, extends = extends)
    if fault:
        fail(fault)
    base = base_label(extends, native.package_name())
    common = {"tags": tags, "visibility": visibility}
    update = "bazel run //%s:%s.update" % (native.package_name(), name)
    request = {
        "constraints": constraints,
        "exclude_newer": exclude_newer,
        "extends": {base + ".lock": base} if base else {},
        "excludes": excludes,
        "extras": extras,
        "groups": groups,
        "included": included,
        "local_sources": local_sources,
        "index_bindings": index_bindings,
        "index_urls": index_urls,
        "indexes": indexes,
        "lock": lock,
        "marker_values": marker_values,
        "overrides": overrides,
        "platform_requirements": {file: " ".join(tags) for file, tags in platform_requirements.items()},
        "platforms": platforms,
        "prereleases": prereleases,
        "requirements": requirements,
        "resolver": resolver,
        "sdists": sdists,
        "update": update,
        "variables": variables,
    }
    artifact = dict(common, env = ":" + name, srcs = srcs, src_root = src_root, collisions = collisions)
    python_env_lock_update(name = name + ".update", env_name = name, **dict(request, **common))
    python_env_lock_file(name = name + ".lock", lock = lock, update = update, **common)
    python_env_lock_test(name = name + ".lock_test", size = "small", **dict(request, **common))
    python_env_lock_export(name = name + ".pylock", env_name = name, lock = lock, update = update, **common)
    python_env_resolver_test(
        name = name + ".resolver_test",
        size = "large",
        known = resolver_differences,
        **dict(request, tags = tags + ["external", "local", "manual", "requires-network"], visibility = visibility)
    )
    python_env_closure(
        name = name,
        local_sources = local_sources,
        lock = lock,
        update = update,
        wheels = lock_repo + "//:wheels",
        **common
    )
    python_env_pex(name = name + "_pex", entry_point = entry_point, **artifact)
    python_env_venv(name = name + "_venv", **artifact)
    python_env_launcher(
        name = name + "_launcher",
        artifacts = [":" + name + "_pex", ":" + name + "_venv"],
        combinations = combinations,
        **common
    )
