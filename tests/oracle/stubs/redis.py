"""The commands of redis-py that generated apps use, on a dict."""

rows = {}


class Redis:
    def __init__(self, *args, **kwargs):
        pass

    def get(self, key):
        return rows.get(key)

    def set(self, key, value, ex=None):
        rows[key] = value

    def delete(self, *keys):
        for key in keys:
            rows.pop(key, None)

    def hget(self, key, field):
        return rows.get(key, {}).get(field)

    def hset(self, key, field, value):
        rows.setdefault(key, {})[field] = value

    def hdel(self, key, *fields):
        for field in fields:
            rows.get(key, {}).pop(field, None)


StrictRedis = Redis


def from_url(url, **kwargs):
    return Redis()
