"""Writes a Django project of a given number of files: apps of twenty files each, every fourth of which caches rows.

The apps refer to each other as those of real projects do: an app has foreign keys to the app before it, and its
services write rows of both. What is cached has faults: a bulk update that nothing drops an entry after, a model
without a receiver for deletes.
"""

import pathlib

PER_APP = 20

MODELS = '''from django.db import models

from {before}.models import {Before}Item
from {app}.managers import {App}Manager


class {App}Group(models.Model):
    name = models.CharField(max_length=100)
    is_open = models.BooleanField(default=True)

    def __str__(self):
        return self.name


class {App}Item(models.Model):
    group = models.ForeignKey({App}Group, on_delete=models.CASCADE, related_name="items")
    source = models.ForeignKey({Before}Item, on_delete=models.SET_NULL, null=True, related_name="+")
    title = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    seen = models.PositiveIntegerField(default=0)

    objects = {App}Manager()

    class Meta:
        ordering = ["title"]

    def __str__(self):
        return self.title

    def rename(self, title):
        self.title = title
        self.save(update_fields=["title"])


class {App}Tag(models.Model):
    name = models.CharField(max_length=50)
    items = models.ManyToManyField({App}Item, related_name="tags")

    def __str__(self):
        return self.name
'''

FIRST_MODELS = '''from django.db import models


class BaseItem(models.Model):
    title = models.CharField(max_length=200)
'''

MANAGERS = '''from django.db import models


class {App}QuerySet(models.QuerySet):
    def cheap(self, limit):
        return self.filter(price__lte=limit)

    def of_group(self, group):
        return self.filter(group=group).select_related("group")


class {App}Manager(models.Manager.from_queryset({App}QuerySet)):
    def create_many(self, group, titles):
        return [self.create(group=group, title=title, slug=title.lower(), price=1) for title in titles]
'''

CACHING = '''from django.core.cache import cache

from {app}.models import {App}Group, {App}Item


def item_key(slug):
    return f"{app}:item:{{slug}}"


def item(slug):
    found = cache.get(item_key(slug))
    if found is None:
        found = {App}Item.objects.select_related("group").get(slug=slug)
        cache.set(item_key(slug), found, 3600)
    return found


def titles(group_id):
    return cache.get_or_set(
        f"{app}:titles:{{group_id}}",
        lambda: list({App}Item.objects.filter(group_id=group_id).values_list("title", flat=True)),
        600,
    )


def groups():
    names = cache.get("{app}:groups")
    if names is None:
        names = [group.name for group in {App}Group.objects.filter(is_open=True)]
        cache.set("{app}:groups", names, None)
    return names


def forget_item(item):
    cache.delete_many([item_key(item.slug), f"{app}:titles:{{item.group_id}}"])
'''

PLAIN_CACHING = '''from {app}.models import {App}Group, {App}Item


def item(slug):
    return {App}Item.objects.select_related("group").get(slug=slug)


def titles(group_id):
    return list({App}Item.objects.filter(group_id=group_id).values_list("title", flat=True))


def groups():
    return [group.name for group in {App}Group.objects.filter(is_open=True)]
'''

SIGNALS = '''from django.core.cache import cache
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from {app}.caching import forget_item
from {app}.models import {App}Group, {App}Item


@receiver([post_save, post_delete], sender={App}Item)
def {app}_item_changed(sender, instance, **kwargs):
    transaction.on_commit(lambda: forget_item(instance))


@receiver(post_save, sender={App}Group)
def {app}_group_changed(sender, instance, **kwargs):
    transaction.on_commit(lambda: cache.delete("{app}:groups"))
'''

PLAIN_SIGNALS = '''from django.db.models.signals import post_save
from django.dispatch import receiver

from {app}.models import {App}Group, {App}Item


@receiver(post_save, sender={App}Group)
def {app}_group_made(sender, instance, created, **kwargs):
    if created:
        {App}Item.objects.create(group=instance, title="first", slug=f"first-{{instance.pk}}", price=1)
'''

APPS = '''from django.apps import AppConfig


class {App}Config(AppConfig):
    name = "{app}"

    def ready(self):
        from {app} import signals  # noqa: F401
'''

SERVICES = '''from django.db import transaction

from {before}.models import {Before}Item
from {app}.exceptions import Closed
from {app}.models import {App}Group, {App}Item, {App}Tag


@transaction.atomic
def add(group, title, price):
    if not group.is_open:
        raise Closed(group.name)
    source = {Before}Item.objects.filter(title=title).first()
    return {App}Item.objects.create(group=group, source=source, title=title, slug=title.lower(), price=price)


def see(item):
    {App}Item.objects.filter(pk=item.pk).update(seen=item.seen + 1)


def raise_prices(group, percent):
    for item in {App}Item.objects.of_group(group):
        item.price = item.price * (100 + percent) / 100
        item.save()


def retitle(group, title):
    {App}Item.objects.filter(group=group).update(title=title)


def close(group):
    group.is_open = False
    group.save()


def tag(item, names):
    tags = [{App}Tag.objects.get_or_create(name=name)[0] for name in names]
    item.tags.set(tags)


def clean(before):
    with transaction.atomic():
        for group in {App}Group.objects.filter(items__isnull=True):
            group.delete()
        {App}Tag.objects.filter(items__isnull=True).delete()
'''

SELECTORS = '''from django.db.models import Avg, Count

from {app}.models import {App}Group, {App}Item


def open_groups():
    return {App}Group.objects.filter(is_open=True).annotate(count=Count("items"))


def items(group, limit=None):
    found = {App}Item.objects.of_group(group).prefetch_related("tags")
    if limit is not None:
        found = found.cheap(limit)
    return found


def price_of(group):
    return {App}Item.objects.filter(group=group).aggregate(price=Avg("price"))["price"]


def summary():
    lines = []
    for group in open_groups():
        lines.append({{"name": group.name, "count": group.count, "price": price_of(group)}})
    return lines
'''

VIEWS = '''from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import DetailView, ListView, UpdateView

from {app} import caching, selectors, services
from {app}.forms import {App}ItemForm
from {app}.models import {App}Group, {App}Item


class {App}ListView(ListView):
    model = {App}Item
    paginate_by = 50

    def get_queryset(self):
        return super().get_queryset().select_related("group")


class {App}DetailView(DetailView):
    model = {App}Item

    def get_object(self, queryset=None):
        item = caching.item(self.kwargs["slug"])
        services.see(item)
        return item


class {App}UpdateView(UpdateView):
    model = {App}Item
    form_class = {App}ItemForm

    def form_valid(self, form):
        form.instance.title = form.cleaned_data["title"].strip()
        return super().form_valid(form)


def add(request, group_id):
    group = get_object_or_404({App}Group, pk=group_id)
    form = {App}ItemForm(request.POST or None)
    if form.is_valid():
        services.add(group, form.cleaned_data["title"], form.cleaned_data["price"])
        return redirect("{app}:list")
    return render(request, "{app}/add.html", {{"form": form, "groups": caching.groups()}})


def summary(request):
    return JsonResponse({{"groups": selectors.summary(), "names": caching.groups()}})
'''

FORMS = '''from django import forms

from {app}.models import {App}Item


class {App}ItemForm(forms.ModelForm):
    class Meta:
        model = {App}Item
        fields = ["title", "price"]

    def clean_price(self):
        price = self.cleaned_data["price"]
        if price < 0:
            raise forms.ValidationError("a price is not negative")
        return price
'''

ADMIN = '''from django.contrib import admin

from {app}.models import {App}Group, {App}Item, {App}Tag


@admin.register({App}Item)
class {App}ItemAdmin(admin.ModelAdmin):
    list_display = ["title", "group", "price"]
    list_filter = ["group"]
    search_fields = ["title"]
    actions = ["make_free"]

    @admin.action(description="Make free")
    def make_free(self, request, queryset):
        for item in queryset:
            item.price = 0
            item.save()


admin.site.register([{App}Group, {App}Tag])
'''

SERIALIZERS = '''from rest_framework import serializers

from {app}.models import {App}Group, {App}Item


class {App}GroupSerializer(serializers.ModelSerializer):
    class Meta:
        model = {App}Group
        fields = ["id", "name"]


class {App}ItemSerializer(serializers.ModelSerializer):
    group = {App}GroupSerializer(read_only=True)

    class Meta:
        model = {App}Item
        fields = ["id", "title", "price", "group"]
'''

API = '''from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from {app} import services
from {app}.models import {App}Item
from {app}.serializers import {App}ItemSerializer


class {App}ItemViewSet(viewsets.ModelViewSet):
    queryset = {App}Item.objects.select_related("group")
    serializer_class = {App}ItemSerializer

    @action(detail=True, methods=["post"])
    def tag(self, request, pk=None):
        services.tag(self.get_object(), request.data["names"])
        return Response(status=204)
'''

TASKS = '''from celery import shared_task

from {app} import services
from {app}.models import {App}Group


@shared_task
def raise_all(percent):
    for group in {App}Group.objects.filter(is_open=True):
        services.raise_prices(group, percent)


@shared_task
def close_empty():
    for group in {App}Group.objects.filter(items__isnull=True):
        services.close(group)
'''

URLS = '''from django.urls import path

from {app} import views

app_name = "{app}"
urlpatterns = [
    path("", views.{App}ListView.as_view(), name="list"),
    path("<slug:slug>/", views.{App}DetailView.as_view(), name="detail"),
    path("<slug:slug>/edit/", views.{App}UpdateView.as_view(), name="edit"),
    path("groups/<int:group_id>/add/", views.add, name="add"),
    path("summary/", views.summary, name="summary"),
]
'''

EXCEPTIONS = '''class Closed(Exception):
    """A group takes no more items."""

    def __init__(self, name):
        super().__init__(f"{{name}} is closed")
        self.name = name
'''

CONSTANTS = '''LIMIT = 100
KINDS = [
    ("new", "New"),
    ("used", "Used"),
    ("{app}", "Of {app}"),
]
COLUMNS = {{name: index for index, (name, _) in enumerate(KINDS)}}
'''

PRICING = '''from decimal import ROUND_HALF_UP, Decimal

from {app}.constants import LIMIT


def rounded(price):
    return Decimal(price).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def discount(price, count):
    if count > LIMIT:
        return rounded(price * Decimal("0.8"))
    if count > LIMIT // 2:
        return rounded(price * Decimal("0.9"))
    return rounded(price)


class Basket:
    def __init__(self):
        self.lines = {{}}

    def add(self, item, count=1):
        self.lines[item.pk] = self.lines.get(item.pk, 0) + count

    def total(self, items):
        return sum((discount(item.price, self.lines[item.pk]) for item in items), Decimal(0))
'''

RATE = '''

def rate_{number}(item, count, currency="EUR"):
    """What so many cost in another currency, with tax where there is one."""
    total = discount(item.price, count)
    if currency == "USD":
        total *= Decimal("1.{number}")
    elif currency not in {{"EUR", "CHF"}}:
        raise ValueError(f"no rate for {{currency}}")
    tax = Decimal({number}) if item.group.is_open else Decimal(0)
    lines = [rounded(total / count) for _ in range(count)]
    return {{"lines": lines, "total": rounded(total * (100 + tax) / 100), "currency": currency}}
'''

MIGRATION = '''import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="{App}Group",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("name", models.CharField(max_length=100)),
                ("is_open", models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name="{App}Item",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("title", models.CharField(max_length=200)),
                ("slug", models.SlugField(unique=True)),
                ("price", models.DecimalField(decimal_places=2, max_digits=10)),
                ("seen", models.PositiveIntegerField(default=0)),
                ("group", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="{app}.{app}group")),
            ],
        ),
    ]
'''

FILES = {
    "__init__.py": "",
    "admin.py": ADMIN,
    "api.py": API,
    "apps.py": APPS,
    "caching.py": (CACHING, PLAIN_CACHING),
    "constants.py": CONSTANTS,
    "exceptions.py": EXCEPTIONS,
    "forms.py": FORMS,
    "managers.py": MANAGERS,
    "migrations/0001_initial.py": MIGRATION,
    "migrations/__init__.py": "",
    "models.py": MODELS,
    "pricing.py": PRICING + "".join(RATE.replace("{number}", str(number)) for number in range(40)),
    "selectors.py": SELECTORS,
    "serializers.py": SERIALIZERS,
    "services.py": SERVICES,
    "signals.py": (SIGNALS, PLAIN_SIGNALS),
    "tasks.py": TASKS,
    "urls.py": URLS,
    "views.py": VIEWS,
}
assert len(FILES) == PER_APP


def write(root, files):
    """Writes a project of at least so many files to a folder that is not there yet."""
    apps = [f"app{number}" for number in range(files // PER_APP)]
    put(root / "manage.py", 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")\n')
    put(root / "project/__init__.py", "")
    put(root / "project/settings.py", f"INSTALLED_APPS = {['base', *apps]!r}\n")
    put(root / "base/__init__.py", "")
    put(root / "base/models.py", FIRST_MODELS)
    for number, (before, app) in enumerate(zip(["base", *apps], apps)):
        names = {"before": before, "Before": before.title(), "app": app, "App": app.title()}
        for name, template in FILES.items():
            if isinstance(template, tuple):
                template = template[number % 4 != 0]
            put(root / app / name, template.format(**names))


def put(path, text):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
