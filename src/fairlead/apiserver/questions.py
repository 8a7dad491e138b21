"""Requests whose body is no object of a resource, but what is asked of one: a token, a binding, an eviction, a review.

Their bodies are read as those of other creations are: types, unknown fields, and the namespace are looked at.
https://kubernetes.io/docs/reference/using-api/api-concepts/#subresources
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Generator
from typing import Any, NamedTuple

import msgspec

from fairlead.apiserver import statuses
from fairlead.apiserver.admission import admit, metadata_of
from fairlead.apiserver.documents import Document
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.requests import WriteOptions
from fairlead.apiserver.router import Target
from fairlead.apiserver.strategies import strategy_for
from fairlead.apiserver.verbs import Verbs, read_body
from fairlead.apiserver.wire.answers import Answers, document_response
from fairlead.apiserver.wire.negotiation import negotiate
from fairlead.machinery.names import ResourceType
from fairlead.machinery.schema.registry import builtin, from_crd
from fairlead.machinery.wire import Request, Response

__all__ = ["SUCCESS", "Question", "asked_as", "read_question"]

#: What is said where there is nothing to show.
SUCCESS: Document = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
_encode = msgspec.json.Encoder().encode


@functools.cache
def asked_as(api_version: str, kind: str) -> ResourceInfo:
    """What is known of a kind that is only asked with, such as `policy/v1` `Eviction`."""
    group, _, version = api_version.rpartition("/")
    schemas = builtin(group, version)
    schema = from_crd({}) if schemas is None else schemas.schema(kind)
    return ResourceInfo(ResourceType(group, version, kind, kind.lower()), kind.lower(), load_schema=lambda: schema)


class Question(NamedTuple):
    """What was asked, and how it is to be answered."""

    document: Document
    options: WriteOptions
    warnings: list[str]
    answers: Answers

    def answered(self, document: dict[str, Any]) -> Response:
        """Answer with a document."""
        return self.answers.one(_encode(document), 201, self.warnings)

    def done(self) -> Response:
        """Answer that it was done."""
        return document_response(SUCCESS, 201, self.warnings)

    @contextlib.contextmanager
    def warning(self) -> Generator[None]:
        """Refusals in this context tell what the body is warned of, too."""
        try:
            yield
        except statuses.Refusal as refusal:
            refusal.warnings[:0] = self.warnings
            raise


def read_question(verbs: Verbs, target: Target, request: Request, info: ResourceInfo) -> Question:
    """Read a body of this kind. Raises Refusal: 400, 406, 413, 415, 422 for its options."""
    view = negotiate(request.headers.get("accept", ""), info, tabular=False)
    options, warnings = WriteOptions.parse(request, "CreateOptions"), list[str]()
    duplicates = list[str]() if options.validation != "Ignore" else None
    document = read_body(request, info, duplicates)
    admit(document, strategy_for(info), options, warnings, duplicates=duplicates or ())
    meta = metadata_of(document)
    if not target.namespace:
        meta.pop("namespace", None)
    elif meta.setdefault("namespace", target.namespace) != target.namespace:
        raise statuses.other_namespace()
    return Question(document, options, warnings, Answers(verbs.cluster, info, view, request))
