"""Keras: what version 3 dropped (it is ``tf.keras`` since TensorFlow 2.16), and what decides a move."""

from __future__ import annotations

from advisor.scan.rules import CodeRule, listed

_TO_3 = "https://keras.io/guides/migrating_to_keras_3/"
_KERAS_3 = "Keras 3.0"
_API = "https://keras.io/api"
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
#: What ``tf.keras.backend`` hasn't either.
_BACKEND_ALONE = """
    conv3d_transpose in_test_phase in_train_phase local_conv1d local_conv2d logsumexp normalize_batch_in_training
    print_tensor random_binomial separable_conv1d
"""
_OPTIMISERS = listed("keras: optimizers.Adam optimizers.SGD optimizers.RMSprop optimizers.Adagrad optimizers.Adadelta "
                     "optimizers.Adamax optimizers.Nadam optimizers.AdamW optimizers.Ftrl")  # fmt: skip

RULES = (
    CodeRule(
        "keras-fit-generator", "fit_generator", "keras", "upgrade", "must", "fit, evaluate and predict take generators",
        "https://github.com/tensorflow/tensorflow/blob/master/RELEASE.md", _KERAS_3, "training_loop",
        methods=("fit_generator", "evaluate_generator", "predict_generator"),
    ),
    CodeRule(
        "keras-predict-classes", "predict_classes or predict_proba", "keras", "upgrade", "perhaps",
        "argmax over predict; of scikit-learn's estimators predict_proba stays",
        "https://github.com/tensorflow/tensorflow/blob/master/RELEASE.md", "TensorFlow 2.6", "model", 0.8,
        methods=("predict_classes",),
    ),
    CodeRule(
        "keras-multi-gpu", "multi_gpu_model", "keras", "upgrade", "must",
        "tf.distribute.MirroredStrategy, or keras.distribution",
        "https://keras.io/guides/distribution/", "TensorFlow 2.4", "distributed",
        names=listed("keras: utils.multi_gpu_model utils.training_utils"),
    ),
    CodeRule(
        "keras-cudnn-rnn", "CuDNNLSTM, CuDNNGRU", "keras", "upgrade", "must",
        "LSTM and GRU, which take cuDNN by themselves",
        f"{_API}/layers/recurrent_layers/lstm/", _KERAS_3, "model",
        names=listed("keras: layers.CuDNNLSTM layers.CuDNNGRU"),
    ),
    CodeRule(
        "keras-scikit-learn", "keras.wrappers.scikit_learn", "keras", "upgrade", "must",
        "SciKeras, or keras.wrappers.SKLearnClassifier", "https://adriangb.com/scikeras/stable/migration.html",
        _KERAS_3,
        names=listed("keras: wrappers.scikit_learn"),
    ),
    CodeRule(
        "keras-backend-session", "Keras' session, graph or placeholders", "keras", "upgrade", "must",
        "nothing: Keras 3 has none",
        _TO_3, _KERAS_3, "training_loop",
        names=listed("keras: backend.get_session backend.set_session backend.placeholder backend.function backend.tf "
                     "backend.learning_phase backend.set_learning_phase backend.tensorflow_backend"),
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
        "keras.layers and keras.utils themselves", _TO_3, _KERAS_3,
        names=listed("keras: engine layers.core layers.merge layers.normalization layers.convolutional "
        "layers.recurrent "
                     "layers.embeddings layers.advanced_activations layers.wrappers layers.pooling layers.noise "
                     "layers.local "
                     "utils.np_utils utils.vis_utils utils.layer_utils utils.generic_utils objectives initializations"),
    ),
    CodeRule(
        "keras-old-layers", "layers of Keras 1", "keras", "upgrade", "must",
        "Conv2D with dilation, Conv2DTranspose, Concatenate, Add",
        "https://github.com/keras-team/keras/releases/tag/2.0.0", "Keras 2.0", "model",
        names=listed("keras: layers.Merge layers.AtrousConvolution2D layers.Deconvolution2D layers.MaxoutDense "
        "layers.Highway "
                     "constraints.maxnorm regularizers.WeightRegularizer"),
    ),
    CodeRule(
        "keras-dropped-layers", "layers that Keras 3 left out", "keras", "upgrade", "must", "a layer of your own",
        _TO_3, _KERAS_3, "model",
        names=listed("keras: layers.LocallyConnected1D layers.LocallyConnected2D layers.RandomFourierFeatures "
                                               "layers.DenseFeatures layers.AbstractRNNCell"),
    ),
    CodeRule(
        "keras-experimental", "keras.experimental", "keras", "upgrade", "must", "tf.saved_model.save, Model.export",
        _TO_3, _KERAS_3,
        names=listed("keras: experimental callbacks.experimental mixed_precision.experimental"),
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
        "learning_rate, and a schedule for decay", f"{_API}/optimizers/",
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
        "https://www.tensorflow.org/guide/migrate/migrating_estimator", "TensorFlow 2.16",
        names=listed("keras: estimator"),
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
        "a layer of your own: its code isn't in the saved model",
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
