"""Paired, live benchmarks of PyTorch and TensorFlow on this machine. Usable alone: ``python -m probes``."""
