"""How a Kubernetes field's wire name and its Python name belong together.

Generated code always states wire names; these rules are for making the Python names once, and for users' own classes.
"""

from __future__ import annotations

import keyword
import re

# Python names of wire names whose capitals the rule below cannot split as a reader would.
IRREGULAR: dict[str, str] = {
    "openAPIV3Schema": "open_api_v3_schema",
}

# A run of capitals with a plural "s" (clusterIPs, nonResourceURLs, podCIDRs) is one word.
_WORD = re.compile(r"[A-Z]+s(?=[A-Z0-9_]|$)|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+[0-9]*|[0-9]+")


def snake_name(wire: str) -> str:
    """The Python attribute name of a wire name: `podIP` gives `pod_ip`, `from` gives `from_`."""
    name = IRREGULAR.get(wire)
    if name is None:
        name = "_".join(_WORD.findall(wire)).lower()
    if not name or name[0].isdigit():
        name = f"field_{name}".rstrip("_")
    return f"{name}_" if keyword.iskeyword(name) else name


def wire_name(python_name: str) -> str:
    """The wire name of a field of a user's own class: `pod_ip` gives `podIp`, `from_` gives `from`."""
    first, *rest = python_name.rstrip("_").split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)
