"""A model that is written once, in Keras 3: it runs on TensorFlow, and on Keras' PyTorch backend in the other process.

    python -m probes run --model-file examples/models/keras_once.py --budget 60

Both have the same variables in the same order, so that their weights agree exactly. What is compared is Keras on two
backends: PyTorch's side pays for Keras' layers here, which a module written for PyTorch wouldn't.
"""

import numpy as np

SPEC = {"title": "Keras 3, written once"}
SIZE, CLASSES = 16, 6


def inputs(rng: np.random.Generator, batch: int):
    """Images and the class of each."""
    return rng.normal(size=(batch, SIZE, SIZE, 3)), rng.integers(0, CLASSES, batch)


def keras():
    from keras import Input, Model, layers

    image = Input((SIZE, SIZE, 3))
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(image)
    x = layers.BatchNormalization()(layers.SeparableConv2D(16, 3, padding="same", activation="relu")(x))
    x = layers.Dropout(0.1)(layers.GlobalAveragePooling2D()(x))
    return Model(image, layers.Dense(CLASSES)(x))
