"""The pip-tools adapter: pip's resolver for foreign platforms, against a simple index over HTTP."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from python_env.base.errors import ToolError
from python_env.base.platforms import marker_environment, parse_platform
from python_env.lock.resolvers.model import Unresolvable
from python_env.lock.resolvers.pip_tools import PipToolsResolver
from python_env.lock.resolvers.rewrite import rewritten
from python_env.requirements.model import Policy
from support.pip_question import LINUX, WINDOWS, pins, question
from support.simple_index import SimpleIndex
from support.wheels import make_wheel, sha256


def test_a_pin_has_all_wheels_of_its_version(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """With their digests and places, also those of other platforms; the best is chosen later."""
    first = server.add("n", "2.0", "cp311-cp311-manylinux_2_17_x86_64")
    other = server.add("n", "2.0", "cp312-cp312-win_amd64")
    server.add("n", "1.0")
    (pin,) = resolver.resolve(question("n"))
    assert (pin.name, pin.version) == ("n", "2.0")
    assert [(each.file, each.sha256) for each in pin.candidates] == [
        (file.name, sha256(file)) for file in (first, other)
    ]
    assert pin.candidates[0].url.endswith(f"/files/{first.name}") and "s3cret" not in pin.candidates[0].url


def test_tags_and_markers_are_the_targets(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """Neither wheels nor requirements of this machine are taken for a foreign platform."""
    server.add("app", "1.0", "py3-none-any", 'win; sys_platform == "win32"', 'old; python_version < "3.12"')
    server.add("win", "2.0", "cp312-cp312-manylinux_2_28_x86_64")
    server.add("win", "1.0", "cp312-cp312-win_amd64")
    server.add("old")
    assert pins(resolver, question("app", WINDOWS)) == {"app": "1.0", "win": "1.0"}
    assert pins(resolver, question("app", LINUX)) == {"app": "1.0", "old": "1.0"}


def test_stated_marker_values_are_the_targets(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """All of them, as the closure check has them."""
    server.add("app", "1.0", "py3-none-any", 'kernel; platform_release == "5"', 'old; python_full_version < "3.11.4"')
    server.add("kernel")
    server.add("old")
    asked = question('app; implementation_version == "3.11.9"')
    stated = (("platform_release", "5"), ("python_full_version", "3.11.9"))
    asked = replace(asked, platform=replace(asked.platform, stated=stated))
    assert pins(resolver, asked) == {"app": "1.0", "kernel": "1.0"}


def test_the_floor_of_a_tag_decides(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """A newer version that needs a newer libc is passed over at once."""
    server.add("n", "2.0", "cp311-cp311-manylinux_2_34_x86_64")
    server.add("n", "1.0", "cp311-cp311-manylinux_2_28_x86_64")
    assert pins(resolver, question("n")) == {"n": "1.0"}


def test_extras_bring_their_requirements(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """Also over a requirement of another distribution, and under another spelling."""
    server.add("app", "1.0", "py3-none-any", "lib[Fast_Path]>=1")
    server.add("lib", "1.0", "py3-none-any", 'speed; extra == "fast-path"', 'gone; extra == "slow"')
    server.add("speed")
    assert sorted(pins(resolver, question("app"))) == ["app", "lib", "speed"]


def test_constraints_and_refused_versions_limit(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """What a constraint or an earlier round refused is not pinned; a constraint alone asks for nothing."""
    for version in ("1.0", "2.0", "3.0"):
        server.add("n", version)
    asked = question("n", constraints="n<3\nunused==1")
    assert pins(resolver, asked) == {"n": "2.0"}
    assert pins(resolver, replace(asked, refused=frozenset({("n", "2.0")}))) == {"n": "1.0"}


def test_preferred_versions_stay_but_force_nothing(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """An older version is kept where it fits; where another requirement forbids it, that one wins."""
    server.add("app", "2.0", "py3-none-any", "lib>=2")
    server.add("app", "1.0", "py3-none-any", "lib")
    for version in ("1.0", "2.0", "3.0"):
        server.add("lib", version)
    assert pins(resolver, replace(question("lib"), preferred={"lib": "1.0"})) == {"lib": "1.0"}
    assert pins(resolver, replace(question("app"), preferred={"lib": "1.0"})) == {"app": "2.0", "lib": "3.0"}


def test_overrides_and_excludes_rewrite_what_distributions_ask(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """pip has neither: the child gives it other metadata."""
    server.add("app", "1.0", "py3-none-any", "lib<2", "heavy")
    server.add("lib", "1.0")
    server.add("lib", "2.0")
    decided = question("app", overrides=["lib>=2"], excludes=["heavy"])
    assert pins(resolver, decided) == {"app": "1.0", "lib": "2.0"}


def test_prereleases_follow_the_policy(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """By default only where there is nothing else."""
    server.add("n", "1.0")
    server.add("n", "2.0rc1")
    server.add("early", "1.0b1")
    assert pins(resolver, question("n\nearly")) == {"early": "1.0b1", "n": "1.0"}
    assert pins(resolver, question("n", prereleases="allow")) == {"n": "2.0rc1"}
    with pytest.raises(Unresolvable):
        resolver.resolve(question("early", prereleases="disallow"))


def test_yanked_versions_are_taken_only_when_pinned(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """As PEP 592 says."""
    server.add("n", "1.0")
    server.yanked = {server.add("n", "2.0").name}
    assert pins(resolver, question("n")) == {"n": "1.0"}
    assert pins(resolver, question("n==2.0")) == {"n": "2.0"}


@pytest.mark.parametrize("html", [False, True])
def test_the_cut_off_date_hides_newer_files(resolver: PipToolsResolver, server: SimpleIndex, html: bool) -> None:
    """Versions and single wheels, where the index tells upload times (PEP 700), in JSON or HTML."""
    old = server.add("n", "1.0")
    late = server.add("n", "1.0", "py2.py3-none-any")
    server.html = html
    server.times = {server.add("n", "2.0").name: "2026-01-02T00:00:00Z", late.name: "2026-01-01T00:00:00Z"}
    server.times[old.name] = "2025-12-31T23:59:59.123456Z"
    (pin,) = resolver.resolve(question("n", exclude_newer="2026-01-01"))
    assert (pin.version, [each.file for each in pin.candidates]) == ("1.0", [old.name])


def test_a_file_without_upload_time_is_not_seen(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """Where others of its page have one, as by uv."""
    server.html = True
    server.times = {server.add("n", "1.0").name: "2025-12-31T00:00:00Z"}
    server.add("n", "2.0")
    assert pins(resolver, question("n", exclude_newer="2026-01-01")) == {"n": "1.0"}


def test_a_cut_off_date_needs_upload_times(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """A page without them: that is said, not passed over."""
    server.add("n")
    with pytest.raises(ToolError, match="does not say when files were uploaded") as error:
        resolver.resolve(question("n", exclude_newer="2026-01-01"))
    assert 'fix:   leave exclude_newer out, or lock with resolver = "uv"' in error.value.render()


def test_an_index_without_digests_has_its_wheels_hashed(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """As pip-tools does: from the file itself."""
    server.digests = False
    file = server.add("n")
    assert resolver.resolve(question("n"))[0].candidates[0].sha256 == sha256(file)


def test_everything_without_a_wheel_is_listed(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """All at once, each with its reason."""
    server.add("app", "1.0", "py3-none-any", "native", "source")
    server.add("native", "1.0", "cp311-cp311-win_amd64")
    server.add_sdist("source")
    with pytest.raises(Unresolvable) as error:
        resolver.resolve(question("app\nunknown"))
    said = str(error.value)
    assert f"no wheel of native fits {LINUX}" in said and "1 files of it, 1 of them wheels, none for this" in said
    assert f"no wheel of source fits {LINUX}" in said and "no wheel of unknown" in said and "r.in:2" in said


def test_a_conflict_names_who_asks_for_what(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """The causes are readable, the files are named."""
    server.add("app", "1.0", "py3-none-any", "lib>=2")
    server.add("lib", "1.0")
    server.add("lib", "2.0")
    with pytest.raises(Unresolvable) as error:
        resolver.resolve(question("app", constraints="lib<2"))
    said = str(error.value)
    assert "app 1.0 needs lib>=2" in said and "lib<2 is a constraint of c.txt:1" in said
    assert "lib has wheels for this platform of: 2.0, 1.0" in said and "where: c.txt, r.in" in said


def test_another_python_is_a_reason(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """Requires-Python is judged by the target's version."""
    server.add("n", "1.0", "cp312-cp312-manylinux_2_28_x86_64")
    assert pins(resolver, question("n", "cp312-manylinux_2_28_x86_64")) == {"n": "1.0"}
    with pytest.raises(Unresolvable, match="no wheel of n fits cp311"):
        resolver.resolve(question("n"))


@pytest.mark.parametrize("status", [401, 500])
def test_an_index_that_fails_is_not_an_empty_index(
    resolver: PipToolsResolver, server: SimpleIndex, status: int
) -> None:
    """pip would go on as if it had nothing of that name; the error shows no password."""
    server.add("n")
    server.status = status
    with pytest.raises(ToolError, match=str(status)) as error:
        resolver.resolve(question("n"))
    assert "s3cret" not in error.value.render() and "fix:   check the index" in error.value.render()


def test_the_hosts_pip_is_not_heard(
    resolver: PipToolsResolver, server: SimpleIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables and files of the host's pip change nothing."""
    make_wheel(tmp_path, "n", "9.0")
    (tmp_path / "pip.conf").write_text(f"[global]\nfind-links = {tmp_path}\n")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    server.add("n")
    assert pins(resolver, question("n")) == {"n": "1.0"}


def test_metadata_is_read_once(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """It is remembered by digest; no wheel is asked for again."""
    file = server.add("n")
    assert pins(resolver, question("n")) == {"n": "1.0"}
    assert f"/files/{file.name}" in server.asked
    server.asked.clear()
    assert pins(resolver, question("n")) == {"n": "1.0"}
    assert server.asked == ["/simple/n/"]


def test_the_version_names_pip_too(resolver: PipToolsResolver) -> None:
    """pip decides as much as pip-tools."""
    assert resolver.name == "pip-tools" and "(pip " in resolver.version


def replaced(text: str, policy: Policy, *extras: str) -> list[str]:
    """Return what stands in the place of a requirement on Linux."""
    environment = marker_environment(parse_platform(LINUX))
    return [str(each) for each in rewritten(Requirement(text), policy, environment=environment, extras=extras)]


@pytest.mark.parametrize(
    ("text", "overrides", "extras", "result"),
    [
        ("a<1", ["b"], (), ["a<1"]),
        ("a[x]<1", ["a>=2"], (), ["a[x]>=2"]),
        ("a[x]<1", ["a[y]>=2"], (), ["a[y]>=2"]),
        ('a; sys_platform == "win32"', ["a>=2"], (), []),
        ('a; extra == "x"', ["a>=2"], ("x",), ["a>=2"]),
        ("a", ['a<1; sys_platform == "win32"', 'a>1; sys_platform == "linux"'], (), ["a>1"]),
    ],
)
def test_an_override_stands_where_the_requirement_stood(
    text: str, overrides: list[str], extras: tuple[str, ...], result: list[str]
) -> None:
    """With its extras unless it names its own, and only where both markers hold."""
    policy = Policy(overrides=tuple(map(Requirement, overrides)))
    assert replaced(text, policy, *extras) == result
