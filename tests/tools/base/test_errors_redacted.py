"""What an error repeats of a URL: never its user and password."""

from __future__ import annotations

import pytest

from python_env.base.errors import Fault, redact


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:secret@host/simple", "https://***@host/simple"),
        ("see https://token@host/a and s3://k:s@b", "see https://***@host/a and s3://***@b"),
        ("abfss://container@account.host/a", "abfss://container@account.host/a"),
        ("ABFS://container@account/a", "ABFS://container@account/a"),
        ("abfss://container:secret@account/a", "abfss://***@account/a"),
        ("abfss://key@container@account/a", "abfss://***@account/a"),
        ("xabfss://secret@account/a", "xabfss://***@account/a"),
        ("git+https://token@host/a.git", "git+https://***@host/a.git"),
        ("://token@host", "://***@host"),
    ],
)
def test_users_and_passwords_are_hidden_and_containers_are_not(text: str, shown: str) -> None:
    """Azure's `container@account` is a place: without it nobody knows what was wrong, or how it is written."""
    assert redact(text) == shown


def test_the_fix_of_a_wrong_place_says_how_azure_is_written() -> None:
    """It is an example, and not a secret."""
    assert "abfss://container@account/path" in Fault("w", "here", "abfss://container@account/path").render()
