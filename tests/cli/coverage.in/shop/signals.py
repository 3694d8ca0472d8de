from django.core.cache import cache
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from shop.models import Banner, Product


@receiver([post_save, post_delete], sender=Product)
def forget_product(sender, instance, **kwargs):
    keys = [f"card:{instance.pk}", f"shelf:{instance.shelf_id}"]
    transaction.on_commit(lambda: cache.delete_many(keys))


@receiver([post_save, post_delete], sender=Banner)
def forget_banners(sender, **kwargs):
    transaction.on_commit(lambda: cache.delete("banners|\x1b[1m"))
