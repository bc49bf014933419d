"""What contradicts itself among the options of a PEX: refused in analysis, before anything is fetched or built."""

load("//rules/private/base:errors.bzl", "error_text")
load(":pex_options.bzl", "PEX_OPTION_ATTRS")
load(":selection.bzl", "SELECTION_ATTRS")

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
_DIGITS = "0123456789"

def _only(text, characters):
    return all([character in characters for character in text.elems()])

def _is_variable(name):
    return bool(name) and name[0] in _LETTERS and _only(name, _LETTERS + _DIGITS)

def _is_template(arg):
    """Tells whether str.format(pex = ...) can fill an argument."""
    parts = arg.replace("{{", "").replace("}}", "").split("{")
    for part in parts[1:]:
        name, brace, rest = part.partition("}")
        if not name.startswith("pex.env.") or not _is_variable(name[len("pex.env."):]) or not brace or "}" in rest:
            return False
    return "}" not in parts[0]

def _start_faults(options):
    if options["entry_point"] and options["script"]:
        faults = [("entry_point and script both say what to run", "leave out one of them")]
    elif options["inject_args"] and not options["entry_point"] and not options["script"]:
        faults = [("inject_args go nowhere: the PEX is an interpreter", "name an entry_point or a script")]
    else:
        faults = []
    return faults + [
        ("pex cannot fill the braces of the injected argument %s" % repr(arg), "write {pex.env.NAME}, and {{ and }} for braces")
        for arg in options["inject_args"]
        if not _is_template(arg)
    ]

def _mode_faults(options, platform):
    faults = []
    if options["venv"] and not options["include_tools"]:
        faults.append(("venv = True needs pex's tools inside, include_tools = False leaves them out", "leave out include_tools, or set venv = False"))
    if options["venv"] and options["inherit_path"] == "prefer":
        faults.append(("inherit_path = \"prefer\" does nothing in venv mode, which sees no outer site-packages", "set venv = False, or inherit_path = \"fallback\""))
    if options["sh_boot"] and "-win" in platform:
        faults.append(("sh_boot needs /bin/sh, which %s does not have" % platform, "leave out sh_boot for this platform, by a select()"))
    return faults

def _value_faults(options):
    faults = []
    if not _only(options["pex_root"], _LETTERS + _DIGITS + "/.~+@%=:,-\\"):
        faults.append(("pex_root %s has characters that a shell reads as something else" % repr(options["pex_root"]), "write a plain path; ~ is the home folder, variables are not filled"))
    for name in options["inject_env"]:
        if not _is_variable(name):
            faults.append(("%s of inject_env is not the name of a variable" % repr(name), "write letters, digits and _"))
        elif name.startswith("PEX_") and options["strip_pex_env"]:
            faults.append(("%s of inject_env comes too late for this PEX, and strip_pex_env hides such from others" % name, "use the option of that name, or set strip_pex_env = False"))
    for constraint in options["interpreter_constraints"]:
        if constraint.startswith("PyPy") or not constraint.strip():
            faults.append(("the interpreter constraint %s admits no CPython" % repr(constraint), "write [CPython]<specifiers>, as in \"CPython>=3.11.4,<3.12\""))
    return faults

def pex_options_json(ctx, platform):
    """Checks the options of a PEX; fails with all that contradict each other or cannot be.

    Args:
      ctx: context of a rule with PEX_OPTION_ATTRS.
      platform: platform tag.

    Returns:
      The options as the tool reads them.
    """
    options = {name: getattr(ctx.attr, name) for name in PEX_OPTION_ATTRS}
    faults = _start_faults(options) + _mode_faults(options, platform) + _value_faults(options)
    if faults:
        fail("".join([error_text(what, where = str(ctx.label), fix = fix) for what, fix in faults]))
    return json.encode(options)

def pex_fault(where, options, entry_point):
    """Finds options of a python_env's `pex` that are none.

    Args:
      where: label of the environment.
      options: value of `pex`.
      entry_point: value of python_env's own attribute.

    Returns:
      The text of all faults, or an empty text.
    """
    if type(options) != "dict":
        return error_text("pex is not a dict", where = where, fix = "write pex = {\"layout\": \"packed\"}")
    known = sorted(PEX_OPTION_ATTRS.keys() + SELECTION_ATTRS.keys())
    faults = [
        ("there is no option %s of a PEX" % repr(name), "write some of: " + ", ".join(known))
        for name in options
        if name not in known
    ]
    if entry_point and "entry_point" in options:
        faults.append(("entry_point stands twice: beside pex, and in it", "leave out one of them"))
    return "".join([error_text(what, where = where + ", pex", fix = fix) for what, fix in faults])
