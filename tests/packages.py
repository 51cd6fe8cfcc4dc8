"""Installed packages for tests: folders with the metadata that an installer leaves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def install(
    site: Path,
    name: str,
    *,
    modules: Sequence[str] = (),
    requires: Sequence[str] = (),
    top_level: Sequence[str] = (),
    entry_points: str = "",
) -> None:
    """Version 1.0 of a package in ``site``. ``modules``: paths without ending ("common/cloud"); () is one of its name.

    Without ``top_level`` only its list of files says what it brings, as with most packages.
    """
    files = []
    for module in modules or (name,):
        folder = site / module
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("", encoding="utf-8")
        files.append(f"{module}/__init__.py")
    metadata = site / f"{name.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    required = "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{required}", encoding="utf-8"
    )
    (metadata / "RECORD").write_text("".join(f"{file},,\n" for file in files), encoding="utf-8")
    if top_level:
        (metadata / "top_level.txt").write_text("\n".join(top_level), encoding="utf-8")
    if entry_points:
        (metadata / "entry_points.txt").write_text(entry_points, encoding="utf-8")
