"""Records every cache call of the process as (operation, "store key"); both the cache backend and the Redis stub write here."""

from django.core.cache.backends.locmem import LocMemCache

calls = []


def note(operation, key="*", store="redis"):
    calls.append((operation, f"{store} {key}"))


class Cache(LocMemCache):
    """The local-memory backend with a record of what is asked of it."""

    def __init__(self, name, params):
        super().__init__(name, params)
        self.name = name

    def get(self, key, *args, **kwargs):
        note("get", key, self.name)
        return super().get(key, *args, **kwargs)

    def add(self, key, *args, **kwargs):
        note("add", key, self.name)
        return super().add(key, *args, **kwargs)

    def set(self, key, *args, **kwargs):
        note("set", key, self.name)
        return super().set(key, *args, **kwargs)

    def incr(self, key, *args, **kwargs):
        note("incr", key, self.name)
        return super().incr(key, *args, **kwargs)

    def delete(self, key, *args, **kwargs):
        note("delete", key, self.name)
        return super().delete(key, *args, **kwargs)

    def delete_pattern(self, pattern, *args, **kwargs):
        """What django-redis adds to the cache API."""
        note("delete_pattern", pattern, self.name)
        super().clear()

    def clear(self):
        note("clear", "*", self.name)
        return super().clear()
