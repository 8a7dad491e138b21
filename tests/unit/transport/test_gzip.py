from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.transport.gzip import GzipMembers


@given(parts=st.lists(st.binary(max_size=50), max_size=5), step=st.integers(1, 40))
def test_members_give_all_their_bytes_however_they_are_cut(parts: list[bytes], step: int) -> None:
    sent = b"".join(gzip.compress(part) for part in parts)
    members = GzipMembers()
    read = b"".join(members.decompress(sent[at : at + step]) for at in range(0, len(sent), step))
    members.finish()
    assert read == b"".join(parts)


def test_each_member_is_given_as_soon_as_it_is_there() -> None:
    members = GzipMembers()
    assert members.decompress(gzip.compress(b"one")) == b"one"
    assert members.decompress(gzip.compress(b"two")) == b"two"


def test_what_is_no_gzip_or_ends_too_early_is_an_error() -> None:
    with pytest.raises(ValueError, match="not gzip"):
        GzipMembers().decompress(b"plain text")
    members = GzipMembers()
    members.decompress(gzip.compress(b"one")[:-1])
    with pytest.raises(ValueError, match="too early"):
        members.finish()
