"""Will this archive run on that cluster? Said without the cluster."""
