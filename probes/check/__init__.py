"""The engine tests itself on the machine it runs on: identical sides, slow-downs of known size, spoilt sides."""
