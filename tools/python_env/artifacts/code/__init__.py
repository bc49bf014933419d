"""First-party code as an archive of its own, which lies beside the dependencies on the cluster."""
