"""Small data as a team could have them, written for a test."""

from __future__ import annotations

from pathlib import Path

import numpy as np

ROWS, FEATURES = 200, 5


def features() -> np.ndarray:
    """(200, 5), of scales that are far apart."""
    return np.random.default_rng(0).normal(size=(ROWS, FEATURES)) * 10.0 ** np.arange(-2, 3)


def classes() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 3, ROWS)


def table(folder: Path, name: str = "rows.csv", label: str = "kind") -> Path:
    """The label in the middle."""
    x, y, path = features(), classes(), folder / name
    lines = [",".join(f"{cell:.6g}" for cell in (*row[:2], label_, *row[2:])) for row, label_ in zip(x, y, strict=True)]
    path.write_text("\n".join([f"a,b,{label},c,d,e", *lines]) + "\n", encoding="utf-8")
    return path


def archive(folder: Path, name: str = "rows.npz", **arrays: np.ndarray) -> Path:
    """Two inputs and labels, unless others are given."""
    path = folder / name
    np.savez(path, **(arrays or {"x": features(), "ids": np.arange(ROWS)[:, None] % 7, "labels": classes()}))
    return path


def images(folder: Path, name: str = "photos", each: int = 35) -> Path:
    """Of two classes and any size, as files called .jpg and .JPEG; one of them grey."""
    from PIL import Image

    rng, path = np.random.default_rng(2), folder / name
    for kind in ("cat", "dog"):
        (path / kind).mkdir(parents=True)
        for number in range(each):
            width, height = (int(side) for side in rng.integers(40, 90, 2))
            noise = Image.fromarray(rng.integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8))
            picture = noise.resize((width, height), Image.Resampling.BICUBIC)
            suffix = "JPEG" if number % 2 else "jpg"
            (picture.convert("L") if number == 0 else picture).save(path / kind / f"{number}.{suffix}", "JPEG")
    return path
