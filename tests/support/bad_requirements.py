"""Corpus of bad requirement files and policies: what a person wrote, and what the error must say."""

from __future__ import annotations

from dataclasses import dataclass, field

TAG = "cp311-manylinux_2_28_x86_64"
SHA = "a" * 64


@dataclass(frozen=True)
class Case:
    """A line of `r.in` (or whole files), and what the error must say."""

    line: str | bytes
    what: str
    where: str = "r.in:1"
    files: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()


def policy(what: str, where: str, *words: str) -> Case:
    """Return a case of an attribute of `python_env`."""
    return Case("six", what, where, words=words)


CASES: dict[str, Case] = {
    "no version": Case("a==", "a=="),
    "no operator": Case("a 1.0", "a 1.0"),
    "a wrong operator": Case("a=>1", "a=>1"),
    "two operators": Case("a><1", "a><1"),
    "a version twice": Case("a==1==2", "a==1==2"),
    "an empty specifier": Case("a>=1,,<2", "a>=1,,<2"),
    "a range with a star": Case("a>=1.*", "a>=1.*"),
    "a compatible release of one number": Case("a~=1", "a~=1"),
    "a range with a local version": Case("a>=1.0+cpu", "a>=1.0+cpu"),
    "a star within a version": Case("a!=1.*.1", "a!=1.*.1"),
    "a version in words": Case("a==latest", "a==latest"),
    "an open bracket": Case("a[x", "a[x"),
    "a bracket too many": Case("a[x]]", "a[x]]"),
    "an extra that ends in a comma": Case("a[x,]", "a[x,]"),
    "an open parenthesis": Case("a (>=1", "a (>=1"),
    "a parenthesis too many": Case("a>=1)", "a>=1)"),
    "extras alone": Case("[x]", "[x]"),
    "a specifier alone": Case(">=1", ">=1"),
    "a name that starts with a dash": Case("_a", "_a"),
    "a name that ends with a dot": Case("a.", "a."),
    "a name that is not ASCII": Case("é", "é"),
    "a null byte": Case("a\0b", "not a requirement"),
    "two names": Case("a, b", "a, b"),
    "a path of a name": Case("a/b", "a/b"),
    "an unknown marker": Case('a; colour == "red"', "colour"),
    "a marker without a value": Case("a; python_version >", "python_version >"),
    "a marker without quotes": Case("a; python_version > 3", "python_version > 3"),
    "a marker with an open quote": Case('a; python_version > "3', "python_version"),
    "a marker with one equals sign": Case('a; os_name = "nt"', "os_name"),
    "an open marker": Case('a; (python_version > "3"', "python_version"),
    "a marker that ends in and": Case('a; python_version > "3" and', "and"),
    "an empty URL": Case("a @", "a @"),
    "a merge conflict": Case("<<<<<<< ours", "<<<<<<< ours"),
    "an unknown option": Case("--colour red", "--colour"),
    "an unknown short option": Case("-x", "-x"),
    "an option of a requirement that pip does not know": Case("a --colour=red", "--colour"),
    "a hash that is none": Case("a==1 --hash=sha256:00", "not a sha256 hash"),
    "a weak hash": Case(f"a==1 --hash=md5:{SHA[:32]}", "not a sha256 hash"),
    "a hash without a value": Case("a==1 --hash", "--hash"),
    "a hash in a hash": Case(f"a==1 --hash=sha256:{SHA[:-1]}!", "not a sha256 hash"),
    "a file that is not there": Case("-r gone.in", "gone.in is no file that Bazel was told of"),
    "a constraint file that is not there": Case("-c gone.txt", "gone.txt is no file that Bazel was told of"),
    "a constraint file by URL": Case(
        "-c https://me:secret@files.example.invalid/limits.txt?token=1",
        "error: https://files.example.invalid/limits.txt is a URL",
    ),
    "a requirement file by URL": Case(
        "--requirement=https://files.example.invalid/base.in", "error: https://files.example.invalid/base.in is a URL"
    ),
    "a file beside another option": Case("-r other.in --pre", "-r other.in shares its line with another option"),
    "a project beside another option": Case("--pre -e ./lib", "-e ./lib shares its line with another option"),
    "an unknown option beside another": Case("--pre --colour red", "this option is not supported: --colour red"),
    "an open quote beside another option": Case("--pre -i 'x", "a quotation mark is not closed: -i 'x"),
    "an option without its file": Case("-r", "-r"),
    "a quote that is not closed": Case('-r "other.in', "a quotation mark is not closed"),
    "another quote that is not closed": Case("--requirement='other.in", "a quotation mark is not closed"),
    "a quote that is not opened": Case("-r other.in'", "a quotation mark is not closed"),
    "a file that includes itself": Case("-r r.in", "r.in -> r.in"),
    "a cycle of two": Case("-r b.in", "r.in -> b.in -> r.in", "b.in:1", {"b.in": "-r r.in"}),
    "a cycle of three": Case(
        "-r b.in", "r.in -> b.in -> c.txt -> r.in", "c.txt:2", {"b.in": "-c c.txt", "c.txt": "x\n-r r.in"}
    ),
    "a file of an included file that is not there": Case("-r b.in", "gone.in", "b.in:2", {"b.in": "\n-r gone.in"}),
    "a fault in an included file": Case("-r b.in", "not a requirement: a==", "b.in:1", {"b.in": "a=="}),
    "a constraint with extras": Case("-c c.txt", "a constraint cannot have extras", "c.txt:1", {"c.txt": "a[x]<2"}),
    "a file that is not UTF-8": Case(b"caf\xe9\n", "not UTF-8", "r.in"),
    "a file in UTF-16": Case("six\n".encode("utf-16"), "not UTF-8", "r.in"),
    "a fault behind a continuation": Case("\na\\\n==\n", "not a requirement", "r.in:2"),
    "two overrides of one name": policy(
        "urllib3 is overridden more than once: urllib3<2 and urllib3>=2",
        "overrides",
        "--override=urllib3<2",
        "--override=urllib3>=2",
    ),
    "an override under a marker and without": policy(
        "a is overridden more than once", "overrides", '--override=a==1; os_name == "nt"', "--override=A==2"
    ),
    "an override that is no requirement": policy("not a requirement: a b", "overrides", "--override=a b"),
    "an exclude with a version": policy("not the name of a distribution: 'a>1'", "excludes", "--exclude=a>1"),
    "an override that is excluded": policy(
        "a is both overridden and excluded", "overrides, excludes", "--override=a==1", "--exclude=A"
    ),
    "a cut-off that is no date": policy("not a date: 'yesterday'", "exclude_newer", "--exclude-newer=yesterday"),
    "a cut-off that is no day": policy("not a date: '2026-02-30'", "exclude_newer", "--exclude-newer=2026-02-30"),
    "an unknown word for pre-releases": policy("unknown value 'often'", "prereleases", "--prereleases=often"),
    "a wheel only that may be built": Case(
        "--only-binary other,PySpark\npyspark",
        "pyspark may not be built (--only-binary pyspark), but `sdists` allows to build it",
        "r.in:1, sdists",
        words=("--sdist=pyspark",),
    ),
    "wheels only, and a source that may be built": Case(
        "pyspark\n--only-binary=:all:",
        "pyspark may not be built (--only-binary :all:), but `sdists` allows to build it",
        "r.in:2, sdists",
        words=("--sdist=pyspark",),
    ),
    "always built and never built": Case(
        "a\n--no-binary a\n--only-binary a", "a stands under --no-binary and under --only-binary", "r.in:3"
    ),
    "always built, then wheels only": Case(
        "a\n--no-binary a\n--only-binary :all:", "a stands under --no-binary and under --only-binary", "r.in:3"
    ),
    "an unknown platform": policy("unknown platform tag 'cp311-beos'", "platforms", "--locked-platform=cp311-beos"),
    "PyPy": policy("names an implementation", "platforms", "--locked-platform=pp310-win_amd64"),
    "a platform twice": policy("stands twice", "platforms", f"--locked-platform={TAG}"),
}
