"""What kubelets do for an API server: logs, commands in containers, forwarded ports; played by functions of a test."""
