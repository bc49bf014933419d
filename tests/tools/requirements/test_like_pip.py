"""Beside pip's own reader: whatever pip refuses, we refuse."""

from __future__ import annotations

import contextlib
import functools
import io
import logging
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from python_env.base.errors import ToolError
from python_env.requirements.parse import parse_request
from support.bad_requirements import CASES

pytest.importorskip("pip", "24.1", reason="older pip takes versions that are none; the environment `dev` has a new one")

SHA = "a" * 64
OTHERS = {"other.in": "six\n", "an other.in": "six\n"}

_NAMES = ["a", "A.b", "a-", "_a", "a b", "é", "", "1", "a/b", "./a.in", "a\0"]
_EXTRAS = ["", "[x]", "[x,y]", "[x", "[]", "[x,]", "[x]]", "[é]"]
_VERSIONS = ["", ">=1", "==1.*", ">=1.*", "~=1", "~=1.0", "===x", "==x", " >= 1 , <2", ">=1,,<2", "=1", "(>=1)", "(>=1"]
_MARKERS = [
    "",
    '; python_version > "3"',
    "; python_version > 3",
    ';os_name=="nt" and',
    '; (extra == "x"',
    "; x == 'y'",
    "; sys_platform in 'linux'",
    "; 'a' == 'b'",
    ";",
]
_HASHES = ["", f" --hash=sha256:{SHA}", f" --hash sha256:{SHA}", " --hash", f" --hash='sha256:{SHA}", " --hash=crc:1"]
_TAILS = ["", " # why", "#why", " \\", "\\", " --colour", " -x", "\t", "\u00a0", "\u2028b==", " 'q"]
_REQUIREMENTS = st.tuples(*map(st.sampled_from, (_NAMES, _EXTRAS, _VERSIONS, _MARKERS, _HASHES, _TAILS))).map("".join)

_OPTIONS = [
    "-r",
    "-c",
    "--requirement",
    "--constraint",
    "-e",
    "--pre",
    "--prefer-binary",
    "--only-binary",
    "-i",
    "-z",
    "-",
]
_JOINTS = ["", " ", "=", "= ", " = ", "\t"]
_VALUES = ["", "other.in", "gone.in", '"other.in"', "'an other.in'", '"other.in', "other.in'", ":all:", "a b", "é"]
_OPTION_LINES = st.tuples(*map(st.sampled_from, (_OPTIONS, _JOINTS, _VALUES, _TAILS))).map("".join)


@functools.cache
def _session() -> object:
    from pip._internal.network.session import PipSession

    return PipSession()


def pip_refuses(folder: Path, files: Mapping[str, str]) -> str:
    """Return why pip refuses `r.in`, or nothing; pip reads it, and makes install requirements of its lines."""
    from pip._internal.req.constructors import install_req_from_parsed_requirement
    from pip._internal.req.req_file import parse_requirements

    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    logging.getLogger("pip").setLevel(logging.CRITICAL)
    try:
        with contextlib.redirect_stderr(io.StringIO()), contextlib.chdir(folder):
            for parsed in parse_requirements("r.in", session=_session()):
                install_req_from_parsed_requirement(parsed)
    except (Exception, SystemExit) as error:  # pip's own classes differ between its versions
        return f"{type(error).__name__}: {error}"
    return ""


def ours_refuses(files: Mapping[str, str]) -> bool:
    """Return whether we refuse `r.in`; anything else than a ToolError is a bug of ours."""

    def read(name: str) -> str:
        if name not in files:
            raise FileNotFoundError(name)
        return files[name]

    try:
        parse_request(["r.in"], [], read=read)
    except ToolError:
        return True
    return False


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=st.one_of(_REQUIREMENTS, _OPTION_LINES))
@example(line="-r 'other.in")
@example(line="--requirement= other.in")
@example(line="a; extra == 'x'")
@example(line="-i a --pre -r gone.in")
def test_what_pip_refuses_is_refused(tmp_path: Path, line: str) -> None:
    """Lines put together from good and bad parts; an answer of ours is never a traceback."""
    files = {**OTHERS, "r.in": f"six\n{line}\n"}
    reason = pip_refuses(tmp_path, files)
    if not ours_refuses(files):
        assert not reason


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet=st.sampled_from("ab-=<>~![](),;'\"@#\\ \n\t./:{}$1*+_rce\0\u2028é"), max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Never a traceback."""
    ours_refuses({"r.in": text})


@pytest.mark.parametrize(
    "name", [name for name, case in CASES.items() if not case.words and isinstance(case.line, str)]
)
def test_pip_refuses_the_corpus_too(tmp_path: Path, name: str) -> None:
    """The corpus holds lines that pip refuses when it reads them, but for those that it refuses later or takes."""
    case = CASES[name]
    assert isinstance(case.line, str)
    later = {"a hash that is none", "a hash in a hash", "a constraint with extras", "a weak hash"}
    taken = {
        "always built and never built",
        "always built, then wheels only",
        "a wheel only that may be built",
        "wheels only, and a source that may be built",
        "a file beside another option",
        "a project beside another option",
    }
    if name not in later | taken:
        assert pip_refuses(tmp_path, {**case.files, "r.in": case.line})
