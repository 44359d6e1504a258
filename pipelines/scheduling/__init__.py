"""What the scheduled jobs do, step by step: plain functions, called by ``dags/``."""
