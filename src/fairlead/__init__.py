"""fairlead: the high-level Kubernetes client for Python controllers.

The names here are loaded when they are first used, so that `import fairlead` costs next to nothing: a command-line tool
that only needs the errors, or a `--help`, does not pay for HTTP, JSON and YAML.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fairlead.api.direct import Direct, ResourceList, WatchEvent
    from fairlead.api.selection import Selected
    from fairlead.api.verbs import ignore_not_found, retry_on_conflict
    from fairlead.client.cached import Cached, Index
    from fairlead.client.client import Client
    from fairlead.client.filters import DynamicFilter, FilterChange, NamespaceFilter
    from fairlead.client.options import CacheOptions, NamespaceOptions
    from fairlead.client.registered import RegisteredType
    from fairlead.client.version import ServerVersion
    from fairlead.errors import (
        AlreadyExists,
        ApiError,
        BadRequest,
        ClosedError,
        ConditionNotMet,
        ConfigError,
        Conflict,
        FairleadError,
        Forbidden,
        Gone,
        Internal,
        Invalid,
        InvalidObject,
        InvalidSelector,
        MethodNotAllowed,
        NotAcceptable,
        NotFound,
        NotSynced,
        ServerTimeout,
        ServiceUnavailable,
        Status,
        StatusCause,
        TooLarge,
        TooManyRequests,
        TransportError,
        Unauthorized,
        UnsupportedMediaType,
    )
    from fairlead.informer.events import Event
    from fairlead.informer.registration import Registration
    from fairlead.machinery.dynamic import DynamicResource
    from fairlead.machinery.meta import ObjectMeta
    from fairlead.machinery.names import ObjectKey
    from fairlead.machinery.objects import Resource, part
    from fairlead.machinery.structs import Struct, field
    from fairlead.transport.config import KubeConfig

__all__ = [
    "AlreadyExists",
    "ApiError",
    "BadRequest",
    "CacheOptions",
    "Cached",
    "Client",
    "ClosedError",
    "ConditionNotMet",
    "ConfigError",
    "Conflict",
    "Direct",
    "DynamicFilter",
    "DynamicResource",
    "Event",
    "FairleadError",
    "FilterChange",
    "Forbidden",
    "Gone",
    "Index",
    "Internal",
    "Invalid",
    "InvalidObject",
    "InvalidSelector",
    "KubeConfig",
    "MethodNotAllowed",
    "NamespaceFilter",
    "NamespaceOptions",
    "NotAcceptable",
    "NotFound",
    "NotSynced",
    "ObjectKey",
    "ObjectMeta",
    "RegisteredType",
    "Registration",
    "Resource",
    "ResourceList",
    "Selected",
    "ServerTimeout",
    "ServerVersion",
    "ServiceUnavailable",
    "Status",
    "StatusCause",
    "Struct",
    "TooLarge",
    "TooManyRequests",
    "TransportError",
    "Unauthorized",
    "UnsupportedMediaType",
    "WatchEvent",
    "__version__",
    "field",
    "ignore_not_found",
    "part",
    "retry_on_conflict",
]

__version__ = "0.1.0"

#: Where each name lives; whatever is not here is an error.
_HOMES = {
    "CacheOptions": "fairlead.client.options",
    "Cached": "fairlead.client.cached",
    "Client": "fairlead.client.client",
    "Direct": "fairlead.api.direct",
    "DynamicFilter": "fairlead.client.filters",
    "DynamicResource": "fairlead.machinery.dynamic",
    "Event": "fairlead.informer.events",
    "FilterChange": "fairlead.client.filters",
    "Index": "fairlead.client.cached",
    "KubeConfig": "fairlead.transport.config",
    "NamespaceFilter": "fairlead.client.filters",
    "NamespaceOptions": "fairlead.client.options",
    "ObjectKey": "fairlead.machinery.names",
    "ObjectMeta": "fairlead.machinery.meta",
    "RegisteredType": "fairlead.client.registered",
    "Registration": "fairlead.informer.registration",
    "Resource": "fairlead.machinery.objects",
    "ResourceList": "fairlead.api.direct",
    "Selected": "fairlead.api.selection",
    "ServerVersion": "fairlead.client.version",
    "Struct": "fairlead.machinery.structs",
    "WatchEvent": "fairlead.api.direct",
    "field": "fairlead.machinery.structs",
    "ignore_not_found": "fairlead.api.verbs",
    "part": "fairlead.machinery.objects",
    "retry_on_conflict": "fairlead.api.verbs",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name, "fairlead.errors" if name in __all__ else None)
    if home is None:
        raise AttributeError(f"module 'fairlead' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(home), name)
    # Found once, found for good: the next use does not come here.
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
