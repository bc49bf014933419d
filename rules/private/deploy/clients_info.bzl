"""Provider of the services' clients."""

PyEnvDeployClientsInfo = provider(
    doc = "The clients of the services that a deploy sends to, for the execution platform. Made by `make_deploy_clients_info` only.",
    fields = {
        "folders": "list of File: folders to import from; empty on a machine that no client has a wheel for.",
    },
)

def make_deploy_clients_info(folders):
    """Returns a PyEnvDeployClientsInfo; the only way to build one.

    Args:
      folders: list of File, folders to import from.
    """
    return PyEnvDeployClientsInfo(folders = folders)
