"""Faults that caches of this kind have had, by number: what each did, as rows of the requirements."""

from __future__ import annotations

#: Number and id, then what holds instead.
KNOWN_FAULTS: dict[str, str] = {
    "fault:f01:closing-one-delayed-handler": "closing one handler of a delayed type that has come leaves the others",
    "fault:f02:waiting-on-a-delayed-registration": "a registration of a delayed type can be waited for at any time",
    "fault:f03:delete-before-the-filter-excludes": "a delete that waits in a queue is told although the filter excludes the object by then",
    "fault:f04:namespace-goes-first": "objects are told as deleted once, although their namespace is seen to go before them",
    "fault:f05:one-delivery-at-a-time": "what a filter's change gives is delivered in its turn, never beside another call",
    "fault:f06:handler-between-change-and-notice": "a handler added between a filter's change and its notice hears of each object once",
    "fault:f07:handlers-inside-a-filters-call": "a handler told by a filter's change may add and close handlers and flip the filter",
    "fault:f08:namespaces-themselves": "a filtered namespace is added exactly once and deleted exactly once",
    "fault:f09:views-on-a-long-lived-filter": "views made and closed on a long-lived filter leave nothing behind",
    "fault:f10:the-first-user-goes": "a cache outlives its first user, ends when unused, and begins again for a later one",
    "fault:f11:transforms-are-not-shared": "views with different transforms do not share what is stored",
    "fault:f12:index-names-are-the-views-own": "two views may give one name to two indexes",
    "fault:f13:selectors-are-canonical": "one selector written in several ways is one watch",
    "fault:f14:the-end-of-a-crd-starts-nothing": "the deletion of a CRD is not taken for its coming",
    "fault:f15:a-deleted-crd-empties-the-cache": "a deleted CRD gives deletes and an empty cache, and its type is asked for no more",
    "fault:f16:not-served-yet": "a type whose version is not served yet delays no start, and comes when it is served",
    "fault:f17:handlers-at-the-moment-a-type-comes": "handlers and indexes added while a type comes are all told, once",
    "fault:f18:synced-stays-synced": "a delayed view that has synced stays synced while its type comes and goes",
    "fault:f19:a-wait-that-is-given-up": "a wait that is given up keeps nothing alive",
    "fault:f20:reads-and-events-agree": "reads show what handlers are told of, not what the filter would say by now",
    "fault:f21:a-fake-that-is-a-server": "the server of tests has versions, uids, generations, conflicts, finalizers and selectors",
    "fault:f22:private-isolated-and-counted": "objects are private, a faulty handler harms no other, and depths can be seen",
    "fault:f23:retries-and-owners": "a failed key is tried again by itself, and the key of a cluster-scoped owner is right",
}
