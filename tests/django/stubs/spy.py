"""Records every cache call of the process as (operation, key); both the cache backend and the Redis stub write here."""

from django.core.cache.backends.locmem import LocMemCache

calls = []


def note(operation, key="*"):
    calls.append((operation, str(key)))


class Cache(LocMemCache):
    """The local-memory backend with a record of what is asked of it."""

    def get(self, key, *args, **kwargs):
        note("get", key)
        return super().get(key, *args, **kwargs)

    def add(self, key, *args, **kwargs):
        note("add", key)
        return super().add(key, *args, **kwargs)

    def set(self, key, *args, **kwargs):
        note("set", key)
        return super().set(key, *args, **kwargs)

    def incr(self, key, *args, **kwargs):
        note("incr", key)
        return super().incr(key, *args, **kwargs)

    def delete(self, key, *args, **kwargs):
        note("delete", key)
        return super().delete(key, *args, **kwargs)

    def delete_pattern(self, pattern, *args, **kwargs):
        """What django-redis adds to the cache API."""
        note("delete_pattern", pattern)
        super().clear()

    def clear(self):
        note("clear")
        return super().clear()
