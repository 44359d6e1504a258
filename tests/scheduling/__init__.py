"""What Airflow makes of ``dags/``: each time in processes of its own."""
