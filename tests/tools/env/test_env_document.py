"""The env document: what is rendered is what is read."""

from __future__ import annotations

import pytest

from python_env.base.documents import sha256_hex
from python_env.base.errors import ToolError
from python_env.base.platforms import parse_platform
from python_env.env.model import Env, Wheel, parse_env, render_env

WHEEL = Wheel(
    name="app",
    version="1.0",
    extras=("fast",),
    file="app-1.0-py3-none-any.whl",
    sha256="a" * 64,
    size=7,
    requires=("lib",),
)


@pytest.mark.parametrize(
    "tag", ["cp311-manylinux_2_28_x86_64", "cp312-musllinux_1_2_aarch64", "cp313-macosx_14_0_arm64", "cp311-win_amd64"]
)
def test_what_is_written_is_what_is_read(tag: str) -> None:
    """Every field comes back, and the digest is that of the bytes."""
    env = Env(
        name="small",
        env_id="e" * 64,
        parent="f" * 64,
        platform=parse_platform(tag),
        requirements=("app[fast]>=1",),
        wheels=(WHEEL,),
        excludes=("gone",),
        overrides=("lib", "other"),
    )
    data = render_env(env)
    read = parse_env(data, where="small.env.json")
    assert read == env
    assert read.digest == sha256_hex(data)


@pytest.mark.parametrize("field", ["cpu", "libc", "os", "python"])
def test_every_field_of_the_platform_is_what_its_tag_says(field: str) -> None:
    """A document that contradicts itself is refused, whoever reads the field later."""
    env = Env(
        name="small",
        env_id="",
        parent="",
        platform=parse_platform("cp311-manylinux_2_28_x86_64"),
        requirements=(),
        wheels=(),
    )
    data = render_env(env).replace(f'"{field}": "'.encode(), f'"{field}": "x'.encode())
    with pytest.raises(ToolError, match=f"where: small.env.json: platform.{field}"):
        parse_env(data, where="small.env.json")
