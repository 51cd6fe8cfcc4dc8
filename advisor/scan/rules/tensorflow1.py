"""TensorFlow 1: what is gone from TensorFlow 2, and what only ``tensorflow.compat.v1`` still has."""

from __future__ import annotations

from advisor.scan.rules import CodeRule, listed

_GUIDE = "https://www.tensorflow.org/guide/migrate/tf1_vs_tf2"
_MAPPING = "https://www.tensorflow.org/guide/migrate/model_mapping"
_OPTIMISERS = "https://www.tensorflow.org/guide/migrate/metrics_optimizers"
_SUNSET = "https://github.com/tensorflow/community/blob/master/rfcs/20180907-contrib-sunset.md"
_RENAMES = "https://github.com/tensorflow/tensorflow/blob/master/tensorflow/tools/compatibility/renames_v2.py"
_RELEASES = "https://github.com/tensorflow/tensorflow/releases/tag"

RULES = (
    CodeRule(
        "tf1-contrib", "tf.contrib", "tensorflow", "upgrade", "must",
        "each module has a home of its own or none: tf_slim, TensorFlow Addons, TensorFlow Probability, Keras layers",
        _SUNSET, "TensorFlow 2.0", names=("tf1:contrib",),
    ),
    CodeRule(
        "tf1-session", "a Session", "tensorflow", "upgrade", "must",
        "eager execution; tf.function for what has to be fast",
        _GUIDE, "TensorFlow 2.0", "training_loop",
        names=listed("tf: Session InteractiveSession get_default_session train.MonitoredTrainingSession "
                     "train.Supervisor train.SessionRunHook train.Scaffold ConfigProto GPUOptions RunOptions"),
    ),
    CodeRule(
        "tf1-placeholder", "a placeholder", "tensorflow", "upgrade", "must",
        "an argument of a function, or keras.Input",
        _GUIDE, "TensorFlow 2.0", "model",
        names=listed("tf: placeholder placeholder_with_default sparse_placeholder"),
    ),
    CodeRule(
        "tf1-variables", "variables by name and scope", "tensorflow", "upgrade", "must",
        "tf.Variable kept by an object (tf.Module, a Keras layer)", _MAPPING, "TensorFlow 2.0", "model",
        names=listed("tf: get_variable variable_scope get_variable_scope AUTO_REUSE make_template GraphKeys "
                     "get_collection add_to_collection trainable_variables global_variables"),
    ),
    CodeRule(
        "tf1-initialise", "initialisation by a Session", "tensorflow", "upgrade", "must",
        "variables are initialised when made",
        _GUIDE, "TensorFlow 2.0", "training_loop",
        names=listed("tf: global_variables_initializer initialize_all_variables local_variables_initializer "
                     "tables_initializer"),
    ),
    CodeRule(
        "tf1-graph-state", "the default graph", "tensorflow", "upgrade", "must",
        "no graph is kept; seeds are tf.random.set_seed",
        _GUIDE, "TensorFlow 2.0",
        names=listed("tf: get_default_graph reset_default_graph set_random_seed colocate_with "
                     "graph_util.convert_variables_to_constants GraphDef NodeDef"),
    ),
    CodeRule(
        "tf1-optimizer", "an optimiser of tf.train", "tensorflow", "upgrade", "must",
        "keras.optimizers with GradientTape",
        _OPTIMISERS, "TensorFlow 2.0", "training_loop",
        names=listed("tf: train.AdamOptimizer train.GradientDescentOptimizer train.RMSPropOptimizer "
        "train.exponential_decay "
                     "train.MomentumOptimizer train.AdagradOptimizer train.FtrlOptimizer train.piecewise_constant "
                     "train.polynomial_decay train.get_global_step train.get_or_create_global_step"),
    ),
    CodeRule(
        "tf1-saver", "tf.train.Saver", "tensorflow", "upgrade", "must",
        "tf.train.Checkpoint; old files need names mapped",
        "https://www.tensorflow.org/guide/migrate/migrating_checkpoints", "TensorFlow 2.0", "export",
        names=listed("tf: train.Saver train.import_meta_graph train.init_from_checkpoint train.write_graph "
                     "train.export_meta_graph"),
    ),
    CodeRule(
        "tf1-queue", "input by queues", "tensorflow", "upgrade", "must", "tf.data",
        "https://www.tensorflow.org/guide/data",
        "TensorFlow 2.0", "data_pipeline",
        names=listed("tf: train.start_queue_runners train.string_input_producer train.batch train.shuffle_batch "
                     "train.slice_input_producer TFRecordReader WholeFileReader TextLineReader"),
    ),
    CodeRule(
        "tf1-iterator", "an iterator of the graph", "tensorflow", "upgrade", "must", "iterate over the dataset itself",
        "https://www.tensorflow.org/api_docs/python/tf/compat/v1/data/make_one_shot_iterator", "TensorFlow 2.0",
        "data_pipeline", methods=("make_one_shot_iterator", "make_initializable_iterator"),
    ),
    CodeRule(
        "tf1-layers", "tf.layers", "tensorflow", "upgrade", "must",
        "keras.layers; tensorflow.compat.v1 lost it with TensorFlow 2.16", _MAPPING, "TensorFlow 2.0", "model",
        names=listed("tf1: layers.dense layers.conv1d layers.conv2d layers.conv3d layers.dropout layers.flatten "
        "layers.batch_normalization "
                     "layers.max_pooling2d layers.average_pooling2d layers.conv2d_transpose layers.separable_conv2d "
                     "layers.max_pooling1d"),
    ),
    CodeRule(
        "tf1-rnn", "recurrent networks of tf.nn", "tensorflow", "upgrade", "must",
        "keras.layers.RNN, LSTM, GRU, Bidirectional",
        "https://www.tensorflow.org/guide/keras/working_with_rnns", "TensorFlow 2.0", "model",
        names=listed("tf: nn.dynamic_rnn nn.static_rnn nn.bidirectional_dynamic_rnn nn.raw_rnn "
        "nn.static_bidirectional_rnn "
                     "nn.rnn_cell"),
    ),
    CodeRule(
        "tf1-rnn-cell", "a cell of tf.nn.rnn_cell", "tensorflow", "upgrade", "must",
        "keras.layers.LSTMCell and its kin; of compat.v1 only an import of it by name still works",
        f"{_RELEASES}/v2.16.1", "TensorFlow 2.16", "model",
        names=listed("tf1: nn.rnn_cell.LSTMCell nn.rnn_cell.BasicLSTMCell nn.rnn_cell.GRUCell nn.rnn_cell.BasicRNNCell "
                     "nn.rnn_cell.MultiRNNCell nn.rnn_cell.DropoutWrapper"),
    ),
    CodeRule(
        "tf-estimator", "an estimator", "tensorflow", "upgrade", "must",
        "Keras; before a move as well, for it hides the loop",
        f"{_RELEASES}/v2.16.1", "TensorFlow 2.16", "training_loop",
        names=(*listed("tf1: estimator"), "tensorflow_estimator", *listed("keras: estimator")),
    ),
    CodeRule(
        "tf1-losses", "losses and metrics of the graph", "tensorflow", "upgrade", "must", "keras.losses, keras.metrics",
        _RENAMES, "TensorFlow 2.0", "losses_metrics",
        names=listed("tf: losses.softmax_cross_entropy losses.sparse_softmax_cross_entropy losses.mean_squared_error "
                     "losses.get_total_loss losses.add_loss losses.get_regularization_loss "
                     "losses.sigmoid_cross_entropy "
                     "losses.absolute_difference losses.huber_loss metrics.accuracy metrics.mean "
                     "nn.softmax_cross_entropy_with_logits_v2"),
    ),
    CodeRule(
        "tf1-summary", "summaries of the graph", "tensorflow", "upgrade", "must", "tf.summary.create_file_writer",
        "https://www.tensorflow.org/tensorboard/migrate", "TensorFlow 2.0", "training_loop",
        names=listed("tf: summary.FileWriter summary.merge_all summary.merge summary.FileWriterCache"),
    ),
    CodeRule(
        "tf1-app", "tf.app, tf.flags, tf.logging", "tensorflow", "upgrade", "must", "absl-py, or argparse and logging",
        "https://github.com/abseil/abseil-py", "TensorFlow 2.0", names=listed("tf: app flags logging"),
    ),
    CodeRule(
        "tf1-files", "tf.gfile and readers of before", "tensorflow", "upgrade", "must", "tf.io.gfile, tf.io", _RENAMES,
        "TensorFlow 2.0", "data_pipeline",
        names=listed("tf: gfile python_io read_file decode_csv decode_raw parse_example parse_single_example "
                     "FixedLenFeature VarLenFeature FixedLenSequenceFeature"),
    ),
    CodeRule(
        "tf1-random", "random operations of before", "tensorflow", "upgrade", "must", "tf.random", _RENAMES,
        "TensorFlow 2.0",
        names=listed("tf: random_normal random_uniform truncated_normal random_shuffle random_crop multinomial"),
    ),
    CodeRule(
        "tf1-renamed-math", "operations that were renamed", "tensorflow", "upgrade", "must",
        "tf.math, tf.linalg, tf.cast; tf_upgrade_v2 renames them", _RENAMES, "TensorFlow 2.0",
        names=listed("tf: log to_float to_int32 to_int64 to_double div arg_max ceil is_nan is_inf matrix_inverse "
                     "matrix_determinant cholesky svd diag fft ifft spectral sparse_to_dense string_to_number "
                     "string_split "
                     "nn.xw_plus_b verify_tensor_all_finite glorot_uniform_initializer variance_scaling_initializer "
                     "truncated_normal_initializer"),
    ),
    CodeRule(
        "tf1-assign", "assignment by an operation", "tensorflow", "upgrade", "must", "Variable.assign", _RENAMES,
        "TensorFlow 2.0", names=listed("tf: assign assign_add assign_sub scatter_update scatter_add Print"),
    ),
    CodeRule(
        "tf1-resize", "tf.image.resize_…", "tensorflow", "upgrade", "must",
        "tf.image.resize, which places pixels in another way: results change", _RENAMES, "TensorFlow 2.0",
        "data_pipeline",
        names=listed("tf: image.resize_images image.resize_bilinear image.resize_nearest_neighbor image.resize_bicubic "
                     "image.resize_image_with_crop_or_pad"),
    ),
    CodeRule(
        "tf1-py-func", "tf.py_func", "tensorflow", "upgrade", "must", "tf.numpy_function or tf.py_function", _RENAMES,
        "TensorFlow 2.0", names=listed("tf: py_func"),
    ),
    CodeRule(
        "tf1-saved-model", "SavedModel by a builder", "tensorflow", "upgrade", "must", "tf.saved_model.save and load",
        "https://www.tensorflow.org/guide/migrate/saved_model", "TensorFlow 2.0", "export",
        names=listed("tf: saved_model.simple_save saved_model.loader saved_model.builder saved_model.tag_constants "
                     "saved_model.signature_constants saved_model.signature_def_utils saved_model.utils"),
    ),
    CodeRule(
        "tf1-eager-switch", "a switch of TensorFlow's behaviour", "tensorflow", "upgrade", "must",
        "tf.compat.v1 has it; nothing where version 2's behaviour is meant", _GUIDE, "TensorFlow 2.0",
        names=listed("tf: enable_eager_execution disable_eager_execution disable_v2_behavior enable_v2_behavior "
                     "enable_resource_variables"),
    ),
    CodeRule(
        "tf1-compat", "graph mode by tensorflow.compat.v1", "tensorflow", "upgrade", "nice",
        "works, and gets no new features: eager execution and Keras", _GUIDE, "TensorFlow 2.0",
        names=("tensorflow.compat.v1.disable_v2_behavior", "tensorflow.compat.v1.disable_eager_execution",
               "tensorflow.compat.v1.Session", "tensorflow.compat.v1.placeholder", "tensorflow.compat.v1.get_variable",
               "tensorflow.compat.v1.variable_scope"),
    ),
    CodeRule(
        "tf1-graph-move", "a network as a graph with Session and placeholders", "tensorflow", "move", "must",
        "nn.Module with a loop of its own: structure changes, line by line doesn't help", _GUIDE, area="model",
        names=listed("tf1: Session placeholder"),
    ),
    CodeRule(
        "tf-estimator-move", "an estimator: model_fn, input_fn and hooks", "tensorflow", "move", "must",
        "a model, a DataLoader and a loop (or Lightning) have to be taken out of it",
        "https://www.tensorflow.org/guide/migrate/migrating_estimator", area="training_loop",
        names=("tf1:estimator", "tensorflow_estimator"),
    ),
    CodeRule(
        "tf1-pin", "a requirement for TensorFlow 1", "tensorflow", "upgrade", "must",
        "no Python from 3.8 on has it: TensorFlow 2 with tensorflow.compat.v1 first", f"{_RELEASES}/v1.15.5",
        "Python 3.8",
        packages=("tensorflow<2", "tensorflow-gpu<2"),
    ),
)  # fmt: skip
