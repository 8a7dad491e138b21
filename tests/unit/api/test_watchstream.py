from __future__ import annotations

import json
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.api.watchstream import BrokenLine, WatchLine, lines
from tests.support import loop
from tests.unit.api.canned import Chunks, Pieces


def event(number: int) -> bytes:
    return b'{"type":"ADDED","object":{"n":%d,"text":"x\\ny \xc3\xa9"}}\n' % number


async def read(*chunks: bytes) -> list[WatchLine | BrokenLine]:
    return [line async for batch in lines(Chunks(chunks)) for line in batch]


def numbers(found: list[WatchLine | BrokenLine]) -> list[int | bytes]:
    return [json.loads(bytes(line.object))["n"] if isinstance(line, WatchLine) else line.data for line in found]


async def test_many_lines_in_one_chunk_are_one_batch() -> None:
    batches = [batch async for batch in lines(Chunks([event(1) + event(2), event(3)]))]
    assert [numbers(batch) for batch in batches] == [[1, 2], [3]]


@given(st.lists(st.integers(0, 200), max_size=12))
def test_lines_are_found_wherever_the_chunks_end(cuts: list[int]) -> None:
    data = b"".join(event(number) for number in range(4))
    places = sorted({min(cut, len(data)) for cut in cuts})
    chunks = [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]
    assert numbers(loop.run(read(*chunks))) == [0, 1, 2, 3]


async def test_the_object_is_given_as_it_came() -> None:
    (line,) = await read(b'{"object": {"a": 1.0,\t"b":null } ,"future":1,"type":"MODIFIED"}\r\n')
    assert isinstance(line, WatchLine)
    assert (line.type, bytes(line.object)) == ("MODIFIED", b'{"a": 1.0,\t"b":null }')


async def test_a_bad_line_is_given_as_such_and_its_neighbours_as_events() -> None:
    found = await read(event(1) + b"{broken\n" + b'{"type":5,"object":{}}\n' + event(2), b"\xff\xfe\n")
    assert numbers(found) == [1, b"{broken", b'{"type":5,"object":{}}', 2, b"\xff\xfe"]


async def test_empty_lines_mean_nothing_and_an_unfinished_one_is_broken() -> None:
    assert await read(b"", b"\n\n", b"  \n") == []
    assert numbers(await read(event(1), event(2)[:9])) == [1, event(2)[:9]]


async def test_a_large_line_costs_no_more_than_its_size() -> None:
    size = 50_000_000
    data = b'{"type":"ADDED","object":{"n":1,"data":"' + b"x" * size + b'"}}\n'
    view = memoryview(data)
    chunks = [bytes(view[at : at + 16_384]) for at in range(0, len(data), 16_384)]
    started = time.process_time()
    (line,) = await read(*chunks)
    # Copying what is pending at every chunk would be 80 GB, many seconds.
    assert time.process_time() - started < 2.0
    assert isinstance(line, WatchLine)
    assert len(bytes(line.object)) > size


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.text(max_size=4)
    | st.sampled_from(['"}', "},", '{"type":"ADDED"']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
KINDS = st.sampled_from(["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR", "NEW"])


def line(form: str) -> st.SearchStrategy[str]:
    return st.builds(lambda kind, value: form.replace("KIND", kind).replace("VALUE", json.dumps(value)), KINDS, JSON)


ODD = st.one_of(
    line('{ "type": "KIND", "object": VALUE, "more": 1}'),
    line('{"object":VALUE,"type":"KIND"}'),
    line('{"type":"KIND","object":VALUE}}'),
    st.sampled_from(
        ["", "  ", '{"type":"ADDED","object":}', '{"type":"ADDED"}', '{"type":"ADDED","object":{}} ', "{}"]
    ),
)
#: A server writes its changes in one form.
STREAMS = st.sampled_from(['{"type":"KIND","object":VALUE}', '{"type":"KIND","object":VALUE,"more":{}}']).flatmap(
    lambda form: st.lists(st.one_of(line(form), ODD), max_size=6)
)


@given(STREAMS, st.integers(1, 60), st.integers(1, 4))
def test_objects_cut_out_of_their_lines_are_what_decoding_the_lines_gives(
    texts: list[str], size: int, per_read: int
) -> None:
    data = "".join(f"{text}\n" for text in texts).encode()
    chunks = [data[at : at + size] for at in range(0, len(data), size)]

    async def cut(stream: Chunks) -> list[WatchLine | BrokenLine]:
        return [line async for batch in lines(stream, decoded=True) for line in batch]

    plain, quick = loop.run(read(*chunks)), loop.run(cut(Chunks(chunks)))
    # A server that writes each line by itself, and one that does not, several to a read.
    for written in (data.splitlines(keepends=True), chunks):
        assert list(map(as_it_came, loop.run(cut(Pieces(written, per_read))))) == list(map(as_it_came, quick))
    assert len(plain) == len(quick)
    for one, other in zip(plain, quick, strict=True):
        if isinstance(other, WatchLine) and isinstance(one, BrokenLine):
            # What is cut out is then no JSON value: whoever decodes it sees that.
            with pytest.raises(msgspec.DecodeError):
                msgspec.json.decode(bytes(other.object))
        else:
            assert told(one) == told(other)


def told(line: WatchLine | BrokenLine) -> object:
    return (line.type, msgspec.json.decode(bytes(line.object))) if isinstance(line, WatchLine) else line.data


def as_it_came(line: WatchLine | BrokenLine) -> object:
    return (line.type, bytes(line.object)) if isinstance(line, WatchLine) else line.data
