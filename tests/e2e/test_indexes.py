"""Real indexes, the real resolver and Bazel: pypiserver with a password, a devpi mirror, a directory, a folder."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from python_env.lock.indexes.places import variable
from support.bazel import ENGINES, ROOT, scratch_workspace
from support.bazel import Workspace as BazelWorkspace
from support.index_server import PASSWORD, USER, index_server
from support.index_workspace import Workspace
from support.real_indexes import devpi_mirror, directory, pypiserver
from support.wheels import make_wheel

NETRC = f"machine 127.0.0.1 login {USER} password {PASSWORD}\n"


@dataclass(frozen=True)
class Indexes:
    """What runs, and where."""

    private: str
    """pypiserver with a password: acme-app 1.0, which asks for acme-lib, and acme-lib 1.0."""
    mirror: str
    """devpi-server, mirror of an index with beta 1.0."""
    directory: str
    """A plain directory over HTTP: gamma 3.0+cpu, and an acme-lib 9.9 that nobody wants."""
    folder: Path
    """A folder: delta 1.0, and another acme-lib 9.9."""
    netrc: Path

    @property
    def with_password(self) -> str:
        """Return the private index with user and password in its URL."""
        return self.private.replace("://", f"://{USER}:{PASSWORD}@")


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Indexes]:
    """Give all four, running."""
    work = tmp_path_factory.mktemp("indexes")
    for name in ("private", "plain", "folder", "upstream", "netrc"):
        (work / name).mkdir()
    salt = b"SALT = " + repr(os.urandom(8)).encode()  # so that no repository cache has them from an earlier run
    plain = ("acme_lib", "solo", "conf_one", "conf_two", "helped")
    for name, requires in (("acme_app", ("acme-lib>=1",)), *((name, ()) for name in plain)):
        make_wheel(work / "private", name, files={f"{name}.py": salt}, requires=requires)
    # two resolvers choose differently of acme-lib where only acme-early asks for a pre-release
    make_wheel(work / "private", "acme_lib", "2.0rc1")
    make_wheel(work / "private", "acme_early", requires=("acme-lib>=1.0rc1",))
    make_wheel(work / "plain", "acme_lib", "9.9")
    make_wheel(work / "plain", "gamma", "3.0+cpu")
    make_wheel(work / "folder", "acme_lib", "9.9")
    make_wheel(work / "folder", "delta")
    (work / "netrc/netrc").write_text(NETRC)
    (work / "netrc/netrc").chmod(0o600)
    with ExitStack() as stack:
        upstream = stack.enter_context(index_server())
        upstream.has("beta", make_wheel(work / "upstream", "beta"))
        yield Indexes(
            private=stack.enter_context(pypiserver(work / "private", work)),
            mirror=stack.enter_context(devpi_mirror(upstream.url, work)),
            directory=stack.enter_context(directory(work / "plain", work)),
            folder=work / "folder",
            netrc=work / "netrc/netrc",
        )


@pytest.fixture(scope="module")
def uv() -> Path:
    """Return the resolver that the rules lock."""
    workspace = BazelWorkspace(ROOT)
    workspace.bazel("build", "//tools:uv")
    return workspace.output("tools/uv")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uv: Path) -> Workspace:
    """Return a folder in which the command runs with the real resolver, on a machine without netrc."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home").mkdir()
    (tmp_path / "uv").symlink_to(uv)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("BUILD_WORKSPACE_DIRECTORY", "NETRC", "PYTHON_ENV_CREDENTIAL_HELPER"):
        monkeypatch.delenv(name, raising=False)
    return Workspace(tmp_path, monkeypatch)


@pytest.mark.parametrize("by", ["netrc", "URL"])
@pytest.mark.parametrize("alias", ["default", "inner"])
def test_a_private_index(workspace: Workspace, indexes: Indexes, alias: str, by: str) -> None:
    """Asked by the resolver itself (`default`) or through the gateway; the lock does not know the password."""
    workspace.point(alias, indexes.with_password if by == "URL" else indexes.private)
    if by == "netrc":
        workspace.monkeypatch.setenv("NETRC", str(indexes.netrc))
    assert workspace.update("acme-app\n", "--index", alias) == 0
    assert workspace.found() == {"acme-app": ("1.0", alias), "acme-lib": ("1.0", alias)}
    text = (workspace.path / "a.lock.json").read_text()
    assert PASSWORD not in text and "127.0.0.1" not in text and "://" not in text


@pytest.mark.parametrize("alias", ["default", "inner"])
def test_a_private_index_that_does_not_know_us(
    workspace: Workspace, indexes: Indexes, alias: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The alias and the file to edit; a wrong password is not told."""
    workspace.point(alias, indexes.private.replace("://", f"://{USER}:wr0ng@"))
    assert workspace.update("acme-app\n", "--index", alias) == 2
    said = capsys.readouterr().err
    assert f"error: index alias {alias} refuses acme-app: 403 Forbidden" in said  # pypiserver's word for it
    assert f"{workspace.path}/home/.netrc" in said
    assert "wr0ng" not in said and "127.0.0.1" not in said and not workspace.written


@pytest.mark.parametrize("alias", ["default", "inner"])
def test_a_mirror(workspace: Workspace, indexes: Indexes, alias: str) -> None:
    """devpi-server, as pip's own index and as another one."""
    workspace.point(alias, indexes.mirror)
    assert workspace.update("beta\n", "--index", alias) == 0
    assert workspace.found() == {"beta": ("1.0", alias)}


def test_a_directory_over_http(workspace: Workspace, indexes: Indexes) -> None:
    """Its files have no digests there: they are read for them; the plus of a local version is escaped."""
    assert workspace.update(f"--no-index\n-f {indexes.directory}/\ngamma==3.0+cpu\n") == 0
    assert workspace.found() == {"gamma": ("3.0+cpu", "links-1")}
    file = next(iter(workspace.lock().files.values()))
    assert file.path == "gamma-3.0%2Bcpu-py3-none-any.whl" and file.size > 0


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_folder(workspace: Workspace, indexes: Indexes, scheme: str) -> None:
    """As a path or a file URL; also as pip's own index."""
    for alias in ("shelf", "default"):
        workspace.point(alias, f"{scheme}{indexes.folder}")
        assert workspace.update("delta\n", "--index", alias) == 0
        assert workspace.found() == {"delta": ("1.0", alias)}


@pytest.mark.parametrize("bound", [True, False])
def test_dependency_confusion(workspace: Workspace, indexes: Indexes, bound: bool) -> None:
    """The wrong indexes have a higher acme-lib: bound, the right one is taken also where only acme-app asks for it."""
    workspace.point("inner", indexes.with_password)
    workspace.point("wheels", f"flat+{indexes.directory}")
    words = ["--index", "wheels", *(["--index-binding", "inner=acme-*"] if bound else ["--index", "inner"])]
    assert workspace.update("acme-app\n", *words) == 0
    right, wrong = ("1.0", "inner"), ("9.9", "wheels")
    assert workspace.found() == {"acme-app": right, "acme-lib": right if bound else wrong}


BUILD = """\
load("@rules_python_env//rules:defs.bzl", "python_env")

python_env(
    name = "training",
    index_bindings = {{"inner": ["acme-*"]}},
    index_urls = {{"shelf": "wheels"}},
    indexes = ["shelf", "links-1", "mirror"],
    lock = "training.lock.json",
    lock_repo = "@training_lock",
    platforms = ["cp311-manylinux_2_28_{cpu}"],
    requirements = ["requirements.in"],
)
"""


@pytest.fixture(scope="module", params=list(ENGINES))
def bazel(request: pytest.FixtureRequest, indexes: Indexes) -> Iterator[BazelWorkspace]:
    """Give a workspace with all four indexes on each configuration; its downloads are cached nowhere else."""
    slug = re.sub(r"\W+", "-", request.param)
    environment = {
        **ENGINES[request.param],
        variable("inner"): indexes.private,
        variable("mirror"): indexes.mirror,
        "HOME": os.environ["HOME"],
    }
    made = scratch_workspace(f"indexes-{slug}", environment)
    shutil.copytree(indexes.folder, made.path / "wheels")
    (made.path / "envs/BUILD").write_text(BUILD.format(cpu=os.uname().machine))
    (made.path / "envs/requirements.in").write_text(f"-f {indexes.directory}\nacme-app\nbeta\ngamma\ndelta\n")
    yield made
    made.bazel("shutdown", check=False)


def test_bazel_fetches_each_file_from_its_index(bazel: BazelWorkspace, indexes: Indexes) -> None:
    """Locked, refused without a password, built with it, run; no secret is in the lock or in a repository."""
    bazel.bazel("run", "//envs:training.update", NETRC=str(indexes.netrc))
    bazel.bazel("test", "//envs:training.lock_test")
    refused = bazel.bazel("build", "//envs:training_pex", check=False)
    assert refused.returncode != 0, refused.stdout
    assert re.search(r"error: acme_\w+-1.0-py3-none-any.whl is not to be had", refused.stdout), refused.stdout[-3000:]
    assert "index alias inner" in refused.stdout and f"state user and password in {netrc_of()}:" in refused.stdout
    bazel.bazel("build", "//envs:training_pex", NETRC=str(indexes.netrc))
    code = "import acme_app, acme_lib, beta, gamma, delta; print('all here')"
    done = subprocess.run([bazel.output("envs/training.pex"), "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "all here\n", done.stderr
    lock = (bazel.path / "envs/training.lock.json").read_text()
    assert PASSWORD not in lock and '"inner": "' not in lock
    check_no_secret(bazel)


def test_both_resolvers_ask_the_same_indexes(bazel: BazelWorkspace, indexes: Indexes) -> None:
    """As `.update` does: bindings, a folder of the workspace, the password by netrc; a difference is explained."""
    told = [f"--test_env={name}" for name in ("NETRC", variable("inner"), variable("mirror"))]
    words = ["test", "--test_output=all", *told, "//envs:training.resolver_test"]
    same = bazel.bazel(*words, NETRC=str(indexes.netrc))
    assert "choose the same on 1 platforms: 5 files" in same.stdout, same.stdout[-3000:]
    requirements = bazel.path / "envs/requirements.in"
    before = requirements.read_text()
    requirements.write_text(f"{before}acme-early\n")
    try:
        differ = bazel.bazel(*words, check=False, NETRC=str(indexes.netrc))
    finally:
        requirements.write_text(before)
    assert differ.returncode == 3, differ.stdout[-3000:]  # Bazel's word for a test that failed
    assert re.search(r"acme-lib +1.0 +2.0rc1 +cp311", differ.stdout), differ.stdout[-3000:]
    assert "pip-tools: asked for by acme-app 1.0 (acme-lib>=1), acme-early 1.0 (acme-lib>=1.0rc1)" in differ.stdout
    assert PASSWORD not in differ.stdout


def test_bazel_with_a_password_in_pips_own_index(bazel: BazelWorkspace, indexes: Indexes) -> None:
    """What pip is configured with may hold user and password: Bazel uses them and writes them nowhere."""
    (bazel.path / "envs/requirements.in").write_text("solo\n")
    build = re.sub(r"    index\w* = .*\n", "", BUILD.format(cpu=os.uname().machine))
    (bazel.path / "envs/BUILD").write_text(build)
    bazel.bazel("run", "//envs:training.update", PIP_INDEX_URL=indexes.with_password)
    bazel.bazel("build", "//envs:training", PIP_INDEX_URL=indexes.with_password)
    assert "solo" in bazel.output("envs/training.env.json").read_text()
    check_no_secret(bazel)


def netrc_of() -> str:
    """Return the file to edit that a 401 names, where no variable says another."""
    return str(Path(os.environ["HOME"], ".netrc"))


def conf(path: Path, index: str) -> str:
    """Write pip's own configuration file, with one place for `default` and for `inner`, and return where it is."""
    path.write_text(f"[global]\nindex-url = {index}\n\n[python-env]\nindex-inner = {index}\n")
    return str(path)


def test_bazel_with_pips_configuration_file(
    bazel: BazelWorkspace, indexes: Indexes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`index-url` and `index-<alias>` with user and password in them: in no lock, log, repository or action."""
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    build = BUILD.replace('["acme-*"]', '["conf-two"]').replace('["shelf", "links-1", "mirror"]', '["default"]')
    (bazel.path / "envs/BUILD").write_text(build.format(cpu=os.uname().machine))
    (bazel.path / "envs/requirements.in").write_text("conf-one\nconf-two\n")
    wrong = conf(tmp_path / "wrong.conf", indexes.private.replace("://", f"://{USER}:wr0ng@"))
    right = conf(tmp_path / "right.conf", indexes.with_password)
    said = []

    def ask(*words: str, file: str, check: bool = True) -> str:
        done = bazel.bazel(*words, check=check, PIP_CONFIG_FILE=file, **{variable("inner"): ""})
        assert (done.returncode == 0) == check, done.stdout[-3000:]
        said.append(done.stdout)
        return done.stdout

    locking = ask("run", "//envs:training.update", file=wrong, check=False)
    for alias, name in (("default", "conf-one"), ("inner", "conf-two")):
        assert f"error: index alias {alias} refuses {name}: 40" in locking
    assert f"state user and password in {netrc_of()}:" in locking
    ask("run", "//envs:training.update", file=right)
    fetching = ask("build", "-k", "//envs:training_pex", file=wrong, check=False)
    for alias, name in (("default", "conf_one"), ("inner", "conf_two")):
        assert re.search(rf"error: {name}-1.0-py3-none-any.whl is not to be had.*\n.*index alias {alias}", fetching)
    assert f"state user and password in {netrc_of()}:" in fetching
    ask("build", "//envs:training_pex", file=right)
    actions = ask("aquery", "--output=jsonproto", "deps(//envs:training_pex)", file=right)
    assert "PyEnvWheelCheck" in actions and "conf_two-1.0-py3-none-any.whl" in actions
    said.append((bazel.path / "envs/training.lock.json").read_text())
    assert not [text for text in said if PASSWORD in text or "wr0ng" in text]
    check_no_secret(bazel)


def test_bazels_credential_helper(bazel: BazelWorkspace, indexes: Indexes) -> None:
    """One program for `.update` and for the fetch by Bazel 7; Bazel 4 knows none and wants netrc."""
    token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    helper = bazel.path / "helper"
    helper.write_text(f'#!/bin/sh\n[ "$1" = get ] && echo \'{{"headers": {{"Authorization": ["Basic {token}"]}}}}\'\n')
    helper.chmod(0o755)
    build = BUILD.replace('["acme-*"]', '["helped"]').replace('["shelf", "links-1", "mirror"]', '["default"]')
    (bazel.path / "envs/BUILD").write_text(build.format(cpu=os.uname().machine))
    (bazel.path / "envs/requirements.in").write_text("helped\n")
    bazel.bazel("run", "//envs:training.update", PYTHON_ENV_CREDENTIAL_HELPER=str(helper))
    refused = bazel.bazel("build", "//envs:training_pex", check=False)
    assert refused.returncode != 0 and f"state user and password in {netrc_of()}:" in refused.stdout
    asked: tuple[str, ...] = ("build", f"--credential_helper={helper}", "//envs:training_pex")
    if bazel.environment.get("BAZELW_ENGINE") == "4":
        unknown = bazel.bazel(*asked, check=False).stdout
        assert "Unrecognized option: --credential_helper" in unknown
        assert "--credential_helper" not in refused.stdout
        asked = ("build", "//envs:training_pex")
    else:
        assert "or let --credential_helper give them" in refused.stdout
    bazel.bazel(*asked, **({"NETRC": str(indexes.netrc)} if len(asked) == 2 else {}))
    assert "helped" in bazel.output("envs/training.env.json").read_text()
    check_no_secret(bazel)
    check_no_secret(bazel, token)


def check_no_secret(bazel: BazelWorkspace, secret: str = PASSWORD) -> None:
    """Check that no external repository of a workspace holds the password."""
    base = bazel.bazel("info", "output_base").stdout.strip().splitlines()[-1]
    found = subprocess.run(["grep", "-rl", secret, f"{base}/external"], capture_output=True, text=True, check=False)
    assert found.stdout == ""
