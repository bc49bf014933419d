"""Locks made elsewhere: pylock.toml, uv.lock and hashed requirement files become pins, or are refused."""

from __future__ import annotations

import random
import tomllib

import pytest

from python_env.base.errors import ToolError
from python_env.lock.inputs import make_inputs
from python_env.requirements.model import Asked, Request
from python_env.requirements.parse import parse_request
from python_env.requirements.policy import parse_choice
from support.fake_index import LINUX

A, B = "a" * 64, "b" * 64
INDEX = "https://index.example/simple"


def parse(
    text: str,
    name: str = "uv.lock",
    *,
    extras: tuple[str, ...] = (),
    groups: tuple[str, ...] = (),
    excludes: tuple[str, ...] = (),
) -> Request:
    """Parse one lock that lies in a folder."""
    choice = parse_choice(extras, groups, excludes=excludes)
    return parse_request([f"envs/{name}"], [], read=lambda _: text, choice=choice)


def texts(request: Request) -> list[str]:
    """Return the pins without their hashes."""
    return sorted(asked.text for asked in request.requirements)


def uv_package(name: str, version: str = "1.0", *, rest: str = "", source: str = f'registry = "{INDEX}"') -> str:
    """Return one package of a uv.lock, with a wheel and an sdist."""
    return f"""
[[package]]
name = "{name}"
version = "{version}"
source = {{ {source} }}
sdist = {{ url = "{INDEX}/{name}-{version}.tar.gz", hash = "sha256:{B}" }}
wheels = [{{ url = "{INDEX}/{name}-{version}-py3-none-any.whl", hash = "sha256:{A}" }}]
{rest}
"""


def uv_lock(*packages: str, root: str = "", head: str = "") -> str:
    """Return a uv.lock of a project with the given dependencies."""
    project = f'[[package]]\nname = "shop"\nversion = "1"\nsource = {{ virtual = "." }}\n{root}'
    return f'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n{head}\n{"".join(packages)}\n{project}'


def pylock(*packages: str, head: str = "") -> str:
    """Return a pylock.toml."""
    return f'lock-version = "1.0"\ncreated-by = "test"\n{head}\n' + "".join(packages)


def pylock_package(name: str, version: str = "1.0", *, rest: str = "", hashes: str = f'sha256 = "{A}"') -> str:
    """Return one package of a pylock.toml with a wheel."""
    wheel = f'{{ url = "{INDEX}/{name}-{version}-py3-none-any.whl", hashes = {{ {hashes} }} }}'
    return f'[[packages]]\nname = "{name}"\nversion = "{version}"\n{rest}\nwheels = [{wheel}]\n'


def test_a_uv_lock_is_followed_from_its_project() -> None:
    """Only what it needs, each under the markers of all paths; the project itself is no pin."""
    request = parse(
        uv_lock(
            uv_package("app", rest='dependencies = [{ name = "lib", marker = "os_name == \'nt\'" }, { name = "six" }]'),
            uv_package("lib", rest='dependencies = [{ name = "deep" }, { name = "app" }]'),
            uv_package("deep"),
            uv_package("six"),
            uv_package("stray"),
            root='dependencies = [{ name = "app" }, { name = "deep", marker = "sys_platform == \'linux\'" }]',
        )
    )
    assert texts(request) == [
        "app==1.0",
        'deep==1.0; os_name == "nt" or sys_platform == "linux"',
        'lib==1.0; os_name == "nt"',
        "six==1.0",
    ]
    app = next(asked for asked in request.requirements if asked.name == "app")
    assert (app.hashes, app.where, app.pinned) == ((A, B), "envs/uv.lock:6", True)
    assert request.pinned_by == ("envs/uv.lock",)
    assert request.scopes[0].requires_python == ">=3.11"


def test_extras_of_a_uv_lock_are_followed_on_every_edge() -> None:
    """The chosen ones of the project, and those that packages ask of each other."""
    text = uv_lock(
        uv_package(
            "client",
            rest='[package.optional-dependencies]\nhttp2 = [{ name = "h2" }]\nbrotli = [{ name = "br" }]',
        ),
        uv_package("h2"),
        uv_package("br"),
        root="""dependencies = [{ name = "client", marker = "os_name == 'posix'" }]
[package.optional-dependencies]
Fast = [{ name = "client", extra = ["http2"] }]
[package.metadata]
provides-extras = ["Fast", "empty"]
""",
    )
    assert texts(parse(text)) == ['client==1.0; os_name == "posix"']
    assert texts(parse(text, extras=("fast",))) == ["client[http2]==1.0", "h2==1.0"]
    assert texts(parse(text, extras=("empty",))) == ['client==1.0; os_name == "posix"']


def test_an_extra_under_another_marker_is_a_line_of_its_own() -> None:
    """The pin holds everywhere, its extra only there."""
    text = uv_lock(
        uv_package("client", rest='[package.optional-dependencies]\nhttp2 = [{ name = "h2" }]'),
        uv_package("h2"),
        root="""dependencies = [
  { name = "client" },
  { name = "client", extra = ["http2"], marker = "os_name == 'nt'" },
]""",
    )
    assert texts(parse(text)) == ["client==1.0", 'client[http2]==1.0; os_name == "nt"', 'h2==1.0; os_name == "nt"']


def test_groups_of_a_uv_lock() -> None:
    """Those of the project, and those of a workspace without one."""
    text = uv_lock(uv_package("pytest"), root='[package.dev-dependencies]\ndev = [{ name = "pytest" }]')
    assert texts(parse(text)) == []
    assert texts(parse(text, groups=("Dev",))) == ["pytest==1.0"]
    workspace = f"""version = 1
[manifest]
members = ["one"]
[manifest.dependency-groups]
lint = [{{ name = "ruff", specifier = ">=0" }}]
{uv_package("ruff")}{uv_package("six")}
[[package]]
name = "one"
source = {{ editable = "one" }}
dependencies = [{{ name = "six" }}]
"""
    assert texts(parse(workspace, groups=("lint",))) == ["ruff==1.0", "six==1.0"]


def test_members_of_a_workspace_are_first_party() -> None:
    """They are not locked, what they need is."""
    text = uv_lock(
        uv_package("lib", source='editable = "lib"', rest='dependencies = [{ name = "six" }]'),
        uv_package("six"),
        root='dependencies = [{ name = "lib" }]',
        head='[manifest]\nmembers = ["shop", "lib"]',
    )
    assert texts(parse(text)) == ["six==1.0"]


def test_forks_of_a_uv_lock_are_told_apart() -> None:
    """By the version and source on the edge, or by the package's resolution markers."""
    fork = "resolution-markers = [\"python_full_version {} '3.12'\"]"
    packages = uv_package("numpy", "1.0", rest=fork.format("<")) + uv_package("numpy", "2.0", rest=fork.format(">="))
    edges = """dependencies = [
  { name = "numpy", version = "1.0", marker = "os_name == 'nt'" },
  { name = "numpy", version = "2.0", marker = "os_name != 'nt'" },
]"""
    assert texts(parse(uv_lock(packages, root=edges))) == ['numpy==1.0; os_name == "nt"', 'numpy==2.0; os_name != "nt"']
    assert texts(parse(uv_lock(packages, root='dependencies = [{ name = "numpy" }]'))) == [
        'numpy==1.0; python_full_version < "3.12"',
        'numpy==2.0; python_full_version >= "3.12"',
    ]


def test_what_cannot_be_taken_may_be_left_out() -> None:
    """An excluded distribution needs no files, and what only it needs is not locked."""
    text = uv_lock(
        uv_package("lib", source='git = "https://git.example/lib#1"', rest='dependencies = [{ name = "six" }]'),
        uv_package("six"),
        root='dependencies = [{ name = "lib" }]',
    )
    (lib,) = parse(text, excludes=("lib",)).requirements
    assert (lib.text, lib.hashes) == ("lib==1.0", ())


def test_a_pylock_is_taken_as_it_stands() -> None:
    """Every package with its marker, the locked project left out."""
    text = pylock(
        pylock_package("app", rest="marker = \"sys_platform == 'win32'\""),
        pylock_package("lib"),
        '[[packages]]\nname = "shop"\ndirectory = { path = ".", editable = true }\n',
        head='requires-python = ">=3.11"\nenvironments = ["sys_platform == \'win32\'"]',
    )
    request = parse(text, "pylock.dev.toml")
    assert texts(request) == ['app==1.0; sys_platform == "win32"', "lib==1.0"]
    assert (request.requirements[1].where, request.requirements[1].hashes) == ("envs/pylock.dev.toml:10", (A,))
    assert [str(marker) for marker in request.scopes[0].environments] == ['sys_platform == "win32"']


def test_extras_and_groups_of_a_pylock_are_decided_when_it_is_read() -> None:
    """PEP 751: default groups are taken where none is chosen; what is left of a marker stays."""
    text = pylock(
        pylock_package("fast", rest="marker = \"'speed' in extras and os_name == 'nt'\""),
        pylock_package("pytest", rest="marker = \"'test' in dependency_groups or 'speed' in extras\""),
        pylock_package("base", rest="marker = \"'default' in dependency_groups\""),
        head='extras = ["speed"]\ndependency-groups = ["test", "default"]\ndefault-groups = ["default"]',
    )
    assert texts(parse(text, "pylock.toml")) == ["base==1.0"]
    assert texts(parse(text, "pylock.toml", groups=("test",))) == ["pytest==1.0"]
    assert texts(parse(text, "pylock.toml", extras=("speed",))) == [
        "base==1.0",
        'fast==1.0; os_name == "nt"',
        "pytest==1.0",
    ]


HASHED = f"app==1.0 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}\nlib==2.0 ; os_name == 'nt' --hash=sha256:{A}\n"


def test_a_requirement_file_is_a_lock_when_everything_is_pinned_and_hashed() -> None:
    """As pip's hash-checking mode: such a file is complete."""
    request = parse(f"# made by pip-compile\n{HASHED}", "requirements.txt")
    assert texts(request) == ["app==1.0", 'lib==2.0; os_name == "nt"']
    assert request.pinned_by == ("envs/requirements.txt",)


@pytest.mark.parametrize("line", ["six", "six==1.0", f"six>=1 --hash=sha256:{A}", f"six==1.* --hash=sha256:{A}"])
def test_one_line_without_pin_or_hash_makes_it_a_requirement_file(line: str) -> None:
    """Then hashes only limit what is taken, and the rest is resolved."""
    assert parse(HASHED + line, "requirements.txt").pinned_by == ()


def inputs(text: str, name: str) -> object:
    """Return what a lock of the file answers."""
    return make_inputs(parse(text, name), [LINUX])


def test_order_and_comments_of_a_lock_do_not_count() -> None:
    """Nor do URLs, sizes and upload times: the request stays the same."""
    packages = [uv_package(name) for name in ("a", "b", "c")]
    root = 'dependencies = [{ name = "a" }, { name = "b" }, { name = "c", marker = "os_name == \'nt\'" }]'
    before = inputs(uv_lock(*packages, root=root), "uv.lock")
    random.Random(1).shuffle(packages)
    after = uv_lock(*packages, root=root.replace('{ name = "a" }, { name = "b" }', '{ name = "b" }, { name = "a" }'))
    assert inputs("# words\n" + after.replace(INDEX, "https://mirror.example/x"), "uv.lock") == before
    one, two = pylock_package("a"), pylock_package("b")
    assert inputs(pylock(one, two), "pylock.toml") == inputs(pylock("# words\n", two, one), "pylock.toml")


@pytest.mark.parametrize(
    ("old", "new"),
    [("1.0", "1.1"), (A, "c" * 64), ("os_name == 'nt'", "os_name == 'posix'"), ('{ name = "b" }, ', "")],
)
def test_a_change_of_meaning_changes_the_request(old: str, new: str) -> None:
    """A version, a hash, a marker, a dependency."""
    root = 'dependencies = [{ name = "a" }, { name = "b" }, { name = "c", marker = "os_name == \'nt\'" }]'
    text = uv_lock(uv_package("a"), uv_package("b"), uv_package("c"), root=root)
    assert inputs(text, "uv.lock") != inputs(text.replace(old, new), "uv.lock")


def test_many_hashes_are_one_word_of_the_inputs() -> None:
    """A lock of 500 packages stays readable; every digest still counts."""
    digests = tuple(f"{number:064x}" for number in range(5))
    requirement = parse("six", "r.in").requirements[0].requirement
    words = [
        Asked(requirement=requirement, source="r", line=1, hashes=hashes).input_text
        for hashes in (digests, (*digests[:4], "f" * 64), digests[:4])
    ]
    assert words[0].startswith("six --hashes=5:sha256:") and len(words[0]) < 90
    assert words[0] != words[1] and words[2].count("--hash=") == 4


ONE = 'dependencies = [{ name = "a" }]'
REMAKE = "run `uv lock` again"
LEAVE = "and take that lock; or leave a out by `excludes`"
COMMIT = "c" * 40

BAD_UV_SOURCES = [
    (f'git = "https://u:secret@h.example/a#{COMMIT}"', "the URL holds a user or a password", "remove it;"),
    ('git = "https://h.example/a?tag=v1#abc"', "abc is no whole commit", "lock it again with a whole commit"),
    ('git = "https://h.example/a"', "nothing is no whole commit", "lock it again with a whole commit"),
    (f'git = "https://h.example/a?lfs=true#{COMMIT}"', "git LFS is not supported", "lock it without"),
    (f'git = "ext::sh -c evil#{COMMIT}"', "the repository is named by no URL", "write https://host/path"),
    (f'git = "http://h.example/a#{COMMIT}"', "git is asked by https, ssh or file alone", "write git+https"),
    ('url = "https://h.example/a-1.0-py3-none-any.whl"', "its file has no sha256", "lock it again with one that"),
    ('path = "a-1.0-py3-none-any.whl"', "its file has no sha256", "lock it again with one that states sha256"),
    ('directory = "../../a"', "the path leaves the workspace", "move what it names into the workspace"),
    ('editable = "../../a"', "the path leaves the workspace", "move what it names into the workspace"),
    ('directory = "/home/me/a"', "an absolute path is not the same", "write it relative to the file"),
    ('directory = "a#b"', "the path is empty or holds a #", "rename the folder"),
    ('directory = "git+https://h.example/a b"', "the reference has characters that", "rename the file"),
    ('new = "x"', "it is from an unknown source", "use a release of rules_python_env"),
]
"""Source, what is wrong with it, and the beginning of what mends it; the wheel and the sdist make two digests."""


BAD_UV = [
    ("version = 1\n[[package]]\n", "a package has no name", ":2", REMAKE),
    ("version = 2\n", "uv.lock of format 2; these rules read format 1", ": version", "use a release of"),
    ("", "uv.lock of format None", ": version", "use a release of"),
    (
        "version = 1\n",
        "the lock has no project that its packages are for",
        ": package",
        "take over a lock of a project",
    ),
    ("version = 1\npackage = 3\n", "expected an array", ": package", "write an array"),
    ("version = 1\npackage = [3]\n", "expected a table", ": package[0]", "write a table"),
    ("version = 1\n<<<<<<< ours\n", "not TOML: ", ":2", "mend the syntax"),
    (
        uv_lock(head='conflicts = [[{ package = "shop", extra = "a" }]]'),
        "conflicting extras",
        ": conflicts",
        "run `uv export",
    ),
    (uv_lock(root=ONE), "a is required, but the lock has no such package", ":6", REMAKE),
    (
        uv_lock(root='dependencies = [{ name = "shop", marker = "os" }]'),
        "not a marker: os (",
        ":6",
        "write it as PEP 508 says",
    ),
    *(
        (uv_lock(uv_package("a", source=source), root=ONE), f"a cannot be taken from the lock: {what}", ":6", fix)
        for source, what, fix in BAD_UV_SOURCES
    ),
    (
        uv_lock(uv_package("a").replace(f"sha256:{A}", "md5:00"), root=ONE),
        "a file of a 1.0 has no sha256: md5:00",
        ":6",
        "lock it again from an index that states",
    ),
    (
        uv_lock(uv_package("a").replace(f', hash = "sha256:{A}"', ""), root=ONE),
        "a file of a 1.0 has no sha256: nothing",
        ":6",
        "lock it again from an index that states",
    ),
    (
        uv_lock(f'[[package]]\nname = "a"\nversion = "1"\nsource = {{ registry = "{INDEX}" }}\n', root=ONE),
        "a 1 has no files in the lock",
        ":5",
        "lock it again from an index that has",
    ),
    (uv_lock(uv_package("a", version="x y"), root=ONE), "not a requirement: a==x y", ":6", "write it as PEP 508 says"),
    (
        uv_lock().replace(">=3.11", "three"),
        "not a version specifier: three",
        ": requires-python",
        "write it as PEP 440 says",
    ),
]

BAD_PYLOCK_SOURCES = [
    ('directory = { path = "../../lib" }', "the path leaves the workspace", "move what it names into the workspace"),
    (
        f'archive = {{ url = "https://u:secret@h.example/a-1.zip", hashes = {{ sha256 = "{A}" }} }}',
        "the URL holds a user or a password",
        "remove it;",
    ),
    (
        f'archive = {{ url = "https://h.example/a.whl", hashes = {{ sha256 = "{A}" }} }}',
        "Invalid wheel filename",
        "name a wheel by its whole file name",
    ),
    (
        'archive = { url = "https://h.example/a-1.zip", hashes = { sha512 = "00" } }',
        "its file has no sha256",
        "lock it again with one that states sha256",
    ),
    (
        f'archive = {{ path = "a-1.tar.gz", hashes = {{ sha256 = "{A}" }} }}',
        "an sdist of the workspace is not taken",
        "unpack it",
    ),
    (
        'vcs = { type = "git", url = "https://h.example/a", commit-id = "1" }',
        "1 is no whole commit",
        "lock it again with a whole commit",
    ),
    (
        f'vcs = {{ type = "hg", url = "https://h.example/a", commit-id = "{COMMIT}" }}',
        "hg is not supported, of version control systems only git",
        "take git",
    ),
    (
        f'vcs = {{ type = "git", path = "../a", commit-id = "{COMMIT}" }}',
        "the repository lies in a folder",
        "lock it by a URL",
    ),
    (
        f'wheels = [{{ url = "{INDEX}/a-1.0-py3-none-any.whl", hashes = {{ sha256 = "{A}" }} }}]',
        "it is without",
        "lock",
    ),
]

BAD_PYLOCK = [
    ("\nx = ]\n", "not TOML: ", ":2", "mend the syntax"),
    ("", "not a lock of PEP 751: missing required value", ": lock-version", "make the lock again with its tool"),
    (
        pylock(head="packages = []").replace("1.0", "2.0"),
        "not a lock of PEP 751: pylock version 2.0 is not supported",
        "",
        "make the lock again",
    ),
    (pylock(), "not a lock of PEP 751: missing required value", ": packages", "make the lock again"),
    (
        pylock(pylock_package("a").replace("a-1.0", "b-1.0")),
        "not a lock of PEP 751: name in 'b-1.0-py3-none-any.whl' is not",
        ": packages[0].wheels[0]",
        "make the lock",
    ),
    (
        pylock(pylock_package("a", rest='marker = "os"')),
        "not a lock of PEP 751: ",
        ": packages[0].marker",
        "make the lock again",
    ),
    (
        pylock(pylock_package("a", rest="marker = \"extras == 'x'\"")),
        "not a marker of PEP 751 at a: extras may only",
        ":4",
        "make the lock again",
    ),
    (
        pylock(pylock_package("a", hashes='md5 = "00"')),
        "a file of a 1.0 has no sha256: nothing",
        ":4",
        "lock it again from an index that states",
    ),
    *(
        (pylock(f'[[packages]]\nname = "a"\n{text}\n'), f"a cannot be taken from the lock: {what}", ":4", fix)
        for text, what, fix in BAD_PYLOCK_SOURCES
    ),
]


@pytest.mark.parametrize(("text", "what", "place", "fix"), BAD_UV)
def test_a_bad_uv_lock_is_refused(text: str, what: str, place: str, fix: str) -> None:
    """In three parts, by package and reason; no secret of a URL is told."""
    check_refused(text, "uv.lock", what, place, fix)


@pytest.mark.parametrize(("text", "what", "place", "fix"), BAD_PYLOCK)
def test_a_bad_pylock_is_refused(text: str, what: str, place: str, fix: str) -> None:
    """In three parts, by package and reason."""
    check_refused(text, "pylock.toml", what, place, fix)


def check_refused(text: str, name: str, what: str, place: str, fix: str) -> None:
    """Check the one fault of a lock."""
    with pytest.raises(ToolError) as error:
        parse(text, name)
    (fault,) = error.value.faults
    assert fault.what.startswith(what)
    assert fault.where == f"envs/{name}{place}"
    assert fault.fix.startswith(fix)
    assert "secret" not in fault.render()


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("uv.lock", uv_lock(), "envs/uv.lock: package.optional-dependencies"),
        ("pylock.toml", pylock(head="packages = []"), "envs/pylock.toml: extras"),
    ],
)
def test_an_extra_that_a_lock_does_not_know_is_refused(name: str, text: str, where: str) -> None:
    """A misspelt name is not taken for a decision."""
    with pytest.raises(ToolError, match="there is no extra no") as error:
        parse(text, name, extras=("no",))
    assert error.value.faults[0].where == where


def test_all_packages_that_cannot_be_taken_are_listed_together() -> None:
    """A person mends them in one go."""
    git = [uv_package(name, source='git = "https://h.example/x#1"') for name in ("a", "b")]
    with pytest.raises(ToolError) as error:
        parse(uv_lock(*git, root='dependencies = [{ name = "a" }, { name = "b" }]'))
    assert [fault.what.split()[0] for fault in error.value.faults] == ["a", "b"]


def test_a_graph_that_explodes_ends() -> None:
    """Two packages with many paths under many markers: refused, not followed for ever."""
    size = 12
    layers = [
        uv_package(f"p{i}", rest="dependencies = [" + ", ".join(edges(i)) + "]" if i < size else "")
        for i in range(size + 1)
    ]
    with pytest.raises(ToolError, match="is needed under too many conditions"):
        parse(uv_lock(*layers, root='dependencies = [{ name = "p0" }]'))


def edges(i: int) -> list[str]:
    """Return two edges to the next package under two markers that nothing else has."""
    return [f'{{ name = "p{i + 1}", marker = "platform_release == \'{i}{side}\'" }}' for side in "ab"]


def test_the_texts_of_this_file_are_toml() -> None:
    """So that a refusal is not one of syntax."""
    assert tomllib.loads(uv_lock(uv_package("a"), root=ONE)) and tomllib.loads(pylock(pylock_package("a")))
