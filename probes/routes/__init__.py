"""One file a way from a trained model to something that answers: ``SPEC``, ``export``, ``load``."""
