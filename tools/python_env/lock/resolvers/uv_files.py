"""The files that uv reads: requirements, constraints and the versions to keep."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from python_env.lock.resolvers.model import Question
from python_env.requirements.model import Asked


def asked_text(question: Question) -> str:
    """Return the requirements; pins by `===`: `==1.0` would also take 1.0+cpu (PEP 440), and uv prefers that one."""
    direct = lines_text((line for line in question.requirements if line.direct), question.references)
    lines = lines_text(line for line in question.requirements if not line.direct)
    return direct + (re.sub(r"(?<!=)==(?!=)", "===", lines) if question.pinned else lines)


def lines_text(asked: Iterable[Asked], references: Mapping[str, str] | None = None) -> str:
    """Return one line for each; a direct reference as uv can follow it, where `references` holds its URL."""
    return "".join(f"{_followed(line, references or {})}\n" for line in asked)


def _followed(line: Asked, references: Mapping[str, str]) -> str:
    url = line.requirement.url or ""
    return line.text.replace(f" @ {url}", f" @ {references[url]}", 1) if url in references else line.text


def seed_text(preferred: Mapping[str, str]) -> str:
    """Return a pylock.toml that only states versions: uv keeps them where it can."""
    packages = [
        f'[[packages]]\nname = "{name}"\nversion = "{version}"\n' for name, version in sorted(preferred.items())
    ]
    return 'lock-version = "1.0"\ncreated-by = "uv"\n\n' + "\n".join(packages)
