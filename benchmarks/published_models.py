"""Which published architectures both sides have, and whether they compute the same.

``python -m benchmarks.published_models [ARCHITECTURE …]``: of each a small one with random weights, in the environments
transformers and keras-hub; a line of docs/own-models.md each, as it is done. About half a minute a line.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from probes.deploy import environments, side_pythons
from probes.engine.running import agreements, environment
from probes.engine.running.child import Child, ChildError
from probes.engine.running.interpreters import SidePythons, launcher, told
from probes.engine.running.model_files import LIMIT, ModelFileError, describe
from probes.model_file.published import RUNTIMES
from probes.schema import FRAMEWORKS, Framework
from probes.system.scratch import scratch_folder
from probes.team_files import ModelFile

_ALL: Final = {"vocab_size": 96, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
_SMALL: Final = _ALL | {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48,
    "max_position_embeddings": 80,
}  # fmt: skip
_GROUPED: Final = _SMALL | {"num_key_value_heads": 2}
_HEADED: Final = _GROUPED | {"head_dim": 8}
#: The class that it is published as, and what is smaller than by default.
ARCHITECTURES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "albert": ("AlbertModel", _SMALL | {"embedding_size": 16}),
    "bert": ("BertModel", _SMALL),
    "deberta-v2": ("DebertaV2Model", _SMALL),
    "distilbert": ("DistilBertModel", _ALL | {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 48}),
    "electra": ("ElectraModel", _SMALL | {"embedding_size": 32}),
    # Without dropout, as ESM-2 is published: where there is some, KerasHub drops at other places.
    "esm": (
        "EsmModel",
        _SMALL
        | {"mask_token_id": 3, "position_embedding_type": "rotary"}
        | {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
    ),
    "modernbert": ("ModernBertModel", _SMALL | {"cls_token_id": 1, "sep_token_id": 2}),
    "mpnet": ("MPNetModel", _SMALL | {"pad_token_id": 1}),
    "roberta": ("RobertaModel", _SMALL | {"pad_token_id": 1}),
    "xlm-roberta": ("XLMRobertaModel", _SMALL | {"pad_token_id": 1}),
    "bloom": ("BloomForCausalLM", _ALL | {"hidden_size": 32, "n_layer": 2, "n_head": 4}),
    "falcon": ("FalconForCausalLM", _SMALL),
    "gemma": ("GemmaForCausalLM", _HEADED),
    "gemma2": ("Gemma2ForCausalLM", _HEADED),
    "gemma3_text": ("Gemma3ForCausalLM", _HEADED),
    "gpt2": ("GPT2LMHeadModel", _ALL | {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 128}),
    "gpt_neox": ("GPTNeoXForCausalLM", _SMALL),
    "gpt_oss": ("GptOssForCausalLM", _HEADED | {"num_local_experts": 4}),
    "granite": ("GraniteForCausalLM", _SMALL),
    "llama": ("LlamaForCausalLM", _HEADED),
    "mistral": ("MistralForCausalLM", _HEADED | {"sliding_window": None}),
    "mixtral": ("MixtralForCausalLM", _HEADED | {"num_local_experts": 4}),
    "olmo2": ("Olmo2ForCausalLM", _SMALL),
    "opt": ("OPTForCausalLM", _SMALL | {"ffn_dim": 48, "word_embed_proj_dim": 32}),
    "phi3": ("Phi3ForCausalLM", _GROUPED),
    "qwen2": ("Qwen2ForCausalLM", _GROUPED),
    "qwen2_moe": (
        "Qwen2MoeForCausalLM",
        _GROUPED | {"num_experts": 4, "moe_intermediate_size": 16, "shared_expert_intermediate_size": 16},
    ),
    "qwen3": ("Qwen3ForCausalLM", _HEADED),
    "smollm3": ("SmolLM3ForCausalLM", _GROUPED),
}
#: In the environment that has Transformers: a configuration as it is published, with all that is left at its default.
_WRITE: Final = """
import json, sys
from transformers import AutoConfig
folder, name, kind, fields = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
config = AutoConfig.for_model(name, **fields)
config.architectures = [kind]
config.save_pretrained(folder)
"""


def row(name: str) -> str:
    """Architecture, parameters of each side, and how both differ, or why they can't be compared."""
    kind, fields = ARCHITECTURES[name]
    with scratch_folder() as folder:
        command = [str(environments.interpreter("transformers")), "-c", _WRITE, folder, name, kind, json.dumps(fields)]
        subprocess.run(command, check=True, capture_output=True)
        pythons = {side: side_pythons.found(side, id_, "environment") for side, id_ in RUNTIMES.items()}
        path = Path(folder) / "config.json"
        try:
            file = describe(path, launcher=launcher(pythons), interpreters=told(pythons))
            compared = list(_compared(path, file, pythons)) if len(file.sides) > 1 else []
        except (ModelFileError, ChildError) as error:
            return f"| {name} | – | – | {error} |"
    said = [lack.reason for lack in file.lacks.values()] or compared
    numbers = " and ".join(f"{number:,}" for number in dict.fromkeys(file.parameters.values()))
    return f"| {name} | {kind} | {numbers} | {'; '.join(said)} |"


def _compared(path: Path, file: ModelFile, pythons: SidePythons) -> Iterator[str]:
    """What a round would find out before any clock starts: of training, and of writing where it can."""
    measures = ["train_step", *(["generation_tokens"] if file.generates else [])]
    with scratch_folder() as scratch, ExitStack() as stack:
        children: dict[Framework, Child] = {}
        for side in FRAMEWORKS:
            variables = environment.variables(1, "cpu", scratch)
            child = children[side] = launcher(pythons)(side, variables, lambda: False)
            stack.callback(child.close)
            child.ask("limit", timeout=LIMIT, cpus=(), memory=0)
            child.ask("load", timeout=LIMIT, threads=1)
            child.ask("use", timeout=LIMIT, device="cpu", seed=0)
            child.ask("own", timeout=LIMIT, path=str(path), file=asdict(file))
        weights = str(Path(scratch) / "weights.npz")
        reasons = [
            children["pytorch"].ask("keep", timeout=LIMIT, file=weights)["reason"],
            children["tensorflow"].ask("carry", timeout=LIMIT, file=weights)["reason"],
        ]
        if any(reasons):
            yield "".join(reasons)
            return
        for measure in measures:
            asked = {"probe": f"{file.id}.{measure}.careful", "seed": 7, "sizes": {}, "timeout": 2 * LIMIT}
            found = agreements.asked(list(children.values()), Path(scratch), asked)
            assert found is not None  # noqa: S101 - both measures have a check
            if measure == "train_step":
                deviations = found.deviations
                agrees = "" if found.reason else (
                    f"outputs {deviations['outputs']:.0e}, first step {deviations['update']:.0e}"
                )  # fmt: skip
                yield found.reason or agrees
            else:
                yield found.reason or "the same text"


def main(names: list[str]) -> None:
    if unknown := [name for name in names if name not in ARCHITECTURES]:
        sys.exit(f"architecture: {unknown[0]!r}; allowed: {', '.join(ARCHITECTURES)}")
    for name in names or ARCHITECTURES:
        print(row(name), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
