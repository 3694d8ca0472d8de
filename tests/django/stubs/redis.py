"""The few commands of redis-py that fixtures use, on a dict."""

import fnmatch

import spy

rows = {}


class Redis:
    def __init__(self, *args, **kwargs):
        pass

    @classmethod
    def from_url(cls, url, **kwargs):
        return cls()

    def get(self, key):
        spy.note("get", key)
        return rows.get(key)

    def set(self, key, value, ex=None, **kwargs):
        spy.note("set", key)
        rows[key] = value

    def setex(self, key, seconds, value):
        self.set(key, value)

    def incr(self, key):
        spy.note("incr", key)
        rows[key] = int(rows.get(key) or 0) + 1
        return rows[key]

    def hget(self, key, field):
        spy.note("get", key)
        return rows.get(key, {}).get(field)

    def hset(self, key, field, value):
        spy.note("set", key)
        rows.setdefault(key, {})[field] = value

    def hdel(self, key, *fields):
        spy.note("delete", key)
        for field in fields:
            rows.get(key, {}).pop(field, None)

    def expire(self, key, seconds):
        pass

    def delete(self, *keys):
        for key in keys:
            spy.note("delete", key)
            rows.pop(key, None)

    unlink = delete

    def scan_iter(self, match="*", **kwargs):
        return [key for key in list(rows) if fnmatch.fnmatch(key, match)]

    keys = scan_iter

    def flushdb(self):
        spy.note("clear")
        rows.clear()

    def pipeline(self, **kwargs):
        return self

    def execute(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass


StrictRedis = Redis


def from_url(url, **kwargs):
    return Redis()
