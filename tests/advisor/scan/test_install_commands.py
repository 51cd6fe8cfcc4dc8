"""What shell commands install, word by word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.scan.install_commands import installed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("RUN pip install 'tensorflow < 2' && pip install -e .[test]", ["tensorflow < 2"]),  # openai/baselines
        (
            "pip install \"torch>=1.4,<2; python_version < '3.9'\" numpy",
            ["torch>=1.4,<2; python_version < '3.9'", "numpy"],
        ),
        ("pip3 install -r requirements.txt --index-url https://example.org/x torch==2.1", ["torch==2.1"]),
        ("pip install --no-cache torch==2.1 \\\n  keras; echo jax", ["torch==2.1", "keras"]),
        ('sh -c "pip install tensorflow==1.15 && python train.py"', ["tensorflow==1.15"]),
        ('sh -c "pip install tensorflow"', ["tensorflow"]),
        ("pip install torch  # not jax", ["torch"]),
        ("pip install torch | tee log\npip install jax", ["torch", "jax"]),
        ("conda install -y -c conda-forge tensorflow=2.3", ["tensorflow=2.3"]),
        ("uv pip install jax[cuda12]", ["jax[cuda12]"]),
        ("pip install\ntorch", []),
        ("pipx install x; apt-get install torch", []),
    ],
)
def test_each_package_comes_with_its_versions(text: str, words: list[str]) -> None:
    assert list(installed(text)) == words


@given(st.text(alphabet="pip install\"'\\\n;&|#-r=<2 torch"))
def test_no_text_is_too_odd(text: str) -> None:
    assert all(word and "\n" not in word for word in installed(text))
