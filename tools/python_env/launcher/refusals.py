"""What no property can start: artifact, combination and cluster to the first rule that refuses.

Each names the run that proves it (docs/launcher.md); rules by stated versions are in versions.py.
"""

from __future__ import annotations

from python_env.artifacts.model import ArtifactKind, Container, InheritPath, Report
from python_env.launcher.model import Cluster, Combination, Why
from python_env.launcher.pex import drops_pythonpath
from python_env.launcher.versions import version_refusal

_INHERIT = 'inherit_path = "fallback" with non-hermetic scripts'
_TAR_GZ = 'format = "tar.gz" (venv_format of python_env)'
_REFUSALS = "test_refusals.py::"
_DROPS_PYTHONPATH = _REFUSALS + "test_a_pex_that_drops_pythonpath"

_SUFFIXES = {Container.TAR_GZ: (".tar.gz", ".tgz"), Container.ZIP: (".zip",)}
"""What YARN and Spark unpack; they judge by the end of the file's name."""


def launch_refusal(
    artifact: Report, combination: Combination, *, split: bool, cluster: Cluster, code_file: str
) -> Why | None:
    """Return what the first rule says that refuses, or None."""
    refused = _refusal(artifact, combination) or _shipping_refusal(artifact, code_file)
    if refused is None and combination is Combination.CONNECT:
        refused = _connect_refusal(artifact, split=split)
    return refused or version_refusal(artifact, combination, cluster, split=split)


def _shipping_refusal(artifact: Report, code_file: str) -> Why | None:
    """Refuse names by which a cluster would not unpack, or not tell two archives apart."""
    suffixes = _SUFFIXES.get(artifact.container, ())
    if suffixes and not artifact.file.endswith(suffixes):
        reason = f"{artifact.file} would not be unpacked: that is judged by the end of its name"
        return Why(reason, " or ".join(suffixes), _REFUSALS + "test_what_is_not_unpacked")
    if code_file and code_file == artifact.file:
        reason = f"environment and code are both named {code_file}; YARN refuses that a name is shipped multiple times"
        return Why(reason, "another file_name for one of them", _REFUSALS + "test_two_archives_of_one_name")
    return None


def _connect_refusal(artifact: Report, *, split: bool) -> Why | None:
    """Refuse what needs variables of the workers: a session's properties set none."""
    if split:
        reason = "a session of Spark Connect cannot set PYTHONPATH of its workers: the code is not found"
        return Why(reason, "split = False", "test_connect.py::test_a_session_sets_no_variable_of_its_workers")
    if artifact.entry_point or artifact.script:
        return Why(
            "a session of Spark Connect cannot set PEX_INTERPRETER: the entry point runs instead of pyspark.daemon",
            "a PEX without an entry point, or the venv",
            "test_connect.py::test_an_entry_point_runs_instead_of_the_worker",
        )
    return None


def _refusal(artifact: Report, combination: Combination) -> Why | None:
    """Return what the first rule says that refuses whatever the versions, or None."""
    if combination is Combination.STANDALONE_CLUSTER:
        reason = "spark-submit refuses Python applications in cluster mode on a standalone master"
        return Why(reason, "standalone-client", "test_spark.py::test_standalone")
    if combination is Combination.LOCAL:
        return Why(
            "in local mode Python workers start in the driver's own folder, where no archive or file is put",
            "local-cluster, or run the driver with the interpreter of an unpacked copy",
            "test_spark.py::test_local_mode_does_not_see_the_archive",
        )
    if "linux" not in artifact.platform:
        reason = f"Spark's executors run on Linux; this artifact is for {artifact.platform}"
        return Why(reason, "build for a Linux platform tag", "no run: its binaries are another system's")
    if artifact.container is Container.DIR:
        proof = _REFUSALS + "test_a_folder_is_no_archive"
        return Why("a folder is not an archive: Spark ships files", _TAR_GZ, proof)
    if artifact.kind is ArtifactKind.PEX and "pyspark" not in artifact.distributions:
        return _blind_pex(artifact)
    if artifact.ignored and drops_pythonpath(artifact):
        names = ", ".join(sorted(artifact.ignored))
        reason = f"the PEX leaves out {names} and drops PYTHONPATH, by which the cluster has them"
        return Why(reason, _INHERIT, _DROPS_PYTHONPATH)
    return None


def _blind_pex(artifact: Report) -> Why | None:
    """Refuse a PEX that cannot import the cluster's pyspark, which reaches it by PYTHONPATH only."""
    remedy = f"{_INHERIT}, or lock pyspark into the environment"
    if artifact.inherit_path is InheritPath.FALSE:
        reason = "inherit_path is false: the PEX drops PYTHONPATH, and the worker fails with No module named 'pyspark'"
        return Why(reason, remedy, _DROPS_PYTHONPATH)
    if artifact.venv_mode and artifact.hermetic_scripts:
        reason = "the scripts of a venv-mode PEX are hermetic: they drop PYTHONPATH, No module named 'pyspark'"
        return Why(reason, remedy, _DROPS_PYTHONPATH)
    return None
