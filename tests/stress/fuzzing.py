"""Spoilt files: ``python -m tests.stress.fuzzing FOLDER --record FILE [--cases N] [--seed N] [--seconds N]``.

Takes files at random from below FOLDER (sources, notebooks, lists of packages, models, archives, histories of git),
spoils each by a few of ``SPOILERS``, and scans it beside a file that is whole. A case is named by seed and number, and
is the same again. A process does them one after the other; one that dies or is silent for longer than a scan may take
is a crash or a hang of the case that it was at, and the next goes on behind that. Stops after ``--seconds``; called
again it goes on where FILE says.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import queue
import random
import subprocess
import sys
import tarfile
import threading
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from advisor.lifecycle import lock_files
from advisor.lifecycle.dates import ClockInputError
from advisor.scan import dependencies, engine, output, sarif
from advisor.scan.limits import ScanError, ScanLimits

LIMITS: Final = ScanLimits(seconds=10.0, file_seconds=2.0)
SILENT_SECONDS: Final = 3 * LIMITS.seconds
WHOLE: Final = b"import torch\ntorch.rfft(x, 1)\n"  # its one finding has to stay, whatever lies beside it
_MOST: Final = 400_000  # bytes of a file that is taken
_A_PROCESS: Final = 1_000  # cases
NAMES: Final = (
    "a.py", "a.ipynb", "requirements.txt", "pyproject.toml", "setup.py", "setup.cfg", "environment.yml", "Pipfile",
    "Pipfile.lock", "poetry.lock", "uv.lock", "pdm.lock", "Dockerfile", ".github/workflows/a.yml", "a.sh", "a.cu",
    "keras.json", "a.pt", "a.pkl", "a.onnx", "a.h5", "a.keras", "a.pb", "a.tflite", "a.safetensors", "a.bin",
    ".gitignore", "a.zip", "a.tar.gz", ".git/HEAD", ".git/packed-refs", ".git/shallow", ".git/config",
)  # fmt: skip
Spoiler = Callable[[bytes, random.Random, Callable[[], bytes]], bytes]


def _place(content: bytes, chance: random.Random) -> int:
    return chance.randrange(len(content) + 1)


def _flipped(content: bytes, chance: random.Random, _: Callable[[], bytes]) -> bytes:
    spoilt = bytearray(content)
    for _bit in range(min(len(spoilt), chance.choice((1, 3, 10, 100)))):
        spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


def _cut_out(content: bytes, chance: random.Random, _: Callable[[], bytes]) -> bytes:
    first, last = sorted((_place(content, chance), _place(content, chance)))
    return content[:first] + content[last:]


def _spliced(content: bytes, chance: random.Random, other: Callable[[], bytes]) -> bytes:
    more = other()
    return content[: _place(content, chance)] + more[_place(more, chance) :]


def _inserted(content: bytes, chance: random.Random, _: Callable[[], bytes]) -> bytes:
    what = chance.choice((
        b"\0", b"\0" * 100, b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\x1a", b"\\\n", b'"""', b"'", b"{", b"[[", b"\t",
        b"\xe2\x80\xa8", b"\xed\xa0\x80", b"# coding: utf-7\n", b"# coding: rot13\n", b"# coding: idna\n", b"%%",
        chance.randbytes(20), b"1e999999", b"9" * 5_000, b"import " * 50, b"from . import (", b"&a [*a, *a]\n", b"${{",
        b"!pip ", b"!!python/x ",
    ))  # fmt: skip
    at = _place(content, chance)
    return content[:at] + what * chance.choice((1, 1, 3, 50)) + content[at:]


def _recoded(content: bytes, chance: random.Random, _: Callable[[], bytes]) -> bytes:
    encoding = chance.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1", "cp037", "shift_jis", "utf-7"))
    return content.decode("utf-8", "replace").encode(encoding, "replace")


def _nested(content: bytes, chance: random.Random, _: Callable[[], bytes]) -> bytes:
    opened, closed = chance.choice(
        ((b"(", b")"), (b"[", b"]"), (b"{", b"}"), (b'{"a":', b"}"), (b"f(", b")"), (b"-", b""), (b"not ", b""),
         (b"lambda: ", b""), (b"if x:\n ", b""), (b"- ", b""), (b"a.", b""), (b"f'{", b"}'"))
    )  # fmt: skip
    depth, at = chance.choice((10, 200, 3_000, 30_000)), _place(content, chance)
    return content[:at] + opened * depth + chance.choice((b"1", b"tf.Session", b"")) + closed * depth + content[at:]


def _repeated(content: bytes, chance: random.Random, _: Callable[[], bytes]) -> bytes:
    first, last = sorted((_place(content, chance), _place(content, chance)))
    part = content[first : min(last, first + 2_000)]
    return content[:last] + part * chance.choice((2, 20, 200)) + content[last:]


def _ends(content: bytes, chance: random.Random, _: Callable[[], bytes]) -> bytes:
    return content.replace(b"\n", chance.choice((b"\r", b"\r\n", b"\n\n", b"", b"\x0c", b"\\\n", b" ")))


def _nothing(content: bytes, _: random.Random, __: Callable[[], bytes]) -> bytes:
    return content


SPOILERS: Final[tuple[Spoiler, ...]] = (
    _flipped, _cut_out, _spliced, _inserted, _recoded, _nested, _repeated, _ends, _nothing,
)  # fmt: skip


def corpus(folder: Path) -> list[Path]:
    """What a scan would read, of a size that leaves time for many, in a fixed order."""
    ends = tuple(name.rpartition(".")[2] for name in NAMES)
    return sorted(
        path for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= _MOST
        and (path.name.endswith(ends) or dependencies.is_manifest(path.name))
    )  # fmt: skip


def case(files: Sequence[Path], seed: int, number: int) -> tuple[str, bytes]:
    """The name and the content of a spoilt file."""
    chance = random.Random(f"{seed}:{number}")

    def one() -> bytes:
        return chance.choice(files).read_bytes()

    chosen = chance.choice(files)
    content = chosen.read_bytes()
    for spoil in chance.choices(SPOILERS, k=chance.choice((1, 1, 2, 3))):
        content = spoil(content, chance, one)[: 4 * _MOST]
    own = chosen.name if chosen.suffix in (".py", ".ipynb") or dependencies.is_manifest(chosen.name) else "a.bin"
    return (chance.choice(NAMES) if chance.random() < 0.4 else own), content


def _packed(name: str, content: bytes, chance: random.Random) -> bytes:
    """An archive with the file in it, spoilt as a whole now and then."""
    target = io.BytesIO()
    if name.endswith(".zip"):
        with zipfile.ZipFile(target, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
            archive.writestr("p/a.py", content)
    else:
        with tarfile.open(fileobj=target, mode="w:gz") as tar:
            member = tarfile.TarInfo("p/a.py")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    whole = target.getvalue()
    return chance.choice(SPOILERS)(whole, chance, lambda: content)


def looked(files: Sequence[Path], seed: int, number: int, scratch: Path) -> None:
    """Scans a case in every form, and reads it as a lock file. Raises whatever isn't a stated outcome."""
    name, content = case(files, seed, number)
    tree = scratch / f"case-{number}"
    place = tree / name
    place.parent.mkdir(parents=True)
    (tree / "whole.py").write_bytes(WHOLE)
    place.write_bytes(content)
    if name.startswith(".git/"):
        _some_history(tree, place, content)
    report = engine.scan(tree, LIMITS)
    wanted = (
        [] if name == ".gitignore" and not any(one.file == "whole.py" for one in report.findings) else ["torch-fft"]
    )
    found = [one.rule for one in report.findings if one.file == "whole.py"]
    if found != wanted:
        raise AssertionError(f"the file that is whole: {found}")
    forms = (output.to_text, output.to_markdown, output.to_json, sarif.to_sarif)
    for form in forms if number % 10 == 0 else forms[:2]:  # the long ones take longer than the scan
        form(report).encode()
    with suppress(ClockInputError):
        lock_files.read(place)
    if name.endswith((".zip", ".tar.gz")):
        packed = scratch / f"{number}-{name}"
        packed.write_bytes(_packed(name, content, random.Random(f"archive {seed}:{number}")))
        with suppress(ScanError):
            engine.scan(packed, LIMITS)


def _some_history(tree: Path, place: Path, content: bytes) -> None:
    """A commit, of which one file is the case's."""
    place.unlink()
    place.parent.rmdir()
    own = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(tree), "EMAIL": "a@b"}
    for arguments in (("init", "-q"), ("add", "."), ("-c", "user.name=a", "commit", "-q", "-m", "x")):
        subprocess.run(["git", *arguments], cwd=tree, env=own, check=True, capture_output=True)
    place.write_bytes(content)


def worked(files: Sequence[Path], seed: int, numbers: range) -> Iterator[dict[str, Any]]:
    """What is told of each: its number before, what came of it after."""
    with TemporaryDirectory(prefix="fulcrum-fuzzing-") as scratch:
        for number in numbers:
            yield {"begins": number}
            began = time.monotonic()
            try:
                looked(files, seed, number, Path(scratch))
            except Exception:
                yield {"crash": number, "said": traceback.format_exc()[-3_000:]}
            yield {"ends": number, "seconds": round(time.monotonic() - began, 3), "peak_mb": _peak_mb()}
            _emptied(Path(scratch))


def _emptied(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), key=lambda path: -len(path.parts)):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def _peak_mb() -> int:
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) // 1024
    return 0


def _supervised(options: argparse.Namespace, record: dict[str, Any], until: float) -> None:
    """One process after the other, until the time or the cases are over."""
    while record["next"] < options.cases and time.monotonic() < until:
        last = min(options.cases, record["next"] + _A_PROCESS)
        command = [sys.executable, "-m", "tests.stress.fuzzing", str(options.folder), "--seed", str(options.seed)]
        worker = subprocess.Popen(
            [*command, "--worker", str(record["next"]), str(last)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=_lines, args=(worker, lines), daemon=True).start()
        at = record["next"]
        try:
            while (told := _told(lines)) and time.monotonic() < until:
                at = told.get("begins", at)
                _take(told, record)
        except queue.Empty:
            record["hangs"].append(at)
            record["next"] = at + 1
        else:
            if not told and record["next"] < last:
                record["crashes"].append({"crash": at, "said": f"the process died with {worker.wait()}"})
                record["next"] = at + 1
        worker.kill()
        worker.wait()


def _lines(worker: subprocess.Popen[str], lines: queue.SimpleQueue[str]) -> None:
    for line in worker.stdout or ():
        lines.put(line)
    lines.put("")


def _told(lines: queue.SimpleQueue[str]) -> dict[str, Any]:
    line = lines.get(timeout=SILENT_SECONDS)
    told: dict[str, Any] = json.loads(line) if line else {}
    return told


def _take(told: dict[str, Any], record: dict[str, Any]) -> None:
    if "crash" in told:
        record["crashes"].append(told)
    elif "ends" in told:
        record["next"] = told["ends"] + 1
        record["slowest"] = max(record["slowest"], [told["seconds"], told["ends"]])
        record["peak_mb"] = max(record["peak_mb"], told["peak_mb"])


def main() -> int:
    """0 if nothing crashed and nothing hung so far."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--record", type=Path, default=Path("fuzzing.json"))
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=150.0)
    parser.add_argument("--worker", type=int, nargs=2, metavar=("FIRST", "LAST"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        for told in worked(corpus(options.folder), options.seed, range(*options.worker)):
            print(json.dumps(told), flush=True)
        return 0
    record: dict[str, Any] = {"next": 0, "crashes": [], "hangs": [], "slowest": [0.0, 0], "peak_mb": 0}
    if options.record.exists():
        record = json.loads(options.record.read_text(encoding="utf-8"))
    _supervised(options, record, time.monotonic() + options.seconds)
    options.record.write_text(json.dumps(record, indent=1), encoding="utf-8")
    print(
        f"{record['next']:,} of {options.cases:,} cases with seed {options.seed}: {len(record['crashes'])} crashes, "
        f"{len(record['hangs'])} hangs; slowest {record['slowest'][0]} s (case {record['slowest'][1]}), "
        f"at most {record['peak_mb']} MB"
    )
    return int(bool(record["crashes"] or record["hangs"]))


if __name__ == "__main__":
    sys.exit(main())
