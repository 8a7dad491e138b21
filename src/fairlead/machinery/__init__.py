"""Pure rules of Kubernetes' API machinery: no socket, no clock, no task."""
