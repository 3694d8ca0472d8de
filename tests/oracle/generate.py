"""From a seed to a small Django app: its files, and a manifest of its entries and write paths."""

import random
from dataclasses import dataclass, field

from catalogue import pk, row, value
from entries import EntryWriter
from hooks import HookWriter, draw_defects
from names import APPS, MODULES, Names
from schema import draw_schema, write_models
from source import Module, indent
from values import draw_shape
from writes import Path, WriteWriter

# What the hooks of an app are like. `covered`: every write that sends a signal is covered; `holes`: some hooks have
# defects; `explicit`: no hooks, the writers drop; `none`: nothing drops anything.
MODES = ["covered"] * 35 + ["holes"] * 45 + ["explicit"] * 8 + ["none"] * 12


@dataclass
class Manifest:
    """What the runner and the comparison need to know of an app."""

    seed: int
    mode: str
    defects: list
    apps: list
    aliases: list
    schema: object
    entries: list
    paths: list = field(default_factory=list)


class App:
    """An app under construction: its modules by what they are for, and what several writers share."""

    def __init__(self, rng, names, mode):
        self.rng = rng
        self.names = names
        self.mode = mode
        self.schema = draw_schema(rng, names)
        self.home = self.schema.subject.app
        self.modules = {}
        self.extra = {}
        self.clients = set()
        self.aliases = set()
        self.shape = None
        self.folder = rng.choice(["", "", names.draw(APPS)])
        self.hooks_from_models = rng.random() < 0.2
        self.merged = rng.choice([[], ["drops", "caching"], ["drops", "keys"]])

    def module(self, purpose):
        """The module for a purpose; some apps keep two purposes in one file."""
        if purpose in self.merged:
            purpose = self.merged[-1]
        if purpose not in self.modules:
            nested = self.folder and purpose in ("caching", "keys", "stores", "drops")
            package = f"{self.home}.{self.folder}" if nested else self.home
            early = purpose == "hooks" and self.hooks_from_models
            self.modules[purpose] = Module(f"{package}.{self.names.draw(MODULES[purpose])}", self.rng, early=early)
        return self.modules[purpose]


def connect_at_start(rng, app, hooks):
    """The lines of `ready()`, or the import elsewhere, that bring the receivers to life."""
    module = hooks.module
    package, _, leaf = module.dotted.rpartition(".")
    lines = []
    for symbol, hook, signals in hooks.ready:
        imports, senders = hooks.ready_senders(hook)
        lines += [*imports, f"from .{leaf} import {symbol.name}"]
        lines += [f"{signal}.connect({symbol.name}, sender={sender})" for signal in signals for sender in senders]
    if "unimported" in hooks.defects or not module.blocks:
        return lines
    forms = [f"from . import {leaf}  # noqa: F401", f"import {module.dotted}  # noqa: F401", "import_module"]
    form = rng.choice(forms)
    if app.hooks_from_models:
        app.schema.modules[app.schema.subject.module].add(f"from . import {leaf}  # noqa: E402, F401")
    elif form == "import_module":
        lines.append(f'import_module("{module.dotted}")')
    else:
        lines.append(form)
    return lines


def write_config(rng, app, ready):
    """`apps.py` of the home app."""
    module = Module(f"{app.home}.apps", rng)
    module.need("from django.apps import AppConfig")
    body = [f'name = "{app.home}"']
    if ready:
        text = "\n".join(ready)
        if "import_module" in text:
            module.need("from importlib import import_module")
        signals = [
            s for s in ("m2m_changed", "post_delete", "post_save", "pre_delete", "pre_save") if f"{s}.connect" in text
        ]
        if signals:
            module.need(f"from django.db.models.signals import {', '.join(signals)}")
        body += ["", "def ready(self):", *indent(dict.fromkeys(ready))]
    module.add("\n".join([f"class {app.home.title()}Config(AppConfig):", *indent(body)]))
    return module


def implicit_paths(schema):
    """Writes that any code could make through the ORM, for what is said of a model as a whole."""
    found = []

    def path(name, kinds, roles, *args):
        models = [schema.models[r].name for r in roles if r in schema.models]
        found.append(Path(f"{name} {schema.models[roles[0]].name}", kinds, models, False, (name, roles[0]), list(args)))

    gone = ["set-null-cascade"] if schema.set_null else ["cascade"]
    for role in schema.models:
        number = 4 if role == "heir" else 1
        kin = [role, "subject"] if role in ("proxy", "heir") else [role]
        lost = [*kin, *GOES_WITH.get(role, ["child", "through"])]
        more = gone if role == "parent" else ["cascade"]
        path("create", ["create"], kin)
        path("save", ["update"], kin, row(role, number))
        path("save column", ["update"], kin, row(role, number))
        path("delete", ["delete", *more], lost, row(role, number))
        path("queryset delete", ["queryset-delete", "delete", *more], lost, row(role, number))
    path("move", ["update", "move"], ["subject"], row("subject", 1), pk("parent", 2))
    if schema.child:
        path("move", ["update", "move"], ["child"], row("child", 1), pk("subject", 3))
    if schema.tag:
        ends = ["subject", "tag", "through"]
        path("m2m add", ["m2m-change"], ends, row("subject", 1), row("tag", 3), value(schema.m2m))
        path("m2m remove", ["m2m-change"], ends, row("tag", 1), row("subject", 1), value(schema.m2m_accessor))
        path("m2m clear", ["m2m-change"], ends, row("tag", 1), value(schema.m2m_accessor))
    return found


def generate(seed):
    """The files of an app, by path, and its manifest."""
    rng = random.Random(seed)
    names = Names(rng)
    mode = rng.choice(MODES)
    app = App(rng, names, mode)
    schema = app.schema
    if rng.random() < 0.4:
        app.shape = draw_shape(rng, names, schema, app.module("shapes"))
    writer = EntryWriter(rng, names, app, mode != "none", mode == "holes" and rng.random() < 0.06)
    entries = [writer.write() for _ in range(rng.choice([1, 1, 2]))]
    hooked = [e for e in entries if e.reads]
    defects = draw_defects(rng, schema, hooked) if mode == "holes" else set()
    hooks = HookWriter(rng, names, app, defects)
    if mode in ("covered", "holes"):
        hooks.write(hooked)
    paths = []
    write_writer = WriteWriter(rng, names, app)
    chance = {"explicit": 0.6, "none": 0}.get(mode, 0.3)
    for _ in range(rng.randrange(5, 15)):
        paths.append(write_writer.write(entries, chance))
    write_models(rng, schema)
    config = write_config(rng, app, connect_at_start(rng, app, hooks))
    modules = {m.path: m for m in (*schema.modules.values(), *app.modules.values(), config) if m.blocks}
    files = {path: module.text() for path, module in modules.items()}
    for path in list(files):
        for end in [i for i, c in enumerate(path) if c == "/"]:
            files.setdefault(f"{path[:end]}/__init__.py", "")
    apps = sorted({m.app for m in schema.models.values()})
    if rng.random() < 0.6:
        files["manage.py"] = MANAGE
        files["settings.py"] = f"INSTALLED_APPS = {apps!r}\n"
    manifest = Manifest(seed, mode, sorted(defects), apps, sorted(app.aliases), schema, entries)
    manifest.paths = paths + implicit_paths(schema)
    return files, manifest


# The roles whose rows are lost, or lose their parent, when a row of this role is deleted.
GOES_WITH = {"parent": ["subject", "child", "through"], "child": [], "tag": ["through"], "through": []}

MANAGE = """import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
"""
