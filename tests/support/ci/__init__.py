"""What .ci/run needs."""
