"""Two graph convolutions over a dense adjacency, a class for the whole graph."""

import numpy as np

SPEC = {"title": "GNN, dense adjacency"}
NODES = 9


def inputs(rng, batch):
    links = rng.random((batch, NODES, NODES)) < 0.3
    links = np.maximum(links | links.transpose(0, 2, 1), np.eye(NODES, dtype=np.float32))
    return (rng.normal(size=(batch, NODES, 5)), links / links.sum(-1, keepdims=True)), rng.integers(0, 3, batch)


def pytorch():
    import torch
    from torch import nn

    class GraphConvolution(nn.Module):
        def __init__(self, into, out):
            super().__init__()
            self.weight, self.bias = nn.Parameter(torch.randn(into, out) / 3), nn.Parameter(torch.zeros(out))

        def forward(self, x, links):
            return links @ (x @ self.weight) + self.bias

    class Gnn(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second, self.head = GraphConvolution(5, 8), GraphConvolution(8, 8), nn.Linear(8, 3)

        def forward(self, x, links):
            return self.head(self.second(self.first(x, links).relu(), links).relu().mean(1))

    return Gnn()


def tensorflow():
    import keras
    from keras import layers, ops

    class GraphConvolution(layers.Layer):
        def __init__(self, into, out):
            super().__init__()
            self.kernel, self.bias = self.add_weight(shape=(into, out)), self.add_weight(shape=(out,))

        def call(self, x, links):
            return ops.matmul(links, ops.matmul(x, self.kernel)) + self.bias

    class Gnn(keras.Model):
        def __init__(self):
            super().__init__()
            self.first, self.second, self.head = GraphConvolution(5, 8), GraphConvolution(8, 8), layers.Dense(3)

        def call(self, graph):
            x, links = graph
            return self.head(ops.mean(ops.relu(self.second(ops.relu(self.first(x, links)), links)), 1))

    return Gnn()
