"""An HDFS that lets nobody in without a Kerberos ticket: NameNode and DataNode as real daemons, with MIT's centre."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.hadoop.cluster import HadoopCluster
from support.hadoop.jars import hadoop_jars
from support.hadoop.kerberos import REALM, Kdc, kdc


@dataclass(frozen=True, slots=True)
class SecureHdfs:
    """A running file system, its centre, and the keytab of one user who may write."""

    cluster: HadoopCluster
    centre: Kdc
    user: str
    keytab: Path

    @property
    def uri(self) -> str:
        """Return the file system's URI; a principal has a name in it, not an address."""
        return f"hdfs://localhost:{self.cluster.ports['nn_rpc']}"

    def ticket(self, life: str = "1h") -> dict[str, str]:
        """Return the variables of a client with a new ticket."""
        return self.client(self.centre.ticket(self.user, self.keytab, life=life))

    def give(self, folder: str) -> None:
        """Make a folder that belongs to the user."""
        self._as_superuser("-mkdir", "-p", folder)
        self._as_superuser("-chown", self.user, folder)

    def owner(self, path: str) -> str:
        """Return to whom a file belongs."""
        return self._as_superuser("-stat", "%u", path).strip()

    def _as_superuser(self, *words: str) -> str:
        keytab = self.centre.folder / "nn.keytab"
        told = self.centre.ticket("nn/localhost", keytab)
        return self.cluster.fs("-fs", self.uri, *words, environment=told)

    def client(self, told: dict[str, str]) -> dict[str, str]:
        """Return the variables of a client of this file system."""
        return {"HADOOP_CONF_DIR": str(self.cluster.conf), **told}


def _properties(keytab: Path) -> dict[str, dict[str, str]]:
    daemons = {"namenode": "nn", "datanode": "dn"}
    own = {f"dfs.{daemon}.kerberos.principal": f"{name}/localhost@{REALM}" for daemon, name in daemons.items()}
    keytabs = {
        f"dfs.{name}.keytab.file": str(keytab) for name in ("namenode", "datanode", "web.authentication.kerberos")
    }
    return {
        "core-site.xml": {"hadoop.security.authentication": "kerberos"},
        "hdfs-site.xml": {
            **own,
            **{name.replace(".file", "") if "web" in name else name: path for name, path in keytabs.items()},
            "dfs.block.access.token.enable": "true",
            "dfs.web.authentication.kerberos.principal": f"HTTP/localhost@{REALM}",
            "ignore.secure.ports.for.testing": "true",
        },
    }


@contextlib.contextmanager
def secure_hdfs(base: Path, version: str) -> Iterator[SecureHdfs]:
    """Give a running file system in a folder that is there, and stop it in every case."""
    (base / "kerberos").mkdir()
    (base / "hadoop").mkdir()
    with kdc(base / "kerberos") as centre:
        keytab = centre.keytab(*(f"{name}/localhost" for name in ("nn", "dn", "HTTP")))
        cluster = HadoopCluster(
            base=base / "hadoop",
            version=version,
            jars=hadoop_jars(version),
            node_path="",
            properties=_properties(keytab),
            java=[f"-Djava.security.krb5.conf={centre.conf}"],
        )
        try:
            cluster.start_hdfs()
            yield SecureHdfs(cluster, centre, "alice", centre.keytab("alice"))
        finally:
            cluster.stop()
