"""Packages that a project asks for: requirements, pyproject, setup files, conda, Dockerfiles, CI files, lock files."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from typing import Any, Final

import yaml
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from advisor.scan.install_commands import installed
from advisor.scan.report import Dependency

_LISTS: Final = re.compile(
    r"(^|[-_./])(requirements|constraints|reqs|deps)[^/]*\.(txt|in|pip)$|^requirements/[^/]+\.txt$"
)
_CONDA: Final = re.compile(r"(^|[-_/])(environment|env|conda)[^/]*\.ya?ml$")
_CI: Final = re.compile(
    r"^\.github/workflows/[^/]+\.ya?ml$|^\.gitlab-ci\.yml$|^\.travis\.yml$|^\.circleci/config\.yml$|^appveyor\.yml$"
    r"|^azure-pipelines[^/]*\.yml$|^cloudbuild\.ya?ml$|(^|/)(tox\.ini|noxfile\.py|Makefile|Justfile|Jenkinsfile)$|\.sh$"
)
_DOCKER: Final = re.compile(r"(^|/)(Dockerfile|Containerfile)[^/]*$|\.[Dd]ockerfile$")
_LOCKS: Final = {"poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock", "pylock.toml"}
_COLAB: Final = re.compile(r"\s*%tensorflow_version\s+(\d)\.x")
_QUOTED: Final = re.compile(
    r"[\"']([A-Za-z][\w.-]*(?:\[[\w,. -]+\])?\s*(?:(?:[<>!~]=?|===?)[^\"';]+)?)(?:;[^\"']*)?[\"']"
)
_SETUP_NAMES: Final = re.compile(
    r"tensorflow|torch|keras|jax|flax|tf-|tf_|dm-|timm|lightning|onnx|transformers|numpy|horovod|tfx"
)
_EGG: Final = re.compile(r"#egg=([\w.-]+)")
_CARET: Final = re.compile(r"\^\s*(\d+(?:\.\d+)*)")
_TOKEN: Final = re.compile(r"[A-Za-z][\w.-]*")
_MARKER: Final = re.compile(r"^#.*|\s#.*")


class ManifestError(Exception):
    """A list of packages can't be read; the text says why."""


def is_script(path: str) -> bool:
    """Dockerfiles, CI files and shell scripts: lines that install or start something."""
    return _DOCKER.search(path) is not None or _CI.search(path) is not None


def is_manifest(path: str) -> bool:
    """Whether ``dependencies`` knows this kind of file."""
    name = path.rpartition("/")[2]
    known = {"pyproject.toml", "setup.py", "setup.cfg", "Pipfile", *_LOCKS}
    return name in known or bool(_LISTS.search(path) or _CONDA.search(path)) or is_script(path)


def dependencies(path: str, text: str) -> list[Dependency]:
    """What a file asks for, in its order. Raises ManifestError."""
    name = path.rpartition("/")[2]
    locked = name in _LOCKS
    try:
        found = [(str(canonicalize_name(one)), one, spec) for one, spec in _pairs(path, name, text)]
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        yaml.YAMLError,
        configparser.Error,
    ) as error:
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise ManifestError(reason) from error
    words = _words(text)
    return [Dependency(known, spec, path, _line(words, one, spec), locked) for known, one, spec in found]


def of_magic(path: str, text: str, line: int, cell: int | None) -> Iterator[Dependency]:
    """What a line of a notebook installs («!pip install torch==1.8») or chooses («%tensorflow_version 1.x»)."""
    pairs = [("tensorflow", f"=={chosen[1]}.*")] if (chosen := _COLAB.match(text)) else _installed(text)
    for name, specifier in pairs:
        yield Dependency(str(canonicalize_name(name)), specifier, path, line, cell=cell)


def _pairs(path: str, name: str, text: str) -> Iterator[tuple[str, str]]:
    if name == "pyproject.toml":
        yield from _pyproject(tomllib.loads(text))
    elif name == "Pipfile":
        whole = tomllib.loads(text)
        yield from _poetry(whole.get("packages", {}) | whole.get("dev-packages", {}))
    elif name == "Pipfile.lock":
        whole = json.loads(text)
        for part in ("default", "develop"):
            yield from ((one, str(kept.get("version", ""))) for one, kept in whole.get(part, {}).items())
    elif name in _LOCKS:
        whole = tomllib.loads(text)
        for one in whole.get("package", whole.get("packages", [])):
            yield one["name"], f"=={one['version']}" if "version" in one else ""
    elif name == "setup.cfg":
        yield from _setup_cfg(text)
    elif name == "setup.py":
        yield from _setup_py(text)
    elif _LISTS.search(path):
        yield from _requirements(text.replace("\\\n", " ").splitlines())
    elif _CONDA.search(path) and not is_script(path):
        yield from _conda(text)
    else:
        yield from _installed(text)


def _requirements(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        bare = _MARKER.sub("", line).split(" --hash")[0].strip()
        if egg := _EGG.search(line):
            yield egg[1], ""
        elif bare and not bare.startswith("-"):
            yield from _one(bare)


def _one(text: str) -> Iterator[tuple[str, str]]:
    """What isn't PEP 508 (paths, addresses) is no package that could be known."""
    try:
        found = Requirement(text)
    except InvalidRequirement:
        return
    yield found.name, str(found.specifier)


def _pyproject(whole: dict[str, Any]) -> Iterator[tuple[str, str]]:
    project = whole.get("project", {})
    if "requires-python" in project:
        yield "python", str(project["requires-python"])
    lists = [project.get("dependencies", []), *project.get("optional-dependencies", {}).values()]
    lists += whole.get("dependency-groups", {}).values()
    for entries in lists:
        yield from _requirements(entry for entry in entries if isinstance(entry, str))
    poetry = whole.get("tool", {}).get("poetry", {})
    yield from _poetry(poetry.get("dependencies", {}))
    yield from _poetry(poetry.get("dev-dependencies", {}))
    for group in poetry.get("group", {}).values():
        yield from _poetry(group.get("dependencies", {}))


def _poetry(entries: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, given in entries.items():
        choices = given if isinstance(given, list) else [given]
        for choice in choices:
            version = choice.get("version", "") if isinstance(choice, dict) else str(choice)
            yield name, _specifier(version)


def _specifier(version: str) -> str:
    """Poetry's and conda's ways as PEP 440's: «^2.3» is «>=2.3,<3»."""
    if version in ("", "*"):
        return ""
    if found := _CARET.match(version):
        release = [int(part) for part in found[1].split(".")]
        place = next((index for index, part in enumerate(release) if part), len(release) - 1)
        upper = ".".join(map(str, [*release[:place], release[place] + 1]))
        return f">={found[1]},<{upper}"
    if re.match(r"~\d", version):
        return f"~={version[1:]}" if "." in version else f"=={version[1:]}.*"
    return version if not version[0].isdigit() else f"=={version}"


def _setup_cfg(text: str) -> Iterator[tuple[str, str]]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    if python := parser.get("options", "python_requires", fallback=""):
        yield "python", python.strip()
    for key in ("install_requires", "setup_requires", "tests_require"):
        yield from _requirements(parser.get("options", key, fallback="").splitlines())
    if parser.has_section("options.extras_require"):
        for _, value in parser.items("options.extras_require"):
            yield from _requirements(value.splitlines())


def _setup_py(text: str) -> Iterator[tuple[str, str]]:
    """Its strings that name a package of interest: running it would be the only way to know all."""
    for found in _QUOTED.finditer(text):
        if _SETUP_NAMES.match(found[1]) and not found[1].endswith((".py", ".txt", ".md")):
            yield from _one(found[1].strip())


def _conda(text: str) -> Iterator[tuple[str, str]]:
    whole = yaml.safe_load(text)
    for entry in (whole or {}).get("dependencies") or []:
        if isinstance(entry, dict):
            yield from _requirements(str(one) for one in entry.get("pip") or [])
        elif isinstance(entry, str):
            yield from _conda_entry(entry)


def _conda_entry(entry: str) -> Iterator[tuple[str, str]]:
    found = re.match(r"(?:[\w./-]+::)?([\w.-]+)\s*(?:(==|=|>=|<=|<|>|~=)\s*([\w.*,<>=!]+))?", entry)
    if not found:
        return
    name, operator, version = found[1], found[2] or "", (found[3] or "").split("=")[0]
    if operator == "=":
        operator, version = "==", version if version.endswith("*") else f"{version}.*"
    yield name, f"{operator}{version}" if version else ""


def _installed(text: str) -> Iterator[tuple[str, str]]:
    """The packages of «pip install …» and its kin; conda writes one «=» where others write two."""
    for word in installed(text):
        yield from _one(re.sub(r"(?<=[\w\]])=(?=\d)", "==", word, count=1))


def _words(text: str) -> dict[str, list[tuple[int, str]]]:
    """Lines that aren't comments, by the words in them: lock files have thousands of names."""
    found: dict[str, list[tuple[int, str]]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.lstrip().startswith("#"):
            for word in set(_TOKEN.findall(line)):
                found.setdefault(word, []).append((number, line))
    return found


def _line(words: dict[str, list[tuple[int, str]]], name: str, specifier: str) -> int:
    """The first line with the name, before that one with a version of its specifier as well."""
    found = words.get(name, [])[:100]
    version = re.search(r"\d[\w.]*", specifier)
    exact = (number for number, line in found if version and version[0].removesuffix(".") in line)
    return next(exact, found[0][0] if found else 1)
