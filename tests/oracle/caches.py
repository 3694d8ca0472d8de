"""What the caches of a running app hold: read as data, emptied, and put back."""

import copy
from collections import OrderedDict


class Caches:
    """All that the caches of the app hold: Django's, the Redis stub's, and memoised results."""

    def __init__(self, aliases, readers):
        self.aliases = ["default", *aliases]
        self.memos = [reader for reader in readers if hasattr(reader, "cache_clear")]

    def forget(self):
        import redis
        from django.core.cache import caches

        for alias in self.aliases:
            caches[alias].clear()
        redis.rows.clear()
        for memo in self.memos:
            memo.cache_clear()

    def held(self):
        """What they hold, as data; of memoised results only how many there are."""
        import redis
        from django.core.cache.backends import locmem

        django = {alias: dict(locmem._caches.get(alias, {})) for alias in self.aliases}
        return django, copy.deepcopy(redis.rows), [memo.cache_info().currsize for memo in self.memos]

    def restore(self, held):
        """Puts back what they held; memoised results have to be read again."""
        import redis
        from django.core.cache.backends import locmem

        self.forget()
        for alias, content in held[0].items():
            locmem._caches.setdefault(alias, OrderedDict()).update(content)
            locmem._expire_info.setdefault(alias, {}).update(dict.fromkeys(content))
        redis.rows.update(copy.deepcopy(held[1]))
