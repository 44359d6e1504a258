"""Real servers of files, started by the tests: SFTP and S3."""
