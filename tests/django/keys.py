"""Holds the keys that `rules/django.toml` says Django stores under against those that Django builds."""

import re
import sys
from pathlib import Path

import django
from django.conf import settings

RULES = Path(__file__).resolve().parents[2] / "rules" / "django.toml"


def built():
    """What Django stores or drops, by the function that builds its key: the key, and what its holes are filled with."""
    from django.core.cache import cache
    from django.core.cache.utils import make_template_fragment_key
    from django.http import HttpResponse
    from django.template import Context, Engine
    from django.test import RequestFactory
    from django.utils.cache import get_cache_key
    from django.views.decorators.cache import cache_page

    request = RequestFactory().get("/flags/?page=2")
    view = cache_page(600, key_prefix="flags")(lambda request: HttpResponse("on"))
    view(request)
    page = get_cache_key(request, key_prefix="flags")
    assert view(request).content == b"on" and page in cache, "cache_page stores under what get_cache_key returns"
    yield "django.views.decorators.cache.cache_page", page, {"key_prefix": "flags", "method": "GET"}
    yield "django.utils.cache.get_cache_key", page, {"key_prefix": "flags", "method": "GET"}
    yield "django.utils.cache.learn_cache_key", page, {"key_prefix": "flags", "method": "GET"}

    template = "{% load cache %}{% cache 500 menu shop %}{{ shop }}{% endcache %}"
    Engine(libraries={"cache": "django.templatetags.cache"}).from_string(template).render(Context({"shop": 7}))
    fragment = make_template_fragment_key("menu", [7])
    assert cache.get(fragment) == "7", "the tag stores under what make_template_fragment_key returns"
    assert fragment != make_template_fragment_key("menu", [8]), "the key tells what it varies on"
    yield "django.core.cache.utils.make_template_fragment_key", fragment, {"fragment_name": "menu"}


def said():
    """The key in the file, by the dotted name of the function."""
    keys = {}
    for table in re.split(r"^(?=\[)", RULES.read_text("utf-8"), flags=re.MULTILINE):
        if key := re.search(r"\bkey = \"(.*)\"", table):
            names = re.search(r"^names = \[(.*?)\]", table, re.MULTILINE | re.DOTALL)
            keys.update(dict.fromkeys(re.findall(r'"(.*?)"', names[1]), key[1]))
    return keys


def main():
    settings.configure(
        ALLOWED_HOSTS=["*"],
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    )
    django.setup()
    keys, wrong = said(), []
    for name, key, holes in built():
        pattern = re.sub(r"\\{(\w+)\\}", lambda hole: re.escape(holes.get(hole[1], "")) or ".+", re.escape(keys.pop(name)))
        if not re.fullmatch(pattern, key):
            wrong.append(f"{name} builds {key}")
    wrong += [f"nothing here builds the key of {name}" for name in keys]
    print("\n".join(wrong) or "the keys are Django's")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
