"""A real HDFS and YARN on loopback, from Maven Central's jars."""
