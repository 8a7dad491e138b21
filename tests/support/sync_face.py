"""fairlead.sync with the face of fairlead, so that tests that await also hold the synchronous façade to its promises.

A face calls the twin of the same name: what is `async` there runs here in a worker thread, all else is called as it is, on
the test's own thread. Handlers, and coroutine functions, become plain functions that run on the test's loop and are waited
for. Everything follows from the asynchronous classes and the façade's declarations; nothing here knows a single method.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import functools
import importlib
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from types import ModuleType
from typing import Any, Self

import fairlead
import fairlead.controller
import fairlead.sync
import fairlead.sync.controller
import fairlead.sync.testing
import fairlead.testing
from fairlead.codegen.sync_facade import MODULES

__all__ = ["Face", "bare", "faced", "in_sync"]

#: Calls that may wait at the same time: more than any test has.
WORKERS = 64

_DECLARED = {twin.name: twin for twins in MODULES.values() for twin in twins}


def _pairs() -> Iterator[tuple[str, Any, Any]]:
    """Name, asynchronous and synchronous thing, for everything public that has a twin."""
    for ours, theirs in _module_pairs():
        for name in theirs.__all__:
            original = getattr(ours, name, None) or _by_declaration(name)
            twin = getattr(theirs, name)
            if original is not None and original is not twin:
                yield name, original, twin


def _module_pairs() -> Iterator[tuple[ModuleType, ModuleType]]:
    yield fairlead, fairlead.sync
    yield fairlead.testing, fairlead.sync.testing
    yield fairlead.controller, fairlead.sync.controller


def _by_declaration(name: str) -> Any:
    twin = _DECLARED.get(name)
    return getattr(importlib.import_module(twin.module), name) if twin is not None else None


class Face:
    """One object of the façade, to be awaited."""

    def __init__(self, twin: Any) -> None:
        object.__setattr__(self, "_twin", twin)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{name}: tests of the façade use public names only")
        original = _original_of(self._twin)
        value = getattr(self._twin, name)
        member = inspect.getattr_static(original, name, None)
        if not callable(value) or _has_face(value):
            return faced(value)
        return _method(value, member, handler=_is_handler(original, name))

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._twin, name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._twin(*args, **kwargs)

    def __len__(self) -> int:
        return len(self._twin)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return repr(self._twin)

    def __eq__(self, other: object) -> bool:
        return bool(self._twin == bare(other))

    def __hash__(self) -> int:
        return hash(self._twin)

    def __and__(self, other: Any) -> Any:
        return faced(self._twin & bare(other))

    def __rand__(self, other: Any) -> Any:
        return faced(bare(other) & self._twin)

    def __or__(self, other: Any) -> Any:
        return faced(self._twin | bare(other))

    def __ror__(self, other: Any) -> Any:
        return faced(bare(other) | self._twin)

    def __invert__(self) -> Any:
        return faced(~self._twin)

    def __enter__(self) -> Self:
        self._twin.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._twin.__exit__(*error)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._twin.__enter__)
        return self

    async def __aexit__(self, *error: object) -> None:
        await asyncio.to_thread(self._twin.__exit__, *error)


def bare(value: Any) -> Any:
    """What is behind a face, or behind the method of one."""
    if isinstance(value, Face):
        return value._twin
    return getattr(value, "__twin__", value)


def faced(value: Any) -> Any:
    """A façade's object as a test sees it; anything else as it is."""
    return Face(value) if _has_face(value) else value


def _has_face(value: Any) -> bool:
    return not isinstance(value, type) and _original_of(value) is not None


def _original_of(twin: Any) -> type | None:
    for cls in type(twin).__mro__:
        if cls.__module__.startswith("fairlead.sync"):
            original = _ORIGINALS.get(cls.__name__)
            if original is not None:
                return original
    return None


def _is_handler(original: type | None, name: str) -> bool:
    declared = [_DECLARED[cls.__name__] for cls in (original or object).__mro__ if cls.__name__ in _DECLARED]
    return any(twin.kinds.get(name) == "handler" for twin in declared)


def _method(call: Callable[..., Any], member: Any, *, handler: bool) -> Callable[..., Any]:
    """A method with the face of `member`, the asynchronous one."""
    function = getattr(member, "__func__", member)
    if inspect.iscoroutinefunction(function):

        @functools.wraps(call)
        async def awaited(*args: Any, **kwargs: Any) -> Any:
            args, kwargs = _bare_arguments(args, kwargs)
            return faced(await asyncio.to_thread(call, *args, **kwargs))

        method: Callable[..., Any] = awaited
    elif inspect.isasyncgenfunction(function):

        @functools.wraps(call)
        def drawn(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            args, kwargs = _bare_arguments(args, kwargs)
            return _drawn(call(*args, **kwargs))

        method = drawn
    else:

        @functools.wraps(call)
        def plain(*args: Any, **kwargs: Any) -> Any:
            args, kwargs = _bare_arguments(args, kwargs, handler=handler)
            return faced(call(*args, **kwargs))

        method = plain
    method.__twin__ = call  # type: ignore[attr-defined]
    return method


async def _drawn(items: Any) -> AsyncIterator[Any]:
    end = object()
    try:
        while (item := await asyncio.to_thread(next, items, end)) is not end:
            yield item
    finally:
        await asyncio.to_thread(items.close)


def _bare_arguments(
    args: tuple[Any, ...], kwargs: Mapping[str, Any], *, handler: bool = False
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    def plain(value: Any) -> Any:
        value = bare(value)
        if inspect.isawaitable(value):
            return on_this_loop(lambda: value)
        if inspect.isasyncgenfunction(value):
            return _drawn_on_this_loop(value)
        if _is_async(value) or (handler and callable(value) and not _is_bound_twin(value)):
            return on_this_loop(value)
        return value

    return tuple(map(plain, args)), {name: plain(value) for name, value in kwargs.items()}


def _is_bound_twin(value: Any) -> bool:
    return _has_face(value) or _has_face(getattr(value, "__self__", None))


def _is_async(value: Any) -> bool:
    return inspect.iscoroutinefunction(value) or (
        not isinstance(value, type) and inspect.iscoroutinefunction(getattr(value, "__call__", None))  # noqa: B004
    )


def on_this_loop(function: Callable[..., Any]) -> Callable[..., Any]:
    """A plain function, for other threads, that has `function` called on the running loop, and waits for its end."""
    loop = asyncio.get_running_loop()

    def call(*args: Any, **kwargs: Any) -> Any:
        done: concurrent.futures.Future[Any] = concurrent.futures.Future()

        async def awaited(result: Awaitable[Any]) -> None:
            try:
                done.set_result(await result)
            except BaseException as error:
                done.set_exception(error)

        def begin() -> None:
            try:
                result = function(*args, **kwargs)
            except BaseException as error:
                done.set_exception(error)
                return
            if inspect.isawaitable(result):
                tasks.add(task := loop.create_task(awaited(result)))
                task.add_done_callback(tasks.discard)
            else:
                done.set_result(result)

        # In the context of the call, which tells whose handler it is.
        loop.call_soon_threadsafe(begin, context=contextvars.copy_context())
        return done.result()

    tasks: set[asyncio.Task[None]] = set()
    call.__module__ = getattr(function, "__module__", None) or ""
    call.__qualname__ = getattr(function, "__qualname__", None) or type(function).__qualname__
    return call


def _drawn_on_this_loop(function: Callable[..., AsyncIterator[Any]]) -> Callable[..., AsyncIterator[Any]]:
    """An async generator function, for other loops, whose steps are made on the running loop."""
    loop = asyncio.get_running_loop()

    async def drawn(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        items = function(*args, **kwargs)
        end = object()

        async def step() -> Any:
            return await anext(items, end)

        while (item := await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(step(), loop))) is not end:
            yield item

    return drawn


def _stand_in(original: Any, twin: Any) -> Any:
    """What a test finds under the name of `original`."""

    def made(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = _bare_arguments(args, kwargs)
        return faced(twin(*args, **kwargs))

    async def awaited(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = _bare_arguments(args, kwargs)
        return faced(await asyncio.to_thread(twin, *args, **kwargs))

    return functools.wraps(original, updated=())(awaited if inspect.iscoroutinefunction(original) else made)


@contextlib.contextmanager
def in_sync(*modules: ModuleType) -> Generator[None]:
    """While this is open, what these modules imported from fairlead is the façade's, behind a face."""
    with contextlib.ExitStack() as undone:
        for module in modules:
            for name, value in tuple(vars(module).items()):
                stand_in = _STAND_INS.get(id(value))
                if stand_in is not None:
                    undone.callback(setattr, module, name, value)
                    setattr(module, name, stand_in)
        yield


_ORIGINALS: dict[str, type] = {
    **{name: original for name, original, _ in _pairs() if isinstance(original, type)},
    **{name: getattr(importlib.import_module(twin.module), name) for name, twin in _DECLARED.items()},
}
_STAND_INS: dict[int, Any] = {id(original): _stand_in(original, twin) for _, original, twin in _pairs()}


def use_many_threads() -> None:
    """Let the running loop have as many calls wait at once as tests have."""
    executor = concurrent.futures.ThreadPoolExecutor(WORKERS, thread_name_prefix="face")
    asyncio.get_running_loop().set_default_executor(executor)
