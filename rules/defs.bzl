"""Public, for BUILD files: `python_env`, and every rule that it is made of."""

load("//rules/private:python_env.bzl", _python_env = "python_env")
load("//rules/private/artifacts:bundled_interpreter.bzl", _python_env_bundled_interpreter = "python_env_bundled_interpreter")
load("//rules/private/artifacts:code.bzl", _python_env_code = "python_env_code")
load("//rules/private/artifacts:pex.bzl", _python_env_pex = "python_env_pex")
load("//rules/private/artifacts:venv.bzl", _python_env_venv = "python_env_venv")
load("//rules/private/artifacts:wheelhouse.bzl", _python_env_wheelhouse = "python_env_wheelhouse")
load("//rules/private/deploy:deploy.bzl", _python_env_deploy = "python_env_deploy")
load("//rules/private/deploy:submit.bzl", _python_env_submit = "python_env_submit")
load("//rules/private/env:closure.bzl", _python_env_closure = "python_env_closure")
load("//rules/private/launcher:launcher.bzl", _python_env_launcher = "python_env_launcher")
load("//rules/private/lock:lock_export.bzl", _python_env_lock_export = "python_env_lock_export")
load("//rules/private/lock:lock_file.bzl", _python_env_lock_file = "python_env_lock_file")
load("//rules/private/lock:lock_test.bzl", _python_env_lock_test = "python_env_lock_test")
load("//rules/private/lock:lock_update.bzl", _python_env_lock_update = "python_env_lock_update")
load("//rules/private/lock:resolver_test.bzl", _python_env_resolver_test = "python_env_resolver_test")
load("//rules/toolchain:interpreter.bzl", _python_env_interpreter = "python_env_interpreter")
load("//rules/toolchain:tools.bzl", _python_env_tools = "python_env_tools")

python_env = _python_env
python_env_bundled_interpreter = _python_env_bundled_interpreter
python_env_closure = _python_env_closure
python_env_code = _python_env_code
python_env_deploy = _python_env_deploy
python_env_interpreter = _python_env_interpreter
python_env_launcher = _python_env_launcher
python_env_lock_export = _python_env_lock_export
python_env_lock_file = _python_env_lock_file
python_env_lock_test = _python_env_lock_test
python_env_lock_update = _python_env_lock_update
python_env_pex = _python_env_pex
python_env_resolver_test = _python_env_resolver_test
python_env_submit = _python_env_submit
python_env_tools = _python_env_tools
python_env_venv = _python_env_venv
python_env_wheelhouse = _python_env_wheelhouse
