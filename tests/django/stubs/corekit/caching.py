"""A second unseen library, with the same contents."""

from acme_cache import CacheManager, invalidate_instance, invalidate_model  # noqa: F401
