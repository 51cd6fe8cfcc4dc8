"""What a project's pins still install and run on, and what ends when: the support clock.

``lock_files`` reads what is pinned, ``machine`` says where it is to run, ``wheels`` and ``dates`` hold what is known of
both, ``findings`` looks at each pin, ``clock`` joins them, ``report`` puts it into words. Nothing asks the network.
"""
