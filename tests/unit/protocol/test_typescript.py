"""The browser client's half of the wire is generated from ours and current."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
import pytest
from msgspec import Meta, inspect

from sharethings.protocol import limits, typescript
from sharethings.protocol.announcements import ANNOUNCEMENTS
from sharethings.protocol.errors import ERRORS
from sharethings.protocol.requests import REQUESTS
from sharethings.protocol.typescript_shapes import Shapes, UnknownShapeError, type_text

if TYPE_CHECKING:
    from pathlib import Path


def test_the_committed_file_is_what_the_messages_say() -> None:
    assert typescript.TARGET.read_text("utf-8") == typescript.generate()


def test_check_tells_a_stale_file_from_a_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "protocol" / "generated.ts"
    monkeypatch.setattr(typescript, "TARGET", target)
    assert typescript.main(["--check"]) == 1
    assert "stale" in capsys.readouterr().err
    assert not target.exists()
    assert typescript.main([]) == 0
    assert typescript.main(["--check"]) == 0
    target.write_text(target.read_text("utf-8") + " ", "utf-8")
    assert typescript.main(["--check"]) == 1


@pytest.mark.parametrize("event", REQUESTS)
def test_every_request_has_its_types_and_the_decoder_of_its_reply(event: str) -> None:
    text = typescript.generate()
    kind = REQUESTS[event]
    reply = kind.reply.__name__
    assert f"'{event}': {{ readonly request: {kind.__name__}; readonly reply: {reply} }};" in text
    assert f"'{event}': decode{reply}," in text


@pytest.mark.parametrize("event", ANNOUNCEMENTS)
def test_every_announcement_has_its_decoder(event: str) -> None:
    assert f"'{event}': decode{ANNOUNCEMENTS[event].__name__}," in typescript.generate()


@pytest.mark.parametrize("code", ERRORS)
def test_every_error_code_has_its_status(code: str) -> None:
    kind = ERRORS[code]
    line = f"  {code}: {{ status: {kind.status}, retryable: {str(kind.retryable).lower()} }},"
    assert line in typescript.generate().splitlines()


def test_limits_are_constants() -> None:
    assert f"  CHUNK_COUNT_MAX: {limits.CHUNK_COUNT_MAX}," in typescript.generate()


class Sample(msgspec.Struct):
    """A message that tries each shape."""

    ranges: list[tuple[int, int]]
    note: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]+$", max_length=9)] | None = None
    seen: bool = True


def test_shapes_become_types_and_decoders() -> None:
    kind = inspect.type_info(Sample)
    assert isinstance(kind, inspect.StructType)
    shapes = Shapes()
    assert [type_text(field.type) for field in kind.fields] == [
        "readonly (readonly [number, number])[]",
        "string | null",
        "boolean",
    ]
    assert [shapes.decoder(field.type) for field in kind.fields] == [
        "listOf(pairOf(integer, integer))",
        "nullable(text1)",
        "boolean",
    ]
    assert shapes.definitions == {("/^[A-Za-z0-9_-]+$/", "9"): "text1"}


@pytest.mark.parametrize(
    "unknown",
    [
        float,
        int | str,
        dict[str, int],
        Annotated[int, Meta(ge=3)],
        Annotated[str, Meta(min_length=1)],
        Annotated[str, Meta(pattern="^a+$", min_length=1)],
    ],
)
def test_a_shape_that_the_generator_does_not_know_stops_it(unknown: object) -> None:
    with pytest.raises(UnknownShapeError):
        Shapes().decoder(inspect.type_info(unknown))


def test_what_has_no_type_or_is_no_message_stops_it() -> None:
    with pytest.raises(UnknownShapeError):
        type_text(inspect.type_info(float))
    with pytest.raises(UnknownShapeError):
        typescript._struct(int)  # type: ignore[arg-type]
