"""How far a transfer is: no bar is full before what it stands for is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sharethings.client.places import place_of
from sharethings.client.saving import save_at
from sharethings.client.upload import share_file, share_text
from sharethings.client.zipping import save_zip
from tests.files import MIB, make_file
from tests.integration.client.members import join, readable, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import Server as Program

TEXT = "a text that lives in its row"


@pytest.mark.parametrize("zips", [False, True], ids=["file", "zip"])
@pytest.mark.parametrize("size", [len(TEXT), 3 * MIB, 3 * MIB + 5])
async def test_all_bytes_are_told_when_the_file_has_its_name(
    program: Program, tmp_path: Path, size: int, *, zips: bool
):
    file, target, told = tmp_path / "film.mkv", tmp_path / "got", list[int]()
    async with await join(program) as tia:
        if size == len(TEXT):
            content_id = await share_text(tia, TEXT)
        else:
            make_file(file, size)
            content_id = await share_file(tia, file, lambda _: None)
        await until(tia, lambda: readable(tia, content_id).row.state == "complete")

        def tell(more: int) -> None:
            told.append(more)
            assert target.exists() == (sum(told) == size)

        content = readable(tia, content_id)
        with place_of(target) as place:
            if zips:
                await save_zip(tia, [content], place, tell)
            else:
                await save_at(tia, content, place, tell)
    assert sum(told) == size
