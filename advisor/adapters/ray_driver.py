"""``python -m advisor.adapters.ray_driver HOST:PORT``: the only process that imports Ray. It carries out orders, each
in a thread of its own.

An order is a line of JSON on its input, with a number: ``{"id": 1, "do": "look"}``, ``{…, "do": "measure", "machine":
…, "setup": …, "done": […]}`` or ``{…, "do": "work", "machine": …, "what": …, "asked": …}``. What it says are lines of
JSON on its output with the order's number, the last ``{"say": "end"}``; a line without a number is about all orders.
``{"do": "cancel", "id": 1}`` ends that one's work in good order, ``{"do": "drop", "id": 1}`` at once. The end of its
input ends this process, and with it, by Ray's rules of ownership, the actors and what those measure.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import psutil
import ray
from ray.exceptions import GetTimeoutError, RayActorError, RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from advisor.adapters.ray_node import FleetNode
from probes.system import own_code

#: What a machine of the cluster carries that takes part.
RESOURCE: Final = "fulcrum"
_CONNECT_SECONDS: Final = 5.0
_JOIN_SECONDS: Final = 30.0  # a cluster at hand takes one or two
_LOOK_SECONDS: Final = 60.0  # a node's first worker imports Fulcrum
_WAITS_AFTER: Final = 3.0  # seconds until somebody is told that a machine is waited for

ClusterNode = Mapping[str, Any]  # as ``ray.nodes`` has it
Say = Callable[..., None]


class RefusedOrderError(Exception):
    """Nothing can be measured so. The text says why, and what to do."""


class GoneError(Exception):
    """What measured can't be reached any more."""


@dataclass
class _Order:
    """What is to be done, and how whoever wants it is told of it and may end it."""

    asked: Mapping[str, Any]
    say: Say
    cancelled: threading.Event = field(default_factory=threading.Event)
    _actors: list[Any] = field(default_factory=list)
    _ending: threading.Lock = field(default_factory=threading.Lock)
    _dropped: bool = False

    def carry_out(self) -> None:
        """Whatever happens, it is said, and that this is the end."""
        try:
            if self.asked["do"] == "look":
                self.say("machines", machines=_looked_at(self))
            else:
                _carry_out(self)
        except RefusedOrderError as error:
            self.say("refused", reason=str(error))
        except GoneError as error:
            self.say("lost", reason=str(error))
        except Exception as error:  # a thread that dies in silence would be waited for
            self.say("lost", reason=_short(error))
        finally:
            self.drop()
            self.say("end")

    def actor(self, node: ClusterNode, *, whole: bool) -> Any:
        """One of its own on that machine, which ends with it."""
        made = _actor(node, whole=whole)
        with self._ending:
            self._actors.append(made)
            late = self._dropped
        if late:
            ray.kill(made)
        return made

    def cancel(self) -> None:
        """Ask for what there is."""
        self.cancelled.set()
        with self._ending:
            actors = list(self._actors)
        for actor in actors:
            with suppress(Exception):
                actor.cancel.remote()

    def drop(self) -> None:
        """End what works on it."""
        self.cancelled.set()
        with self._ending:
            self._dropped = True
            actors, self._actors = self._actors, []
        for actor in actors:
            with suppress(Exception):  # a cluster that is gone has ended it; that this is the end is said all the same
                ray.kill(actor)


def main(address: str) -> int:
    say = _speaker()
    try:
        _connect(address, say)
    except RefusedOrderError as error:
        say("refused", reason=str(error))
        return 0
    except GoneError as error:
        say("lost", reason=str(error))
        return 0
    orders: dict[int, _Order] = {}
    lines: Iterable[str] = sys.stdin
    for line in lines:
        asked = json.loads(line)
        number = asked["id"]
        if asked["do"] in ("cancel", "drop"):
            _end(orders, number, asked["do"])
        else:
            orders[number] = _Order(asked, partial(say, id=number))
            threading.Thread(target=orders[number].carry_out, name=f"order {number}", daemon=True).start()
    os._exit(1)  # whoever gave the orders is gone: nobody wants what comes of them


def _end(orders: dict[int, _Order], number: int, how: str) -> None:
    """What is over already needs no ending."""
    order = orders.pop(number, None) if how == "drop" else orders.get(number)
    if order is not None:
        (order.drop if how == "drop" else order.cancel)()


def _speaker() -> Say:
    """Lines on what was the output: whatever else is printed there goes where errors go."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    writing = threading.Lock()

    def say(what: str, **said: Any) -> None:
        with writing:
            out.write(json.dumps({"say": what, **said}) + "\n")
            out.flush()

    return say


def _connect(address: str, say: Say) -> None:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), _CONNECT_SECONDS).close()
    except OSError as error:
        raise GoneError(
            f"no Ray cluster answers at {address} ({error.strerror or error}): start its head with `ray start --head`"
        ) from error
    # Ray itself asks again and again, for minutes, where something else listens.
    patience = threading.Timer(_JOIN_SECONDS, _give_up, (address, say))
    patience.daemon = True
    patience.start()
    try:
        ray.init(address=address, namespace=RESOURCE, log_to_driver=False, logging_level="ERROR")
    except (RuntimeError, ConnectionError, ValueError, RayError) as error:  # another Python or Ray, another token
        raise RefusedOrderError(f"the Ray cluster at {address} can't be joined: {_short(error)}") from error
    finally:
        patience.cancel()


def _give_up(address: str, say: Say) -> None:
    say("refused", reason=f"what answers at {address} isn't a Ray cluster, or doesn't let anybody join it")
    os._exit(1)


def _short(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines)[:400] or type(error).__name__


def _nodes() -> list[ClusterNode]:
    """The machines that take part. Raises RefusedOrderError if there is none."""
    found = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get(RESOURCE, 0) >= 1]
    if not found:
        raise RefusedOrderError(
            f"no machine of the Ray cluster carries «{RESOURCE}»: start one with --resources='{{\"{RESOURCE}\": 1}}'"
        )
    return sorted(found, key=lambda node: str(node["NodeName"]))


def _looked_at(order: _Order) -> list[dict[str, Any]]:
    """Each machine that takes part; one that measures now is left alone."""
    nodes = _nodes()
    names = Counter(str(node["NodeName"]) for node in nodes)
    looks = {node["NodeID"]: order.actor(node, whole=False) for node in nodes if not _busy(node)}
    asked = {node_id: actor.look.remote() for node_id, actor in looks.items()}
    return [_described(node, asked.get(node["NodeID"]), names) for node in nodes]


def _described(node: ClusterNode, asked: Any, names: Mapping[str, int]) -> dict[str, Any]:
    name = str(node["NodeName"])
    known: dict[str, Any] = {"name": name, "machine": None, "why_not": "", "busy": asked is None, "here": _here(node)}
    if names[name] > 1:
        return known | {
            "why_not": f"{names[name]} machines are called {name!r}: start each with a --node-name of its own"
        }
    if asked is None:
        return known
    try:
        digest, machine = ray.get(asked, timeout=_LOOK_SECONDS)
    except (RayError, GetTimeoutError) as error:
        return known | {"why_not": _why_silent(error)}
    return known | {"machine": json.loads(machine), "why_not": _other_code(digest)}


def _here(node: ClusterNode) -> bool:
    """Whether it is this very machine: it speaks from an address of it."""
    own = {address.address for addresses in psutil.net_if_addrs().values() for address in addresses}
    return str(node["NodeManagerAddress"]) in own


def _why_silent(error: Exception) -> str:
    text = _short(error)
    if "ModuleNotFoundError" in text:
        return "Fulcrum isn't found there: start Ray in its folder, with PYTHONPATH=$PWD"
    return "it doesn't answer" if isinstance(error, GetTimeoutError) else text


def _other_code(digest: str) -> str:
    if digest == own_code.digest():
        return ""
    return f"it has another Fulcrum ({digest}; here {own_code.digest()}): bring both to the same state"


def _busy(node: ClusterNode) -> bool:
    """Whether something is measured there: it has the resource that the machine carries once."""
    left = ray._private.state.available_resources_per_node().get(node["NodeID"], {})
    return bool(left.get(RESOURCE, 0) < 1)


def _actor(node: ClusterNode, *, whole: bool) -> Any:
    """On that very machine; ``whole``: with all of it, so that nothing else of Ray runs beside a measurement."""
    resources = node["Resources"]
    return (
        ray.remote(FleetNode)
        .options(
            num_cpus=resources.get("CPU", 0) if whole else 0,
            num_gpus=resources.get("GPU", 0) if whole else 0,  # else Ray hides the GPUs
            resources={RESOURCE: 1} if whole else {},
            max_concurrency=2,  # cancelling while it measures
            scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False),
        )
        .remote()
    )


def _carry_out(order: _Order) -> None:
    name = order.asked["machine"]
    node = next((node for node in _nodes() if node["NodeName"] == name), None)
    if node is None:
        raise GoneError(f"{name} isn't part of the Ray cluster now: it goes on when that machine is back")
    actor = order.actor(node, whole=True)
    try:
        digest, machine = _when_free(actor.look.remote(), name, order)
        if reason := _other_code(digest):
            raise RefusedOrderError(f"{name}: {reason}")
        for message in _asked_of(actor, order.asked):
            what, text = ray.get(message)
            _pass_on(what, text, machine, name, order.say)
    except RayTaskError as error:
        raise RefusedOrderError(f"{name}: {_short(error)}") from error
    except RayActorError as error:
        raise GoneError(
            f"{name} is gone: the machine, its Ray or what measured there died, or the network to it was cut"
        ) from error
    except RayError as error:
        raise GoneError(f"{name} can't be reached any more: {_short(error)}") from error


def _asked_of(actor: Any, order: Mapping[str, Any]) -> Iterable[Any]:
    """What it says, as it says it."""
    if order["do"] == "work":
        return actor.work.options(num_returns="streaming").remote(order["what"], order["asked"])  # type: ignore[no-any-return]
    return actor.measure.options(num_returns="streaming").remote(json.dumps(order["setup"]), order["done"])  # type: ignore[no-any-return]


def _pass_on(what: str, text: str, machine: str, name: str, say: Say) -> None:
    if what == "refused":
        raise RefusedOrderError(f"{name}: {text}")
    content = {what: json.loads(text)}
    if what == "begun":
        content["machine"] = json.loads(machine)
    say(what, **content)


def _when_free(look: Any, name: str, order: _Order) -> tuple[str, str]:
    """What the machine says when it has nothing else to do. Raises GoneError if that was cancelled."""
    begun, told = time.monotonic(), False
    while not ray.wait([look], timeout=0.2)[0]:
        if order.cancelled.is_set():
            raise GoneError(f"cancelled while {name} was waited for")
        if not told and time.monotonic() - begun > _WAITS_AFTER:
            told = True
            order.say("waiting", message=f"Waiting: {name} starts, or has other work of Ray")
    found: tuple[str, str] = ray.get(look)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
