"""Real Spark: PySpark from the index, standalone daemons, and spark-submit with a launcher manifest's options."""
