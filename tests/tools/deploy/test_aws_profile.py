"""AWS' shared files give what its variables do not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from python_env.base.errors import ToolError
from python_env.deploy.stores.aws_profile import profile_settings

KEYS = {"access_key_id": "AK", "secret_access_key": "s%cret"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with both files."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").write_text(
        "[default]\naws_access_key_id = AK\naws_secret_access_key = s%cret\n"
        "[work]\naws_access_key_id = W\naws_secret_access_key = x\naws_session_token = t\n"
    )
    (tmp_path / ".aws/config").write_text(
        "[default]\nregion = eu-west-1\ns3 =\n  max_concurrent_requests = 20\n[profile work]\nregion = us-west-2\n"
        "[profile sso]\nsso_session = a\n"
    )
    return tmp_path


def test_the_default_profile(home: Path) -> None:
    """Keys of one file, the region of the other; a per cent sign is itself."""
    assert profile_settings({}, home) == {**KEYS, "region": "eu-west-1"}


def test_a_named_profile(home: Path) -> None:
    """Its section has another name in each file."""
    found = profile_settings({"AWS_PROFILE": "work"}, home)
    assert found == {"access_key_id": "W", "secret_access_key": "x", "token": "t", "region": "us-west-2"}


@pytest.mark.parametrize("variable", ["AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE"])
def test_variables_win(home: Path, variable: str) -> None:
    """As in AWS' own chain; a region of the files still counts, unless a variable says it."""
    assert profile_settings({variable: "x"}, home) == {"region": "eu-west-1"}
    assert profile_settings({variable: "x", "AWS_REGION": "r"}, home) == {}


def test_without_files_nothing_is_given(tmp_path: Path) -> None:
    """The machine's role may do."""
    assert profile_settings({}, tmp_path) == {}


@pytest.mark.parametrize("name", ["sso", "nobody"])
def test_a_profile_without_keys_that_was_asked_for_is_refused(home: Path, name: str) -> None:
    """With the command that gives its keys."""
    with pytest.raises(ToolError, match="export-credentials --profile " + name):
        profile_settings({"AWS_PROFILE": name}, home)


def test_a_file_that_cannot_be_read_is_named_without_its_words(home: Path) -> None:
    """A parser's message would repeat a secret."""
    (home / ".aws/credentials").write_text("[default\naws_secret_access_key = hidden")
    with pytest.raises(ToolError) as error:
        profile_settings({}, home)
    assert "credentials" in error.value.render()
    assert "hidden" not in error.value.render()
