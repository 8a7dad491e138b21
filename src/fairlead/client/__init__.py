"""The one client that every component takes, its cached views, filters, and settling."""
