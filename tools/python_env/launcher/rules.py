"""The launcher rules: artifact and combination to settings; what cannot be started is refused in refusals.py.

Pure; every key stands here once, with its reason and Spark's page. What Spark does was run, not read: see
docs/launcher.md for the facts and tests/e2e for the runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from python_env.artifacts.model import Container, InheritPath, Report
from python_env.launcher.manifest.model import (
    ALIAS,
    CODE_ALIAS,
    CODE_URI,
    DRIVER_CODE,
    DRIVER_PYTHON,
    FILE,
    MASTER,
    URI,
)
from python_env.launcher.model import Added, Cluster, Combination, Launch, Refusal, Setting
from python_env.launcher.pex import drops_pythonpath, pex_variables
from python_env.launcher.refusals import launch_refusal
from python_env.launcher.versions import version_requirements

_YARN = "docs/running-on-yarn.md"
_CONFIGURATION = "docs/configuration.md"
_PACKAGING = "python/docs/source/tutorial/python_packaging.rst"
_KUBERNETES = "docs/running-on-kubernetes.md"
_PEX_PAGE = "pex: PEX runtime environment variables"

_PLACE = "in every container's working directory"
_UNPACKS = {
    (ALIAS,): f"unpacks the archive as ./{ALIAS} {_PLACE}",
    (CODE_ALIAS,): f"unpacks the code as ./{CODE_ALIAS} {_PLACE}",
    (ALIAS, CODE_ALIAS): f"unpacks the archive as ./{ALIAS} and the code as ./{CODE_ALIAS} {_PLACE}",
}

_MASTERS = {
    "yarn": "yarn",
    "standalone": f"spark://{MASTER}",
    "kubernetes": f"k8s://{MASTER}",
    "connect": f"sc://{MASTER}",
    "local-cluster": "local-cluster[2,1,1024]",
}

ANY = Cluster()
"""A cluster of which nothing is stated."""


def plan_launch(
    artifact: Report, combination: Combination, *, split: bool = False, cluster: Cluster = ANY, code_file: str = ""
) -> Launch | Refusal:
    """Return how the combination starts the artifact on the cluster, or why it cannot.

    `split`: with its code as another archive, whose name is `code_file`. Where the driver runs is the combination's.
    """
    refused = launch_refusal(artifact, combination, split=split, cluster=cluster, code_file=code_file)
    if refused is not None:
        return Refusal(artifact=artifact.kind, combination=combination, **refused._asdict())
    return Launch(
        artifact=artifact.kind,
        combination=combination,
        master=_MASTERS[combination.manager],
        deploy_mode=_deploy_mode(combination),
        conf=tuple(sorted(_conf(artifact, combination, split=split), key=lambda setting: setting.key)),
        env=tuple(sorted(_env(artifact, combination, split=split), key=lambda setting: setting.key)),
        added=tuple(_added(artifact)) if combination is Combination.CONNECT else (),
        requires=tuple(_requires(artifact, combination, split=split, cluster=cluster)),
    )


def _deploy_mode(combination: Combination) -> str:
    """Return what spark-submit calls the driver's place; Spark Connect is no business of spark-submit."""
    if combination is Combination.CONNECT:
        return ""
    return "cluster" if combination.driver_on_cluster else "client"


def container_python(artifact: Report) -> str:
    """Return the interpreter's path from a container's working directory."""
    return f"./{FILE}" if artifact.container is Container.FILE else f"./{ALIAS}/{artifact.python_path}"


def _conf(artifact: Report, combination: Combination, *, split: bool) -> Iterator[Setting]:
    if combination is Combination.CONNECT:
        why = "the interpreter of this session's workers; the server keeps its own for other sessions"
        python = container_python(artifact)
        yield Setting(key="spark.sql.execution.pyspark.python", value=python, reason=why, page=_PACKAGING)
        return
    yield from _shipping(artifact, combination, split=split)
    yield from _interpreter(artifact, combination)
    for name, value, reason in pex_variables(artifact):
        for key in _container_variables(combination, name):
            yield Setting(key=key, value=value, reason=reason, page=_PEX_PAGE)
    if split:
        yield from _code_path(artifact, combination)


def _shipping(artifact: Report, combination: Combination, *, split: bool) -> Iterator[Setting]:
    """Yield the one key that ships each archive or file: two of them would upload it twice or win over each other."""
    on_yarn = combination.manager == "yarn"
    page = _YARN if on_yarn else _CONFIGURATION
    if artifact.container is Container.FILE:
        key = "spark.yarn.dist.files" if on_yarn else "spark.files"
        yield Setting(key=key, value=URI, reason="puts the PEX into every container's working directory", page=page)
    archives = {} if artifact.container is Container.FILE else {URI: ALIAS}
    if split:
        archives[CODE_URI] = CODE_ALIAS
    if archives:
        key = "spark.yarn.dist.archives" if on_yarn else "spark.archives"
        value = ",".join(f"{uri}#{alias}" for uri, alias in archives.items())
        yield Setting(key=key, value=value, reason=_UNPACKS[tuple(archives.values())], page=page)


def _added(artifact: Report) -> Iterator[Added]:
    """Yield what a client of Spark Connect adds: its session's own copy in the workers' working directory."""
    archive = artifact.container is not Container.FILE
    why = _UNPACKS[(ALIAS,)] if archive else "puts the PEX into the working directory of this session's workers"
    yield Added(value=f"{URI}#{ALIAS}" if archive else URI, archive=archive, reason=why, page=_PACKAGING)


def _code_path(artifact: Report, combination: Combination) -> Iterator[Setting]:
    """Yield what puts the unpacked code on sys.path.

    Spark puts its own pyspark before PYTHONPATH of executorEnv and appMasterEnv, and keeps it; what a submitter's
    PYTHONPATH holds comes behind it.
    """
    if drops_pythonpath(artifact):
        why = "this PEX drops PYTHONPATH; it puts this on sys.path instead: the code"
        for key in _container_variables(combination, "PEX_EXTRA_SYS_PATH"):
            yield Setting(key=key, value=f"./{CODE_ALIAS}", reason=why, page=_PEX_PAGE)
        return
    why = "the code; Spark puts its own pyspark before it, and what the submitter's PYTHONPATH holds behind"
    for key in _container_variables(combination, "PYTHONPATH"):
        yield Setting(key=key, value=f"./{CODE_ALIAS}", reason=why, page=_page_of(key))


def _page_of(key: str) -> str:
    pages = {"spark.yarn.": _YARN, "spark.kubernetes.": _KUBERNETES}
    return next((page for start, page in pages.items() if key.startswith(start)), _CONFIGURATION)


def _interpreter(artifact: Report, combination: Combination) -> Iterator[Setting]:
    python = container_python(artifact)
    if combination is Combination.YARN_CLUSTER:
        # spark.pyspark.driver.python would win over these for the driver: never emitted in cluster mode
        prefix = "spark.yarn.appMasterEnv."
        why = "the driver in the application master, and by it every worker; else the submitter's value leaks in"
        yield Setting(key=prefix + "PYSPARK_PYTHON", value=python, reason=why, page=_YARN)
        why = "keeps the submitter's own value out of the application master"
        yield Setting(key=prefix + "PYSPARK_DRIVER_PYTHON", value=python, reason=why, page=_YARN)
        why = "workers hash strings with seed 0; a driver with another one breaks shuffles by string keys"
        yield Setting(key=prefix + "PYTHONHASHSEED", value="0", reason=why, page=_YARN)
        return
    why = "the interpreter of the workers, shipped with every task"
    yield Setting(key="spark.pyspark.python", value=python, reason=why, page=_CONFIGURATION)
    if not combination.driver_on_cluster:
        why = "the driver runs on the submitting machine, where the container's path does not exist"
        yield Setting(key="spark.pyspark.driver.python", value=DRIVER_PYTHON, reason=why, page=_CONFIGURATION)


def _container_variables(combination: Combination, name: str) -> Iterator[str]:
    yield f"spark.executorEnv.{name}"
    if combination is Combination.YARN_CLUSTER:
        yield f"spark.yarn.appMasterEnv.{name}"
    if combination is Combination.KUBERNETES_CLUSTER:
        yield f"spark.kubernetes.driverEnv.{name}"


def _env(artifact: Report, combination: Combination, *, split: bool) -> Iterator[Setting]:
    """Yield what a driver needs that is started as `python app.py`: there spark.pyspark.python is ignored."""
    if combination.driver_on_cluster:
        return
    why = "without spark-submit only the variable counts"
    yield Setting(key="PYSPARK_PYTHON", value=container_python(artifact), reason=why, page=_PACKAGING)
    yield Setting(key="PYSPARK_DRIVER_PYTHON", value=DRIVER_PYTHON, reason=why, page=_PACKAGING)
    if split:
        why = "the driver's own copy of the code; no property sets a driver's variables on the submitting machine"
        yield Setting(key="PYTHONPATH", value=DRIVER_CODE, reason=why, page=_CONFIGURATION, before_others=True)
    why = "workers hash strings with seed 0, as spark-submit does for the driver"
    yield Setting(key="PYTHONHASHSEED", value="0", reason=why, page=_CONFIGURATION)


def _requires(artifact: Report, combination: Combination, *, split: bool, cluster: Cluster) -> Iterator[str]:
    yield from _python_requirements(artifact, combination)
    if combination is Combination.CONNECT:
        yield from _connect_requirements(artifact)
    if split and not combination.driver_on_cluster:
        yield f"{DRIVER_CODE}, an unpacked copy of the code, first on the PYTHONPATH of spark-submit: the driver's own"
    yield from _package_requirements(artifact)
    yield from version_requirements(artifact, combination, cluster)
    if combination is Combination.YARN_CLUSTER:
        yield (
            "no spark.pyspark.python or spark.pyspark.driver.python in the submitter's spark-defaults: "
            "they win over spark.yarn.appMasterEnv for the driver"
        )
    if combination is Combination.KUBERNETES_CLUSTER:
        yield f"spark.kubernetes.file.upload.path where {URI} is a local file ({_KUBERNETES})"


def _connect_requirements(artifact: Report) -> Iterator[str]:
    yield f"a local Python {artifact.python} for the client: its functions are unpickled by the workers' Python"
    yield f"{URI} is a path on the client's machine: addArtifact takes local files only"
    for name, value, _ in pex_variables(artifact):
        yield f"spark.executorEnv.{name}={value} where the server is started: a session cannot set it"


def _python_requirements(artifact: Report, combination: Combination) -> Iterator[str]:
    if not artifact.bundled_interpreter:
        yield f"python{artifact.python} on the PATH of every container: the artifact has no interpreter inside"
        if combination.manager == "yarn":
            yield "that PATH by yarn.nodemanager.admin-env or spark.executorEnv.PATH: a NodeManager keeps its own"
    for library, modules in artifact.node_libraries.items():
        yield f"{library} on every node: {', '.join(modules)} of the interpreter inside cannot be imported without it"
    if not combination.driver_on_cluster:
        yield f"a local Python {artifact.python} for the driver: the versions must agree in major and minor"


def _package_requirements(artifact: Report) -> Iterator[str]:
    for name, version in sorted(artifact.ignored.items()):
        yield f"{name} {version} on the PYTHONPATH of the cluster's Python: the artifact leaves it out{_by_spark(name)}"
    if artifact.inherit_path is InheritPath.PREFER:
        yield "no packages in the nodes' Python: by inherit_path = prefer they win over the packed ones, silently"


def _by_spark(name: str) -> str:
    return ", and Spark brings its own" if name in ("pyspark", "py4j") else ""
