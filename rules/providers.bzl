"""Public: every provider of the rules, for rules of your own."""

load("//rules/private:all_platforms_info.bzl", _PyEnvAllPlatformsInfo = "PyEnvAllPlatformsInfo")
load("//rules/private/artifacts:artifact_info.bzl", _PyEnvArtifactInfo = "PyEnvArtifactInfo")
load("//rules/private/artifacts:bundled_interpreter_info.bzl", _PyEnvBundledInterpreterInfo = "PyEnvBundledInterpreterInfo")
load("//rules/private/base:wheel_info.bzl", _PyEnvWheelInfo = "PyEnvWheelInfo")
load("//rules/private/env:env_info.bzl", _PyEnvInfo = "PyEnvInfo")
load("//rules/private/launcher:launcher_info.bzl", _PyEnvLauncherInfo = "PyEnvLauncherInfo")
load("//rules/private/lock:lock_file_info.bzl", _PyEnvLockFileInfo = "PyEnvLockFileInfo")
load("//rules/private/lock:locked_info.bzl", _PyEnvLockedInfo = "PyEnvLockedInfo")
load("//rules/toolchain:interpreter_info.bzl", _PyEnvInterpreterInfo = "PyEnvInterpreterInfo")
load("//rules/toolchain:tools_info.bzl", _PyEnvToolsInfo = "PyEnvToolsInfo")

PyEnvAllPlatformsInfo = _PyEnvAllPlatformsInfo
PyEnvArtifactInfo = _PyEnvArtifactInfo
PyEnvBundledInterpreterInfo = _PyEnvBundledInterpreterInfo
PyEnvInfo = _PyEnvInfo
PyEnvInterpreterInfo = _PyEnvInterpreterInfo
PyEnvLauncherInfo = _PyEnvLauncherInfo
PyEnvLockFileInfo = _PyEnvLockFileInfo
PyEnvLockedInfo = _PyEnvLockedInfo
PyEnvToolsInfo = _PyEnvToolsInfo
PyEnvWheelInfo = _PyEnvWheelInfo
