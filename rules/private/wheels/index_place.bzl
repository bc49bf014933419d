"""Where an index alias lies on this machine: a variable, pip.conf, else what a checked-in file says."""

load("//rules/toolchain:machine_interpreter.bzl", "machine_interpreter")
load(":index_auth.bzl", "env_value", "how_to_sign_in", "without_credentials")

# Asked of the machine's pip, because a default written here would name a host.
_ASK_PIP = Label("//tools:python_env/base/ask_pip.py")
_INDEX = Label("@python_env_index_default//:index.json")

def _answer(rctx, words):
    result = rctx.execute(words + [rctx.path(_ASK_PIP)])
    return json.decode(result.stdout) if result.return_code == 0 else {}

def _ask_pip(rctx):
    """Asks the first Python on PATH that has pip; where there is none, the archive interpreter of this machine, by the pip that it carries."""
    for name in ["python3", "python3.11", "python3.12", "python3.13", "python3.14", "python"]:
        python = rctx.which(name)
        answer = _answer(rctx, [python]) if python else {}
        if answer:
            return answer
    python = machine_interpreter(rctx)
    return _answer(rctx, [python, "-B", "-I"]) if python else {}

def _origin(url):
    """Returns scheme, host and port: where files lie unless the index's page says otherwise."""
    return "/".join(url.split("/")[:3])

def default_url(rctx):
    """Returns the URL that pip is configured with, without a final slash; it may hold credentials."""
    return (env_value(rctx, "PIP_INDEX_URL") or _ask_pip(rctx).get("url", "")).rstrip("/")

def _default_now(rctx, index):
    """Returns the default index as it is configured now; pip is not asked again where that cannot matter."""
    if index["asked_pip"] and not index["private"] and not env_value(rctx, "PIP_INDEX_URL"):
        return struct(login = "", password = "", url = index["url"])
    return without_credentials(default_url(rctx))

def default_place(rctx):
    """Returns the place of the alias `default`: its file root was learned by its own repository."""
    index = json.decode(rctx.read(_INDEX))
    own = _default_now(rctx, index)
    return struct(
        fix = "set PIP_INDEX_URL to an index that has the file, or refresh the lock if it is one of yours that names the file; " +
              how_to_sign_in(rctx),
        flat = False,
        login = own.login,
        password = own.password,
        root = index["root"] if index["root"] and own.url == index["url"] else _origin(own.url),
        url = own.url,
        what = "index alias default, the one that pip is configured with",
    )

def index_variable(alias):
    """Returns the variable that says where an alias lies."""
    return "PYTHON_ENV_INDEX_" + alias.upper().replace("-", "_")

def _workspace(rctx):
    if hasattr(rctx, "workspace_root"):
        return str(rctx.workspace_root)
    return str(rctx.path(Label("@//:WORKSPACE")).dirname)

def _folder_url(rctx, text):
    path = text if text.startswith("/") else _workspace(rctx) + "/" + text
    return "file://" + path.replace("%", "%25").replace(" ", "%20").replace("#", "%23").replace("?", "%3F")

def parse_place(text):
    """Reads what a variable or a file says of an index.

    Args:
      text: a URL, `flat+` before it when it is one page of links; or a folder.

    Returns:
      A struct with `flat`, `login`, `password`, `root` and `url`; `url` is empty for a folder.
    """
    flat = text.startswith("flat+")
    own = without_credentials((text[len("flat+"):] if flat else text).rstrip("/"))
    if own.url.startswith("file://"):
        return struct(flat = True, login = "", password = "", root = own.url, url = own.url)
    if "://" not in own.url:
        return struct(flat = True, login = "", password = "", root = "", url = "")
    return struct(flat = flat, login = own.login, password = own.password, root = _origin(own.url), url = own.url)

def place_of(rctx, alias, stated):
    """Returns where an alias other than `default` lies.

    Args:
      rctx: context of a repository rule.
      alias: the alias.
      stated: what a checked-in file says, or an empty string.

    Returns:
      A struct: `url` and `root` (empty when not known), `flat`, `login`, `password`, and `what` and `fix` for messages.
    """
    text = env_value(rctx, index_variable(alias)) or _ask_pip(rctx).get("index-" + alias, "") or stated
    place = parse_place(text)
    how = "%s, or index-%s in section [python-env] of pip.conf" % (index_variable(alias), alias)
    return struct(
        fix = how_to_sign_in(rctx) + "; to use another place set " + how if text else "set " + how,
        flat = place.flat,
        login = place.login,
        password = place.password,
        root = _folder_url(rctx, text) if text and not place.url else place.root,
        url = place.url,
        what = "index alias %s%s" % (alias, "" if text else ", whose place is not known on this machine"),
    )
