"""Repositories without their files: the graph of targets for `cquery`, and nothing that could be built."""

FETCH_VARIABLE = "PYTHON_ENV_FETCH"

# Stands in the place of a wheel, an sdist or an archive; `wheels check` knows it.
UNFETCHED = "not fetched: --repo_env=PYTHON_ENV_FETCH=no\n"

def is_unfetched(rctx):
    """Tells whether files are left out: `--repo_env=PYTHON_ENV_FETCH=no`. Who asks has the variable in `environ`.

    Args:
      rctx: context of a repository rule.
    """
    return rctx.os.environ.get(FETCH_VARIABLE) == "no"
