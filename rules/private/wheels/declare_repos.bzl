"""Declares the repositories of a lock's files and sources: one per file, the same in every lock that names it."""

load(":git_repo.bzl", "git_repo")
load(":wheel_repo.bzl", "wheel_repo")

def _source_repo(source):
    if source.kind == "git":
        git_repo(name = source.repo, commit = source.commit, url = source.url)
    elif source.kind == "sdist":
        wheel_repo(
            name = source.repo,
            distribution = source.distribution,
            file = source.key,
            index = source.index,
            index_url = source.index_url,
            path = source.path,
            sha256 = source.sha256,
            url = source.url,
            version = source.version,
        )

def declare_repos(locks, existing = []):
    """Declares the repositories, each once.

    Args:
      locks: what `read_lock` returned, several.
      existing: names that are taken.
    """
    wheels = {wheel.repo: wheel for lock in locks for wheel in lock.wheels}
    for repo in sorted(wheels):
        if repo not in existing:
            wheel_repo(
                name = repo,
                distribution = wheels[repo].distribution,
                file = wheels[repo].file,
                index = wheels[repo].index,
                index_url = wheels[repo].index_url,
                path = wheels[repo].path,
                sha256 = wheels[repo].sha256,
                url = wheels[repo].url,
                version = wheels[repo].version,
            )
    sources = {source.repo: source for lock in locks for source in lock.sources.values() if source.repo}
    for repo in sorted(sources):
        if repo not in existing:
            _source_repo(sources[repo])
