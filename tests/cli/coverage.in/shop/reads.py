from django.core.cache import cache

from shop.models import Banner, Product


def card(pk):
    key = f"card:{pk}"
    found = cache.get(key)
    if found is None:
        product = Product.objects.get(pk=pk)
        tags = [tag.word for tag in product.tags.all()]
        found = {"title": product.title, "brand": product.brand.name, "tags": tags}
        cache.set(key, found, None)
    return found


def on_shelf(shelf_id):
    key = f"shelf:{shelf_id}"
    found = cache.get(key)
    if found is None:
        found = list(Product.objects.filter(shelf_id=shelf_id).values_list("title", flat=True))
        cache.set(key, found, None)
    return found


def banners():
    return cache.get_or_set("banners|\x1b[1m", lambda: list(Banner.objects.all()), None)
