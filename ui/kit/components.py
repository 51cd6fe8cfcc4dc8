"""Parts that several pages share. HTML is written here and takes numbers and our own words, never a user's."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePath
from typing import Final, Literal, TypeVar

import plotly.graph_objects as go
import streamlit as st

from advisor.answers import Confidence
from advisor.model.evidence import CellStatus
from advisor.wording.markdown import for_streamlit
from advisor.wording.quantities import percent
from probes.schema import FRAMEWORKS, TITLES, Framework
from ui.kit import theme

Choice = TypeVar("Choice", bound=Hashable)

LONGEST_SEARCH: Final = 200  # characters; each word is looked for in every entry, at each key that is pressed
escape: Final = for_streamlit

#: Icon and word of each kind of evidence: never colour alone.
STATUS: Final[Mapping[CellStatus, tuple[str, str]]] = {
    "measured": (":material/speed:", "measured here"),
    "fact": (":material/menu_book:", "dated fact"),
    "answered": (":material/person:", "answered"),
    "unknown": (":material/question_mark:", "unknown"),
}
CONFIDENCE: Final[Mapping[Confidence, str]] = {
    "high": ":material/check_circle: high confidence",
    "medium": ":material/contrast: medium confidence",
    "low": ":material/error_outline: low confidence",
}
_MEDIA_TYPES: Final = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".md": "text/markdown",
    ".py": "text/x-python",
    ".sarif": "application/sarif+json",
    ".yaml": "application/yaml",
}
MARK: Final = (
    '<div class="f-mark"><span class="f-scale" aria-hidden="true"><i class="f-key f-key-pytorch"></i>'
    '<i class="f-key f-key-tensorflow"></i></span>Fulcrum</div>'
)


def lead(text: str) -> None:
    """The sentence under a page's title. Our own words only."""
    st.html(f'<p class="f-lead">{text}</p>')


def ends(low: str, high: str) -> None:
    """Names for the two ends of the slider above. Our own words only."""
    st.html(f'<div class="f-ends" aria-hidden="true"><span>{low}</span><span>{high}</span></div>')


def framework(side: Framework) -> str:
    """``● PyTorch`` as Markdown."""
    return f"{glyph(side)} {TITLES[side]}"


def glyph(side: Framework) -> str:
    """The framework's sign in its colour, as Markdown (``.streamlit/config.toml`` says which colour that is)."""
    return ":violet[●]" if side == "pytorch" else ":green[◆]"


def badge(status: CellStatus) -> str:
    """The kind of evidence as a Markdown badge: icon and word."""
    icon, word = STATUS[status]
    colour = {"measured": "blue", "unknown": "yellow"}.get(status, "gray")
    return f":{colour}-badge[{icon} {word}]"


def odds(probability: Mapping[Framework, float], *, large: bool = False) -> None:
    """The probability of each side as one bar of two, in words first."""
    shares = {side: probability[side] for side in FRAMEWORKS}
    said = {side: percent(share) for side, share in shares.items()}
    words = "".join(
        f'<span><i class="f-key f-key-{side}"></i>{TITLES[side]} {said[side]}</span>' for side in FRAMEWORKS
    )
    bars = "".join(
        f'<span class="f-{side}-bg" style="flex: 1 1 {share * 100:.1f}%; flex-grow: {max(share, 0.004):.4f}"></span>'
        for side, share in shares.items()
    )
    label = ", ".join(f"{TITLES[side]} {said[side]}" for side in FRAMEWORKS)
    st.html(
        f'<div class="f-odds{" f-odds-large" if large else ""}" role="img" aria-label="Probability of being the better '
        f'choice: {label}"><div class="f-odds-words">{words}</div><div class="f-odds-bar">{bars}</div></div>'
    )


def chart(figure: go.Figure, *, key: str, alt: str) -> None:
    """A plotly figure in the house style, with words for who can't see it.

    ``figure`` must not change any more: what is sent of it is worked out once, whoever else looks at it.
    """
    if "to_dict" not in vars(figure):
        # Plotly copies a figure, encodes its arrays and walks through all of it at every drawing: 4 ms, of which what
        # is left with plain numbers and texts is 0.3 ms.
        plain = json.loads(figure.to_json(validate=False))
        figure.to_dict = lambda: plain
    st.plotly_chart(figure, theme=None, config=theme.CHART_CONFIG, key=key, alt=alt)


def pick(
    label: str,
    titles: Mapping[Choice, str],
    *,
    key: str,
    default: Choice | None = None,
    labelled: bool = True,
    help: str | None = None,
) -> Choice:
    """One of ``titles``, kept while the session lasts; until somebody chooses ``default``, or else the first."""
    start = next(iter(titles)) if default is None else default
    chosen = st.segmented_control(
        label,
        list(titles),
        default=start,
        format_func=titles.__getitem__,
        required=True,
        key=key,
        persist_state="session",
        label_visibility="visible" if labelled else "collapsed",
        help=help,
    )
    return start if chosen is None else chosen


def download(
    label: str,
    file_name: str,
    content: Callable[[], str],
    *,
    key: str,
    icon: str = ":material/download:",
    help: str | None = None,
) -> None:
    """A file that is made when somebody asks for it; the page stays as it is."""
    media_type = _MEDIA_TYPES[PurePath(file_name).suffix]
    st.download_button(
        label, data=content, file_name=file_name, mime=media_type, icon=icon, on_click="ignore", key=key, help=help
    )


@contextmanager
def card(key: str | None = None) -> Iterator[None]:
    with st.container(border=True, key=key, gap="small"):
        yield


@contextmanager
def folded(
    title: str, *, key: str, icon: str | None = None, expanded: bool = False, framed: bool = True
) -> Iterator[bool]:
    """A section that is closed at first (unless ``expanded``); yields whether it is open. What is in it is drawn only
    then: what nobody looks at costs every click on the page time.
    """
    kind: Literal["default", "compact"] = "default" if framed else "compact"
    with st.expander(title, icon=icon, key=key, expanded=expanded, type=kind, on_change="rerun") as section:
        yield bool(section.open)
