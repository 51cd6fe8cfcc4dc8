"""Keras: what version 3 dropped (it is ``tf.keras`` since TensorFlow 2.16), and what decides a move."""

from __future__ import annotations

from advisor.scan.rules import CodeRule, listed

_TO_3 = "https://keras.io/guides/migrating_to_keras_3/"
_KERAS_3 = "Keras 3.0"
_API = "https://keras.io/api"
_KERAS = "https://github.com/keras-team/keras/releases/tag"
_TENSORFLOW = "https://github.com/tensorflow/tensorflow/releases/tag"
#: What Keras 2's backend computes with, and ``tf.keras.backend`` still does. Keras 3's own ``keras.backend`` has none.
_BACKEND = """
    abs all any arange argmax argmin batch_dot batch_flatten batch_get_value batch_normalization batch_set_value
    bias_add binary_crossentropy cast categorical_crossentropy clip concatenate constant conv1d conv2d
    conv2d_transpose conv3d cos count_params ctc_batch_cost ctc_decode ctc_label_dense_to_sparse cumprod cumsum
    depthwise_conv2d dot dropout elu equal eval exp expand_dims eye flatten foldl foldr gather get_value gradients
    greater greater_equal hard_sigmoid in_top_k int_shape is_sparse l2_normalize less less_equal log map_fn max
    maximum mean min minimum moving_average_update ndim not_equal one_hot ones ones_like permute_dimensions pool2d
    pool3d pow prod random_bernoulli random_normal random_normal_variable random_uniform random_uniform_variable
    relu repeat repeat_elements reshape resize_images resize_volumes reverse round separable_conv2d set_value shape
    sigmoid sign sin softmax softplus softsign sparse_categorical_crossentropy spatial_2d_padding sqrt square
    squeeze stack std stop_gradient sum switch tanh temporal_padding tile to_dense transpose truncated_normal update
    update_add update_sub var variable zeros zeros_like
"""
#: What ``tf.keras.backend`` of Keras 3 hasn't either.
_BACKEND_ALONE = """
    in_test_phase in_train_phase local_conv1d local_conv2d normalize_batch_in_training print_tensor random_binomial
"""
_OPTIMISERS = listed("keras: optimizers.Adam optimizers.SGD optimizers.RMSprop optimizers.Adagrad optimizers.Adadelta "
                     "optimizers.Adamax optimizers.Nadam optimizers.AdamW optimizers.Ftrl")  # fmt: skip

RULES = (
    CodeRule(
        "keras-fit-generator", "fit_generator", "keras", "upgrade", "must",
        "fit, evaluate and predict take generators", _TO_3, _KERAS_3, "training_loop",
        methods=("fit_generator", "evaluate_generator", "predict_generator"),
    ),
    CodeRule(
        "keras-predict-classes", "predict_classes or predict_proba", "keras", "upgrade", "perhaps",
        "argmax over predict; of scikit-learn's estimators predict_proba stays",
        f"{_TENSORFLOW}/v2.6.0", "TensorFlow 2.6", "model", 0.8,
        methods=("predict_classes",),
    ),
    CodeRule(
        "keras-multi-gpu", "multi_gpu_model", "keras", "upgrade", "must",
        "tf.distribute.MirroredStrategy, or keras.distribution",
        f"{_TENSORFLOW}/v2.4.0", "TensorFlow 2.4", "distributed", names=listed("keras: utils.multi_gpu_model"),
    ),
    CodeRule(
        "keras-cudnn-rnn", "CuDNNLSTM, CuDNNGRU", "keras", "upgrade", "must",
        "LSTM and GRU, which take cuDNN by themselves",
        f"{_TENSORFLOW}/v2.0.0", "TensorFlow 2.0", "model", names=listed("keras: layers.CuDNNLSTM layers.CuDNNGRU"),
    ),
    CodeRule(
        "keras-scikit-learn", "keras.wrappers.scikit_learn", "keras", "upgrade", "must",
        "SciKeras, or keras.wrappers.SKLearnClassifier", "https://adriangb.com/scikeras/stable/migration.html",
        "Keras 2.13",
        names=listed("keras: wrappers.scikit_learn"),
    ),
    CodeRule(
        "keras-backend-session", "Keras' session, graph or placeholders", "keras", "upgrade", "must",
        "nothing: Keras 3 has none",
        f"{_TENSORFLOW}/v2.0.0", "TensorFlow 2.0", "training_loop",
        names=listed("keras: backend.get_session backend.set_session backend.tf backend.tensorflow_backend"),
    ),
    CodeRule(
        "keras-backend-phase", "functions of Keras' graph, or its learning phase", "keras", "upgrade", "must",
        "the argument training of a layer; a Model instead of a function of the backend", _TO_3, _KERAS_3,
        "training_loop",
        names=listed("keras: backend.placeholder backend.function backend.learning_phase backend.set_learning_phase"),
    ),
    CodeRule(
        "keras-backend-early", "functions that only Keras' own backend had", "keras", "upgrade", "must",
        "keras.ops, or TensorFlow's own", f"{_KERAS}/2.4.0", "Keras 2.4",
        names=listed("keras: backend.conv3d_transpose backend.logsumexp backend.separable_conv1d"),
    ),
    CodeRule(
        "keras-backend-functions", "computing by keras.backend", "keras", "upgrade", "must",
        "keras.ops; in tf.keras the old functions still stand below tf.keras.backend", "https://keras.io/api/ops/",
        _KERAS_3,
        names=listed(f"keras.backend: {_BACKEND} {_BACKEND_ALONE}"),
    ),
    CodeRule(
        "tf-keras-backend", "computing by tf.keras.backend", "keras", "upgrade", "nice",
        "keras.ops, which every backend has",
        "https://keras.io/api/ops/", _KERAS_3,
        names=listed(f"tensorflow.keras.backend: {_BACKEND}"),
    ),
    CodeRule(
        "keras-old-modules", "modules of Keras 1 and 2", "keras", "upgrade", "must",
        "keras.layers and keras.utils themselves", f"{_KERAS}/v2.13.1", "Keras 2.13",
        names=listed("keras: engine layers.core layers.normalization layers.convolutional layers.pooling layers.noise "
                     "utils.np_utils utils.vis_utils utils.layer_utils utils.generic_utils"),
    ),
    CodeRule(
        "keras-older-modules", "files of keras.layers", "keras", "upgrade", "must", "keras.layers itself",
        f"{_KERAS}/v2.9.0", "Keras 2.9",
        names=listed("keras: layers.merge layers.recurrent layers.embeddings layers.advanced_activations "
                     "layers.wrappers layers.local"),
    ),
    CodeRule(
        "keras-objectives", "keras.objectives", "keras", "upgrade", "must", "keras.losses", f"{_KERAS}/v2.6.0",
        "Keras 2.6", "losses_metrics", names=listed("keras: objectives"),
    ),
    CodeRule(
        "keras-1-names", "names of Keras 1", "keras", "upgrade", "must", "keras.initializers, keras.regularizers",
        f"{_KERAS}/2.0.0", "Keras 2.0", "model", names=listed("keras: initializations regularizers.WeightRegularizer"),
    ),
    CodeRule(
        "keras-old-layers", "layers of Keras 1", "keras", "upgrade", "must",
        "Conv2D with dilation, Conv2DTranspose, Concatenate, Add",
        f"{_KERAS}/2.4.0", "Keras 2.4", "model",
        names=listed("keras: layers.AtrousConvolution2D layers.Deconvolution2D layers.MaxoutDense layers.Highway "
                     "constraints.maxnorm"),
    ),
    CodeRule(
        "keras-merge", "the layer Merge", "keras", "upgrade", "must", "Concatenate, Add, Multiply, Dot",
        f"{_KERAS}/2.3.0", "Keras 2.3", "model", names=listed("keras: layers.Merge"),
    ),
    CodeRule(
        "keras-dropped-layers", "layers that Keras 3 left out", "keras", "upgrade", "must", "a layer of your own",
        _TO_3, _KERAS_3, "model",
        names=listed("keras: layers.LocallyConnected1D layers.LocallyConnected2D "
                     "layers.DenseFeatures layers.AbstractRNNCell"),
    ),
    CodeRule(
        "keras-experimental", "keras.experimental", "keras", "upgrade", "must", "tf.saved_model.save, Model.export",
        _TO_3, _KERAS_3,
        names=listed("keras: experimental callbacks.experimental"),
    ),
    CodeRule(
        "keras-mixed-precision", "mixed_precision.experimental", "keras", "upgrade", "must",
        "mixed_precision.set_global_policy", "https://www.tensorflow.org/guide/mixed_precision", "TensorFlow 2.9",
        "training_loop", names=listed("keras: mixed_precision.experimental"),
    ),
    CodeRule(
        "keras-experimental-layers", "layers.experimental.preprocessing", "keras", "upgrade", "must",
        "keras.layers itself", _TO_3, _KERAS_3,
        "data_pipeline", names=listed("keras: layers.experimental"),
    ),
    CodeRule(
        "keras-legacy-optimizer", "a legacy optimiser", "keras", "upgrade", "must",
        "keras.optimizers; Keras 3 has no legacy ones",
        _TO_3, _KERAS_3, "training_loop", names=listed("keras: optimizers.legacy"),
    ),
    CodeRule(
        "keras-lr", "lr or decay of an optimiser", "keras", "upgrade", "must",
        "learning_rate (lr is an error), and a schedule for decay (which is ignored)", f"{_API}/optimizers/",
        _KERAS_3, "training_loop", names=_OPTIMISERS, calls=True, keywords=("lr", "decay"),
    ),
    CodeRule(
        "keras-image-generator", "ImageDataGenerator", "keras", "upgrade", "perhaps",
        "image_dataset_from_directory with layers for augmentation; tf.keras still has the old one",
        f"{_API}/data_loading/image/", _KERAS_3, "data_pipeline", 0.5,
        names=listed("keras: preprocessing.image.ImageDataGenerator"),
    ),
    CodeRule(
        "keras-tokenizer", "keras.preprocessing.text", "keras", "upgrade", "perhaps",
        "TextVectorization, or a tokenizer of Hugging Face",
        f"{_API}/layers/preprocessing_layers/text/", _KERAS_3, "data_pipeline", 0.5,
        names=listed("keras: preprocessing.text"),
    ),
    CodeRule(
        "keras-yaml", "a model from YAML", "keras", "upgrade", "must", "to_json and model_from_json",
        "https://github.com/tensorflow/tensorflow/security/advisories/GHSA-r6jx-9g48-2r5r", "TensorFlow 2.6", "export",
        names=listed("keras: models.model_from_yaml"),
    ),
    CodeRule(
        "keras-save-format", "save_format or tf as a format", "keras", "upgrade", "perhaps",
        "a name that ends in .keras, or Model.export for a SavedModel",
        "https://keras.io/guides/serialization_and_saving/", _KERAS_3,
        "export", 0.7, names=listed("keras: models.save_model"), calls=True, keywords=("save_format",),
    ),
    CodeRule(
        "keras-estimator-bridge", "model_to_estimator", "keras", "upgrade", "must", "the Keras model itself",
        f"{_TENSORFLOW}/v2.16.1", "TensorFlow 2.16", names=listed("keras: estimator"),
    ),
    CodeRule(
        "keras-internal", "Keras' own inside", "keras", "upgrade", "perhaps",
        "the public name: keras.src and tensorflow.python.keras move",
        _TO_3, _KERAS_3, probability=0.6, names=("tensorflow.python.keras", "keras.src", "keras.api"),
    ),
    CodeRule(
        "keras-contrib", "keras_contrib or keras_applications", "keras", "upgrade", "must",
        "keras.applications; both aren't maintained",
        "https://github.com/keras-team/keras-contrib", _KERAS_3, names=("keras_contrib", "keras_applications",
        "keras_preprocessing"),
        packages=("keras-contrib", "keras-applications", "keras-preprocessing"),
    ),
    CodeRule(
        "keras-2-pin", "a requirement for Keras 2", "keras", "upgrade",
        "perhaps", "Keras 3, or tf-keras to stay a while",
        _TO_3, _KERAS_3,
        probability=0.7, packages=("keras<3",),
    ),
    CodeRule(
        "keras-subclass", "a Keras model or layer by subclassing", "keras", "move", "perhaps",
        "in Keras 3 with keras.ops it may run on PyTorch as it is; otherwise nn.Module",
        "https://keras.io/guides/making_new_layers_and_models_via_subclassing/",
        area="model", probability=0.7,
        names=listed("keras: Model layers.Layer models.Model engine.Layer layers.RNN Layer"), bases=True,
    ),
    CodeRule(
        "keras-callback", "a callback of its own", "keras", "move", "perhaps",
        "lines in the loop, or a callback of Lightning",
        "https://keras.io/guides/writing_your_own_callbacks/", area="training_loop", probability=0.7,
        names=listed("keras: callbacks.Callback callbacks.LambdaCallback"), bases=True,
    ),
    CodeRule(
        "keras-sequence", "a Sequence of batches", "keras", "move", "perhaps",
        "Dataset and DataLoader; as PyDataset it feeds Keras on PyTorch too",
        f"{_API}/utils/python_utils/", area="data_pipeline", probability=0.6,
        names=listed("keras: utils.Sequence utils.PyDataset"), bases=True,
    ),
    CodeRule(
        "keras-lambda", "a Lambda layer", "keras", "move", "perhaps",
        "a layer of your own: what a Lambda saves is bytecode, which only the same environment loads",
        f"{_API}/layers/core_layers/lambda/", area="model", probability=0.5, names=listed("keras: layers.Lambda"),
        calls=True,
    ),
    CodeRule(
        "keras-applications", "trained networks of keras.applications", "keras", "move", "perhaps",
        "torchvision or timm: other weights, other preprocessing, other figures", f"{_API}/applications/", area="model",
        probability=0.8,
        names=listed("keras: applications"), calls=True,
    ),
    CodeRule(
        "keras-tuner", "KerasTuner", "keras", "move", "perhaps", "Optuna or Ray Tune", "https://keras.io/keras_tuner/",
        probability=0.6,
        names=("keras_tuner", "kerastuner"), packages=("keras-tuner",),
    ),
)  # fmt: skip
