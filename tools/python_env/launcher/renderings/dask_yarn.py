"""A Dask cluster on YARN by Skein, for dask-yarn's `YarnCluster.from_specification` (dask-yarn: dask_yarn/core.py)."""

from __future__ import annotations

from python_env.artifacts.model import Report
from python_env.compat.dask_yarn import MODULE, WORKER_ENV
from python_env.launcher.renderings.skein import runs_in_skein, shipped
from python_env.launcher.renderings.text import Tree, joined, yaml_lines
from python_env.launcher.rules import container_python


def runs_dask(artifact: Report) -> bool:
    """Return whether a container can start dask-yarn of the artifact: it is inside."""
    return runs_in_skein(artifact) and "dask-yarn" in artifact.distributions


def specification(artifact: Report, *, split: bool = False) -> dict[str, Tree]:
    """Return the cluster's specification as a tree: a scheduler, and workers, whose number the user scales."""
    files, env = shipped(artifact, split=split)
    size: dict[str, Tree] = {"memory": "2 GiB", "vcores": 1}

    def service(name: str, **more: Tree) -> dict[str, Tree]:
        script = f"{container_python(artifact)} {MODULE} services {name}"
        return {"resources": size, "files": files, "env": env, "script": script, **more}

    worker_env: dict[str, Tree] = {**env, **WORKER_ENV}
    worker = service("worker", instances=0, max_restarts=-1, depends=["dask.scheduler"], env=worker_env)
    services: dict[str, Tree] = {"dask.scheduler": service("scheduler", instances=1, max_restarts=0)}
    return {"name": artifact.name, "queue": "default", "services": {**services, "dask.worker": worker}}


def render_dask(artifact: Report, *, split: bool = False) -> str:
    """Return the YAML for `YarnCluster.from_specification`."""
    use = f"# {artifact.kind}: dask_yarn.YarnCluster.from_specification"
    return joined([use, *yaml_lines(specification(artifact, split=split))])
