"""The verbs of the Kubernetes API over a transport: direct clients, watches, discovery."""
