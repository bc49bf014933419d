"""The small files beside the wheels: pages of an index (PEP 503), pylock files (PEP 751), hashed requirements."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Set
from urllib.parse import quote

from python_env.artifacts.wheelhouse.model import WHEELS, House, versions_by_name
from python_env.base.pylock_text import (
    pylock_head,
    pylock_package,
    pylock_tool,
    pylock_wheel,
    render_blocks,
)
from python_env.env.model import Env, Wheel

_PAGE = """\
<!DOCTYPE html>
<html>
<head><meta name="pypi:repository-version" content="1.0"><title>{title}</title></head>
<body>
{links}</body>
</html>
"""


def render_texts(house: House) -> dict[str, str]:
    """Return the texts of all small files but the manifest, by path from the archive's root."""
    texts = {"simple/index.html": _page("Simple index", _distributions(house))}
    for name, wheels in versions_by_name(house):
        links = (_link(wheel, house.requires_python.get(wheel.file, "")) for wheel in wheels)
        texts[f"simple/{name}/index.html"] = _page(f"Links for {name}", links)
    for env in house.envs:
        texts[f"pylock.{env.platform.tag}.toml"] = render_pylock(env)
        texts[f"requirements.{env.platform.tag}.txt"] = render_requirements(env)
    return texts


def _page(title: str, links: Iterable[str]) -> str:
    return _PAGE.format(title=html.escape(title), links="".join(f"{link}<br>\n" for link in links))


def _anchor(url: str, text: str, **attributes: str) -> str:
    pairs = {"href": url, **attributes}
    words = (f' {name.replace("_", "-")}="{html.escape(value)}"' for name, value in pairs.items() if value)
    return f"<a{''.join(words)}>{html.escape(text)}</a>"


def _distributions(house: House) -> Iterator[str]:
    yield from (_anchor(f"{name}/", name) for name, _ in versions_by_name(house))


def _link(wheel: Wheel, requires_python: str) -> str:
    url = f"../../{WHEELS}/{quote(wheel.file)}#sha256={wheel.sha256}"
    return _anchor(url, wheel.file, data_requires_python=requires_python)


def render_pylock(env: Env) -> str:
    """Return `pylock.<tag>.toml`: every distribution as its wheel of the archive, also where it was built."""
    fields = {"env-id": env.env_id, "lock-sha256": env.parent, "platform": env.platform.tag}
    inside = {wheel.name for wheel in env.wheels}
    packages = (_package(wheel, inside) for wheel in env.wheels)
    head = pylock_head(env.platform.tag, python=env.platform.python_version)
    return render_blocks([head, *packages, pylock_tool(fields)])


def _package(wheel: Wheel, inside: Set[str]) -> Iterator[str]:
    yield from pylock_package(wheel.name, wheel.version, [name for name in wheel.requires if name in inside])
    yield from pylock_wheel(wheel.file, ("path", f"{WHEELS}/{wheel.file}"), size=wheel.size, sha256=wheel.sha256)


def render_requirements(env: Env) -> str:
    """Return `requirements.<tag>.txt`, as `pip-compile --generate-hashes` writes one."""
    askers: dict[str, list[str]] = {}
    for wheel in env.wheels:
        for name in wheel.requires:
            askers.setdefault(name, []).append(wheel.name)
    options = f"--no-index --find-links {WHEELS} --require-hashes --no-deps"
    head = f"# Everything for {env.platform.tag}: pip install {options} -r <this file>\n"
    return head + "".join(_pin(wheel, askers.get(wheel.name, [])) for wheel in env.wheels)


def _pin(wheel: Wheel, askers: list[str]) -> str:
    via = f"    # via {', '.join(askers)}\n" if askers else ""
    return f"{wheel.name}=={wheel.version} \\\n    --hash=sha256:{wheel.sha256}\n{via}"
