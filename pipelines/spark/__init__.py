"""The models on Apache Spark: the same SQL, for more rows than one machine holds."""
