"""Applications of Skein on a real YARN: our specification, and cluster-pack's by our compat module."""

from __future__ import annotations

import getpass
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.filling import filled
from support.hadoop.cluster import HadoopCluster, java_home
from support.hadoop.jars import hadoop_jars

ROOT = Path(__file__).parents[2]
PEERS = ("skein==0.8.2", "cluster-pack==0.3.17", "dask-yarn==0.9", "dask==2021.4.1", "distributed==2021.4.1")
BESIDE = (
    *("setuptools<80", "click<8.1"),  # what these old releases take for granted
    *("grpcio", "protobuf", "cryptography", "cffi", "pyyaml", "typing-extensions"),
    *("fsspec", "wheel-filename", "packaging", "fire", "termcolor", "cloudpickle", "pex"),
    *("toolz", "partd", "locket", "msgpack", "psutil", "sortedcontainers", "tblib", "tornado", "zict"),
)
"""What they import; not what they ask for besides, pyarrow and a client of S3."""

SHIM = """#!/bin/sh
# the only call that skein makes: yarn classpath --glob
printf '%s' "$HADOOP_CONF_DIR"
for jar in {jars}/*.jar; do printf ':%s' "$jar"; done
echo
"""
SUBMIT = """
import json, skein, sys, time
from python_env.compat import skein as compat
with skein.Client() as client:
    if sys.argv[1] == "yaml":
        application = client.submit(skein.ApplicationSpec.from_yaml(sys.stdin.read()))
    else:
        application = compat.submit(client, "where.py", package_path=sys.argv[1], additional_files=sys.argv[2:])
    while True:
        report = client.application_report(application)
        if str(report.final_status) != "UNDEFINED":
            break
        time.sleep(0.3)
print(json.dumps([application, str(report.state), str(report.final_status), report.diagnostics]))
"""
WHERE = "import json,numpy,os,sys; print(json.dumps([os.getcwd(), sys.prefix, numpy.__file__]))"
KINDS = {"venv": "hello.venv.tar.gz", "pex": "hello.pex"}


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of a venv with skein, cluster-pack and dask-yarn."""
    venv = tmp_path_factory.mktemp("peers")
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    pip = [venv / "bin/pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, *PEERS, *BESIDE], check=True)
    return venv / "bin/python"


def test_our_compat_functions_do_what_the_real_ones_do(peers: Path, tmp_path: Path) -> None:
    """cluster-pack's applications and dask-yarn's clusters, as the real Skein reads them: golden rows are theirs."""
    script = ROOT / "tests/support/spark/compare_with_skein.py"
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT / "tools")}
    done = subprocess.run([peers, script], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "36 compared, 0 different\n", done.stdout + done.stderr
    rows = subprocess.run([peers, script, "--rows"], env=environment, capture_output=True, text=True, check=True)
    assert rows.stdout == (ROOT / "tests/tools/compat/skein.jsonl").read_text()


Submit = Callable[..., list[list[str]]]


@pytest.fixture
def submit(peers: Path, cluster: HadoopCluster, tmp_path: Path) -> Submit:
    """Return a function that runs an application to its end, and returns what its containers printed."""
    jars = hadoop_jars(cluster.jars.name.removeprefix("hadoop-"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/yarn").write_text(SHIM.format(jars=jars))
    (tmp_path / "bin/yarn").chmod(0o755)
    environment = {
        "HADOOP_CONF_DIR": str(cluster.conf),
        "HOME": str(tmp_path),
        "JAVA_HOME": str(java_home()),
        "PATH": f"{tmp_path}/bin:{java_home()}/bin:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT / "tools"),
        "USER": getpass.getuser(),
    }

    def run(*words: str, text: str = "") -> list[list[str]]:
        command = [str(peers), "-c", SUBMIT, *words]
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, input=text, capture_output=True, text=True, check=False, timeout=180
        )
        assert done.returncode == 0, done.stderr[-3000:]
        application, *said = json.loads(done.stdout.splitlines()[-1])
        # application.driver.log of a master's script, skein_launcher.log of a service's
        logs = "".join(log.read_text() for log in sorted(cluster.base.glob(f"userlogs/{application}/*/*.log")))
        assert said[:2] == ["FINISHED", "SUCCEEDED"], f"{said}\n{logs}"
        found = [line for line in logs.splitlines() if line.startswith('["/')]
        return [json.loads(line) for line in found]

    return run


@pytest.mark.parametrize("kind", KINDS)
def test_our_specification_finishes(
    submit: Submit, built: Path, uploaded: dict[tuple[str, str], str], kind: str
) -> None:
    """The application master is the artifact's own Python; the application is FINISHED and SUCCEEDED."""
    text = (built / f"examples/hello/hello.launcher/{kind}/skein/skein.yaml").read_text()
    text = filled(text.replace("{command}", f"-c '{WHERE}'"), uri=uploaded["hello", kind])
    check(submit("yaml", text=text), kind)


def test_cluster_packs_application_finishes(
    submit: Submit, uploaded: dict[tuple[str, str], str], tmp_path: Path
) -> None:
    """A service that its users' own call submits: only the import was changed."""
    (tmp_path / "where.py").write_text(WHERE)
    check(submit(uploaded["hello", "pex"], str(tmp_path / "where.py")), "pex")


def check(found: list[list[Any]], kind: str) -> None:
    """Assert that the artifact's numpy was imported by its own Python, in the container."""
    assert found
    for cwd, prefix, numpy in found:
        assert numpy.startswith(f"{prefix}/")
        inside = prefix.startswith(f"{cwd}/.pex/") if kind == "pex" else prefix == f"{cwd}/pyenv"
        assert inside or "/filecache/" in prefix, (cwd, prefix)
