"""Starts Django with apps of a fixed copy of a project: `start.py FOLDER APP...`; what is missing comes from elsewhere."""

import importlib
import sys

folder, *apps = sys.argv[1:]
sys.path.insert(0, folder)

import django  # noqa: E402
from django.conf import settings  # noqa: E402

settings.configure(
    SECRET_KEY="not secret",
    INSTALLED_APPS=["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
                    "django.contrib.messages", "django.contrib.sessions", *apps],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    STATIC_URL="/static/",
    WAGTAIL_SITE_NAME="a site",
    WAGTAILADMIN_BASE_URL="https://example.com",
)
django.setup()
for app in apps:
    file = importlib.import_module(app).__file__
    if app.partition(".")[0] == apps[0].partition(".")[0] and not file.startswith(folder):
        sys.exit(f"{app} comes from {file}")
    print(app, file)
