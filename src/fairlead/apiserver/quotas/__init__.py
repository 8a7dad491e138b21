"""ResourceQuota: what objects use, the admission that holds them to it, and the controller that keeps its status."""
