"""TensorFlow 2: what decides a move away from it, and what its newer versions dropped."""

from __future__ import annotations

from advisor.scan.rules import CodeRule, LinePattern, listed

_RELEASES = "https://github.com/tensorflow/tensorflow/releases/tag"
_API = "https://www.tensorflow.org/api_docs/python"

RULES = (
    CodeRule(
        "tf-gradient-tape", "a loop with GradientTape", "tensorflow", "move", "must",
        "loss.backward() and optimizer.step(); second derivatives by torch.func", f"{_API}/tf/GradientTape",
        area="training_loop", names=listed("tf: GradientTape"),
    ),
    CodeRule(
        "tf-function", "tf.function with its AutoGraph", "tensorflow", "move", "perhaps",
        "nothing, or torch.compile; what changes Python's state while tracing behaves differently",
        "https://www.tensorflow.org/guide/function", probability=0.4, names=listed("tf: function autograph"),
    ),
    CodeRule(
        "tf-data", "a pipeline with tf.data", "tensorflow", "move", "must",
        "Dataset and DataLoader with workers; or keep tf.data on the CPU and hand over NumPy arrays",
        "https://www.tensorflow.org/guide/data", area="data_pipeline",
        names=listed("tf1: data.Dataset data.TFRecordDataset "
        "data.TextLineDataset data.FixedLengthRecordDataset"),
    ),
    CodeRule(
        "tf-record", "TFRecord files", "tensorflow", "move", "perhaps",
        "convert once (WebDataset, Parquet), or read them by a package such as tfrecord",
        "https://www.tensorflow.org/tutorials/load_data/tfrecord",
        area="data_pipeline", probability=0.8,
        names=listed("tf1: io.TFRecordWriter io.parse_single_example io.parse_example python_io train.Example "
        "data.TFRecordDataset"),
    ),
    CodeRule(
        "tf-lite", "TensorFlow Lite (LiteRT)", "tensorflow", "move", "must",
        "litert-torch, ExecuTorch or ONNX Runtime Mobile; quantisation has to be done anew",
        "https://github.com/google-ai-edge/litert-torch", area="export",
        names=(*listed("tf1: lite"), "tflite_runtime", "tflite_model_maker", "ai_edge_litert"),
    ),
    CodeRule(
        "tf-lite-interpreter", "tf.lite.Interpreter", "tensorflow", "upgrade", "nice",
        "ai_edge_litert.interpreter.Interpreter",
        "https://ai.google.dev/edge/litert/migration", "TensorFlow 2.19", "serving",
        names=("tf:lite.Interpreter", "tflite_runtime"),
    ),
    CodeRule(
        "tf-lite-converter-old", "a converter of TensorFlow Lite that is gone", "tensorflow", "upgrade", "must",
        "TFLiteConverter.from_keras_model or from_saved_model", f"{_API}/tf/lite/TFLiteConverter", "TensorFlow 2.0",
        "export",
        names=listed("tf: lite.TocoConverter lite.TFLiteConverter.from_keras_model_file "
        "lite.TFLiteConverter.from_session "
                     "lite.TFLiteConverter.from_frozen_graph"),
    ),
    CodeRule(
        "tf-saved-model", "SavedModel", "tensorflow", "move", "must",
        "torch.export or ONNX, and whatever serves it changes along",
        "https://www.tensorflow.org/guide/saved_model", area="export", names=listed("tf1: saved_model"),
    ),
    CodeRule(
        "tf-serving", "TensorFlow Serving", "tensorflow", "move", "must",
        "Triton, ONNX Runtime or a server of your own",
        "https://www.tensorflow.org/tfx/guide/serving", area="serving", names=("tensorflow_serving",),
        texts=(LinePattern("docker", ("tensorflow/serving",), r"^\s*FROM\s+\S*tensorflow/serving"),),
    ),
    CodeRule(
        "tf-js", "TensorFlow.js", "tensorflow", "move", "must", "ONNX Runtime Web", "https://www.tensorflow.org/js",
        area="export", names=("tensorflowjs",), packages=("tensorflowjs",),
    ),
    CodeRule(
        "tf-distribute", "tf.distribute", "tensorflow", "move", "must",
        "DistributedDataParallel or FSDP, started by torchrun",
        "https://www.tensorflow.org/guide/distributed_training", area="distributed", names=listed("tf1: distribute"),
    ),
    CodeRule(
        "tf-tpu", "TPUs by TensorFlow", "tensorflow", "move", "must",
        "TorchTPU, which is in beta and replaces PyTorch/XLA; or JAX",
        "https://docs.cloud.google.com/tpu/docs/pytorch-on-tpu.md.txt",
        area="distributed", names=listed("tf1: distribute.TPUStrategy distribute.experimental.TPUStrategy tpu "
                                         "distribute.cluster_resolver.TPUClusterResolver"),
    ),
    CodeRule(
        "tf-distribute-experimental", "a strategy by its experimental name", "tensorflow", "upgrade", "nice",
        "the same name without experimental", f"{_API}/tf/distribute", "TensorFlow 2.8", "distributed",
        names=listed("tf: distribute.experimental.MultiWorkerMirroredStrategy distribute.experimental.TPUStrategy "
                     "distribute.experimental.ParameterServerStrategy"),
    ),
    CodeRule(
        "tf-data-experimental", "a tf.data function by its experimental name", "tensorflow", "upgrade", "nice",
        "tf.data.AUTOTUNE, Dataset.sample_from_datasets, interleave, map and batch", f"{_API}/tf/data/experimental",
        "TensorFlow 2.7", "data_pipeline",
        names=listed("tf: data.experimental.AUTOTUNE data.experimental.sample_from_datasets "
                     "data.experimental.parallel_interleave data.experimental.map_and_batch "
                     "data.experimental.shuffle_and_repeat "
                     "data.experimental.unbatch"),
    ),
    CodeRule(
        "tf-eager-debug", "functions run eagerly by an experimental switch", "tensorflow", "upgrade", "nice",
        "tf.config.run_functions_eagerly",
        f"{_API}/tf/config/run_functions_eagerly", "TensorFlow 2.3",
        names=listed("tf: config.experimental_run_functions_eagerly"),
    ),
    CodeRule(
        "tf-feature-column", "feature columns", "tensorflow", "upgrade", "nice", "Keras preprocessing layers",
        f"{_API}/tf/feature_column", "TensorFlow 2.12", "data_pipeline",
        names=listed("tf1: feature_column"),
    ),
    CodeRule(
        "tf-feature-column-move", "feature columns", "tensorflow", "move", "must",
        "embeddings and encodings by hand, or scikit-learn and TorchRec",
        "https://www.tensorflow.org/guide/migrate/migrating_feature_columns", area="data_pipeline",
        names=listed("tf1: feature_column"),
    ),
    CodeRule(
        "tf-py-function", "Python inside a graph", "tensorflow", "move", "perhaps",
        "plain Python; it needs no wrapper there",
        f"{_API}/tf/py_function", probability=0.3, names=listed("tf1: py_function numpy_function py_func"),
    ),
    CodeRule(
        "tf-ragged", "ragged tensors", "tensorflow", "move", "perhaps",
        "padding with masks, or torch.nested (prototype)",
        "https://www.tensorflow.org/guide/ragged_tensor", probability=0.8,
        names=listed("tf1: ragged RaggedTensor RaggedTensorSpec"),
    ),
    CodeRule(
        "tf-strings", "strings in tensors", "tensorflow", "move", "must",
        "strings stay in Python or a tokenizer before the model",
        f"{_API}/tf/strings", area="data_pipeline", names=(*listed("tf1: strings lookup string"), "tensorflow_text"),
    ),
    CodeRule(
        "tf-sparse", "sparse tensors", "tensorflow", "move", "perhaps", "torch.sparse, which has fewer operations",
        "https://www.tensorflow.org/guide/sparse_tensor", probability=0.6,
        names=listed("tf1: sparse SparseTensor sparse_tensor_dense_matmul IndexedSlices"),
    ),
    CodeRule(
        "tf-while-loop", "control flow by operations", "tensorflow", "move", "perhaps", "Python's own while and if",
        "https://www.tensorflow.org/guide/function", probability=0.5,
        names=listed("tf1: while_loop cond case scan map_fn TensorArray"),
    ),
    CodeRule(
        "tf-custom-gradient", "a gradient of its own", "tensorflow", "move", "must", "torch.autograd.Function",
        f"{_API}/tf/custom_gradient", area="training_loop", names=listed("tf1: custom_gradient RegisterGradient"),
    ),
    CodeRule(
        "tf-op-library", "an operation in C++ is loaded", "tensorflow", "move", "must",
        "torch.library and a C++ extension: written anew",
        "https://www.tensorflow.org/guide/create_op", area="model", names=listed("tf1: load_op_library load_library"),
    ),
    CodeRule(
        "tf-quantise", "TensorFlow Model Optimization", "tensorflow", "move", "must",
        "torchao; training with rounding starts anew",
        "https://www.tensorflow.org/model_optimization", area="export", names=("tensorflow_model_optimization",),
    ),
    CodeRule(
        "tf-internal", "TensorFlow's own inside", "tensorflow", "upgrade", "perhaps",
        "the public name: tensorflow.python has no promise, and moves", "https://www.tensorflow.org/guide/versions",
        "TensorFlow 2.0", probability=0.4, names=("tensorflow.python", "tensorflow.core"),
    ),
    CodeRule(
        "tf-gpu-package", "tensorflow-gpu", "tensorflow", "upgrade", "must", "tensorflow[and-cuda]",
        f"{_RELEASES}/v2.12.0", "TensorFlow 2.12", packages=("tensorflow-gpu",),
    ),
    CodeRule(
        "tf-keras-2-pin", "a requirement for a TensorFlow with Keras 2", "tensorflow", "upgrade", "perhaps",
        "from 2.16 on tf.keras is Keras 3: TF_USE_LEGACY_KERAS=1 with tf-keras, or the move to Keras 3",
        f"{_RELEASES}/v2.16.1", "TensorFlow 2.16", probability=0.7, packages=("tensorflow<2.16", "tensorflow-cpu<2.16",
        "tensorflow-macos"),
    ),
    CodeRule(
        "tf-docker-old", "an image of an old TensorFlow", "tensorflow", "upgrade", "must",
        "tensorflow/tensorflow with a tag from 2.16 on",
        "https://hub.docker.com/r/tensorflow/tensorflow", "TensorFlow 2.0",
        texts=(LinePattern("docker", ("tensorflow/tensorflow:",),
        r"^\s*FROM\s+\S*tensorflow/tensorflow:(?:[01]\.|latest-(?:gpu-)?py[23])"),),
    ),
)  # fmt: skip
