"""Whose turn it is: users' functions read what they like from anywhere, nobody waits for ever, and steps are seen whole."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from fairlead.machinery.objects import ObjectMeta
from fairlead.models.core.v1 import ConfigMap
from fairlead.sync.portal import Portal
from fairlead.sync.testing import FakeClient

#: How long anything here may take, in seconds; what has not ended by then stands still for ever.
PATIENCE = 20.0


def all_end(*functions):
    """Run functions in threads of their own; a thread that stands still for ever must not keep the process."""
    errors = []

    def run(function):
        try:
            function()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(function,), daemon=True) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "threads wait for each other"
    if errors:
        raise errors[0]


@pytest.mark.parametrize("count", [2, 3])
def test_loops_that_read_each_other_in_a_step_at_the_same_time_go_on_and_others_see_whole_steps(count):
    portals = [Portal() for _ in range(count)]
    states = [[0, 0] for _ in range(count)]
    together = threading.Barrier(count)
    torn, seen, stop = [], [], threading.Event()

    def step(number):
        def run():
            states[number][0] += 1
            together.wait(PATIENCE)  # everybody is in the midst of a step
            after = (number + 1) % count
            with portals[after].read:
                seen.append(states[after][0] - states[after][1])
            states[number][1] += 1

        return lambda: [portals[number].call(run) for _ in range(50)]

    def look():
        while not stop.is_set():
            for portal, state in zip(portals, states, strict=True):
                with portal.read:
                    torn.extend([tuple(state)] * (state[0] != state[1]))

    reader = threading.Thread(target=look, daemon=True)
    reader.start()
    all_end(*(step(number) for number in range(count)))
    stop.set()
    all_end(reader.join, *(portal.stop for portal in portals))
    assert torn == []
    # Somebody had to look at a step that stood still; the others waited for its end.
    assert set(seen) == {0, 1}


def test_a_step_that_nobody_waits_for_in_a_circle_is_seen_whole_from_another_one():
    one, other = Portal(), Portal()
    state, begun = [0, 0], threading.Event()

    def change():
        state[0] += 1
        begun.set()
        for _ in range(100_000):
            pass
        state[1] += 1

    def look():
        assert begun.wait(PATIENCE)
        with other.read:
            assert state == [1, 1]

    all_end(lambda: other.call(change), lambda: one.call(look))
    all_end(one.stop, other.stop)


def test_a_reader_whose_functions_read_on_and_a_loop_that_reads_what_it_holds_go_on():
    one, other = Portal(), Portal()
    together = threading.Barrier(2)

    def read():
        for _ in range(50):
            with one.read:
                together.wait(PATIENCE)
                with other.read, one.read, other.read:
                    pass

    def step():
        together.wait(PATIENCE)
        with one.read:
            pass

    all_end(read, lambda: [other.call(step) for _ in range(50)])
    all_end(one.stop, other.stop)


def test_a_call_from_within_a_read_is_refused_instead_of_standing_still():
    portal = Portal()
    with portal.read, pytest.raises(RuntimeError, match="would wait for itself"):
        portal.call(lambda: None)
    assert portal.call(lambda: 1) == 1
    portal.stop()


def test_an_interrupted_reader_leaves_the_turn_to_others():
    program = """
import os, signal, threading
from fairlead.sync.portal import Portal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has it ignored in the background
portal, begun, over = Portal(), threading.Event(), threading.Event()
def step():
    begun.set()
    while not portal.read.awaited:
        pass
    os.kill(os.getpid(), signal.SIGINT)
    over.wait(10)
caller = threading.Thread(target=portal.call, args=(step,))
caller.start()
begun.wait(10)
try:
    with portal.read:
        print("never")
except KeyboardInterrupt:
    over.set()
with portal.read:
    print("read")
portal.stop()
caller.join()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.split() == ["read"]


def config_map(name):
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="default"))


def test_filters_of_two_clients_that_read_each_other_s_views_never_stand_still():
    one, other = FakeClient(), FakeClient()
    mine, theirs = one.cached(ConfigMap), other.cached(ConfigMap)

    def looking_at(view):
        return lambda obj: len([view.get(obj.name, "default") for _ in range(200)]) == 200

    shown = [one.cached(ConfigMap, filter=looking_at(theirs)), other.cached(ConfigMap, filter=looking_at(mine))]

    def work(client, view):
        client.run_and_wait(timeout=PATIENCE)
        for number in range(30):
            made = client.direct(ConfigMap).create(config_map(f"made-{number}"))
            assert (
                view.get(made.name, "default") is not None
            )  # perhaps an own write, which the filter is asked about here
        client.settle(PATIENCE)

    all_end(lambda: work(one, shown[0]), lambda: work(other, shown[1]))
    assert [len(view.list()) for view in shown] == [len(view.list_unfiltered()) for view in shown]
    all_end(one.close, other.close)
