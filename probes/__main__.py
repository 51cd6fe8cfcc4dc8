"""``python -m probes list|run|verdict|check``: what the pages do, on the command line."""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

from probes import catalog, estimate, records
from probes.check.calibration import calibrated
from probes.check.schema import Form
from probes.deploy import catalog as routes
from probes.deploy import cli as routes_cli
from probes.deploy import cli_env
from probes.deploy import run as routes_run
from probes.engine import machine, plan, supervisor
from probes.engine.child import CancelledError, ChildError
from probes.engine.results import summarise
from probes.schema import Outcome, ProbeResult, Progress, RunRequest, to_dict, to_json
from probes.serving import catalog as servers
from probes.serving import cli as serving_cli
from probes.serving import run as serving_run

FAILED, BAD_ARGUMENTS, INTERRUPTED = 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 when every planned probe ended in a stated outcome, 2 for bad arguments, 130 for Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        status = _command(options)
        sys.stdout.flush()
    except BrokenPipeError:  # «… | head» has seen enough; Python would complain once more when it flushes at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


def _command(options: argparse.Namespace) -> int:
    if options.command == "list":
        return _list(as_json=options.json)
    if options.command == "verdict":
        return _verdict(options.file)
    if options.command == "check":
        return _check(options)
    if options.command == "routes":
        return _routes(options)
    if options.command == "serve":
        return _serve(options)
    if options.command == "env":
        with _interruptible() as interrupted:
            return cli_env.main(options, lambda: bool(interrupted))
    try:
        check = records.read_check(options.calibration) if options.calibration else None
        request = calibrated(_request(options), machine.read(), check)
        plan.validate(request)
        estimate.refuse_if_too_big(request, machine.read().memory_bytes)
    except ValueError as error:
        print(f"python -m probes run: {error}", file=sys.stderr)
        return BAD_ARGUMENTS
    if not _can_write("run", options.out):
        return BAD_ARGUMENTS
    return _run(request, options.out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m probes", description="Live benchmarks of PyTorch and TensorFlow.")
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="every probe, whether it can run here, and why not")
    listing.add_argument("--json", action="store_true", help="as JSON")
    run = commands.add_parser("run", help="measure; progress on stderr, JSON to FILE or stdout")
    run.add_argument("--probe", action="append", default=[], metavar="ID", help="a probe of the list; may be repeated")
    run.add_argument("--model", default="mlp", metavar="ID", help="whose probes the budget chooses from")
    run.add_argument("--budget", default="quick", help="quick, standard, thorough or a number of seconds")
    run.add_argument("--device", default="auto", help="cpu, cuda or auto")
    run.add_argument("--threads", default="1", metavar="N", help="intra-op threads, the same on both sides")
    run.add_argument("--seed", default="0", metavar="N", help="of weights, inputs and the order of blocks")
    run.add_argument(
        "--size", action="append", default=[], metavar="MODEL.NAME=N", help="a size of a model; may be repeated"
    )
    run.add_argument(
        "--calibration", type=Path, metavar="FILE",
        help="a self-check of this machine (check --form standard --out FILE): its spread and margin are used",
    )  # fmt: skip
    run.add_argument("--out", type=Path, metavar="FILE", help="where the JSON goes; stdout if left out")
    verdict = commands.add_parser("verdict", help="recompute every verdict of a recorded run from its raw blocks")
    verdict.add_argument("file", type=Path, metavar="RUN.json")
    check = commands.add_parser("check", help="the engine tests itself on this machine; about a minute")
    check.add_argument(
        "--form",
        choices=get_args(Form),
        default="quick",
        help="standard: seven minutes, and this machine's own spread; full: hours, and error rates",
    )
    check.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="what the engine is tested on",
    )
    check.add_argument("--trials", type=Path, metavar="FILE", help="keep the full form's trials here and go on from it")
    check.add_argument(
        "--seconds", type=float, default=math.inf, metavar="N", help="report what the full form has after so long"
    )
    check.add_argument("--json", action="store_true", help="as JSON")
    check.add_argument("--out", type=Path, metavar="FILE", help="where the JSON goes; stdout if left out")
    routes_cli.add(commands)
    serving_cli.add(commands)
    cli_env.add(commands)
    return parser


def _sizes(texts: Sequence[str]) -> dict[str, dict[str, int]]:
    sizes: dict[str, dict[str, int]] = {}
    for text in texts:
        name, _, value = text.partition("=")
        model, _, size = name.partition(".")
        sizes.setdefault(model, {})[size] = _whole(f"size {name}", value)
    return sizes


def _can_write(command: str, out: Path | None) -> bool:
    if out is None or out.resolve().parent.is_dir():
        return True
    print(f"python -m probes {command}: --out: {out.parent} is not a directory", file=sys.stderr)
    return False


def _request(options: argparse.Namespace) -> RunRequest:
    return RunRequest(
        probes=tuple(options.probe),
        budget=_budget(options.budget),  # type: ignore[arg-type]  # validated by the plan
        device=options.device,
        threads=_whole("threads", options.threads),
        seed=_whole("seed", options.seed),
        sizes=_sizes(options.size),
        model=options.model,
    )


def _budget(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _whole(field: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{field}: {text!r} is not a whole number") from None


def _list(*, as_json: bool) -> int:
    rows = catalog.availability()
    if as_json:
        found = {"probes": rows, "routes": routes.availability(), "servers": servers.availability()}
        content = {"schema": 1} | {name: [to_dict(row) for row in rows] for name, rows in found.items()}
        print(json.dumps(content, indent=2, ensure_ascii=False))
        return 0
    for row in rows:
        print(f"{row.probe.id:<32} {row.outcome:<12} {row.reason or row.probe.question}")
    print("\nWays from a trained model to a target (python -m probes routes):")
    print("\n".join(routes_cli.listed()))
    print("\nServers under load (python -m probes serve):")
    print("\n".join(serving_cli.listed()))
    return 0


def _routes(options: argparse.Namespace) -> int:
    if options.read:
        return routes_cli.read(options.read)
    try:
        request = routes_cli.requested(options, _whole, _sizes(options.size))
    except ValueError as error:
        print(f"python -m probes routes: {error}", file=sys.stderr)
        return BAD_ARGUMENTS
    if not _can_write("routes", options.out):
        return BAD_ARGUMENTS
    with _interruptible() as interrupted:
        found = routes_run.run(request, on_progress=routes_cli.progress(), cancelled=lambda: bool(interrupted))
    routes_cli.show(found, to=sys.stderr)
    _write(to_json(found), options.out)
    return INTERRUPTED if interrupted else 0


def _serve(options: argparse.Namespace) -> int:
    if options.read:
        return serving_cli.read(options.read)
    try:
        request = serving_cli.requested(options, _whole, _sizes(options.size))
    except ValueError as error:
        print(f"python -m probes serve: {error}", file=sys.stderr)
        return BAD_ARGUMENTS
    if not _can_write("serve", options.out):
        return BAD_ARGUMENTS
    with _interruptible() as interrupted:
        found = serving_run.run(request, on_progress=serving_cli.progress(), cancelled=lambda: bool(interrupted))
    if not options.json:
        serving_cli.show(found, to=sys.stderr)
    if options.json or options.out:
        _write(to_json(found), options.out)
    return INTERRUPTED if interrupted else 0


def _check(options: argparse.Namespace) -> int:
    """Exit 0 if nothing that was looked at failed, 1 otherwise, 130 for Ctrl-C."""
    from probes.check import full
    from probes.check.run import check
    from probes.check.sides import UnavailableError

    report = _Reporter()
    with _interruptible() as interrupted:
        try:
            found = check(
                options.form,
                device=options.device,
                tell=lambda message, fraction: report(Progress(message, None, 0, 0, fraction)),
                cancelled=lambda: bool(interrupted),
                book=full.Book(options.trials),
                seconds=options.seconds,
            )
        except CancelledError:
            return INTERRUPTED
        except (ChildError, UnavailableError, OSError) as error:
            print(f"python -m probes check: {error}", file=sys.stderr)
            return FAILED
    for finding in found.findings:
        of = f" ({catalog.TITLES[finding.framework]})" if finding.framework else ""
        print(f"{finding.state:<13} {finding.title}{of}: {finding.said}", file=sys.stderr)
    if options.json or options.out:
        _write(to_json(found), options.out)
    return 0 if found.passed else FAILED


def _verdict(path: Path) -> int:
    """Exit 0 if every result in the file is what its raw rounds say, bit for bit; 2 if one isn't."""
    try:
        run = records.read(path)
        found = summarise(
            run.request,
            run.rounds,
            planned_rounds=run.planned_rounds or None,
            cancelled=any(row.outcome == Outcome.CANCELLED for row in run.results),
        )
    except ValueError as error:
        print(f"python -m probes verdict: {error}", file=sys.stderr)
        return BAD_ARGUMENTS
    for row in found:
        print(_line(row))
    recorded = {row.probe: row for row in run.results}
    edited = [row.probe for row in found if recorded.pop(row.probe, None) != row] + list(recorded)
    if edited:
        names = ", ".join(edited)
        print(
            f"python -m probes verdict: {path}: the recorded results of {names} are not what the raw rounds say: "
            "the file was edited, or another version of Fulcrum wrote it",
            file=sys.stderr,
        )
        return BAD_ARGUMENTS
    print(f"All {len(found)} results are what the raw blocks say, bit for bit.", file=sys.stderr)
    return 0


def _run(request: RunRequest, out: Path | None) -> int:
    with _interruptible() as interrupted:
        result = supervisor.run(request, on_progress=_Reporter(), cancelled=lambda: bool(interrupted))
    for row in result.results:
        print(_line(row), file=sys.stderr)
    _write(to_json(result), out)
    return INTERRUPTED if interrupted else 0


@contextmanager
def _interruptible() -> Iterator[list[int]]:
    """Ctrl-C fills the list instead of raising: what was measured is kept."""
    interrupted: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: interrupted.append(number))
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _write(text: str, out: Path | None) -> None:
    """Whole or not at all: a reader never finds half a file."""
    text += "\n"
    if out is None:
        sys.stdout.write(text)
        return
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


class _Reporter:
    """Prints each new message once."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, progress: Progress) -> None:
        if progress.message != self._last:
            self._last = progress.message
            print(f"{progress.fraction:4.0%}  {progress.message}", file=sys.stderr)


def _line(result: ProbeResult) -> str:
    if result.ratio is None:
        return f"{result.probe:<28} {result.outcome}: {result.reason}"
    ratio = f"TensorFlow/PyTorch {result.ratio.estimate:.3g} ({result.ratio.low:.3g} to {result.ratio.high:.3g})"
    outcome = "" if result.outcome == Outcome.OK else f" [{result.outcome}]"
    # Named, because 1.3 is bad for times and good for samples a second.
    return f"{result.probe:<28} {ratio} in {result.metric}: {result.verdict}{outcome}"


if __name__ == "__main__":
    sys.exit(main())
