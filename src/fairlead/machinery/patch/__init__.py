"""The patches that an API server takes: JSON patch, merge patch, strategic merge patch.

https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply. All are pure: they return a new document
and change neither the old one nor the patch. (Server-side apply is in `machinery.apply`.)
"""
