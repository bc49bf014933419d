"""python_env_deploy_clients: the clients of HDFS and of object stores, ready to be imported."""

load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS")
load("//rules/private/lock:locked_info.bzl", "PyEnvLockedInfo")
load(":clients_info.bzl", "PyEnvDeployClientsInfo", "make_deploy_clients_info")
load(":unpack_clients.bzl", "unpack_clients")

def _python_env_deploy_clients_impl(ctx):
    wheels = [wheel for locked in ctx.attr.locked for wheel in locked[PyEnvLockedInfo].wheels.to_list()]
    folders = unpack_clients(ctx, wheels)
    return [
        DefaultInfo(files = depset(folders)),
        make_deploy_clients_info(folders),
    ]

python_env_deploy_clients = rule(
    implementation = _python_env_deploy_clients_impl,
    doc = "The clients of the services, from a lock; once for all deploys of a build.",
    attrs = {
        "locked": attr.label_list(
            doc = "Wheels of a lock for the machine that deploys; none where it has no section for it.",
            providers = [PyEnvLockedInfo],
        ),
    },
    provides = [PyEnvDeployClientsInfo],
    toolchains = TOOL_TOOLCHAINS,
)
