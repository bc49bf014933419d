"""What runs on the cluster: standard library only, copied into artifacts, imports nothing of ours."""
