"""The bulk plane's headers, and what a chunk and a manifest say in clear."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharethings.protocol import bulk
from sharethings.protocol.errors import (
    ERRORS,
    ChunkMalformedError,
    Failure,
    InvalidRequestError,
    ProtocolError,
    ThrottledError,
    error_of,
)


@given(st.binary(min_size=32, max_size=32))
def test_a_digest_is_written_and_read(digest: bytes):
    assert bulk.read_digest(bulk.write_digest(digest)) == digest
    assert bulk.read_digest(bulk.write_digest(digest).replace("sha", "SHA")) == digest


@given(st.lists(st.tuples(st.integers(0, 2**20 - 1), st.binary(min_size=32, max_size=32))))
def test_digests_are_packed_and_unpacked(digests: list[tuple[int, bytes]]):
    packed = bulk.pack_digests(digests)
    assert len(packed) == 36 * len(digests)
    assert bulk.unpack_digests(packed) == digests
    with pytest.raises(InvalidRequestError):
        bulk.unpack_digests(packed + b"\0")
    with pytest.raises(InvalidRequestError):
        bulk.unpack_digests(packed + bulk.pack_digests([(2**20, bytes(32))]))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "sha-256",
        "sha-256=",
        "sha-256=AAAA",
        "md5=" + "A" * 43 + "=",
        "sha-256=" + "*" * 44,
        "sha-256=" + "A" * 43 + "=\n",
    ],
)
def test_what_is_no_digest_is_refused(value: str):
    with pytest.raises(InvalidRequestError, match="Digest"):
        bulk.read_digest(value)


def a_header(kind: int = 0x10, index: int = 0, last: int = 0, start: bytes = b"ST\x01") -> bytes:
    """Give the public header of a chunk."""
    return start + bytes([kind]) + bytes(7) + index.to_bytes(4, "big") + bytes([last])


@pytest.mark.parametrize(
    ("header", "size", "index", "count"),
    [
        (a_header()[:15], 48, 0, None),
        (a_header(start=b"XX\x01"), 16416, 0, None),
        (a_header(start=b"ST\x02"), 16416, 0, None),
        (a_header(kind=0x12), 16416, 0, None),
        (a_header(index=1), 16416, 0, None),
        (a_header(last=1), 16416, 0, None),
        (a_header(kind=0x11), 16416, 0, None),
        (a_header(index=3), 16416, 3, 3),
        (a_header(index=2), 16416, 2, 3),
        (a_header(0x11, 1, 1), 40, 1, 3),
        (a_header(), 16415, 0, None),
        (a_header(), 16417, 0, None),
        (a_header(0x11, 1, 1), 32, 1, None),
        (a_header(0x11, 0, 1), 31, 0, None),
    ],
)
def test_a_chunk_that_does_not_fit_is_refused(
    header: bytes, size: int, index: int, count: int | None
):
    with pytest.raises(ChunkMalformedError):
        bulk.check_chunk_header(header, size, index=index, chunk_size=16384, chunk_count=count)


def test_a_chunk_that_fits_says_whether_it_is_the_last():
    for header, size, index, is_last in (
        (a_header(), 16416, 0, False),
        (a_header(0x11, 0, 1), 32, 0, True),
        (a_header(0x11, 2, 1), 33, 2, True),
    ):
        found = bulk.check_chunk_header(
            header, size, index=index, chunk_size=16384, chunk_count=index + 1 if is_last else None
        )
        assert found == is_last


def test_a_manifest_says_its_revision():
    sealed = b"ST\x01\x04" + (7).to_bytes(4, "big") + bytes(28)
    assert bulk.manifest_revision(sealed) == 7
    for bad in (sealed[:-1], b"ST\x01\x05" + sealed[4:], b"", b"ST\x02\x04" + sealed[4:]):
        with pytest.raises(InvalidRequestError):
            bulk.manifest_revision(bad)


@pytest.mark.parametrize("kind", ERRORS.values(), ids=ERRORS)
def test_a_failure_is_sent_and_received(kind: type[ProtocolError]):
    sent = kind().failure()
    wire = msgspec.json.encode(sent)
    received = error_of(msgspec.json.decode(wire, type=Failure))
    assert type(received) is kind
    assert (str(received), received.retryable) == (sent.message, sent.retryable)
    assert sent.message


def test_details_travel_and_unknown_codes_stay_readable():
    sent = ThrottledError("Wait.", retry_after_seconds=7).failure()
    assert error_of(sent).details == {"retry_after_seconds": 7}
    unknown = error_of(Failure(code="of_tomorrow", message="Something new.", retryable=False))
    assert (type(unknown), str(unknown)) == (ProtocolError, "Something new.")
