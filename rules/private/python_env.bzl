"""python_env: one environment, from its requirement files to its launcher manifest."""

load("@python_env_interpreters//:interpreters.bzl", "INTERPRETERS")
load("//rules/private/artifacts:artifact_targets.bzl", "artifact_targets")
load("//rules/private/artifacts:pex_checks.bzl", "pex_fault")
load("//rules/private/artifacts:venv_checks.bzl", "venv_fault")
load("//rules/private/deploy:deploy_targets.bzl", "deploy_targets")
load("//rules/private/doctor:doctor.bzl", "python_env_doctor")
load("//rules/private/env:closure.bzl", "python_env_closure")
load("//rules/private/launcher:launcher.bzl", "python_env_launcher")
load("//rules/private/lock:lock_targets.bzl", "lock_targets")
load(":all_platforms.bzl", "python_env_all_platforms")
load(":interpreters.bzl", "choose_interpreter", "interpreter_error", "interpreter_faults")
load(":python_env_checks.bzl", "base_label", "python_env_fault", "split_fault")

_LISTS = [
    "constraints",
    "excludes",
    "extras",
    "groups",
    "included",
    "indexes",
    "local_sources",
    "overrides",
    "platforms",
    "requirements",
    "sdists",
]

def _check(where, request, lock_repo, other_fault, **lists):
    """Fails with every slip in the attributes of a python_env; `lists` are those that are no part of the request."""
    every = dict({key: request[key] for key in _LISTS}, **lists)
    lists = {key: every[key] for key in sorted(every)}
    fault = python_env_fault(where, lists = lists, lock_repo = lock_repo, extends = request["extends"])
    if fault or other_fault:
        fail(fault or other_fault)

def _request_attrs(where, request):
    """Returns a request as REQUIREMENT_ATTRS have it: with the label of the base's lock, and the command that refreshes this one."""
    base = base_label(request["extends"], native.package_name())
    files = request["platform_requirements"]
    return dict(
        request,
        extends = {base + ".lock": base} if base else {},
        platform_requirements = {file: " ".join(files[file]) for file in files},
        update = "bazel run %s.update" % where,
    )

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
        split = False,
        interpreters = None,
        venv_format = "tar.gz",
        pex = {},
        venv = {},
        collisions = {},
        combinations = [],
        deploy = {},
        launcher = {},
        submit = {},
        tags = [],
        visibility = None):
    """Declares an environment and everything that is made of it.

    | target | what |
    |---|---|
    | `:<name>` | the closure for the selected platform (`PyEnvInfo`) |
    | `:<name>_pex`, `:<name>_venv` | artifacts, each with its JSON report |
    | `:<name>_code` | with `split`: the first-party files; the other two are then without them |
    | `:<name>_wheelhouse` | the wheels of all `platforms` in one archive for pip and uv; only when named, since it fetches them all |
    | `:<name>_launcher` | how a cluster must start them |
    | `:<name>_pex.all_platforms`, and of closure, `_venv`, `_code`, `_launcher` | for all `platforms` at once, a folder for each tag; only when named, since it fetches all their wheels |
    | `:<name>_deploy` | `bazel run`: publish them |
    | `:<name>_deploy.plan` | `bazel run`: what that would do |
    | `:<name>_doctor` | `bazel run`: will they run on a cluster? Says so without one |
    | `:<name>_submit` | `bazel run`: publish what is missing, and submit a job |
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
      split: whether `srcs` make an archive of their own, `:<name>_code`: PEX and venv then hold the dependencies alone and keep
        their bytes when code changes; the launcher ships both.
      interpreters: platform tag to the label of the interpreter that its venv carries, e.g. `{"cp311-manylinux_2_28_x86_64": "@cpython_3_11"}`; a tag
        that does not stand there has none. By default what the workspace has (`python_interpreter_archive`) for Python and platform of the tag.
      venv_format: `tar.gz`, `zip` or `dir`: what the venv is written as.
      pex: further options of the PEX (`python_env_pex`): `{"layout": "packed", "sh_boot": True}`.
      venv: `additional`, `compile` and `ignored` of the venv (`python_env_venv`): `{"compile": True}`.
      collisions: path of the installed tree to the distribution whose file wins where several wheels own it with
        different content, e.g. `{"site-packages/tests/__init__.py": "a"}`; an entry that changes nothing is an error.
      combinations: masters and deploy modes of the launcher manifest; all that work when empty.
      deploy: options of `:<name>_deploy` (`python_env_deploy`): `{"to": "s3://bucket/envs", "clients": ["@deploy_lock//exec:obstore"]}`; `artifacts` are by default
        those of the launcher.
      launcher: further options of the launcher (`python_env_launcher`): `{"spark_versions": ["3.5.6"], "profile": "cluster-pack"}`.
      submit: options of `:<name>_submit` (`python_env_submit`): `{"kind": "pex", "combination": "yarn-client"}`; `to`, `clients` and `artifacts` are those of `deploy`.
      tags: tags of all targets.
      visibility: visibility of all targets.
    """
    where = "//%s:%s" % (native.package_name(), name)
    request = {
        "constraints": constraints,
        "exclude_newer": exclude_newer,
        "extends": extends,
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
        "platform_requirements": platform_requirements,
        "platforms": platforms,
        "prereleases": prereleases,
        "requirements": requirements,
        "resolver": resolver,
        "sdists": sdists,
        "variables": variables,
    }
    fault = pex_fault(where, pex, entry_point) or split_fault(where, split, srcs, src_root) or venv_fault(where, venv) or interpreter_error(where, interpreter_faults(platforms, interpreters))
    _check(where, request, lock_repo, fault, combinations = combinations, srcs = srcs)
    request = _request_attrs(where, request)
    common = {"tags": tags, "visibility": visibility}
    lock_targets(name, request, resolver_differences, **common)
    python_env_closure(
        name = name,
        local_sources = local_sources,
        lock = lock,
        update = request["update"],
        wheels = lock_repo + "//:wheels",
        **common
    )
    artifacts = artifact_targets(
        name,
        content = {"collisions": collisions, "src_root": src_root, "srcs": srcs},
        pex = dict({"entry_point": entry_point}, **pex),
        venv = dict(
            venv,
            format = venv_format,
            interpreter = choose_interpreter(name, platforms, interpreters, registered = INTERPRETERS),
        ),
        wheelhouse = {"platforms": platforms},
        split = split,
        **common
    )
    versions = {key: launcher[key] for key in ["hadoop_version", "spark_versions"] if key in launcher}
    python_env_doctor(name = name + "_doctor", artifacts = artifacts, combinations = combinations, **dict(versions, **common))
    python_env_launcher(name = name + "_launcher", artifacts = artifacts, combinations = combinations, **dict(launcher, **common))
    deploy_targets(name, artifacts, deploy, submit, **common)
    for target in [":" + name] + artifacts + [":%s_launcher" % name]:
        python_env_all_platforms(
            name = target[1:] + ".all_platforms",
            platforms = platforms,
            tags = tags + ["manual"],
            target = target,
            visibility = visibility,
        )
