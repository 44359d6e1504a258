"""One module a version; what has shipped is never changed."""
