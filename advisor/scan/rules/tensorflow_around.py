"""Packages around TensorFlow: those that are maintained no longer, and those without a counterpart."""

from __future__ import annotations

from advisor.scan.rules import CodeRule

RULES = (
    CodeRule(
        "tf-addons", "TensorFlow Addons", "tensorflow", "upgrade", "must",
        "Keras, KerasHub or torchvision; it ended in May 2024",
        "https://github.com/tensorflow/addons/issues/2807", "TensorFlow 2.16", names=("tensorflow_addons",),
        packages=("tensorflow-addons",),
    ),
    CodeRule(
        "tf-probability", "TensorFlow Probability", "tensorflow", "move", "must",
        "torch.distributions and Pyro for most of it; structural time series and its samplers have to be found anew",
        "https://www.tensorflow.org/probability", area="model", names=("tensorflow_probability",),
        packages=("tensorflow-probability",),
    ),
    CodeRule(
        "tf-decision-forests", "TensorFlow Decision Forests", "tensorflow", "move", "must",
        "YDF, which needs neither framework", "https://ydf.readthedocs.io/en/stable/migrating_tfdf/", area="model",
        names=("tensorflow_decision_forests",), packages=("tensorflow-decision-forests",),
    ),
    CodeRule(
        "tf-agents", "TF-Agents", "tensorflow", "move", "must", "TorchRL or Stable-Baselines3; agents are trained anew",
        "https://www.tensorflow.org/agents", area="training_loop", names=("tf_agents",), packages=("tf-agents",),
    ),
    CodeRule(
        "tf-hub", "TensorFlow Hub", "tensorflow", "move", "must",
        "the same weights from Hugging Face, timm or torchvision, where there are such",
        "https://www.tensorflow.org/hub", area="model", names=("tensorflow_hub",), packages=("tensorflow-hub",),
    ),
    CodeRule(
        "tf-datasets", "TensorFlow Datasets", "tensorflow", "move", "perhaps",
        "it works with PyTorch by tfds.data_source; otherwise Hugging Face's datasets",
        "https://www.tensorflow.org/datasets/data_source", area="data_pipeline", probability=0.4,
        names=("tensorflow_datasets",), packages=("tensorflow-datasets",),
    ),
    CodeRule(
        "tf-tfx", "TFX, TensorFlow Transform or Data Validation", "tensorflow", "move", "must",
        "what prepares data for training has to be carried into what serves, by hand", "https://www.tensorflow.org/tfx",
        area="data_pipeline", names=("tfx", "tfx_bsl", "tensorflow_transform", "tensorflow_data_validation",
        "tensorflow_model_analysis"),
        packages=("tfx", "tensorflow-transform", "tensorflow-data-validation"),
    ),
    CodeRule(
        "tf-recommenders", "TensorFlow Recommenders or Ranking", "tensorflow", "move", "must",
        "TorchRec; KerasRS, in alpha, which runs on PyTorch; or towers written by hand",
        "https://keras.io/keras_rs/", area="model", names=("tensorflow_recommenders",
        "tensorflow_ranking"),
        packages=("tensorflow-recommenders", "tensorflow-ranking"),
    ),
    CodeRule(
        "tf-federated", "TensorFlow Federated or Privacy", "tensorflow", "move", "must", "Flower and Opacus",
        "https://www.tensorflow.org/federated", area="training_loop", names=("tensorflow_federated",
        "tensorflow_privacy"),
        packages=("tensorflow-federated", "tensorflow-privacy"),
    ),
    CodeRule(
        "tf-gnn", "TensorFlow GNN", "tensorflow", "move", "must", "PyTorch Geometric",
        "https://github.com/tensorflow/gnn",
        area="model", names=("tensorflow_gnn",), packages=("tensorflow-gnn",),
    ),
    CodeRule(
        "tf-object-detection", "the Object Detection API or the Model Garden", "tensorflow", "move", "must",
        "detectors of torchvision or transformers; trained weights don't go across",
        "https://github.com/tensorflow/models", area="model", names=("object_detection", "official"),
        packages=("tf-models-official", "object-detection"),
    ),
    CodeRule(
        "tf-slim", "TF-Slim", "tensorflow", "move", "must", "nn.Module; its scopes of arguments have no counterpart",
        "https://github.com/google-research/tf-slim", area="model", names=("tf_slim", "tf1:contrib.slim"),
        packages=("tf-slim",),
    ),
    CodeRule(
        "tf-sonnet", "Sonnet", "tensorflow", "move", "perhaps",
        "nn.Module: modules alike, made when first called (LazyLinear)",
        "https://github.com/google-deepmind/sonnet", area="model", probability=0.9, names=("sonnet",),
        packages=("dm-sonnet",),
    ),
    CodeRule(
        "tf-layers-on-top", "a library of layers on TensorFlow 1", "tensorflow", "upgrade", "must",
        "Keras; it isn't maintained",
        "https://github.com/tflearn/tflearn", "TensorFlow 2.0", names=("tflearn", "tensorpack"), packages=("tflearn",
        "tensorpack"),
    ),
    CodeRule(
        "tf-transformers", "a TensorFlow class of transformers", "tensorflow", "upgrade", "must",
        "the class without TF in its name, on PyTorch: version 5 of transformers has PyTorch alone",
        "https://github.com/huggingface/transformers/blob/main/MIGRATION_GUIDE_V5.md", "transformers 5", "model",
        names=tuple(f"transformers.TF{name}" for name in (
            "AutoModel", "AutoModelForSequenceClassification", "AutoModelForCausalLM",
            "AutoModelForTokenClassification",
            "AutoModelForMaskedLM", "AutoModelForQuestionAnswering", "AutoModelForSeq2SeqLM", "PreTrainedModel",
            "BertModel", "BertForSequenceClassification", "BertPreTrainedModel", "DistilBertModel",
            "DistilBertForSequenceClassification", "RobertaModel", "RobertaForSequenceClassification",
            "GPT2LMHeadModel",
            "GPT2Model", "T5ForConditionalGeneration", "ViTModel", "ViTForImageClassification", "CLIPModel",
            "XLNetModel",
            "AlbertModel", "ElectraModel", "BartForConditionalGeneration", "MarianMTModel", "Wav2Vec2Model",
        )),
    ),
    CodeRule(
        "tf-transformers-trainer", "TFTrainer", "tensorflow", "upgrade", "must",
        "Trainer on PyTorch, or Keras' fit while a TensorFlow class is kept",
        "https://github.com/huggingface/transformers/blob/main/MIGRATION_GUIDE_V5.md", "transformers 4.40",
        "training_loop", names=("transformers.TFTrainer",),
    ),
    CodeRule(
        "horovod-tensorflow", "Horovod", "tensorflow", "move", "perhaps",
        "DistributedDataParallel; Horovod has a side for PyTorch as well",
        "https://horovod.readthedocs.io/en/stable/pytorch.html", area="distributed", probability=0.6,
        names=("horovod.tensorflow", "horovod.keras"),
    ),
)  # fmt: skip
