"""django-cachalot, as far as fixtures use it."""

from django.core.cache import cache


def invalidate(*tables_or_models):
    for table in tables_or_models:
        cache.delete(f"cachalot:{table}")
