"""How a visit goes on at each message of its browser: pure, so that every rule can be tried without a browser.

A browser is a stranger's machine: it may send whatever it likes. What is kept is what the protocol can produce: in the
planned order, of the planned number, each block at least as long as planned, and all of it no longer than this
server's own clock saw pass since the browser said that it starts.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from datetime import datetime
from typing import Final

from probes.deploy.schema import Logits
from probes.in_browser.messages import (
    BeginMessage,
    BrowserMessage,
    EndMessage,
    OverMessage,
    RefusedMessageError,
    RoundMessage,
    StartedMessage,
    ToldConditions,
    ToldInstance,
    TrainedMessage,
    browser_of,
    system_of,
)
from probes.in_browser.schema import (
    ASKED,
    TOLERANCE,
    TRAINING,
    BrowserCell,
    BrowserConditions,
    BrowserRound,
    CellEnd,
    CellRecord,
    RunningRound,
    SideStart,
    TrainingRecord,
    Visit,
)
from probes.places import TITLES, Framework
from probes.results import Instance, Order, Superblock, sides_of
from probes.schema import Outcome

#: What a browser's clock and this server's may differ by over one round, seconds.
CLOCKS_DIFFER: Final = 0.5
#: A page in front that measures says something more often than that; after so long without, it is gone. Seconds.
SILENCE: Final = 180.0
_ROUNDING: Final = 1e-9


def accepted(visit: Visit, message: BrowserMessage, now: datetime) -> Visit:
    """The visit after ``message``; the same one for a message that came twice. Raises RefusedMessageError."""
    if isinstance(message, BeginMessage):
        return _begun(visit, message)
    if visit.state != "running" and not (isinstance(message, OverMessage) and visit.state == "over"):
        raise RefusedMessageError(f"event: {message.event!r}; allowed: while it runs, and this is {visit.state}")
    if isinstance(message, StartedMessage):
        return _started(visit, message, now)
    if isinstance(message, RoundMessage):
        return _with_round(visit, message, now)
    if isinstance(message, TrainedMessage):
        return _trained(visit, message, now)
    if isinstance(message, EndMessage):
        return _ended(visit, message)
    return _over(visit, message)


def gone(visit: Visit, last_heard: datetime, now: datetime) -> Visit:
    """The visit as it is to be read: one that nothing was heard of for long is over, and its last cell says so."""
    if visit.state != "running" or (now - last_heard).total_seconds() < SILENCE:
        return visit
    return _cut_off(visit, "Nothing was heard of the browser any more: it ended the page, or lost its connection.")


# ------------------------------------------------------------------------------------------- message by message


def _begun(visit: Visit, message: BeginMessage) -> Visit:
    if visit.state not in ("open", "running"):
        raise RefusedMessageError(
            f"event: 'begin'; allowed: once, after the link was opened, and this is {visit.state}"
        )
    known = [cell.id for cell in visit.plan.cells]
    if unknown := [name for name in message.cells if name not in known]:
        raise RefusedMessageError(f"cells: {unknown[0]!r}; allowed: {', '.join(known)}")
    conditions = _conditions(message.conditions)
    if visit.state == "running" and (tuple(message.cells), conditions) != (visit.chosen, visit.conditions):
        raise RefusedMessageError("event: 'begin'; allowed: once")
    chosen, trains = tuple(dict.fromkeys(message.cells)), message.train and visit.plan.trainable
    return replace(visit, state="running", chosen=chosen, conditions=conditions, trains=trains)


def _started(visit: Visit, message: StartedMessage, now: datetime) -> Visit:
    """A Worker that starts in the place of one that ended without a word says what became of that one."""
    if message.cell == TRAINING and visit.trains and visit.training is None:
        return replace(visit, running=RunningRound(TRAINING, 0, now))
    cell, record = _cell(visit, message.cell)
    if record.end is not None:
        raise RefusedMessageError(f"cell: {cell.id!r} has ended: {record.end.reason}")
    if message.round != len(record.rounds) or message.round >= len(visit.plan.orders[cell.id]):
        raise RefusedMessageError(f"round: {message.round}; allowed: {len(record.rounds)}, the next of {cell.id}")
    return replace(visit, running=RunningRound(cell.id, message.round, now))


def _with_round(visit: Visit, message: RoundMessage, now: datetime) -> Visit:
    cell, record = _cell(visit, message.cell)
    if message.round < len(record.rounds):
        kept = record.rounds[message.round]
        sides = tuple(side for side in cell.sides if side in kept.starts)
        again = _round(visit, replace(cell, sides=sides), message, kept.seconds)
        if replace(again, started_at=kept.started_at, seconds=kept.seconds) == kept:
            return visit  # the answer to it was lost, and it came again
        raise RefusedMessageError(f"round: {message.round} of {cell.id} is kept already, and it was another one")
    running = visit.running
    if running is None or (running.cell, running.round) != (message.cell, message.round):
        told = f"{running.cell}, {running.round}" if running else "none"
        raise RefusedMessageError(f"round: {message.cell}, {message.round}; allowed: the one that was started, {told}")
    elapsed = (now - running.since).total_seconds()
    made = _round(visit, replace(cell, sides=record.playing), message, elapsed)
    made = replace(made, started_at=running.since.isoformat(timespec="milliseconds"), seconds=round(elapsed, 3))
    record = replace(record, rounds=(*record.rounds, made))
    for side, reason in unfaithful(visit, made).items():
        record = record.without(side, CellEnd(Outcome.NOT_COMPARABLE, reason))
    return replace(visit, running=None, records={**visit.records, cell.id: record})


def _trained(visit: Visit, message: TrainedMessage, now: datetime) -> Visit:
    if visit.training is not None:
        return visit  # the answer to it was lost, and it came again
    running = visit.running
    if running is None or running.cell != TRAINING:
        raise RefusedMessageError("event: 'trained'; allowed: after it was started")
    elapsed, clocked = (now - running.since).total_seconds(), sum(message.step_s) * message.steps
    if clocked > elapsed + CLOCKS_DIFFER:
        raise RefusedMessageError(f"step_s: {clocked:.1f} s of work; allowed: the {elapsed:.1f} s since it was started")
    made = TrainingRecord(Outcome.OK, "", message.backend, tuple(message.step_s), message.first_loss, message.last_loss)
    return replace(visit, running=None, training=made)


def _ended(visit: Visit, message: EndMessage) -> Visit:
    reason = " ".join("".join(char if char.isprintable() else " " for char in message.reason).split())
    end = CellEnd(Outcome(message.outcome), reason or "It gave no reason.")
    if message.cell == TRAINING and visit.trains:
        made = visit.training or TrainingRecord(end.outcome, end.reason)
        return replace(visit, running=None, training=made)
    cell, record = _cell(visit, message.cell)
    if record.end is not None:
        return visit
    if message.side is None:
        record = replace(record, end=end)
    elif message.side in cell.sides:
        record = record if message.side in record.ended else record.without(message.side, end)
    else:
        raise RefusedMessageError(f"side: {message.side!r}; allowed: {', '.join(cell.sides)}")
    return replace(visit, running=None, records={**visit.records, cell.id: record})


def _over(visit: Visit, message: OverMessage) -> Visit:
    if visit.state == "over":
        return visit
    if message.why == "cancelled":
        return _cut_off(visit, "It was cancelled on the device.", Outcome.CANCELLED)
    if message.why == "closed":
        return _cut_off(visit, "The page was closed on the device.", Outcome.CANCELLED)
    if message.why == "failed":
        return _cut_off(visit, "The measuring page failed on the device; what it said stands there.")
    return _cut_off(visit, "")


def _cut_off(visit: Visit, reason: str, outcome: Outcome = Outcome.FAILED) -> Visit:
    """Over. The cell that was under way says why; what else wasn't finished was not reached."""
    records = dict(visit.records)
    for name in visit.chosen:
        cell, record = _cell(visit, name)
        if record.end is not None or len(record.rounds) == len(visit.plan.orders[cell.id]):
            continue
        if visit.running is not None and visit.running.cell == name and reason:
            records[name] = replace(record, end=CellEnd(outcome, f"{reason} This was under way."))
        else:
            records[name] = replace(record, end=CellEnd(Outcome.CANCELLED, reason or "It was not measured to its end."))
    training = visit.training
    if visit.trains and training is None:
        under_way = visit.running is not None and visit.running.cell == TRAINING
        training = TrainingRecord(outcome if under_way else Outcome.CANCELLED, reason or "It was not begun.")
    return replace(visit, state="over", running=None, records=records, training=training, reason=reason)


# ------------------------------------------------------------------------------------------- what it said


def _cell(visit: Visit, name: str) -> tuple[BrowserCell, CellRecord]:
    if name not in visit.chosen:
        raise RefusedMessageError(f"cell: {name!r}; allowed: {', '.join(visit.chosen)}")
    cell = next(cell for cell in visit.plan.cells if cell.id == name)
    return cell, visit.records.get(name, CellRecord(cell))


def _conditions(told: ToldConditions) -> BrowserConditions:
    return BrowserConditions(
        browser=told.brand or browser_of(told.user_agent),
        system=told.system or system_of(told.user_agent),
        device=told.device,
        mobile=told.mobile,
        cores=told.cores,
        memory_gb=told.memory_gb,
        gpu=told.gpu,
        isolated=told.isolated,
        secure=told.secure,
        screen=told.screen,
        clock_us=told.clock_us,
    )


def _round(visit: Visit, cell: BrowserCell, message: RoundMessage, elapsed: float) -> BrowserRound:
    """Raises RefusedMessageError for what the protocol can't have produced within ``elapsed`` seconds."""
    plan, report = visit.plan, message.report
    for name, found, wanted in (("kit", message.kit, plan.kit.digest), ("runtimes", message.runtimes, plan.runtimes)):
        if found != wanted:
            raise RefusedMessageError(f"{name}: {found!r}; allowed: what this visit was to load, {wanted}")
    orders = plan.orders[cell.id][message.round]
    if len(report.instances) != len(orders):
        raise RefusedMessageError(f"instances: {len(report.instances)}; allowed: {len(orders)}, as planned")
    if set(report.starts) != set(cell.sides):
        raise RefusedMessageError(f"starts: {sorted(report.starts)}; allowed: {sorted(cell.sides)}")
    instances = tuple(
        _instance(told, cell, planned, plan.block_seconds)
        for told, planned in zip(report.instances, orders, strict=True)
    )
    clocked = sum(_clocked(one) for one in report.instances)
    begun = report.load_s + sum(start.build_s + start.first_s for start in report.starts.values())
    if clocked + begun > elapsed + CLOCKS_DIFFER:
        raise RefusedMessageError(
            f"report: {clocked + begun:.1f} s of work; allowed: the {elapsed:.1f} s since it was started"
        )
    wanted_answers = set(cell.sides) if message.round == 0 else set()
    if set(report.answers) != wanted_answers:
        raise RefusedMessageError(f"answers: of {sorted(report.answers)}; allowed: {sorted(wanted_answers)}")
    return BrowserRound(
        load_s=report.load_s,
        starts={side: SideStart(start.build_s, start.first_s) for side, start in report.starts.items()},
        instances=instances,
        answers={side: _answers(visit, side, text) for side, text in report.answers.items()},
        heap_bytes=report.heap_bytes,
    )


def _instance(told: ToldInstance, cell: BrowserCell, planned: tuple[Order, ...], least: float) -> Instance:
    if set(told.steps) != set(cell.sides):
        raise RefusedMessageError(f"steps: {sorted(told.steps)}; allowed: {sorted(cell.sides)}")
    if len(cell.sides) == 1:
        (side,) = cell.sides
        walls = {side: told.blocks.get(side, [])}
        if told.superblocks or set(told.blocks) != {side} or len(walls[side]) != 4 * len(planned):
            raise RefusedMessageError(f"blocks: allowed: {4 * len(planned)} of {side}, and no superblocks")
    else:
        found = tuple(block.order for block in told.superblocks)
        if told.blocks or found != planned:
            raise RefusedMessageError(f"superblocks: {', '.join(found) or 'none'}; allowed: {', '.join(planned)}")
        walls = {side: [] for side in cell.sides}
        for block in told.superblocks:
            for side, wall in zip(sides_of(block.order), block.wall, strict=True):
                walls[side].append(wall)
    for side, values in walls.items():
        shortest = min(values) * told.steps[side]
        if shortest < least - _ROUNDING:
            raise RefusedMessageError(f"blocks: one of {shortest * 1000:.3g} ms; allowed: {least * 1000:g} ms and more")
    if len(cell.sides) == 1:
        return Instance(blocks={side: tuple(values) for side, values in walls.items()}, steps=dict(told.steps))
    return Instance(
        superblocks=tuple(
            Superblock(block.order, (block.wall[0], block.wall[1], block.wall[2], block.wall[3]), (0.0, 0.0, 0.0, 0.0))
            for block in told.superblocks
        ),
        steps=dict(told.steps),
    )


def _clocked(told: ToldInstance) -> float:
    """Seconds that all its blocks took."""
    single = sum(sum(walls) * told.steps[side] for side, walls in told.blocks.items())
    return single + sum(
        wall * told.steps[side]
        for block in told.superblocks
        for side, wall in zip(sides_of(block.order), block.wall, strict=True)
    )


def _answers(visit: Visit, side: Framework, text: str) -> Logits:
    """Raises RefusedMessageError unless there are as many numbers as the source has."""
    source = visit.plan.kit.answers[side]
    try:
        size = len(base64.b64decode(text, validate=True))
    except binascii.Error:
        size = -1
    wanted = 4 * source.rows * source.columns
    if size != wanted:
        raise RefusedMessageError(
            f"answers: {max(size, 0)} bytes of {side}; allowed: {wanted}, the {source.columns} scores of {ASKED} inputs"
        )
    return Logits(source.rows, source.columns, text)


def unfaithful(visit: Visit, made: BrowserRound) -> dict[Framework, str]:
    """By side, why what a browser ran isn't the network that went in; empty if it is, or without answers."""
    from probes.deploy import summary  # late: it needs statistics, and who only looks at visits needs none

    off = {side: summary.deviation(found, visit.plan.kit.answers[side]) for side, found in made.answers.items()}
    return {
        side: f"What {TITLES[side]}'s export answers in this browser differs from its source by up to {most:.2g}; "
        f"allowed: {TOLERANCE:g}."
        for side, most in off.items()
        if most > TOLERANCE
    }
