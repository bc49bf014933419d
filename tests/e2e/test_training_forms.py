"""The main example, 136 distributions, started from every form of artifact; its inner interpreter in an empty root."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.bazel import EVERY, ROOT, Workspace, scratch_workspace
from support.cache import cache_of_the_tests
from support.empty_root import COMPILER, ENVIRONMENT, LIBC, in_empty_root
from support.installers import run
from support.interpreters import cpython_jar, declare_archives

TAG = "cp311-manylinux_2_28_x86_64"
BUILD = f"""
load("@rules_python_env//rules:defs.bzl", "python_env", "python_env_pex", "python_env_venv")

python_env(
    name = "training",
    lock = "training.lock.json",
    lock_repo = "@training_lock",
    pex = {{"layout": "packed"}},
    platforms = ["{TAG}"],
    requirements = ["requirements.in"],
)

python_env_pex(name = "zipapp", env = ":training", file_name = "zipapp")
python_env_venv(name = "plain", env = ":training", file_name = "plain")
"""
TARGETS = {"zipapp": "zipapp", "packed": "training_pex", "plain": "plain", "bundled": "training_venv"}
FORMS = tuple(TARGETS) if EVERY else ("packed", "bundled")
"""The other two are started by the tests of examples/training, on any change."""
SITE = "lib/python3.11/site-packages"

IMPORTS = """
import importlib, importlib.metadata, json, sys, warnings
warnings.simplefilter("ignore")
owners, failed, outside = importlib.metadata.packages_distributions(), {}, []
for name in sorted(owners):
    try:
        module = importlib.import_module(name)
    except BaseException as error:
        failed[name] = f"{type(error).__name__}: {error}"
    else:
        if not all(place.startswith(sys.prefix + "/") for place in getattr(module, "__path__", [module.__file__])):
            outside.append(name)
found = {owner for names in owners.values() for owner in names}
print(json.dumps({
    "distributions": len(list(importlib.metadata.distributions())), "found": len(found), "modules": len(owners),
    "failed": failed, "outside": outside, "prefix": sys.prefix, "base_prefix": sys.base_prefix,
    "version": sys.version.split()[0],
}))
"""
"""Every name that some distribution puts at the root of site-packages; stubs and compiled helpers, too."""

WITHOUT_SQLITE = ("jupyter_server_terminals", "jupyterlab", "jupyterlab_server")
"""What cannot be imported by the CPython of the jar, which has no sqlite3; nothing else is missing anywhere."""

ZLIB = ("libz.so.1",)
"""What `node_libraries` of the report says of modules that this environment uses."""

HOMELESS = {"HOME": "/tmp", "GIT_PYTHON_REFRESH": "quiet"}
"""Variables of the empty root: jedi and others want a home on import, which no table of users says; git wants a git."""


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    """Give a workspace with the lock of the main example and an interpreter for its venv."""
    made = scratch_workspace("training-forms")
    declare_archives(made, {"cpython_jar": cpython_jar("3.11.3")})
    example = ROOT / "examples/training"
    for name in ("training.lock.json", "requirements.in"):
        shutil.copy(example / name, made.path / "envs")
    (made.path / "envs/BUILD").write_text(BUILD)
    made.bazel("build", *(f"//envs:{TARGETS[form]}" for form in FORMS))
    yield made
    made.bazel("shutdown", check=False)


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack as a NodeManager does, which calls tar, and gives every file of a zip the right to be executed."""
    folder.mkdir()
    if archive.name.endswith(".tar.gz"):
        subprocess.run(["tar", "-xzf", archive, "-C", folder], check=True)
        return folder
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    (folder / "__main__.py").chmod(0o555)
    return folder


@pytest.fixture(scope="module")
def started(workspace: Workspace) -> Iterator[dict[str, Path]]:
    """Give by form the file that starts it; a gigabyte of copies does not stay behind."""
    base = cache_of_the_tests() / "training-forms"
    shutil.rmtree(base, ignore_errors=True)
    base.mkdir()
    envs = workspace.output("envs")
    places: dict[str, Callable[[], Path]] = {
        "zipapp": lambda: Path(shutil.copy(envs / "zipapp.pex", base / "zipapp.pex")),
        "packed": lambda: unpack(envs / "training.pex.zip", base / "packed") / "__main__.py",
        "plain": lambda: unpack(envs / "plain.venv.tar.gz", base / "plain") / "bin/python",
        "bundled": lambda: unpack(envs / "training.venv.tar.gz", base / "bundled") / "bin/python",
    }
    yield {form: places[form]() for form in FORMS}
    shutil.rmtree(base)


def variables(started: dict[str, Path]) -> dict[str, str]:
    """Return the variables of a bare node, whose disk for PEX_ROOT is that of the copies."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "PEX_ROOT": str(cache_of_the_tests() / "training-forms/pex_root")}


def imported(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return what the imports found."""
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def pins() -> dict[str, str]:
    """Return the locked versions by name."""
    packages = json.loads((ROOT / "examples/training/training.lock.json").read_text())["platforms"][TAG]["packages"]
    return {row["name"]: row["version"] for row in packages}


@pytest.mark.parametrize("form", FORMS)
def test_every_module_of_every_distribution_is_imported(
    started: dict[str, Path], pins: dict[str, str], form: str
) -> None:
    """136 distributions, from inside only; and pip finds that each has what it asks for."""
    words = [started[form], "-c", IMPORTS]
    found = imported(subprocess.run(words, env=variables(started), capture_output=True, text=True, check=False))
    assert tuple(found["failed"]) == (WITHOUT_SQLITE if form == "bundled" else ()), found["failed"]
    assert found["distributions"] == found["found"] == len(pins) == 136 and found["modules"] >= 136
    assert found["outside"] == [] and found["version"].startswith("3.11.")
    assert (found["base_prefix"] == found["prefix"]) == (form == "bundled")
    python = Path(found["prefix"]) / "bin/python"
    assert "No broken requirements found." in run([sys.executable, "-m", "pip", "--python", python, "check"], Path("/"))


def test_the_inner_interpreter_imports_everything_in_an_empty_root(started: dict[str, Path]) -> None:
    """Beside libc: zlib, which this CPython takes from the node, and what PEP 600 promises to wheels; no less."""
    place = started["bundled"].parents[1]
    found = imported(in_empty_root(place, LIBC + ZLIB + COMPILER, "-c", IMPORTS, variables=HOMELESS))
    assert tuple(found["failed"]) == WITHOUT_SQLITE, found["failed"]
    assert (found["distributions"], found["outside"], found["prefix"]) == (136, [], ENVIRONMENT)
    for libraries, module, missing in (
        (LIBC + COMPILER, "zlib", ZLIB[0]),
        (LIBC + ZLIB, "numpy", "libstdc++.so.6"),
        (LIBC + ZLIB, "rpds", "libgcc_s.so.1"),
    ):
        done = in_empty_root(place, libraries, "-c", f"import {module}")
        assert done.returncode == 1 and f"{missing}: cannot open shared object file" in done.stderr, done.stderr


CERTIFICATES = """
import datetime, ipaddress, pathlib, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

folder, now = pathlib.Path(sys.argv[1]), datetime.datetime.now(datetime.timezone.utc)

def certificate(subject, key, issuer, signer, *extensions):
    name = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
    made = x509.CertificateBuilder(name(issuer), name(subject), key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(2))
    for extension, critical in extensions:
        made = made.add_extension(extension, critical)
    return made.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
usage = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "encipher_only", "decipher_only"), False)
usage |= {"digital_signature": True, "key_cert_sign": True, "crl_sign": True}
own = certificate("test CA", authority, "test CA", authority, (x509.BasicConstraints(True, None), True),
    (x509.KeyUsage(**usage), True), (x509.SubjectKeyIdentifier.from_public_key(authority.public_key()), False))
(folder / "ca.pem").write_bytes(own)
names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
given = certificate("localhost", server, "test CA", authority, (names, False),
    (x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), False))
form, open_ = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
secret = server.private_bytes(serialization.Encoding.PEM, form, open_)
(folder / "server.pem").write_bytes(given + secret)
"""
"""Writes a certificate authority and a server of it, by the environment's own cryptography."""

HTTPS = """
import http.server, json, ssl, threading, urllib.request, warnings
import certifi, requests

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200), self.end_headers(), self.wfile.write(b"secret")
    def log_message(self, *words):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/tls/server.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"https://127.0.0.1:{server.server_port}/"

def asked(get):
    try:
        return get()
    except Exception as error:
        return str(error)

def by_urllib(**words):
    return urllib.request.urlopen(url, context=ssl.create_default_context(**words)).read().decode()

print(json.dumps({
    "authorities": len(ssl.create_default_context(cafile=certifi.where()).get_ca_certs()),
    "certifi, requests": asked(lambda: requests.get(url).text),
    "certifi, ssl": asked(lambda: by_urllib(cafile=certifi.where())),
    "own, requests": asked(lambda: requests.get(url, verify="/tls/ca.pem").text),
    "own, ssl": asked(lambda: by_urllib(cafile="/tls/ca.pem")),
    "where": certifi.where(),
}))
"""
"""Handshakes with a server of the same process: by certifi's bundle, as requests takes it, and by a CA file."""


def test_https_works_with_certifi_in_an_empty_root(started: dict[str, Path], tmp_path: Path) -> None:
    """A server of an unknown CA is refused by certifi's bundle, and accepted once its CA stands in that very file."""
    place, bundle = started["bundled"].parents[1], f"{SITE}/certifi/cacert.pem"
    run([started["bundled"], "-c", CERTIFICATES, tmp_path], tmp_path)
    longer = tmp_path / "longer.pem"
    longer.write_bytes((place / bundle).read_bytes() + (tmp_path / "ca.pem").read_bytes())
    files = {tmp_path / name: f"/tls/{name}" for name in ("ca.pem", "server.pem")}
    libraries = LIBC + ZLIB + COMPILER
    shipped = imported(in_empty_root(place, libraries, "-c", HTTPS, over=files))
    changed = imported(in_empty_root(place, libraries, "-c", HTTPS, over={**files, longer: f"{ENVIRONMENT}/{bundle}"}))
    assert shipped["where"] == changed["where"] == f"{ENVIRONMENT}/{bundle}"
    assert shipped["authorities"] > 100 and changed["authorities"] == shipped["authorities"] + 1
    for found, key in (
        (shipped, "own, ssl"),
        (shipped, "own, requests"),
        *((changed, key) for key in changed if "," in key),
    ):
        assert found[key] == "secret", found
    for key in ("certifi, ssl", "certifi, requests"):
        assert "certificate verify failed" in shipped[key], shipped
