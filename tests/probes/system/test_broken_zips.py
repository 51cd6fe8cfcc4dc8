"""Whatever is wrong with a zip, it is one of the errors that its readers expect."""

from __future__ import annotations

import io
import random
import zipfile

import pytest

from probes.system.broken_zips import BROKEN_ZIP


@pytest.mark.parametrize(
    "packed", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=str
)
def test_every_byte_may_be_damaged(packed: int) -> None:
    stream, drawn = io.BytesIO(), random.Random(packed)
    with zipfile.ZipFile(stream, "w", packed) as archive:
        archive.writestr("weights", drawn.randbytes(40) + b"again and again " * 20)
    whole, broken = stream.getvalue(), 0
    for place in range(len(whole)):
        damaged = whole[:place] + bytes([whole[place] ^ 1 << drawn.randrange(8)]) + whole[place + 1 :]
        try:
            with zipfile.ZipFile(io.BytesIO(damaged)) as archive:
                for name in archive.namelist():
                    archive.read(name)
        except BROKEN_ZIP:
            broken += 1
    assert broken > len(whole) / 4, "times, comments and what is told twice may be damaged"
