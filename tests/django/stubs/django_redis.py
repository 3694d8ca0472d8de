"""django-redis, as far as fixtures use it."""

import redis


def get_redis_connection(alias="default", write=True):
    return redis.Redis()
