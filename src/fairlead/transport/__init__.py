"""How requests reach an API server: kubeconfig, credentials, TLS, HTTP, and the way inside one process."""
