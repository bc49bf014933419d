"""How rules run the Python tools: in an action, or as a script for `bazel run` and `bazel test`."""

load(":tool_path.bzl", "TOOL_PATH")

EXEC_TYPE = "@rules_python_env//rules/toolchain:exec_type"
TOOLS_TYPE = "@rules_python_env//rules/toolchain:tools_type"

TOOL_TOOLCHAINS = [EXEC_TYPE, TOOLS_TYPE]

# Fixed, so that neither the user's PATH nor locale is part of an action key.
TOOL_ENV = {
    "LC_ALL": "C",
    "PATH": TOOL_PATH,
}

# -B: an interpreter's folder is not written into, whoever may.
TOOL_FLAGS = ["-B", "-I", "-S"]

_SCRIPT = """\
#!/usr/bin/env bash
set -euo pipefail
if [[ -z "${{RUNFILES_DIR:-}}" ]]; then
  RUNFILES_DIR="${{TEST_SRCDIR:-$0.runfiles}}"
fi
# bazel run starts below the runfiles folder, a person may start anywhere
RUNFILES_DIR="$(cd "$RUNFILES_DIR" && pwd)"
export RUNFILES_DIR
{exports}cd "$RUNFILES_DIR/{workspace}"
exec {words} "$@"
"""

def run_tool(ctx, command, arguments, inputs, outputs, mnemonic, progress_message, libraries = [], whole_interpreter = False, interpreter = None):
    """Registers an action that runs one tool.

    Args:
      ctx: the rule's context; the rule has `toolchains = TOOL_TOOLCHAINS`.
      command: list of two strings, the stage and its command.
      arguments: Args of the command; they go into a param file when they are long.
      inputs: depset of File.
      outputs: list of File.
      mnemonic: the action's mnemonic, PyEnv*.
      progress_message: what Bazel shows while it runs.
      libraries: list of File, pure wheels that the tool imports.
      whole_interpreter: whether the tool starts the interpreter itself, so that all of its library and its headers are inputs.
      interpreter: PyEnvInterpreterInfo; that of the toolchain where there is none.
    """
    interpreter = interpreter or ctx.toolchains[EXEC_TYPE].interpreter
    tools = ctx.toolchains[TOOLS_TYPE].tools
    start = ctx.actions.args()
    start.add_all(TOOL_FLAGS)
    start.add(tools.entry)
    start.add_all(([interpreter.modules] if interpreter.modules else []) + libraries, before_each = "--path")
    start.add_all(command)
    ctx.actions.run(
        executable = interpreter.executable,
        arguments = [start, arguments],
        inputs = depset(libraries, transitive = [
            inputs,
            tools.files,
            interpreter.files,
        ] + ([interpreter.whole] if whole_interpreter else [])),
        outputs = outputs,
        mnemonic = mnemonic,
        progress_message = progress_message,
        env = TOOL_ENV,
        execution_requirements = {"supports-path-mapping": "1"},
    )

def tool_script(ctx, command, arguments, files, wheels = [], env = {}):
    """Writes a script that runs one tool, for an executable or test rule.

    Args:
      ctx: the rule's context; the rule has `toolchains = TOOL_TOOLCHAINS`.
      command: list of two strings, the stage and its command.
      arguments: list of strings; a file is named by its short_path, because the script starts in the
        main repository's runfiles folder.
      files: list of File that the arguments name.
      wheels: list of File, pure wheels that the tool imports.
      env: dict of string to string, variables to set.

    Returns:
      DefaultInfo with the script as the executable.
    """
    interpreter = ctx.toolchains[EXEC_TYPE].interpreter
    tools = ctx.toolchains[TOOLS_TYPE].tools
    words = [interpreter.executable.short_path] + TOOL_FLAGS + [tools.entry.short_path]
    for wheel in wheels:
        words += ["--path", wheel.short_path]
    script = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(
        script,
        _SCRIPT.format(
            exports = "".join(["export %s=%s\n" % (key, _quote(env[key])) for key in sorted(env)]),
            words = " ".join([_quote(word) for word in words + command + arguments]),
            workspace = ctx.workspace_name,
        ),
        is_executable = True,
    )
    runfiles = ctx.runfiles(files = files + wheels, transitive_files = depset(transitive = [tools.files, interpreter.whole]))
    return DefaultInfo(executable = script, files = depset([script]), runfiles = runfiles)

def _quote(word):
    return "'" + word.replace("'", "'\\''") + "'"
