"""Sources in locks made elsewhere: built as in a requirement file, and held to what the lock says of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from python_env.base.errors import ToolError
from python_env.lock.facts import Facts
from python_env.lock.model import LockedFile, LockedSource, SourceKind
from python_env.lock.resolvers.model import Candidate, Question, Resolved
from python_env.lock.resolvers.uv_files import asked_text
from python_env.lock.sources.model import Origin
from python_env.lock.update.refresh import refresh
from python_env.lock.update.task import Task
from python_env.requirements.model import Direct, DirectKind, Policy
from python_env.requirements.parse import parse_request
from support.fake_index import LINUX, WINDOWS, FakeIndex, candidate, make_task

COMMIT, DIGEST = "c" * 40, "d" * 64
GIT = f'git = "https://h.example/lib?tag=v1#{COMMIT}"'


class Index(FakeIndex):
    """A resolver that answers a direct reference without its version, as uv does."""

    def resolve(self, question: Question) -> tuple[Resolved, ...]:
        """Return the pins; an sdist of those that the index has no wheel of."""
        self.asked.append(question)
        direct = [Resolved(name=line.name, version="", candidates=()) for line in question.requirements if line.direct]
        rest = [self._pinned(line) for line in question.requirements if not line.direct]
        return (*direct, *(each if each.candidates else replace(each, sdist=SDIST) for each in rest))


SDIST = Candidate(file="old-1.0.tar.gz", url="https://h.example/old-1.0.tar.gz", sha256=DIGEST)


class Store:
    """Builds `lib` 1.1 of anything, which needs `six`; and the sdist of `old`."""

    def reference(self, _: str, direct: Direct) -> str:
        """Return it as it is."""
        return f"git+{direct.location}@{direct.revision}"

    def direct(self, name: str, direct: Direct) -> Origin:
        """Return a wheel of the workspace, or what is built."""
        facts = Facts(name=name, version="1.1", requires=("six",), requires_python="", size=1, extras=("x",))
        if direct.is_wheel:
            file = LockedFile(name="lib-1.1-py3-none-any.whl", sha256=DIGEST, size=1, local=direct.location)
            return Origin(facts=facts, file=file.name, wheel=file)
        kind = SourceKind.GIT if direct.kind is DirectKind.GIT else SourceKind.FOLDER
        source = LockedSource(key=direct.location, kind=kind, name=name, version="1.1", commit=direct.revision)
        return Origin(facts=facts, file="lib-1.1-py3-none-any.whl", source=source)

    def sdist(self, name: str, version: str, sdist: Candidate) -> Origin:
        """Return what is built of the index's sdist."""
        facts = Facts(name=name, version=version, requires=(), requires_python="", size=1, extras=())
        source = LockedSource(key=sdist.file, kind=SourceKind.SDIST, name=name, version=version, sha256=DIGEST)
        return Origin(facts=facts, file="old-1.0-py3-none-any.whl", source=source)


def uv_lock(source: str, *, version: str = "1.1", more: str = "") -> str:
    """Return a uv.lock of a project that needs lib, and lib six."""
    digest = candidate("six-1.0-py3-none-any.whl").sha256
    return f"""version = 1
[[package]]
name = "lib"
version = "{version}"
source = {{ {source} }}
dependencies = [{{ name = "six" }}]
{more}
[[package]]
name = "six"
version = "1.0"
source = {{ registry = "https://index.example" }}
wheels = [{{ url = "https://index.example/six-1.0-py3-none-any.whl", hash = "sha256:{digest}" }}]
[[package]]
name = "shop"
version = "1"
source = {{ virtual = "." }}
dependencies = [{{ name = "lib" }}]
"""


def task(text: str, *, name: str = "uv.lock", policy: Policy | None = None) -> Task:
    """Return a refresh of one lock, with an index that has six."""
    index = Index()
    index.add("six", "1.0")
    made = make_task(index, "", [LINUX, WINDOWS])
    request = parse_request([name], [], read=lambda _: text)
    return replace(made, request=replace(request, policy=policy or request.policy), sources=Store())


def fault(made: Task) -> tuple[str, str, str]:
    """Return what is wrong, in three parts; the same on both platforms."""
    with pytest.raises(ToolError) as error:
        refresh(made)
    found = error.value.faults[0]
    return found.what, found.where, found.fix


@pytest.mark.parametrize("source", [GIT, 'directory = "libs/lib"', 'editable = "libs/lib"'])
def test_a_source_is_built_and_its_closure_proved(source: str) -> None:
    """What it needs is what the lock pins; nothing else is asked for."""
    made = task(uv_lock(source))
    lock = refresh(made)
    assert [(each.name, each.version) for each in lock.sections[LINUX].packages] == [("lib", "1.1"), ("six", "1.0")]
    (key,) = lock.sources
    assert lock.files["lib-1.1-py3-none-any.whl"].build == key
    assert lock.sources[key].commit == (COMMIT if source == GIT else "")


def test_a_source_of_another_version_is_refused() -> None:
    """The lock is not of what lies there."""
    what, where, fix = fault(task(uv_lock('directory = "libs/lib"', version="1.0")))
    assert (what, where) == ("lib is 1.1 where it lies, and 1.0 in uv.lock", "uv.lock:2")
    assert fix == "make uv.lock again, then this lock"


@pytest.mark.parametrize(("digest", "taken"), [(DIGEST, True), ("0" * 64, False)])
def test_a_wheel_beside_the_lock_is_held_to_its_digest(digest: str, *, taken: bool) -> None:
    """Another file under its name is refused."""
    wheel = f'wheels = [{{ filename = "lib-1.1-py3-none-any.whl", hash = "sha256:{digest}" }}]'
    made = task(uv_lock('path = "lib-1.1-py3-none-any.whl"', more=wheel))
    if taken:
        assert refresh(made).files["lib-1.1-py3-none-any.whl"].local == "lib-1.1-py3-none-any.whl"
    else:
        assert fault(made)[0].startswith("no wheel of lib 1.1 that fits cp311-")


def test_what_a_source_needs_beyond_its_lock_is_refused() -> None:
    """It is not resolved instead."""
    text = uv_lock(GIT).replace('dependencies = [{ name = "six" }]', "")
    assert fault(task(text))[0] == f"six is not satisfied on {LINUX}: uv.lock pins nothing"


OLD = f"""lock-version = "1.0"
created-by = "t"
[[packages]]
name = "old"
version = "1.0"
sdist = {{ url = "https://h.example/old-1.0.tar.gz", hashes = {{ sha256 = "{DIGEST}" }} }}
"""


def test_an_sdist_is_built_where_the_policy_allows_it() -> None:
    """Its digest is the pinned one, and the resolver is told."""
    made = task(OLD, name="pylock.toml", policy=Policy(sdists=("old",)))
    assert refresh(made).sources["old-1.0.tar.gz"].sha256 == DIGEST
    assert made.resolver.asked[0].request.policy.sdists == ("old",)  # type: ignore[attr-defined]  # the fake one


def test_an_sdist_is_not_built_unasked() -> None:
    """No wheel of it has a pinned digest."""
    assert fault(task(OLD, name="pylock.toml"))[0].startswith("no wheel of old 1.0 that fits cp311-")


def test_pins_of_an_index_are_asked_by_their_whole_version_and_sources_as_they_are() -> None:
    """`==` in a URL is none of a version."""
    text = uv_lock('url = "https://h.example/lib-1.1.zip?x==1"', more=f'sdist = {{ hash = "sha256:{DIGEST}" }}')
    made = task(text)
    question = Question(request=made.request, platform=made.platforms[0], preferred={}, pinned=True)
    assert asked_text(question).splitlines() == [
        f"lib @ https://h.example/lib-1.1.zip?x==1#sha256={DIGEST}",
        "six===1.0",
    ]
