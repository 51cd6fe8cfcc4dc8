"""Discovers routes, spreads them into ways, and says which of those can be tried here."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from probes import catalog
from probes.deploy import side_pythons
from probes.deploy.contracts import RouteSpec
from probes.deploy.schema import FORMS, ArtefactForm, Way, WayAvailability
from probes.engine.running.interpreters import SidePythons, told
from probes.schema import FRAMEWORKS, Outcome

_INSTALL = "pip install -r requirements.txt"


@cache
def modules() -> dict[str, ModuleType]:
    """Every route's file by the route's id."""
    path = importlib.import_module("probes.routes").__path__
    files = [importlib.import_module(f"probes.routes.{info.name}") for info in pkgutil.iter_modules(path)]
    return {module.SPEC.id: module for module in files}


def spec(way: Way) -> RouteSpec:
    """What the way's route says of itself."""
    route: RouteSpec = modules()[way.route].SPEC
    return route


@cache
def ways() -> tuple[Way, ...]:
    """Every route in every form, PyTorch's first, light ones before heavy ones."""
    every_way = [_way(module.SPEC, form) for module in modules().values() for form in module.SPEC.forms]
    return tuple(sorted(every_way, key=_order))


def find(way_id: str) -> Way:
    """The way of that id. Raises ValueError naming those that exist."""
    by_id = {way.id: way for way in ways()}
    if way_id not in by_id:
        raise ValueError(f"ways: {way_id!r} doesn't exist; allowed: {', '.join(by_id)}")
    return by_id[way_id]


def availability(pythons: SidePythons = catalog.NONE) -> tuple[WayAvailability, ...]:
    """Every way and whether it can be tried here. Imports no framework."""
    return tuple(
        WayAvailability(way, Outcome.UNSUPPORTED if (reason := why_not(way, pythons)) else Outcome.OK, reason)
        for way in ways()
    )


def why_not(way: Way, pythons: SidePythons = catalog.NONE) -> str:
    """Why it can't be tried here, with what to do about it; "" if nothing speaks against it."""
    needs = spec(way)
    if reason := catalog.not_installed(needs.framework, told(pythons)):
        return reason
    for place, names in ((needs.exports_in, needs.exports_with), (needs.runs_in, needs.runs_with)):
        if place or needs.framework in pythons:
            reason = side_pythons.lacking(needs.framework, place, names, pythons)
        else:
            reason = _modules_missing(names)
        if reason:
            return reason
    if "g++" in needs.programs and (reason := catalog.no_compiler(way.title)):
        return reason
    return ""


def _modules_missing(names: tuple[str, ...]) -> str:
    missing = [name for name in names if not catalog.installed(name)]
    return f"{' and '.join(missing)} not found: {_INSTALL}" if missing else ""


def _way(needs: RouteSpec, form: ArtefactForm) -> Way:
    plain = form == "float32"
    return Way(
        id=needs.id if plain else f"{needs.id}.{form.replace(' ', '-')}",
        route=needs.id,
        form=form,
        title=needs.title if plain else f"{needs.title}, {form}",
        framework=needs.framework,
        environments=tuple(dict.fromkeys(name for name in (needs.exports_in, needs.runs_in) if name)),
        steps=needs.steps,
        deprecated=needs.deprecated,
        heavy=needs.heavy,
        elsewhere=needs.elsewhere,
    )


def _order(way: Way) -> tuple[object, ...]:
    return FRAMEWORKS.index(way.framework), way.heavy, way.route, FORMS.index(way.form)
