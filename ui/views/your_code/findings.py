"""What stands in the way: a rule an entry, those that have to change first, with file, line and the line itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st

from advisor.output.charts.code_map import CODE_AREA_TITLES
from advisor.ports import CodeScan
from advisor.scan.engine import index
from advisor.scan.report import CodeArea, CodeFinding, Concern, ScanReport, Severity
from advisor.scan.rules import CodeRule
from advisor.wording.quantities import counted, percent
from probes.system.sentences import upper_first
from ui.kit import components
from ui.kit.fragments import apart

_SEVERITIES: Final[Mapping[Severity, str]] = {
    "must": "Has to change",
    "perhaps": "May have to",
    "nice": "Could be better",
}
_CONCERNS: Final[Mapping[Concern, str]] = {
    "upgrade": "On today's versions",
    "move": "In a move to another framework",
}
_ICONS: Final[Mapping[Severity, str]] = {
    "must": ":material/error:",
    "perhaps": ":material/help:",
    "nice": ":material/lightbulb:",
}
_RULES: Final = 10  # entries that are shown at once
_PLACES: Final = 20  # of a rule, at first


@dataclass(frozen=True, slots=True)
class RulePlaces:
    """A rule, and all places at which it holds, with their lines."""

    rule: CodeRule
    places: tuple[tuple[CodeFinding, str], ...]

    @property
    def first(self) -> CodeFinding:
        """They are alike but for their places."""
        return self.places[0][0]


def show(found: CodeScan, report: ScanReport) -> None:
    """Everything that rules found."""
    st.markdown("## What stands in the way")
    if not report.findings:
        st.markdown(
            ":material/check_circle: No rule found anything. "
            + (
                "Nothing in it needs another version or another design before it can stay or move."
                if report.frameworks
                else "The code names no framework that is known here."
            )
        )
        return
    _browse(found, report)


@apart(name="code-findings")
def _browse(found: CodeScan, report: ScanReport) -> None:
    counts = {name: sum(one.severity == name for one in report.findings) for name in _SEVERITIES}
    first = next(name for name in _SEVERITIES if counts[name])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        titles = {name: f"{title} ({counts[name]:,})" for name, title in _SEVERITIES.items() if counts[name]}
        severity = components.pick("How much", titles, key="code-severity", default=first)
        concerns = {one.concern for one in report.findings}
        concern: Concern | Literal[""] = st.selectbox(
            "When",
            ["", *(name for name in _CONCERNS if name in concerns)],
            format_func=lambda name: _CONCERNS[name] if name else "Always",
            key="code-concern",
        )
        area: CodeArea | Literal[""] = st.selectbox(
            "Where",
            ["", *(name for name in CODE_AREA_TITLES if name in {one.area for one in report.findings})],
            format_func=lambda name: CODE_AREA_TITLES[name] if name else "Everywhere",
            key="code-area",
        )
        words = st.text_input(
            "Search",
            key="code-words",
            placeholder="estimator, train.py …",
            icon=":material/search:",
            max_chars=components.LONGEST_SEARCH,
        )
    chosen = [
        (one, line)
        for one, line in zip(report.findings, found.lines, strict=True)
        if one.severity == severity
        and (not concern or one.concern == concern)
        and (not area or one.area == area)
        and _matches(one, words)
    ]
    rules = by_rule(chosen)
    if not rules:
        st.info("Nothing fits. Try fewer words, or another choice above.", icon=":material/search_off:")
        return
    files = len({one.file for one, _ in chosen})
    st.caption(f"{counted(len(chosen), 'place')} in {counted(files, 'file')}, by {counted(len(rules), 'rule')}.")
    most = _shown("code-rules", f"{severity}{concern}{area}{words}", _RULES)
    for one in rules[:most]:
        _rule(one)
    _more("code-rules", len(rules) - most, most + _RULES)


def by_rule(chosen: Sequence[tuple[CodeFinding, str]]) -> list[RulePlaces]:
    """Those with most places first. A rule that this Fulcrum doesn't know any more has no entry."""
    known = index().by_id
    grouped: dict[str, list[tuple[CodeFinding, str]]] = {}
    for one, line in chosen:
        if one.rule in known:
            grouped.setdefault(one.rule, []).append((one, line))
    entries = [RulePlaces(known[name], tuple(places)) for name, places in grouped.items()]
    return sorted(entries, key=lambda entry: (entry.first.concern != "upgrade", -len(entry.places), entry.rule.id))


def _matches(one: CodeFinding, words: str | None) -> bool:
    text = f"{one.file} {one.name} {one.rule} {one.message}".casefold()
    return all(word in text for word in (words or "")[: components.LONGEST_SEARCH].casefold().split())


def _rule(entry: RulePlaces) -> None:
    rule, first = entry.rule, entry.first
    title = f"{upper_first(rule.title)}: {counted(len(entry.places), 'place')}"
    key = f"code-rule-{rule.id}"
    with components.folded(components.escape(title), key=key, icon=_ICONS[rule.severity]) as is_open:
        if not is_open:
            return
        st.markdown(components.escape(first.message))
        said = [_CONCERNS[rule.concern]]
        if first.probability is not None:
            said.append(f"{percent(first.probability)} likely")
        said.append(f"rule {rule.id}")
        source = f" · [Source]({rule.source})" if rule.source.startswith("https://") else ""
        st.caption(components.escape(" · ".join(said)) + source)
        most = _shown(key, "", _PLACES)
        st.code(_listed(entry.places[:most]), language=None, wrap_lines=True)
        _more(key, len(entry.places) - most, len(entry.places))


def _listed(places: Sequence[tuple[CodeFinding, str]]) -> str:
    return "\n".join(f"{where(one)}\n    {line}" if line else where(one) for one, line in places)


def where(one: CodeFinding) -> str:
    """``src/train.py:42``, and of a notebook its cell."""
    return f"{one.file}:{one.line}" if one.cell is None else f"{one.file}, cell {one.cell}, line {one.line}"


def _shown(key: str, of: str, least: int) -> int:
    """How many are shown; another choice starts over."""
    slot = f"{key}-shown"
    if st.session_state.get(f"{slot}-of") != of:
        st.session_state[slot], st.session_state[f"{slot}-of"] = least, of
    shown: int = st.session_state[slot]
    return shown


def _more(key: str, left: int, most: int) -> None:
    if left > 0:
        st.button(f"Show more ({left:,} left)", key=f"more-{key}", on_click=_show_more, args=(key, most))


def _show_more(key: str, most: int) -> None:
    st.session_state[f"{key}-shown"] = most
