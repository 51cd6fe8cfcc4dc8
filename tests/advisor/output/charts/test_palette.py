"""The two frameworks stay apart for every kind of colour vision, on both backgrounds, and in config.toml."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

from advisor.output.charts.palette import GLYPHS, PALETTES, PATTERNS, SYMBOLS, Theme
from probes.schema import FRAMEWORKS
from tests.places import ROOT

CONFIG = ROOT / ".streamlit" / "config.toml"

# Machado, Oliveira & Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", severity 1.0; applied to linear RGB.
VISION = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
    "no colour at all": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
}
# sRGB to XYZ and the D65 white: IEC 61966-2-1.
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
THEMES: tuple[Theme, ...] = ("light", "dark")


def linear(colour: str) -> np.ndarray:
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = TO_XYZ @ np.clip(rgb, 0, 1) / WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio, 1 to 21."""
    darker, lighter = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", THEMES)
def test_frameworks_are_told_apart(theme: Theme, vision: str) -> None:
    # ΔE*ab 2.3 is just noticeable (Mahy et al. 1994); ten times that is plain at a glance, lightness alone
    # carries a little less.
    colours = [lab(VISION[vision] @ linear(PALETTES[theme].framework[side])) for side in FRAMEWORKS]
    assert np.linalg.norm(colours[0] - colours[1]) > (15 if vision == "no colour at all" else 23)


@pytest.mark.parametrize("side", FRAMEWORKS)
@pytest.mark.parametrize("theme", THEMES)
def test_marks_stand_out_from_the_background(theme: Theme, side: str) -> None:
    palette = PALETTES[theme]
    assert contrast(palette.framework[side], palette.background) >= 3  # WCAG 1.4.11


@pytest.mark.parametrize("theme", THEMES)
def test_text_is_readable(theme: Theme) -> None:
    palette = PALETTES[theme]
    for text in (palette.text, palette.muted):
        assert contrast(text, palette.background) >= 4.5  # WCAG 1.4.3
        assert contrast(text, palette.surface) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_frameworks_are_not_orange(theme: Theme) -> None:
    for colour in PALETTES[theme].framework.values():
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert not (red > green > blue), "both brands are orange"


def test_shape_and_pattern_say_it_too() -> None:
    for channel in (SYMBOLS, PATTERNS, GLYPHS):
        assert channel["pytorch"] != channel["tensorflow"]


@pytest.mark.parametrize("theme", THEMES)
def test_config_uses_the_same_colours(theme: Theme) -> None:
    config = tomllib.loads(CONFIG.read_text())["theme"][theme]
    palette = PALETTES[theme]
    assert config["backgroundColor"] == palette.background
    assert config["secondaryBackgroundColor"] == palette.surface
    assert config["textColor"] == palette.text
    assert config["chartCategoricalColors"][:2] == [palette.framework[side] for side in FRAMEWORKS]
    assert contrast(config["primaryColor"], "#FFFFFF") >= 4.5, "white words on primary buttons"
    assert contrast(config["primaryColor"], palette.background) >= 3
    assert contrast(config["linkColor"], palette.background) >= 4.5


def test_config_fetches_nothing() -> None:
    assert "http" not in CONFIG.read_text()
