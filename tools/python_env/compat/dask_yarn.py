"""dask-yarn's specification of a Dask cluster, with the results of its release 0.9; standard library only.

    from dask_yarn import YarnCluster
    from python_env.compat.dask_yarn import make_specification
    cluster = YarnCluster.from_specification(make_specification("hdfs:///envs/training-1f3a.pex", n_workers=2))

dask-yarn itself knows archives of conda-pack and venv-pack, which it starts by `bin/activate`. A venv of ours has no
such file, and needs none; a PEX has no `bin`. Both start here by their own Python.
"""

from __future__ import annotations

import base64
import json
from typing import Any, Mapping, NamedTuple, Sequence
from urllib.parse import urlsplit

ARCHIVE = "environment"
"""Name of the unpacked archive's folder in every container's working directory: dask-yarn's own."""

MODULE = "-m dask_yarn.cli"
"""How a Python starts dask-yarn."""

WORKER_ENV = {"worker_class": "dask.distributed.Nanny", "worker_options": "e30="}
"""What dask-yarn's worker reads; the options are JSON in base64: none."""

_PACKED = (".pex.zip", ".venv.tar.gz", ".venv.zip")


class Environment(NamedTuple):
    """How a container starts dask-yarn."""

    files: dict[str, str]
    setup: str
    """What a shell does before; empty for nothing."""
    command: str

    def script(self, service: str) -> str:
        """Return the script of a service: `scheduler`, `worker` or `client SCRIPT WORDS`."""
        command = f"{self.command} services {service}"
        return f"{self.setup}\n{command}" if self.setup else command


def environment_of(environment: str) -> Environment:
    """Return how an environment starts: an archive, or what lies on every node (`conda://`, `venv://`, `python://`)."""
    scheme = urlsplit(environment).scheme
    path = environment[len(scheme) + 3 :]
    if scheme == "conda":
        return Environment({}, f"conda activate {path}", "dask-yarn")
    if scheme == "venv":
        return Environment({}, f"source {path}/bin/activate", "dask-yarn")
    if scheme == "python":
        return Environment({}, "", f"{path} {MODULE}")
    return _archive(environment)


def _archive(environment: str) -> Environment:
    name = environment.rsplit("/", 1)[-1]
    if name.endswith(".pex"):
        return Environment({name: environment}, "", f"./{name} {MODULE}")
    python = "__main__.py" if name.endswith(".pex.zip") else "bin/python"
    setup = "" if name.endswith(_PACKED) else f"source {ARCHIVE}/bin/activate"
    return Environment({ARCHIVE: environment}, setup, f"{ARCHIVE}/{python} {MODULE}")


def make_specification(
    environment: str,
    *,
    n_workers: int = 0,
    worker_vcores: int = 1,
    worker_memory: str = "2 GiB",
    worker_restarts: int = -1,
    worker_env: Mapping[str, str] | None = None,
    worker_class: str = WORKER_ENV["worker_class"],
    worker_options: Mapping[str, Any] | None = None,
    worker_gpus: int = 0,
    scheduler_vcores: int = 1,
    scheduler_gpus: int = 0,
    scheduler_memory: str = "2 GiB",
    deploy_mode: str = "remote",
    name: str = "dask",
    queue: str = "default",
    tags: Sequence[str] = (),
    user: str = "",
) -> dict[str, Any]:
    """Return the specification that `YarnCluster.from_specification` takes; the defaults are those of dask-yarn.

    Raises ValueError for another deploy_mode than `remote` and `local`.
    """
    if deploy_mode not in ("remote", "local"):
        raise ValueError(f"`deploy_mode` must be one of {{'remote', 'local'}}, got {deploy_mode!r}")
    started = environment_of(environment)
    options = base64.b64encode(json.dumps(worker_options or {}).encode()).decode()
    services: dict[str, Any] = {}
    if deploy_mode == "remote":
        size = {"vcores": scheduler_vcores, "memory": scheduler_memory, "gpus": scheduler_gpus}
        script = started.script("scheduler")
        services["dask.scheduler"] = {
            "instances": 1,
            "resources": size,
            "max_restarts": 0,
            "files": started.files,
            "script": script,
        }
    services["dask.worker"] = {
        "instances": n_workers,
        "resources": {"vcores": worker_vcores, "memory": worker_memory, "gpus": worker_gpus},
        "max_restarts": worker_restarts,
        "depends": list(services),
        "files": started.files,
        "env": {**(worker_env or {}), "worker_class": worker_class, "worker_options": options},
        "script": started.script("worker"),
    }
    return {"name": name, "queue": queue, "tags": list(tags), "user": user, "services": services}
