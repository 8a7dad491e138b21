"""fairlead: the high-level Kubernetes client for Python controllers."""
