"""What artifacts are deployed to: folders, HDFS, object stores; one protocol."""
