"""A type that may not be served: absent, starting, live, terminating, as a table.

Served means that the CustomResourceDefinition is Established and serves the version. Absent reads as zero objects and is
synced. Leaving live deletes every object from the cache, so that handlers hear of it.
https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

from __future__ import annotations

from enum import Enum

__all__ = ["DelayedMachine", "Effect", "Presence", "TypeState"]


class TypeState(Enum):
    """Where a delayed type stands."""

    UNKNOWN = "not known yet"
    ABSENT = "absent"
    STARTING = "starting"
    LIVE = "live"
    TERMINATING = "terminating"


class Presence(Enum):
    """What is learnt of the type."""

    SERVED = "its CRD is established and serves the version"
    MISSING = "no CRD, or the version is not served"
    DELETING = "its CRD is being deleted"
    SYNCED = "its informer has synced"


class Effect(Enum):
    """What is to be done."""

    NOTHING = "nothing"
    START = "start the reflector"
    STOP = "stop the reflector and delete what is cached"


_ABSENT_OR_UNKNOWN = {
    Presence.SERVED: (TypeState.STARTING, Effect.START),
    Presence.MISSING: (TypeState.ABSENT, Effect.NOTHING),
    # Objects held by finalizers are still served, so they are still to be seen.
    Presence.DELETING: (TypeState.TERMINATING, Effect.START),
}
_SERVED = {
    Presence.MISSING: (TypeState.ABSENT, Effect.STOP),
    Presence.DELETING: (TypeState.TERMINATING, Effect.NOTHING),
}
#: (state, what is learnt) → the next state, and what is to be done.
TABLE: dict[tuple[TypeState, Presence], tuple[TypeState, Effect]] = {
    # What is not named below changes nothing.
    **{(state, presence): (state, Effect.NOTHING) for state in TypeState for presence in Presence},
    **{(TypeState.UNKNOWN, presence): step for presence, step in _ABSENT_OR_UNKNOWN.items()},
    **{(TypeState.ABSENT, presence): step for presence, step in _ABSENT_OR_UNKNOWN.items()},
    **{(TypeState.STARTING, presence): step for presence, step in _SERVED.items()},
    **{(TypeState.LIVE, presence): step for presence, step in _SERVED.items()},
    **{(TypeState.TERMINATING, presence): step for presence, step in _SERVED.items()},
    (TypeState.STARTING, Presence.SYNCED): (TypeState.LIVE, Effect.NOTHING),
    # The old CRD went and a new one came between two looks at it: the same reflector finds out by listing again.
    (TypeState.TERMINATING, Presence.SERVED): (TypeState.STARTING, Effect.NOTHING),
}


class DelayedMachine:
    """Follows the table, from where the type stood when it was first said that it may be absent."""

    def __init__(self, state: TypeState = TypeState.UNKNOWN) -> None:
        self.state: TypeState = state

    def learn(self, presence: Presence) -> Effect:
        """Take in what was learnt, and say what is to be done."""
        self.state, effect = TABLE[self.state, presence]
        return effect
