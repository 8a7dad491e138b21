"""The background loop: calls hop there, reads see whole steps, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from fairlead.errors import ClosedError
from fairlead.sync.portal import Portal


@pytest.fixture
def portal():
    made = Portal()
    yield made
    made.stop()


def test_a_call_runs_on_the_loop_and_its_result_comes_back(portal):
    async def where(value):
        await asyncio.sleep(0)
        return value, threading.current_thread().name

    assert portal.run(where, 7) == (7, "fairlead loop")
    assert portal.call(lambda: threading.current_thread().name) == "fairlead loop"


def test_an_error_comes_back_as_it_is(portal):
    def fail():
        raise KeyError("x")

    with pytest.raises(KeyError, match="x"):
        portal.call(fail)


def test_a_call_on_the_loop_s_own_thread_is_refused(portal):
    def inner():
        portal.call(lambda: None)

    with pytest.raises(RuntimeError, match="would wait for itself"):
        portal.call(inner)


def test_the_end_of_the_loop_frees_whoever_waits():
    portal = Portal()
    started = threading.Event()

    async def never():
        started.set()
        await asyncio.Event().wait()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(portal.run, never)
        assert started.wait(10)
        portal.stop()
        with pytest.raises(ClosedError, match="never"):
            waiting.result(10)
    with pytest.raises(ClosedError):
        portal.call(lambda: None)
    portal.stop()


def test_an_iterator_is_drawn_from_the_loop_and_closed_when_left_early(portal):
    closed = threading.Event()

    async def numbers(n):
        try:
            for each in range(n):
                yield each
        finally:
            closed.set()

    assert list(portal.iterate(numbers, 3)) == [0, 1, 2]
    closed.clear()
    drawn = portal.iterate(numbers, 10)
    assert next(drawn) == 0
    drawn.close()
    assert closed.is_set()


def test_a_reader_comes_between_callbacks_even_of_a_busy_loop(portal):
    steps = [0, 0]
    stop = threading.Event()

    async def busy():
        while not stop.is_set():
            steps[0] += 1
            for _ in range(200):  # a step that a reader must not see half of
                pass
            steps[1] += 1
            await asyncio.sleep(0)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(portal.run, busy)
        try:
            for _ in range(300):
                with portal.read:
                    assert steps[0] == steps[1]
        finally:
            stop.set()
        running.result(10)


def test_an_interrupt_cancels_the_call():
    program = """
import asyncio, os, signal, threading
from fairlead.sync.portal import Portal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has it ignored in the background
portal = Portal()
ended = threading.Event()
async def never():
    asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGINT)
    try:
        await asyncio.Event().wait()
    finally:
        ended.set()
try:
    portal.run(never)
except KeyboardInterrupt:
    print("interrupted", ended.is_set())
portal.stop()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.split() == ["interrupted", "True"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_process_has_a_closed_portal():
    program = """
import os, sys
from fairlead.sync.portal import Portal
from fairlead.errors import ClosedError
portal = Portal()
child = os.fork()
if child == 0:
    try:
        portal.call(lambda: None)
    except ClosedError as error:
        with portal.read:
            portal.stop()
        os._exit(0 if "forked" in str(error) else 2)
    os._exit(1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), portal.call(lambda: "alive"))
portal.stop()
"""
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.split() == ["0", "alive"]
