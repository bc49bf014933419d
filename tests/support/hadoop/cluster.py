"""NameNode, DataNode, ResourceManager and NodeManager as real daemons on free loopback ports; ready in about 8 s."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import shutil
import signal
import socket
import string
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.hadoop.jars import hadoop_jars

CONF = Path(__file__).with_name("conf")
PORTS = [
    *("nn_rpc", "nn_http", "dn_data", "dn_ipc", "dn_http"),
    *("rm_rpc", "rm_sched", "rm_track", "rm_admin", "rm_http"),
    *("nm_rpc", "nm_loc", "nm_coll", "nm_http"),
]
MAIN = {
    "nn": "org.apache.hadoop.hdfs.server.namenode.NameNode",
    "dn": "org.apache.hadoop.hdfs.server.datanode.DataNode",
    "rm": "org.apache.hadoop.yarn.server.resourcemanager.ResourceManager",
    "nm": "org.apache.hadoop.yarn.server.nodemanager.NodeManager",
}
_OPENED = ("java.lang", "java.lang.reflect", "java.util", "java.net", "java.io", "java.nio")
JVM = [
    *("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.net.preferIPv4Stack=true"),
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED),
]
_WAIT_SECONDS = 90
_STOP_SECONDS = 10


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback interface that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def java_home() -> Path:
    """Return the folder of the Java that is used."""
    found = os.environ.get("JAVA_HOME")
    return Path(found) if found else Path(shutil.which("java") or "java").resolve().parents[1]


@dataclass(slots=True)
class HadoopCluster:
    """A running cluster below one folder."""

    base: Path
    version: str
    jars: Path
    node_path: str
    """PATH of every container; a PATH of the NodeManager itself does not reach them."""
    properties: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What a file of the configuration says beside its template."""
    java: Sequence[str] = ()
    """Options of every JVM."""
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def conf(self) -> Path:
        """Return HADOOP_CONF_DIR."""
        return self.base / "conf"

    @property
    def hdfs(self) -> str:
        """Return the file system's URI."""
        return f"hdfs://127.0.0.1:{self.ports['nn_rpc']}"

    def environment(self) -> dict[str, str]:
        """Return the environment of the daemons and of Hadoop's clients."""
        kept = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG", "TZ", "HOME")}
        extra = {"HADOOP_CONF_DIR": str(self.conf), "HADOOP_HOME": str(self.base), "USER": getpass.getuser()}
        return {**kept, **extra, "JAVA_HOME": str(java_home())}

    def command(self, main: str, *arguments: str) -> list[str]:
        """Return the command line of one of Hadoop's classes."""
        places = [f"-Dhadoop.log.dir={self.base}/logs", f"-Dhadoop.home.dir={self.base}"]
        return [
            str(java_home() / "bin/java"),
            *JVM,
            *self.java,
            *places,
            "-cp",
            f"{self.conf}:{self.jars}/*",
            main,
            *arguments,
        ]

    def fs(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        """Run Hadoop's FsShell and return what it prints."""
        command = self.command("org.apache.hadoop.fs.FsShell", *arguments)
        told = {**self.environment(), **(environment or {})}
        done = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def put(self, path: Path, folder: str) -> str:
        """Upload a file so that everyone may read it, and return its URI."""
        self.fs("-mkdir", "-p", folder)
        self.fs("-put", "-f", str(path), f"{folder}/{path.name}")
        self.fs("-chmod", "-R", "755", folder)
        return f"{self.hdfs}{folder}/{path.name}"

    def start(self) -> None:
        """Start the daemons and wait until HDFS is writable and a node runs."""
        self._configure()
        self._launch("rm")
        self._format()
        self._launch("nn")
        self._wait("ResourceManager's port", lambda: listens(self.ports["rm_track"]))
        self._launch("nm")
        self._await_hdfs()
        self._wait("NodeManager", self._yarn_ready)

    def start_hdfs(self) -> None:
        """Start NameNode and DataNode alone."""
        self._configure()
        self._format()
        self._launch("nn")
        self._await_hdfs()

    def _format(self) -> None:
        with (self.base / "logs/format.log").open("wb") as log:
            arguments = self.command(MAIN["nn"], "-format", "-force", "-nonInteractive")
            subprocess.run(arguments, check=True, stdout=log, stderr=log, env=self.environment())

    def _await_hdfs(self) -> None:
        self._wait("NameNode's port", lambda: listens(self.ports["nn_rpc"]))
        self._launch("dn")  # late: one that misses the NameNode sleeps for 5 s
        self._wait("DataNode", self._hdfs_ready)

    def stop(self) -> None:
        """Stop the daemons, by force where they linger."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for process in self.processes.values():
                if process.poll() is None:
                    process.send_signal(number)
            end = time.monotonic() + _STOP_SECONDS
            for process in self.processes.values():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.1, end - time.monotonic()))

    def _configure(self) -> None:
        for name in ("conf/webapps/hdfs", "conf/webapps/datanode", "conf/webapps/static", "logs", "tmp"):
            (self.base / name).mkdir(parents=True, exist_ok=True)
        self.ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        path = f",PATH={self.node_path}" if self.node_path else ""
        values: dict[str, Any] = {
            **self.ports,
            "admin_env": f"MALLOC_ARENA_MAX=$MALLOC_ARENA_MAX{path}",
            "base": self.base,
            "debug_delay": 0,
            "jars": self.jars,
            "user": getpass.getuser(),
        }
        for template in CONF.iterdir():
            text = string.Template(template.read_text()).substitute(values)
            more = self.properties.get(template.name, {}).items()
            rows = "".join(f"<property><name>{name}</name><value>{value}</value></property>\n" for name, value in more)
            (self.conf / template.name).write_text(text.replace("</configuration>", f"{rows}</configuration>"))

    def _launch(self, name: str) -> None:
        with (self.base / f"logs/{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                self.command(MAIN[name]),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=self.environment(),
                cwd=self.base,
                start_new_session=True,
            )

    def _wait(self, what: str, ready: Callable[[], bool]) -> None:
        end = time.monotonic() + _WAIT_SECONDS
        while not ready():
            for name, process in self.processes.items():
                log = self.base / f"logs/{name}.log"
                assert process.poll() is None, f"{name} ended while waiting for {what}:\n{log.read_text()[-3000:]}"
            assert time.monotonic() < end, f"timed out waiting for {what}:\n{self._log_ends()}"
            time.sleep(0.1)

    def _log_ends(self) -> str:
        logs = sorted((self.base / "logs").glob("*.log"))
        return "\n".join(f"== {log.name}\n{log.read_text(errors='replace')[-1500:]}" for log in logs)

    def _hdfs_ready(self) -> bool:
        query = "jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState"
        beans = (_get(f"http://127.0.0.1:{self.ports['nn_http']}/{query}") or {}).get("beans") or []
        return any(bean["NumLiveDataNodes"] >= 1 and bean["FSState"] == "Operational" for bean in beans)

    def _yarn_ready(self) -> bool:
        answer = _get(f"http://127.0.0.1:{self.ports['rm_http']}/ws/v1/cluster/nodes") or {}
        return any(node["state"] == "RUNNING" for node in (answer.get("nodes") or {}).get("node", []))

    def container_logs(self, application: str) -> str:
        """Return the ends of all container logs of an application."""
        logs = sorted((self.base / "userlogs").glob(f"{application}/*/std*"))
        return "\n".join(f"== {log.parent.name}/{log.name}\n{log.read_text(errors='replace')[-3000:]}" for log in logs)


def listens(port: int) -> bool:
    """Return whether somebody listens on a port of the loopback interface."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _get(url: str) -> dict[str, Any] | None:
    try:
        with urllib.request.urlopen(url, timeout=3) as response:
            answer: dict[str, Any] = json.load(response)
            return answer
    except (OSError, ValueError):
        return None


@contextlib.contextmanager
def hadoop_cluster(base: Path, version: str, *, node_path: str = "") -> Iterator[HadoopCluster]:
    """Give a running cluster of one version of Hadoop in a folder that is there, and stop it in every case."""
    base.chmod(0o755)  # containers look into it
    cluster = HadoopCluster(base=base, version=version, jars=hadoop_jars(version), node_path=node_path)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
