"""What fairlead promises, one row each: an id `area:feature:variant`, where the promise comes from, and one sentence.

Tests say with `@requirement(id, ...)` what they hold; `test_requirements.py` checks that every id has a test and that
every test names ids that exist.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tests.behaviour.known_faults import KNOWN_FAULTS

F = TypeVar("F", bound=Callable[..., object])

_API = "https://kubernetes.io/docs/reference/using-api/api-concepts/"
_SSA = "https://kubernetes.io/docs/reference/using-api/server-side-apply/"
_CRD = "https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/"
_FINALIZERS = "https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/"
_DESIGN = "design"
#: What Istio's kclient does, and its tests pin.
_KCLIENT = "istio kclient"
#: What controller-runtime and kube-rs offer beyond it.
_RUNTIME = "controller-runtime, kube-rs"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One promise."""

    id: str
    source: str
    sentence: str


def _fault(number: str) -> str:
    """A fault of the original that must not be possible here."""
    return f"fault {number}"


def _rows(source: str, sentences: dict[str, str]) -> list[Requirement]:
    return [Requirement(name, source, sentence) for name, sentence in sentences.items()]


REQUIREMENTS = [
    *_rows(
        _API,
        {
            "direct:create:gives-the-stored-object": "create returns the object as stored, with uid and resourceVersion, and leaves its argument alone",
            "direct:create:already-exists": "creating a name that is taken raises AlreadyExists, which names the object",
            "direct:create:needs-a-name": "creating without a name, or with a name that is none, sends nothing and names the field",
            "direct:create:generate-name": "generateName gives a name made by the server",
            "direct:create:invalid": "an object that breaks a rule raises Invalid with the fields as causes",
            "direct:create:missing-namespace": "creating in a namespace that is not there raises NotFound",
            "direct:get:not-found": "get of a missing object raises NotFound with the server's reason and what was tried",
            "direct:list:selectors": "list takes label and field selectors",
            "direct:list:paged": "a list is read page by page and gives every object once, with one resourceVersion",
            "direct:watch:from-a-list": "a watch from a list's version gives each later change, in order",
            "direct:update:replaces": "update replaces the object at the version it was read and gives a newer one",
            "direct:update:conflict": "updating a version that is not the newest raises Conflict and changes nothing",
            "direct:update:retry-on-conflict": "retry_on_conflict reads and writes again until the write meets the newest version",
            "direct:update:unversioned": "update without a resourceVersion is refused before anything is sent",
            "direct:patch:merge": "a merge patch sets and removes fields",
            "direct:patch:json": "a JSON patch applies its operations, and a failing test operation changes nothing",
            "direct:patch:strategic": "a strategic merge patch merges lists by their keys",
            "direct:status:apart": "update_status writes the status alone, and update leaves it alone",
            "direct:status:patch": "patch_status changes the status subresource",
            "direct:dry-run:writes-nothing": "a dry run gives what would be stored, and stores nothing",
            "direct:delete:gone": "delete removes the object and returns None, and a second one raises NotFound",
            "direct:delete:preconditions": "delete with another uid or resourceVersion raises Conflict and deletes nothing",
            "direct:delete:collection": "delete_collection deletes what its selector chooses and nothing else",
            "direct:logs:whole": "logs gives a container's log as text, by tail, time, size and run, and replaces what is no UTF-8",
            "direct:logs:follow": "follow_logs gives lines as they are written until the container ends; whoever leaves or is cancelled leaves nothing open",
            "direct:logs:refused": "errors of logs name the pod and the container; a pod without a node has an empty log, and other types have none",
            "direct:scale:reads-and-sets": "scale reads and sets the replicas",
        },
    ),
    *_rows(
        _FINALIZERS,
        {
            "direct:delete:finalizers": "a finalizer holds a deleted object, which is returned, until the finalizer is removed"
        },
    ),
    *_rows(
        _SSA,
        {
            "direct:apply:owns-fields": "apply creates, then owns the fields it names, and removes those it no longer names",
            "direct:apply:conflict": "applying another manager's field with another value raises Conflict unless forced",
            "direct:apply:status": "apply_status applies the status subresource",
            "direct:apply:read-objects-refused": "applying an object that was read is refused before anything is sent",
        },
    ),
    *_rows(
        _DESIGN,
        {
            "direct:create-or-update:both-ways": "create_or_update creates what is missing, and replaces what is there whatever its version",
            "direct:create-or-update:status": "create_or_update_status writes the object and its status",
            "direct:get-or-create:both-ways": "get_or_create gives the live object, or the one that it creates",
            "direct:write:manifests": "verbs take a manifest, a mapping of plain JSON values, in place of an object; one that is wrong is refused before anything is sent",
            "direct:objects:unknown-fields-survive": "fields that a class does not know survive a read, a change and an update",
            "direct:objects:misspelt-parts": "an object on which something was set that is no part of it is refused before anything is sent",
            "direct:objects:secrets-redacted": "the repr of a Secret shows no value",
            "cache:get:never-fails": "get gives the object or None at once, before the start and after the close too",
            "cache:get:by-key": "get takes an object's key, as events and reconciles have it, in place of its name and namespace",
            "cache:get:private-copies": "what reads give is private: changing it changes nothing in the cache",
            "cache:list:namespace-and-labels": "list narrows by namespace and labels",
            "cache:list:server-selectors": "labels and fields of a view choose on the server",
            "cache:index:follows": "an index follows adds, updates and deletes, and may be made at any time",
            "cache:writes:visible-at-once": "own writes are seen by reads, lists and indexes as soon as the write returns",
            "cache:writes:deletes-visible-at-once": "an own delete is seen as soon as it returns, and the object does not come back",
            "cache:sharing:one-informer": "views alike share one informer, and each has its own filter and handlers",
            "cache:sharing:outlives-a-view": "closing one view leaves the others of its informer working",
            "cache:transform:stored": "a transform's value is what reads and handlers give",
            "cache:transform:bytes": "bytes that a transform returns are handed out as they are, also from a compact cache",
            "cache:transform:whole-objects-only": "writing back a transformed object is refused",
            "cache:metadata:only": "a metadata view has names, labels and annotations, and refuses an update",
            "cache:dynamic:attribute-and-item": "types without a class read by attribute and item, and are written back",
            "cache:namespace:restricted": "a view of one namespace holds nothing of another",
            "cache:filter:static": "a filter decides what reads and handlers see; an update may add and delete",
            "cache:filter:raising": "an object for which the filter raises is left out, and everything else goes on",
            "cache:functions:cancelled": "a CancelledError that a filter, an index function, a transform, or a filter's keys raise is as any error: that object is left out, and the watch goes on",
            "cache:filter:unfiltered": "list_unfiltered gives what the filter hides",
            "cache:filter:changes-its-mind": "a filter's change gives an add or a delete for each object that flips",
            "cache:filter:object-keys": "where a filter says which objects it may flip, an ObjectKey does as well as its text, and one that stands for a list is refused",
            "cache:filter:combined": "filters that change combine with and, or and not, also with bare predicates",
            "cache:filter:fed": "a filter fed by another view changes with it, inside the feeder's step, and each dependent once",
            "cache:filter:as-told": "what a filter reads of other views is what their handlers have been told, without own writes that are on their way",
            "cache:filter:fed-later": "until its feeders are synced, views on a fed filter are not synced and show nothing",
            "cache:filter:cycle": "a filter that would feed itself is refused, however many views are in between",
            "cache:filter:transformed": "a filter is asked about what a transform gives, a NamespaceFilter about the key",
            "cache:index:faulty": "an object for which an index function raises, or gives no list of keys, is left out of that index alone",
            "cache:writes:metadata": "own writes are seen by metadata views at once",
            "cache:writes:namespace-going": "a deleted namespace is seen as terminating until it has gone",
            "cache:transform:refusing": "an object that a transform refuses leaves the cache, and its deletion is told once",
            "cache:namespace-filter:labels-flip": "relabelling a namespace gives adds and deletes of the objects in it",
            "cache:namespace-filter:namespaces": "a NamespaceFilter works on Namespace itself and leaves other cluster-scoped types alone",
            "cache:namespace-filter:select": "choosing by other selectors takes effect at once",
            "handlers:events:in-order": "each handler is told of add, update and delete in order, with old and new",
            "handlers:events:late": "a handler that is added late is told first of everything that is there",
            "handlers:events:recreated": "an object deleted and made again is told as a delete, then an add",
            "handlers:sync:means-handled": "has_synced is true once the handlers have finished with what existed, and not before",
            "handlers:errors:isolated": "what a handler raises is reported with handler and key, and stops no delivery",
            "handlers:errors:raised-by-fake": "leaving a FakeClient raises what handlers raised",
            "handlers:writes:from-inside": "a handler may write, and hears of its own write",
            "delayed:absent:empty-and-synced": "an absent type is synced and reads as nothing",
            "delayed:appears:alive": "a type that appears is listed, handlers are told, and writes work",
            "delayed:goes:deletes": "a type that goes gives a delete for each object, and the view is empty and synced",
            "delayed:recreated:alive-again": "a type that was deleted and made again is alive again",
            "delayed:when:predicate": "a condition on the CRD keeps a served type absent until it holds",
            "delayed:terminating:finalizers": "objects that finalizers hold are seen until they go, although their CRD is being deleted",
            "delayed:schema:changes": "a change of a CRD's schema ends its watches, and nothing is told of it",
            "delayed:permission:discovery": "where CRDs may not be read discovery says what is served, and that is said once",
            "delayed:absent:quiet": "an absent type is not asked for, and neither its coming and going nor hours of absence fill the log",
            "delayed:by-name:any-plural": "a delayed kind without a class comes alive at once, whatever the plural of its CRD",
            "direct:by-name:another-shape": "a direct client of a kind without a class uses a type that came again with another plural or scope as it is then, whatever is asked first",
            "delayed:by-name:another-shape": "a kind without a class that comes again with another plural or scope is used as it is then",
            "delayed:builtin:served": "a delayed view of a type that is served is an ordinary view",
            "sync:not-synced:says-what": "run_and_wait of a type that is not served raises NotSynced, naming what and why",
            "sync:waiting:names-what-is-missing": "run_and_wait and wait_synced that end in NotSynced name each view that is missing: its type, its last error, its objects so far, and whose handler or filter is awaited",
            "sync:waiting:logged": "while they wait, the same is logged after 5, 15 and 45 seconds, and nothing when they need not",
            "sync:later-views": "a view made after the start syncs by itself",
            "close:registration:nothing-runs": "once a registration's close has returned its handler is not called; idempotent",
            "close:registration:waits": "closing a registration waits for its running handler",
            "close:view:nothing-runs": "once a view's close has returned no handler of it runs; reads still answer; idempotent",
            "close:client:nothing-runs": "once a client's close has returned nothing of it runs, and views cannot be made; idempotent",
            "settle:quiet:everything-handled": "settle returns once caches and handlers have all that was written, by others too",
            "settle:handler:refused": "settle inside a handler raises instead of waiting for itself",
            "cache:reads:never-behind": "when a handler is called for a change, reads and indexes show that change or a newer one",
            "cache:writes:outside-the-selector": "own writes that leave or enter a view's selectors are seen to do so at once, and none stays once the watch has passed it",
            "cache:writes:foreign-wins": "an own write is seen until the watch brings it, or a newer state of somebody else, which wins; so does another life of its name",
            "cache:gap:told-as-difference": "a watch that cannot be resumed (410, in its stream or as its answer) is listed again: handlers are told the difference, and what has not changed is no news",
            "cache:idle:quiet": "a cache of which nothing is heard for hours but bookmarks keeps its watch, and logs nothing",
            "settle:unused:not-waited-for": "settle waits for a type that is not served as long as a view of it is open, and names it",
            "settle:refused:waited-for-again": "a cache whose server refused it for a while is waited for again as soon as it is let in",
            "settle:left-out:waited-for": "settle and caught_up wait for a change of an object that a transform refused and would take now",
            "settle:refused:not-for-ever": "the cache of CRDs that may be listed but not watched does not keep settle from returning",
            "waiting:view:conditions": "wait_for on a view returns when its condition on one object holds, looked at after each change",
            "waiting:view:whole": "wait_until on a view returns when a condition on the view as a whole holds",
            "waiting:direct:conditions": "wait_for on a direct client returns when its condition on one object holds, by a list and a watch",
            "waiting:deleted:another-life": "deleted means that the object has gone, or that another has come under its name",
            "waiting:errors:last-seen": "a wait that is not met in time says what was seen last",
            "waiting:object:its-own-end": "an object may be waited for itself: deleted means its own end, though another has its name by then",
            "waiting:client:object": "a client waits for an object by its class and name, or as it is, typed or dynamic",
            "waiting:client:whole": "a client waits for a condition on all its views, later ones too, and on what its handlers and reconciles have done, whether these rest or not",
            "waiting:errors:closed": "a wait on a view that is closed ends with ClosedError",
            "waiting:crd:established": "a type can be waited for from before its CRD is made",
            "waiting:conditions:combined": "conditions combine with and, or and not, and with plain functions",
            "testing:wrap:fails-the-test": "wrap's verbs fail the test with verb, key and reason",
            "testing:wrap:create-and-update-status": "create_and_update_status makes an object with its status",
            "testing:tracker:says-the-difference": "a tracker that is told something else raises with the difference",
            "testing:fake:holds-objects": "a FakeClient's server holds the objects it was given, CRDs and missing namespaces included",
            "testing:fake:shared-server": "FakeClients on one server see one another's writes",
        },
    ),
    *_rows(
        _KCLIENT,
        {
            "cache:namespaces:client-wide": "a client's namespaces restrict views of namespaced types; a view's own win, cluster-scoped types ignore them",
            "types:registered:list": "a type served by a user's list function has views, selectors, handlers and metadata like any other",
            "types:registered:delayed": "a delayed view of a registered type needs no CRD",
            "handlers:events:final-state-unknown": "a deletion that was noticed by absence says so, and initial adds say so too",
            "client:server-version:lazy": "the server's version is asked for when it is wanted, and once",
            "client:cluster:id-and-counters": "a client has its cluster's id, and counts what failed on it, of informers that have ended too",
            "cache:managed-fields:cut": "managedFields are not kept unless asked for, and their absence loses nothing",
            "handlers:one-function:all-events": "one function can be called with the latest state for all events",
            "handlers:enqueue:owner": "an object's owners of a group and kind are queued, whatever version is named; others are not",
            "handlers:owner-keys:by-kind": "owners are found by class, or by kind and group, and by being the controller",
            "queue:close:drains": "what waits in a queue that is closed is still handed out, and a reconciler that is closed with drain reconciles it first; unless asked it is dropped",
            "queue:close:from-inside": "a reconcile may close its reconciler, with drain too: that holds once it returns and what waited has been reconciled; closing once more drops nothing of that",
            "queue:close:grace": "what waits in a reconciler that is closed with drain is dropped when the grace is over",
            "queue:errors:whatever": "a reconcile that raises whatever it may (in a thread SystemExit and StopIteration too) has failed, and is tried again; its worker goes on",
            "queue:errors:cancelled-worker": "a worker that is cancelled from outside is replaced, and its key is tried again",
            "queue:synced:before-the-start": "a reconciler is synced once everything that was queued before its start has been reconciled",
            "delayed:when:lists": "a condition on the CRD may be of any kind, such as names to leave out and a lowest version: exactly those that pass are live",
            "objects:oldest:first": "the oldest object is the first created, then the first by name",
            "direct:delete:ignore-not-found": "ignore_not_found gives None for what is not there, and passes other errors on",
            "cache:index:several-keys": "an object is found under each of its keys, once",
            "cache:index:by-the-filter": "look-ups give what the filter shows now",
            "close:view:reads-agree": "what get, list, list by labels and indexes of a closed view give agrees, whatever happens after its close",
            "close:view:handlers-alone": "shutdown_handlers ends all handlers of one view; the view goes on, and takes new ones",
            "close:anything:later-use-refused": "what is added to, asked of, or awaited from something closed is a clear error",
            "delayed:order:nothing-known": "a delayed view is not synced before it is known whether its type is there",
            "delayed:order:before-the-start": "a handler made before the CRD, and the CRD before the start, is told of each object once",
            "delayed:order:served-before": "a delayed view of a type that is served already is live when it is synced, by class or by name",
            "delayed:index:before-the-crd": "an index made before the CRD follows the type's coming and going",
            "cache:namespace-filter:every-kind-of-view": "one NamespaceFilter serves plain and delayed views; narrowing it deletes, and removed handlers hear nothing",
            "cache:namespace-filter:cluster-scoped": "a NamespaceFilter never hides a cluster-scoped type",
        },
    ),
    *_rows(
        _RUNTIME,
        {
            "cache:namespaces:merged": "a view of several namespaces reads, indexes and tells of them as one",
            "cache:namespaces:filters": "a filter, a dynamic one too, works across all namespaces of a view",
            "cache:namespaces:synced": "a view of several namespaces is synced when each is, and says which is not",
            "client:functions:plain": "what is no function, and an async one where its answer counts, is refused when it is given",
            "client:cache-options:by-type": "a client's options for a type give namespaces, selectors, transform and managed fields to its views, dynamic ones too",
            "client:cache-options:by-namespace": "a client's options for a type may differ by namespace in selectors and transform; a view of one of them takes its own",
            "client:cache-options:views-win": "what a view says itself counts, and the empty string means all",
            "handlers:predicates:changes": "predicates pass adds, deletes, and updates of generation, labels, annotations, version or any part",
            "handlers:predicates:uid": "predicates never compare two objects that had one name after the other",
            "handlers:predicates:combined": "predicates combine by and, or and not, also with plain functions",
            "handlers:enqueue:mapped": "keys are mapped from the old and the new object, each once",
        },
    ),
    *_rows(
        _DESIGN,
        {
            "delayed:shared:one-watch": "views that allow a type to be absent and views that do not share one watch, whoever comes first",
            "delayed:shared:absent": "while the type is absent the former are empty and synced; the latter are not synced, and say that it is not served",
            "delayed:shared:goes": "when the type goes both kinds are told of deletes, and what has synced stays synced",
            "delayed:shared:definitions": "a view of CRDs that may be absent shares the watch that tells of other types, and comes to an end where there are none",
            "cache:namespaces:shared": "each namespace has one watch, shared with other views of it; closing one view leaves the rest",
            "types:registered:watch": "a registered type with a watch function is listed once, then told; 410 lists it again",
            "types:registered:writes": "writes of a registered type call the user's functions, with versions, conflicts and own writes seen",
            "types:registered:overtaken": "a list that a write or a later list overtakes is not taken for a change",
            "types:registered:changed": "changed(), poll= and own writes have a registered type listed at once, however often",
            "types:registered:fails": "what a registered function raises is retried, counted, and named as the reason",
            "types:registered:once": "registering a type twice, or after it is in use, is refused",
            "client:types:named-rightly": "what is no type, or names one the wrong way round, is refused at once, with what to give",
            "client:cache-options:compact": "a compact cache reads, tells, indexes and diffs as any other, in less memory",
            "client:cache-options:refused": "options given twice for a type, or for no namespace, are refused",
            "cache:caught-up:object-and-version": "caught_up returns once the cache is as new as an object or a version, of objects outside of the view too",
            "cache:live:whole": "live reads the whole object of what a view holds in part, and that may be written back",
            "handlers:predicates:raising": "what a predicate raises is reported with the object, and stops no delivery",
            "cache:sharing:typed-and-dynamic": "a class and its apiVersion and kind share a watch, each with objects of its own",
            "cache:sharing:same-code": "two transforms of the same code are pointed out, once",
            "cache:sharing:grace": "a watch that nobody uses goes on for a grace time, for whoever comes next",
            "cache:index:raising": "an object for which an index function raises is left out of that index alone, and counted",
            "slices:flip:ten-thousand": "ten thousand objects that a filter flips in one go hold the loop for a slice at a time, with handlers and indexes old and new",
            "slices:relist:fifty-thousand": "a relist of fifty thousand objects holds the loop for a slice at a time, streamed or in pages",
            "slices:relist:registered": "so does a list of ten thousand objects that a user's function gives",
            "cache:list:selector-language": "lists take =, ==, !=, in, notin, exists, not exists, comparisons and equalities, own writes included",
            "cache:reads:failed": "reads of what cannot be watched, or is closed, answer with nothing",
            "close:reentrant:from-handlers": "a handler may close itself, its view, other views, and the client; the await returns",
            "close:reentrant:waited-for": "a handler that closed itself, its view or the client, or a reconcile its reconciler, and goes on is waited for by whoever else closes one of them, and by settle",
            "close:reentrant:each-other": "handlers and reconciles that close the same view or reconciler, each other's, or one and the client at once do not wait for each other, and none is cancelled",
            "close:reentrant:tasks-outlive-calls": "a task that a handler or a reconcile started is inside that call alone: once the call has returned, what the task closes waits for running handlers, and it may settle",
            "close:view:removed-handler-hears-no-filter": "a handler that was removed hears nothing of filter changes, noted ones neither",
            "close:client:leaves-nothing": "a client that is closed leaves nothing in memory, and no task",
            "handlers:slow:delays-nobody": "a slow handler is called one at a time, and delays no other handler and no read",
            "handlers:depth:visible": "what waits for a handler, and the most that ever did, can be read",
            "handlers:kinds:blocking": "a blocking handler runs in a thread, others on the loop",
            "handlers:refused:contradictions": "a handler without functions, or with on_event and others, is refused",
            "handlers:events:late-and-racing": "handlers that are added while objects come hear of each exactly once",
            "handlers:objects:own": "each handler gets objects of its own",
            "cache:namespaces:refused": "no namespace at all, or a name that is none, is refused before anything starts",
            "cache:namespaces:scope-found-later": "a kind that discovery knows as cluster-scoped ignores one namespace, and several are pointed out",
        },
    ),
    *_rows(
        _fault("F1"),
        {
            "close:registration:others-go-on": "a handler that was shut down hears nothing more, and others of the view and of the watch go on",
        },
    ),
    *_rows(
        _fault("F7"),
        {
            "handlers:reentrant:add-and-flip": "a handler may read, add handlers and flip its view's filter, and all hear each change once, in order",
        },
    ),
    *_rows(
        _fault("F9"),
        {
            "close:anything:leaves-nothing": "views, handlers, indexes and filters' subscriptions that are closed leave nothing in a client that goes on",
        },
    ),
    *_rows(
        _fault("F10"),
        {
            "cache:sharing:restart": "what has ended for want of users starts afresh for later ones, and gives them everything",
        },
    ),
    *_rows(
        _fault("F11"),
        {
            "cache:sharing:transforms-apart": "views share only with the same transform on the same class, and never another's data",
        },
    ),
    *_rows(
        _fault("F12"),
        {
            "cache:index:per-view": "index names are each view's own",
        },
    ),
    *_rows(
        _fault("F13"),
        {
            "cache:sharing:canonical-selectors": "selectors that differ in spelling or order alone are one watch; what says no selector is none",
        },
    ),
    *_rows(
        _fault("F17"),
        {
            "delayed:order:racing": "a CRD that comes while views are made is noticed by each, and each object is told once",
        },
    ),
    *_rows(
        _fault("F23"),
        {
            "handlers:enqueue:cluster-scoped-owner": "a cluster-scoped owner is queued by its name alone",
        },
    ),
    *_rows(
        _CRD,
        {
            "objects:crd:from-a-class": "the CRD of a class is established and prunes what the class does not name",
            "delayed:unserved:absent": "a version that is no longer served is absent, and alive when it is served again (F16)",
            "delayed:schema:changed": "a change of the schema ends watches, and loses and doubles nothing; what was cut to the old schema is read again",
            "delayed:finalizers:terminating": "objects that finalizers hold back are shown until they go, and so is the type",
        },
    ),
    *(
        Requirement(name, f"fault {name.split(':')[1].upper()} of other caches", said)
        for name, said in KNOWN_FAULTS.items()
    ),
]

BY_ID = {row.id: row for row in REQUIREMENTS}


def requirement(*ids: str) -> Callable[[F], F]:
    """Say which promises a test holds."""

    def mark(test: F) -> F:
        test.__requirements__ = ids  # type: ignore[attr-defined]
        return test

    return mark


def only(*targets: str, reason: str) -> Callable[[F], F]:
    """Say that a test runs on these targets alone, and why."""

    def mark(test: F) -> F:
        test.__only__ = (targets, reason)  # type: ignore[attr-defined]
        return test

    return mark
