"""The scan: list, count, follow the imports, parse what matters, hold it against the rules."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from advisor.scan import syntax
from advisor.scan.activity import UsedFile, activity
from advisor.scan.archives import opened
from advisor.scan.areas import area_of, is_test
from advisor.scan.counting import UseCount
from advisor.scan.dispatchers import dispatchers
from advisor.scan.ecosystems import FRAMEWORK_NAMES, KNOWN
from advisor.scan.facts import FileFacts, NameUse, TooLongError
from advisor.scan.history import History, NoHistoryError, history
from advisor.scan.intake import CountedSource, Intake, Reader, backends
from advisor.scan.limits import ScanClock, ScanLimits
from advisor.scan.prefilter import ModuleTable, NamedImport, exported, target
from advisor.scan.reachability import Reachability
from advisor.scan.report import BlindSpot, CodeActivity, CodeFinding, Coverage, FoundFramework, ScanReport
from advisor.scan.rules import CodeRule, LinePattern, RuleIndex, rules
from advisor.scan.texts import NotTextError, PythonText
from advisor.scan.tree import FileTree

_TOLD_EVERY = 100  # sources
_MODELS = 200  # artefacts whose names are looked for in sources
_TOGETHER: dict[FoundFramework, set[FoundFramework]] = {
    "keras": {"keras", "tensorflow"},
    "tensorflow": {"keras", "tensorflow"},
}


@cache
def index() -> RuleIndex:
    """All rules, ready to be asked."""
    return RuleIndex(rules())


def scan(
    path: Path, limits: ScanLimits | None = None, *, tell: Callable[[int, int], None] = lambda *_: None
) -> ScanReport:
    """What a folder, a checkout or an archive holds. Nothing of it is run, imported or written to. Raises ScanError.

    ``tell`` hears now and then how many of all sources were looked at.
    """
    limits = limits or ScanLimits()
    clock = ScanClock(limits.seconds)
    with opened(path, limits, clock) as root:
        return scan_opened(root, limits, clock, tell)


def scan_opened(
    root: Path, limits: ScanLimits, clock: ScanClock, tell: Callable[[int, int], None] = lambda *_: None
) -> ScanReport:
    """The same of a folder that ``archives.opened`` gave, for whoever reads more of it than code."""
    return _Scan(root, limits, clock).report(tell)


@dataclass(frozen=True, slots=True)
class _Place:
    line: int
    cell: int | None


class _Scan:
    def __init__(self, root: Path, limits: ScanLimits, clock: ScanClock) -> None:
        self._limits = limits
        self._clock = clock
        self._rules = index()
        self._reader = Reader(limits, clock, _patterns(self._rules.known))
        self._took = self._reader.take(FileTree(root, limits, clock))
        self._table = ModuleTable(self._took.sources)
        sources = self._took.sources
        bare = {path for path, one in sources.items() if one.bare}
        self._names = exported(self._table, {path: one.imports for path, one in sources.items()}, bare)
        self._root = root
        self._count = UseCount()
        self._models = _models(one.file for one in self._took.artefacts)
        self._named: dict[str, tuple[str, ...]] = {}  # by source, the artefacts whose names stand in it
        self._blind: list[BlindSpot] = []
        self._findings: dict[tuple[str, int, int, str], CodeFinding] = {}
        self._parsed = self._parsed_lines = 0

    def report(self, tell: Callable[[int, int], None]) -> ScanReport:
        """Parses and joins."""
        late = 0
        for done, (path, source) in enumerate(self._took.sources.items()):
            if done % _TOLD_EVERY == 0:
                tell(done, len(self._took.sources))
            if self._clock.over:
                late += 1
                continue
            self._source(path, source)
        if late:
            self._blind.append(
                BlindSpot("time", f"not parsed, because {self._limits.seconds:g} s were over", count=late)
            )
        self._other_files()
        self._own_names()
        self._dispatched()
        return self._joined(self._took, self._activity())

    def _joined(self, took: Intake, alive: CodeActivity) -> ScanReport:
        findings = sorted(self._findings.values(), key=lambda one: (one.file, one.cell or 0, one.line, one.rule))
        if len(findings) > self._limits.findings:
            said = f"only the first {self._limits.findings:,} findings are listed"
            self._blind.append(BlindSpot("finding-limit", said, count=len(findings) - self._limits.findings))
        blind = sorted([*took.blind, *self._blind], key=lambda one: (one.kind, one.file, one.line))
        asked = sorted(took.dependencies, key=lambda one: (one.file, one.line, one.name))
        return ScanReport(
            blind_spots=tuple(blind),
            coverage=Coverage(
                took.files, len(took.sources), self._parsed, sum(one.lines for one in took.sources.values()),
                self._parsed_lines, tuple(sorted(took.unreadable)), round(time.monotonic() - self._clock.began, 3),
            ),
            primary=self._count.primary(),
            frameworks=self._count.frameworks(asked, took.backends),
            areas=self._count.areas(),
            dependencies=tuple(asked),
            artefacts=tuple(sorted(took.artefacts, key=lambda one: one.file)),
            activity=alive,
            findings=tuple(findings[: self._limits.findings]),
            sources=self._count.sources(),
        )  # fmt: skip

    def _source(self, path: str, source: CountedSource) -> None:
        """Parses a file in which a framework's name may stand."""
        names = self._names.get(path, {})
        plain = any("." not in name for name in names)
        stars = any(one.name == "*" and one.module.partition(".")[0] in KNOWN for one in source.imports)
        if not (names or stars or source.may_load):
            return
        own = ScanClock(self._limits.file_seconds)
        try:
            text = self._reader.text(source.file)
            if not (plain or stars or source.may_load) and not any(name.encode() in text.source for name in names):
                return
            facts = syntax.read(
                path, text.source, lambda one: self._bound(path, one), loads=source.may_load,
                over=lambda: own.over or self._clock.over, asked=self._rules.asks, methods=self._rules.methods,
            )  # fmt: skip
            sha256 = self._reader.sha256(source.file)
        except (OSError, NotTextError) as error:
            self._took.cant_read(path, "changed", f"was changed while it was scanned: {error}")
            return
        except TooLongError:
            said = f"not parsed: it takes longer than {self._limits.file_seconds:g} s"
            self._blind.append(BlindSpot("time", said, path))
            return
        endings = [ending for ending in self._models if ending in text.source]
        if named := [name for ending in endings for name in self._models[ending] if _stands(name, text.source)]:
            self._named[path] = tuple(sorted(name.decode() for name in named))
        self._parsed += 1
        self._parsed_lines += source.lines
        self._took.backends |= backends(text.source.decode("utf-8", "replace"))
        used = self._count.add(facts, sha256)
        for kind, said, line in facts.blind:
            where = _place(text, line)
            spot = BlindSpot(kind, said if where.cell is None else f"{said} (cell {where.cell})", path, where.line)
            self._blind.append(spot)
        self._hold(facts, text, used)

    def _activity(self) -> CodeActivity:
        """Of the files that name a framework. Without one nobody asks."""
        used = [UsedFile(path, uses, self._named.get(path, ())) for path, uses in self._count.by_file.items()]
        if not used:
            return activity((), {}, None)
        sources = self._took.sources
        reachable = Reachability(self._table, {path: one.imports for path, one in sources.items()}, self._again)
        mains = (path for path, one in sources.items() if one.main)
        loaders = (path for path, one in sources.items() if one.may_load)
        return activity(used, reachable.reached(mains, loaders, self._took.starts), self._history())

    def _again(self, path: str) -> bytes:
        try:
            return self._reader.text(self._took.sources[path].file).source
        except (OSError, NotTextError):
            return b""

    def _history(self) -> History | None:
        seconds = min(self._limits.history_seconds, self._clock.left)
        try:
            return history(self._root, self._count.by_file.keys(), ScanClock(seconds))
        except NoHistoryError as error:
            self._blind.append(BlindSpot("history", str(error)))
            return None

    def _bound(self, path: str, one: NamedImport) -> Iterator[tuple[str, str, bool]]:
        """What an import binds to a framework, and whether without a detour; nothing for all others."""
        own = self._table.source(one, path)
        names = self._names.get(path, {})
        if own and own != path:
            if one.name == "*":
                exports = self._names.get(own, {})
                yield from ((name, to, False) for name, to in exports.items() if "." not in name and name != "*")
            elif one.bound in names:
                yield one.bound, names[one.bound], False
            else:
                prefixes = (f"{one.bound}.", f"{one.module}." if not one.name else "\0")
                yield from ((name, to, False) for name, to in names.items() if name.startswith(prefixes))
        elif one.module.partition(".")[0] in KNOWN and not self._table.owns(one.module, path):
            yield ("", f"{one.module}.*", True) if one.name == "*" else (one.bound, target(one), True)

    def _hold(self, facts: FileFacts, text: PythonText, used: set[FoundFramework]) -> None:
        """Every name, import and method of a file against the rules."""
        held: list[tuple[CodeRule, int, str]] = []
        for one in facts.imports:
            name = one.name.removesuffix(".*")
            held += ((rule, one.line, name) for rule in self._rules.of_name(name) if not (rule.calls or rule.bases))
        for use in facts.uses:
            for rule in self._rules.of_name(use.names[0]):
                if _fits(rule, use) and (len(use.names) == 1 or self._all(rule, use.names)):
                    held.append((rule, use.line, use.names[0]))
        for method, line in facts.methods:
            for rule in self._rules.of_method(method):
                if used & _TOGETHER.get(rule.framework, {rule.framework}):
                    held.append((rule, line, f".{method}()"))
        old = [one for one in held if one[0].concern == "upgrade"]
        behind = {
            (rule.id, name) for rule, line, name in old if facts.is_guarded(line)
        }  # «if …: Cell = tf.contrib.Cell»
        guarded = {line for rule, line, name in old if facts.is_guarded(line) or (rule.id, name) in behind}
        for rule, line, name in held:
            if rule.concern == "move" or line not in guarded:
                self._found(rule, facts.path, _place(text, line), name)
        if guarded:
            said = "old names behind a check of the version, which were not counted as work"
            where = _place(text, min(guarded))
            self._blind.append(BlindSpot("guarded", said, facts.path, where.line, len(guarded)))

    def _all(self, rule: CodeRule, names: tuple[str, ...]) -> bool:
        """Of what a name may stand for, all have to fall under the rule: one of them works otherwise."""
        return all(rule in self._rules.of_name(name) for name in names)

    def _other_files(self) -> None:
        """Packages that are asked for, and lines of C++ and scripts."""
        for one in self._took.dependencies:
            if not one.locked:
                for rule in self._rules.of_package(one.name, one.specifier):
                    self._found(rule, one.file, _Place(one.line, one.cell), f"{one.name}{one.specifier}")
        native = set()
        for hit in self._took.hits:
            rule = self._rules.by_id[hit.rule]
            self._found(rule, hit.file, _Place(hit.line, None), hit.text)
            if any(pattern.kind == "native" for pattern in rule.texts):
                native.add(hit.file)
        for file in sorted(native):
            said = "C++ or CUDA on a framework: found, and not understood"
            self._blind.append(BlindSpot("custom-op", said, file))

    def _own_names(self) -> None:
        """Modules of the tree that are called as a framework is: their imports are left alone."""
        for path in self._took.sources:
            module = path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__")
            if module in KNOWN:
                said = f"is called as the package {module} is, whose imports are therefore taken for the project's own"
                self._blind.append(BlindSpot("own-name", said, path))

    def _dispatched(self) -> None:
        """Modules that hand names on to whichever framework is chosen. Where most goes by one, it is all of them."""
        imported = {path: one.imports for path, one in self._took.sources.items()}
        for one in dispatchers(self._table, imported, self._again):
            names = " or ".join(FRAMEWORK_NAMES[framework] for framework in one.frameworks)
            said = (
                f"hands every name on to {names}, whichever is chosen when it runs; what the {one.users:,} files "
                "that go by it use isn't counted for either"
            )
            self._blind.append(BlindSpot("dispatcher", said, one.file, count=one.users))
            self._count.dispatched += one.users

    def _found(self, rule: CodeRule, path: str, place: _Place, name: str) -> None:
        key = (path, place.cell or 0, place.line, rule.id)
        if key not in self._findings:
            area = "tests" if is_test(path) else rule.area or area_of(name)
            self._findings[key] = CodeFinding(
                file=path, line=place.line, rule=rule.id, message=message(rule), severity=rule.severity,
                concern=rule.concern, area=area, probability=rule.probability, cell=place.cell, name=name,
            )  # fmt: skip


def message(rule: CodeRule) -> str:
    """One sentence and what to do, the same wherever the rule holds."""
    if rule.concern == "move":
        said = {
            "must": "has no drop-in counterpart, and is written anew in a move",
            "perhaps": "may have to be written anew in a move",
            "nice": "is replaced by little in a move",
        }[rule.severity]
        return f"{rule.title}: {said}. Counterpart: {rule.replacement}."
    said = {
        "must": f"doesn't work since {rule.since}",
        "perhaps": f"may not work as before since {rule.since}",
        "nice": f"out of date since {rule.since}, and still works",
    }[rule.severity]
    return f"{rule.title}: {said}. Instead: {rule.replacement}."


def _fits(rule: CodeRule, use: NameUse) -> bool:
    if (rule.calls and not use.call) or (rule.bases and not use.base):
        return False
    given = use.keywords or ()
    if rule.keywords and not any(
        one in given or one in {name.partition("=")[0] for name in given} for one in rule.keywords
    ):
        return False
    return not rule.lacking or not {name.partition("=")[0] for name in given} & {*rule.lacking, "**"}


def _models(files: Iterable[str]) -> dict[bytes, list[bytes]]:
    """Names of files that hold a model, by their endings, of which there are few and which few sources have.

    Short ones and those without an ending would be found anywhere.
    """
    names = {name for file in files if "." in (name := file.rpartition("/")[2])[1:] and len(name) > 4}
    found: dict[bytes, list[bytes]] = {}
    for name in sorted(names)[:_MODELS]:
        found.setdefault(f".{name.rpartition('.')[2]}".encode(), []).append(name.encode())
    return found


def _stands(name: bytes, source: bytes) -> bool:
    """Whether a name stands there by itself, and not within another."""
    return name in source and re.search(rb"(?<![\w.-])" + re.escape(name) + rb"(?![\w-])", source) is not None


def _place(text: PythonText, line: int) -> _Place:
    return _Place(*text.place(line)) if text.cells else _Place(line, None)


def _patterns(known: Iterable[CodeRule]) -> list[tuple[str, LinePattern]]:
    return [(rule.id, pattern) for rule in known for pattern in rule.texts]
