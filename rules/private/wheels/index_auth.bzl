"""Who this machine is to an index: the URL's own user and password, else netrc; Bazel adds its credential helper."""

load("@bazel_tools//tools/build_defs/repo:utils.bzl", "read_netrc", "use_netrc")

def env_value(rctx, name):
    """Returns a variable of the user's environment, or an empty string.

    Not by `getenv` or `environ`: Bazel writes the values of those beside the repository, and a URL may hold a password.
    """
    return rctx.os.environ.get(name) or ""

def unquote(text):
    """Undoes the percent escapes of a URL's user or password."""
    words = text.split("%")
    return words[0] + "".join([json.decode("\"\\u00%s\"" % word[:2]) + word[2:] for word in words[1:]])

def without_credentials(url):
    """Cuts user and password out of a URL.

    Args:
      url: a URL.

    Returns:
      A struct with `url` (without them), `login` and `password`.
    """
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    user, at, host_only = host.rpartition("@")
    if not at:
        return struct(login = "", password = "", url = url)
    login, _, password = user.partition(":")
    return struct(login = unquote(login), password = unquote(password), url = scheme + mark + host_only + slash + path)

def _origin(url):
    scheme, mark, rest = url.partition("://")
    return scheme + mark + rest.split("/")[0]

def netrc_path(rctx):
    """Returns the place of this user's netrc, whether it is there or not; an empty string without a home."""
    home = env_value(rctx, "HOME") or env_value(rctx, "USERPROFILE")
    name = "/_netrc" if rctx.os.name.startswith("windows") else "/.netrc"
    return env_value(rctx, "NETRC") or (home + name if home else "")

def how_to_sign_in(rctx):
    """Returns what mends a 401 or 403: the file to edit, and what it wants."""
    return "for a 401 or 403 state user and password in %s: machine <the index's host> login <user> password <password>%s" % (
        netrc_path(rctx) or "netrc",
        # what tells Bazel 7 and later, which have them, from Bazel 4
        "; or let --credential_helper give them" if hasattr(rctx, "watch") else "",
    )

def _netrc(rctx):
    path = netrc_path(rctx)
    return read_netrc(rctx, path) if path and rctx.path(path).exists else {}

def auth_of(rctx, place, url):
    """Makes the `auth` of a download.

    Args:
      rctx: context of a repository rule.
      place: struct of an index with `url`, `login` and `password`.
      url: what is downloaded.

    Returns:
      A dict, empty where nothing is known of the URL's host.
    """
    if (place.login or place.password) and _origin(url) == _origin(place.url):
        return {url: {"login": place.login, "password": place.password, "type": "basic"}}
    return use_netrc(_netrc(rctx), [url], {}) if url.startswith("http") else {}
