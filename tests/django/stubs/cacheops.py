"""django-cacheops, as far as fixtures use it."""

from django.core.cache import cache


def invalidate_obj(instance):
    cache.delete(f"cacheops:{instance._meta.label}:{instance.pk}")


def invalidate_model(model):
    cache.delete(f"cacheops:{model._meta.label}")
