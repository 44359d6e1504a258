"""Made-up extracts for the second reading and the pipeline to read."""
