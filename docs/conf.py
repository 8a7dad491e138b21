"""How the documentation is built: Markdown through MyST, furo's theme."""

from importlib.metadata import version as _installed

project = "fairlead"
copyright = "the fairlead authors"  # noqa: A001 - Sphinx's name for it
release = _installed("fairlead")
version = release

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "fairlead"
autodoc_typehints = "description"
autodoc_member_order = "bysource"
