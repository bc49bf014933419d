"""Options of python_env_pex, under pex's own names."""

PEX_OPTION_ATTRS = {
    "entry_point": attr.string(
        doc = "`module` or `module:function` to run; empty for an interpreter.",
    ),
    "include_tools": attr.bool(
        doc = "Whether pex's tools are inside: `PEX_TOOLS=1 x.pex info`. Venv mode needs them.",
        default = True,
    ),
    "inherit_path": attr.string(
        doc = "What the PEX sees of the outer sys.path and PYTHONPATH. `fallback` lets an executor import the cluster's pyspark. " +
              "In venv mode only PYTHONPATH is ever seen, and it comes first.",
        default = "fallback",
        values = ["false", "prefer", "fallback"],
    ),
    "inject_args": attr.string_list(
        doc = "Arguments before those of the command line; `{pex.env.NAME}` stands for a variable.",
    ),
    "inject_env": attr.string_dict(
        doc = "Variables that are set for the code inside unless they are set already.",
    ),
    "interpreter_constraints": attr.string_list(
        doc = "Which Pythons may run it, e.g. `CPython>=3.11.4,<3.12`; `CPython==X.Y.*` of the platform when empty.",
    ),
    "layout": attr.string(
        doc = "`zipapp`: one file, run as it is. `packed`: `<env>.pex.zip`, which the cluster unpacks and runs by its `__main__.py`; for the large.",
        default = "zipapp",
        values = ["zipapp", "packed"],
    ),
    "pex_root": attr.string(
        doc = "Where it unpacks itself unless the variable PEX_ROOT says so, e.g. `/var/tmp/pex`; pex's own default when empty.",
    ),
    "pre_installed": attr.bool(
        doc = "Whether installed trees are inside, not wheels: the first start is quicker.",
    ),
    "script": attr.string(
        doc = "Script of a locked distribution to run, in place of `entry_point`.",
    ),
    "sh_boot": attr.bool(
        doc = "Whether it starts by /bin/sh, which skips a Python start once it is unpacked.",
    ),
    "strip_pex_env": attr.bool(
        doc = "Whether the code inside does not see variables PEX_*.",
        default = True,
    ),
    "venv": attr.bool(
        doc = "Whether it makes itself a virtual environment on its first start.",
        default = True,
    ),
}
