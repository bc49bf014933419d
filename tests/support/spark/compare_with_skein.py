"""Compares our specifications of Skein applications with cluster-pack's and dask-yarn's own, read by the real Skein.

Needs a Python that has skein, cluster-pack and dask-yarn. Prints how many were compared; with `--rows` what the real
ones say, one JSON line for each: the golden rows of tests/tools/compat. Where a path of this machine would stand, the
row has FOLDER.
"""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

ARCHIVES = ("hdfs:///envs/e.pex", "hdfs:///envs/e.pex.zip", "s3a://b/e.pex")
MODULES = ("package.module", "job.py")
SUBMITTED: tuple[dict[str, Any], ...] = (
    {},
    {"args": ["a", "b"], "additional_files": ["hdfs:///f/x.txt"], "env_vars": {"A": "1"}},
    {
        "name": "n",
        "num_cores": 2,
        "memory": "3 GiB",
        "hadoop_file_systems": ["hdfs://a"],
        "queue": "q",
        "node_label": "l",
        "num_containers": 2,
        "user": "another-user",
        "pre_script_hook": "date",
        "max_attempts": 2,
        "max_restarts": 3,
    },
)
ENVIRONMENTS = (
    "hdfs:///envs/e.tar.gz",
    "/opt/e.zip",
    "conda:///opt/e",
    "conda://name",
    "venv:///opt/e",
    "python:///opt/e/bin/python",
)
CLUSTERS: tuple[dict[str, Any], ...] = (
    {},
    {"deploy_mode": "local", "n_workers": 2, "worker_memory": "4 GiB", "worker_env": {"A": "1"}},
    {
        "name": "n",
        "queue": "q",
        "tags": ["t"],
        "user": "u",
        "worker_vcores": 2,
        "worker_restarts": 1,
        "worker_class": "dask.distributed.Worker",
        "worker_options": {"nthreads": 2},
        "worker_gpus": 1,
        "scheduler_vcores": 2,
        "scheduler_memory": "3 GiB",
        "scheduler_gpus": 1,
    },
)


class Client:
    """As much of a Skein client as submit uses."""

    def submit(self, specification: Any) -> str:
        """Keep what the real client would send."""
        import skein

        self.sent: dict[str, Any] = skein.ApplicationSpec._from_any(specification).to_dict()
        return "application"


def _sent(submit: Any, module: str, archive: str, options: dict[str, Any]) -> dict[str, Any]:
    client = Client()
    given = {key: list(value) if isinstance(value, list) else value for key, value in options.items()}
    submit(client, module, package_path=archive, **given)
    return client.sent


def _without_folder(sent: dict[str, Any]) -> str:
    """Return what was sent as JSON, in its own order, without the folder that only lived as long as the call."""
    for service in sent["services"].values():
        index = service["files"]["editable_packages_index"]
        index["source"] = "FOLDER/" + index["source"].rsplit("/", 1)[-1]
    return json.dumps(sent)


def skein_pairs() -> Iterator[tuple[dict[str, Any], str, str]]:
    """Yield what is asked, what cluster-pack sends and what ours sends."""
    from cluster_pack import packaging
    from cluster_pack.skein import skein_launcher

    from python_env.compat import skein as ours

    # it would ask pip for this Python's editable packages; an environment of ours has none
    packaging.get_editable_requirements = dict
    for archive, module, options in itertools.product(ARCHIVES, MODULES, SUBMITTED):
        asked = {"archive": archive, "module": module, "options": options}
        theirs = _without_folder(_sent(skein_launcher.submit, module, archive, options))
        yield asked, theirs, _without_folder(_sent(ours.submit, module, archive, options))


def dask_pairs() -> Iterator[tuple[dict[str, Any], str, str]]:
    """Yield what is asked, what dask-yarn makes and what ours makes."""
    import dask
    import skein
    from dask_yarn import core

    from python_env.compat import dask_yarn as ours

    for environment, options in itertools.product(ENVIRONMENTS, CLUSTERS):
        with dask.config.set({"yarn.worker.env": {}}):  # dask-yarn writes into it
            theirs = core._make_specification(environment=environment, **options).to_dict()
        made = skein.ApplicationSpec.from_dict(ours.make_specification(environment, **options)).to_dict()
        yield {"environment": environment, "options": options}, json.dumps(theirs), json.dumps(made)


def main() -> int:
    """Compare, and name every difference."""
    tempfile.tempdir = tempfile.mkdtemp()
    pairs = [*skein_pairs(), *dask_pairs()]
    if "--rows" in sys.argv:
        for asked, theirs, _ in pairs:
            print(json.dumps({**asked, "specification": json.loads(theirs)}))
        return 0
    differences = [(asked, theirs, ours) for asked, theirs, ours in pairs if theirs != ours]
    print(f"{len(pairs)} compared, {len(differences)} different", *differences, sep="\n")
    return bool(differences)


if __name__ == "__main__":
    sys.exit(main())
