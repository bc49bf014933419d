"""Direct references that would run something, leave the workspace or leak a secret."""

from __future__ import annotations

import pytest

from python_env.requirements.direct import NotDirect, named_text, parse_direct
from python_env.requirements.model import Direct, DirectKind


def name_of(_: str) -> str:
    """Return the name of any project."""
    return "lib"


HOSTILE = {
    "lib @ git+ext::sh -c touch% evil": "git is asked by https, ssh or file alone",
    "lib @ git+ssh://-oProxyCommand=evil/x": "git is asked by https, ssh or file alone",
    "lib @ git+ssh://git@-oProxyCommand=evil/x": "git is asked by https, ssh or file alone",
    "lib @ git+git://h.invalid/x": "git is asked by https, ssh or file alone",
    "lib @ git+http://h.invalid/x": "git is asked by https, ssh or file alone",
    "lib @ git+fd::17": "git is asked by https, ssh or file alone",
    "lib @ git+https://h.invalid/x@--exec=evil": "is no name of a branch, a tag or a commit",
    "lib @ git+https://h.invalid/x@a..b c": "is no name of a branch, a tag or a commit",
    "lib @ git+https://h.invalid/x#subdirectory=../y": "leaves the source",
    "lib @ git+https://me:secret@h.invalid/x": "holds a user or a password",
    "lib @ git+ssh://git:secret@h.invalid/x": "holds a user or a password",
    "lib @ git+file:///home/é/x": "characters that stand in no lock",
    "lib @ ./libs/my lib": "characters that stand in no lock",
    'lib @ ./libs/"': "characters that stand in no lock",
    "lib @ hg+https://h.invalid/x": "of version control systems only git",
    "lib @ ftp://h.invalid/x.zip": "the scheme ftp is not supported",
    "lib @ https://h.invalid/x.tar.bz2": "the URL names no .whl",
    "lib @ file:///etc/x.whl": "an absolute path is not the same on every machine",
    "lib @ ../../x.whl": "the path leaves the workspace",
    "lib @ C:\\x.whl": "a Windows path",
    "lib @ ./other-1.0-py3-none-any.whl": "the file is no wheel of lib",
    "lib @ https://h.invalid/x.zip#sha256=ABC": "not a sha256",
    "lib @ https://h.invalid/x.zip#md5=00": "md5 is not taken as a digest",
}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_reference_is_refused(text: str) -> None:
    """Before anything is asked; with what to write instead, and without the secret."""
    with pytest.raises(NotDirect) as error:
        named_text(text, source="envs/r.in", project_name=name_of)
    assert HOSTILE[text] in error.value.what and error.value.fix and "secret" not in error.value.what


@pytest.mark.parametrize(
    ("reference", "location", "revision"),
    [
        ("git+https://h.invalid/a/b@v1.2", "https://h.invalid/a/b", "v1.2"),
        ("git+ssh://git@h.invalid/a/b.git@feature/x", "ssh://git@h.invalid/a/b.git", "feature/x"),
        ("git+file:///srv/b", "file:///srv/b", ""),
    ],
)
def test_what_git_is_asked(reference: str, location: str, revision: str) -> None:
    """Repository and revision apart; a user of ssh is no secret."""
    assert parse_direct(reference) == Direct(kind=DirectKind.GIT, location=location, revision=revision)


def test_the_root_of_the_workspace_may_be_a_project() -> None:
    """`.` and `-e .`, from a file at the root or below it."""
    assert named_text(".", source="r.in", project_name=name_of) == "lib @ ./."
    assert named_text("..", source="envs/r.in", project_name=name_of) == "lib @ ./."
