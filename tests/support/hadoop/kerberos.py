"""A real Kerberos: MIT's key distribution centre on a free loopback port, its keytabs and ticket caches."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from support.hadoop.cluster import free_ports, listens

REALM = "TEST.LOCAL"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_WAIT_SECONDS = 20
_CONF = """\
[libdefaults]
  default_realm = {realm}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
  clockskew = 1
[realms]
  {realm} = {{
    kdc = 127.0.0.1:{port}
    key_stash_file = {folder}/stash
    acl_file = {folder}/acl
  }}
[kdcdefaults]
  kdc_listen = 127.0.0.1:{port}
  kdc_tcp_listen = 127.0.0.1:{port}
[dbmodules]
  {realm} = {{
    db_library = db2
    database_name = {folder}/principal
  }}
"""


@dataclass(frozen=True, slots=True)
class Kdc:
    """A running centre and the folder of its files."""

    folder: Path
    port: int

    @property
    def conf(self) -> Path:
        """Return krb5.conf, for KRB5_CONFIG and Java alike."""
        return self.folder / "krb5.conf"

    def environment(self, cache: Path | None = None) -> dict[str, str]:
        """Return what a client is told: where the centre is, and its ticket cache."""
        told = {"KRB5_CONFIG": str(self.conf), "KRB5_KDC_PROFILE": str(self.conf)}
        return told | {"KRB5CCNAME": f"FILE:{cache or self.folder / 'no-tickets'}"}

    def keytab(self, *principals: str) -> Path:
        """Make principals with random keys, and return the keytab that has them."""
        path = self.folder / f"{principals[0].partition('/')[0]}.keytab"
        for principal in principals:
            for query in (f"addprinc -randkey {principal}", f"ktadd -k {path} {principal}"):
                self._run("kadmin.local", "-r", REALM, "-q", query)
        return path

    def ticket(self, principal: str, keytab: Path, *, life: str = "1h") -> dict[str, str]:
        """Fetch a ticket for a principal, and return the variables of a client that has it."""
        cache = self.folder / f"{principal.replace('/', '-')}-{life}.tickets"
        self._run("kinit", "-l", life, "-k", "-t", str(keytab), principal, environment=self.environment(cache))
        return self.environment(cache)

    def _run(self, *words: str, environment: Mapping[str, str] | None = None) -> None:
        told = {**os.environ, "PATH": PATH, **(environment or self.environment())}
        done = subprocess.run(words, env=told, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"

    def create(self) -> None:
        """Write the configuration and an empty database."""
        self.conf.write_text(_CONF.format(realm=REALM, port=self.port, folder=self.folder))
        self._run("kdb5_util", "create", "-r", REALM, "-s", "-P", "master", "-sf", str(self.folder / "stash"))


def is_installed() -> bool:
    """Return whether the machine has MIT's server and client programs."""
    return all(shutil.which(name, path=PATH) for name in ("krb5kdc", "kdb5_util", "kadmin.local", "kinit"))


@contextlib.contextmanager
def kdc(folder: Path) -> Iterator[Kdc]:
    """Give a running centre with an empty realm, and stop it in every case."""
    found = Kdc(folder, free_ports(1)[0])
    found.create()
    told = {**os.environ, "PATH": PATH, **found.environment()}
    with (folder / "kdc.log").open("wb") as log:
        server = subprocess.Popen(["krb5kdc", "-n", "-r", REALM], env=told, stdout=log, stderr=log)
    try:
        end = time.monotonic() + _WAIT_SECONDS
        while not listens(found.port):
            assert server.poll() is None and time.monotonic() < end, (folder / "kdc.log").read_text()
            time.sleep(0.05)
        yield found
    finally:
        server.kill()
        server.wait()
