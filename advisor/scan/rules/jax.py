"""JAX: what its newer versions dropped, and what decides a move."""

from __future__ import annotations

from advisor.scan.rules import CodeRule, listed

_CHANGES = "https://docs.jax.dev/en/latest/changelog.html"

RULES = (
    CodeRule(
        "jax-tree-map", "jax.tree_map and its kin", "jax", "upgrade", "must", "jax.tree.map, jax.tree_util", _CHANGES,
        "JAX 0.6.0", names=listed("jax: tree_map tree_flatten tree_leaves tree_unflatten"),
    ),
    CodeRule(
        "jax-tree-multimap", "tree_multimap", "jax", "upgrade", "must", "jax.tree.map, which takes several trees",
        _CHANGES, "JAX 0.3.16", names=("jax.tree_multimap", "jax.tree_util.tree_multimap"),
    ),
    CodeRule(
        "jax-maps", "jax.experimental.maps", "jax", "upgrade", "must", "jax.jit with shardings, jax.shard_map",
        _CHANGES, "JAX 0.4.31", "distributed", names=listed("jax.experimental: maps"),
    ),
    CodeRule(
        "jax-host-callback", "jax.experimental.host_callback", "jax", "upgrade", "must",
        "jax.pure_callback, jax.experimental.io_callback or jax.debug.callback", _CHANGES, "JAX 0.4.35",
        names=listed("jax.experimental: host_callback"),
    ),
    CodeRule(
        "jax-optimizers", "jax.experimental.optimizers or stax", "jax", "upgrade", "must", "Optax and Flax", _CHANGES,
        "JAX 0.3.16", "training_loop",
        names=listed("jax.experimental: optimizers stax"),
    ),
    CodeRule(
        "jax-xla-computation", "jax.xla_computation", "jax", "upgrade", "must", "jax.jit(f).lower(…)", _CHANGES,
        "JAX 0.4.34", "export",
        names=("jax.xla_computation",),
    ),
    CodeRule(
        "jax-interop", "jax2tf", "jax", "move", "perhaps",
        "it is the bridge to TensorFlow: keep it while both are there",
        "https://github.com/jax-ml/jax/tree/main/jax/experimental/jax2tf", area="export", probability=0.5,
        names=("jax.experimental.jax2tf",),
    ),
    CodeRule(
        "jax-transforms", "grad, vmap and jit of functions", "jax", "move", "must",
        "torch.func; GradientTape and vectorized_map",
        "https://docs.pytorch.org/docs/stable/func.html", area="training_loop",
        names=listed("jax: grad value_and_grad vmap jvp vjp jacfwd jacrev hessian"),
    ),
    CodeRule(
        "jax-pmap", "pmap, shard_map or meshes", "jax", "move", "must", "torch.distributed or tf.distribute",
        "https://docs.jax.dev/en/latest/notebooks/shard_map.html",
        area="distributed", names=(*listed("jax: pmap shard_map sharding make_mesh"), "jax.experimental.shard_map",
        "jax.experimental.mesh_utils"),
    ),
    CodeRule(
        "jax-random", "random numbers by keys", "jax", "move", "perhaps", "a generator with a state",
        "https://docs.jax.dev/en/latest/random-numbers.html",
        probability=0.5, names=("jax.random.PRNGKey", "jax.random.split", "jax.random.key"),
    ),
    CodeRule(
        "jax-flax", "Flax, Haiku or Equinox", "jax", "move", "must",
        "nn.Module or Keras layers, which keep their own weights",
        "https://flax.readthedocs.io/", area="model", names=("flax", "haiku", "equinox"), bases=True,
    ),
    CodeRule(
        "jax-haiku", "Haiku", "jax", "upgrade", "nice", "Flax: Haiku is maintained, and gets nothing new",
        "https://github.com/google-deepmind/dm-haiku", "2023", "model", names=("haiku.transform",
        "haiku.transform_with_state"),
    ),
    CodeRule(
        "jax-pallas", "kernels in Pallas", "jax", "move", "must", "Triton, or an operation in CUDA",
        "https://docs.jax.dev/en/latest/pallas/index.html",
        area="model", names=("jax.experimental.pallas",),
    ),
)  # fmt: skip
