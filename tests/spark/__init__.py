"""The models on Spark: ``make test-spark`` runs these, on a machine with Java."""
