"""What operations are called: operationIds and tags, from verb, group version, scope, kind and subresource.

Programs that generate clients name their methods after them.
"""

from __future__ import annotations

__all__ = ["connect_name", "group_tag", "operation_name", "tag", "title"]

#: verb → (first word of the operationId, words that stand behind the kind)
_WORDS = {
    "list": ("list", ""),
    "create": ("create", ""),
    "deletecollection": ("delete", ""),
    "get": ("read", ""),
    "update": ("replace", ""),
    "patch": ("patch", ""),
    "delete": ("delete", ""),
    "watch": ("watch", ""),
    "watchlist": ("watch", "List"),
}


def title(text: str) -> str:
    """A word with a capital; what is neither letter nor digit goes and starts a new word."""
    words = "".join(char if char.isalnum() or char == "_" else " " for char in text).split()
    return "".join(word[0].upper() + word[1:] for word in words)


def _group_word(group: str) -> str:
    return title(group.removesuffix(".k8s.io")) if group else "Core"


def group_tag(group: str) -> str:
    """The tag of operations on a group: `rbacAuthorization`."""
    word = _group_word(group)
    return word[0].lower() + word[1:]


def tag(group: str, version: str) -> str:
    """The tag of all operations of a group version: `rbacAuthorization_v1`."""
    return f"{group_tag(group)}_{version}"


def group_version_word(group: str, version: str) -> str:
    """A group version as it stands in an operationId: `AppsV1`."""
    return _group_word(group) + title(version)


def operation_name(
    verb: str, group: str, version: str, kind: str, *, namespaced: bool, everywhere: bool = False, subresource: str = ""
) -> str:
    """`listAppsV1NamespacedDeployment`; `everywhere`: over all namespaces, of a type that has them."""
    first, last = _WORDS[verb]
    collection = "Collection" if verb == "deletecollection" else ""
    scope = "Namespaced" if namespaced and not everywhere else ""
    reach = "ForAllNamespaces" if everywhere else ""
    where = group_version_word(group, version)
    return f"{first}{where}{collection}{scope}{kind}{title(subresource)}{last}{reach}"


def connect_name(
    method: str, group: str, version: str, kind: str, subresource: str, *, namespaced: bool, with_path: bool
) -> str:
    """`connectCoreV1GetNamespacedPodExec`."""
    scope, path = "Namespaced" if namespaced else "", "WithPath" if with_path else ""
    return f"connect{group_version_word(group, version)}{title(method)}{scope}{kind}{title(subresource)}{path}"
