"""Facts of built-in types beyond their schemas: defaults, canonical forms, versions, what a cluster has from the beginning."""
