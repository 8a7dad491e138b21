"""CustomResourceDefinitions: the names they get, when they are served, and objects within their objects."""
