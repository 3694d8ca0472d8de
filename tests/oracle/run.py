"""Runs one generated app in Django: every write path on warm caches, and what the readers then say.

Visible functions run as they are; what the runner does itself through the ORM runs in a transaction. A path after
which a warm reader and a cold one differ leaves its entry *stale*; *late*, where the runner's own transaction is
what makes it so. Where they agree, the path runs once more with a second reader, in a thread of its own, that reads
everything just before each commit: an entry that is then wrong was dropped too early, a *race*.
"""

import importlib
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from caches import Caches

VERDICTS = ["fresh", "late", "race", "stale"]
STUBS = Path(__file__).resolve().parent / "stubs"


@dataclass
class Record:
    """What a path did to an entry; both by their place in the manifest."""

    entry: int
    path: int
    verdict: str
    detail: str = ""


def start(folder, scratch, manifest):
    """Sets Django up for the app, in this process, with a database on disk that two threads can read."""
    sys.path[:0] = [str(folder), str(STUBS)]
    sys.dont_write_bytecode = True
    import django
    from django.conf import settings

    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.configure(
        INSTALLED_APPS=manifest.apps,
        SECRET_KEY="oracle",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(scratch / "oracle.sqlite3")}},
        CACHES={name: {"BACKEND": backend, "LOCATION": name} for name in ("default", *manifest.aliases)},
    )
    django.setup()
    from django.apps import apps
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = OFF")
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if not model._meta.proxy:
                editor.create_model(model)


def resolve(module, dotted):
    found = importlib.import_module(module)
    for name in dotted.split("."):
        found = getattr(found, name)
    return found


def plain(content):
    """A reader's answer as data that later changes of rows do not touch."""
    from django.db.models import Model

    if isinstance(content, Model):
        related = {name: plain(row) for name, row in content._state.fields_cache.items()}
        return [
            content._meta.label,
            {f.attname: getattr(content, f.attname) for f in content._meta.concrete_fields},
            related,
        ]
    if isinstance(content, dict):
        return {key: plain(part) for key, part in content.items()}
    if isinstance(content, (list, tuple)):
        return [plain(part) for part in content]
    return content


class Runner:
    def __init__(self, manifest):
        from django.apps import apps
        from django.db import connection

        self.manifest = manifest
        self.schema = manifest.schema
        self.models = {role: apps.get_model(m.label) for role, m in self.schema.models.items()}
        self.readers = [resolve(*entry.reader) for entry in manifest.entries]
        self.caches = Caches(manifest.aliases, self.readers)
        self.connection = connection
        self.commit = connection.commit
        # Last the counters behind primary keys, so that a new row gets the same one in each run.
        self.tables = [*connection.introspection.table_names(), "sqlite_sequence"]
        self.fill()
        self.read_all()
        self.warm = self.caches.held()
        self.saved = {}
        with connection.cursor() as cursor:
            for table in self.tables:
                self.saved[table] = cursor.execute(f'SELECT * FROM "{table}"').fetchall()

    # Rows.

    def fill(self):
        """Parents with rows and one without, rows with and without children and tags, and one with its flag down."""
        schema, number_of = self.schema, {"parent": 3, "subject": 3, "child": 3, "tag": 3}
        number_of["subject"] += schema.heir is not None
        for role, count in number_of.items():
            for number in range(1, count + 1) if role in self.models else ():
                self.insert(self.models[role], {"id": number, **self.columns(role, number)})
        if schema.heir:
            heir = schema.heir
            link = self.models["heir"]._meta.pk.column
            own = {name: f"{name}-4" for name in heir.texts}
            self.insert(self.models["heir"], {link: 4, heir.number: 40, **own})
        if schema.tag:
            through = getattr(self.models["subject"], schema.m2m).through
            ends = {f.related_model._meta.label: f.attname for f in through._meta.fields if f.is_relation}
            for number, (subject, tag) in enumerate(((1, 1), (1, 2), (2, 1)), 1):
                row = {"id": number, ends[schema.subject.label]: subject, ends[schema.tag.label]: tag}
                self.insert(through, row | ({schema.through.number: number} if schema.explicit else {}))

    def columns(self, role, number, made=""):
        """The columns of a row; `made` tells a new row from those that were there."""
        schema, model = self.schema, self.schema.models[role]
        found = {name: f"{name}-{made}{number}" for name in model.texts}
        found[model.number] = number * 10
        if role in ("subject", "proxy", "heir"):
            subject = schema.subject
            found |= {name: f"{name}-{made}{number}" for name in (*subject.texts, schema.slug)}
            found |= {subject.number: number * 10, schema.flag: number != 2}
            found[f"{schema.parent_fk}_id"] = 2 if number == 3 else 1
            if role == "proxy":
                found = {k: v for k, v in found.items() if k not in model.texts and k != model.number}
        if role == "child":
            found[f"{schema.child_fk}_id"] = 2 if number == 3 else 1
        if role == "through":
            found |= {f"{schema.subject.var}_id": 1, f"{schema.tag.var}_id": 3}
        return found

    def insert(self, model, columns):
        names = ", ".join(f'"{name}"' for name in columns)
        holes = ", ".join(["%s"] * len(columns))
        with self.connection.cursor() as cursor:
            cursor.execute(f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({holes})', list(columns.values()))

    def reset(self):
        """The rows as they were at first, and warm caches."""
        from django.db import transaction

        with transaction.atomic(), self.connection.constraint_checks_disabled(), self.connection.cursor() as cursor:
            for table in self.tables:
                cursor.execute(f'DELETE FROM "{table}"')
                if rows := self.saved[table]:
                    holes = ", ".join(["%s"] * len(rows[0]))
                    cursor.executemany(f'INSERT INTO "{table}" VALUES ({holes})', rows)
        self.caches.restore(self.warm)
        for entry, reader in zip(self.manifest.entries, self.readers, strict=True):
            if reader in self.caches.memos:
                self.read(entry, reader)

    # Readers.

    def arguments(self, entry):
        if entry.granularity == "whole":
            return [()]
        if entry.granularity == "parent":
            return [(1,), (2,), (3,)]
        numbers = range(1, 5 if self.schema.heir else 4)
        return [(n if entry.field == "pk" else f"{self.schema.slug}-{n}",) for n in numbers]

    def read(self, entry, reader):
        """What a reader says for each of its arguments."""
        from django.core.exceptions import ObjectDoesNotExist

        found = []
        for arguments in self.arguments(entry):
            try:
                found.append(plain(reader(*arguments)))
            except ObjectDoesNotExist:
                found.append("no such row")
        return found

    def read_all(self):
        return [self.read(entry, reader) for entry, reader in zip(self.manifest.entries, self.readers, strict=True)]

    # Paths.

    def argument(self, spelled):
        ((how, what),) = spelled.items()
        if how == "value":
            return what
        role, number = what
        return number if how == "pk" else self.models[role]._base_manager.get(pk=number)

    def variants(self, path):
        """The calls that together make a path: one, or one for each column."""
        if path.visible:
            function = resolve(*path.call)
            for given in (path.args, *path.others):
                yield lambda given=given: function(*map(self.argument, given))
            return
        how, role = path.call
        model = self.models[role]
        arguments = [self.argument(a) if a.keys() != {"row"} else a for a in path.args]

        def load(number=0, other=None):
            """The row of an argument, or another of the same model."""
            return self.argument({"row": [role, other]} if other else path.args[number])

        def each(*others):
            return [None, *others] if role in ("subject", "parent", "child", "tag") else [None]

        if how == "create":
            # A row with its flag up, and one with it down.
            for number in (1, 2):
                yield lambda number=number: model(**self.columns(role, number, "new")).save()
        elif how == "save":
            for other in each(2, 3):
                yield lambda other=other: self.change(load(other=other), self.changeable(role)).save()
        elif how == "save column":
            for name in self.changeable(role):
                yield lambda name=name: self.change(load(), [name]).save(update_fields=[name])
        elif how == "delete":
            for other in each(2, 3):
                yield lambda other=other: load(other=other).delete()
        elif how == "queryset delete":
            for other in each(2, 3):
                yield lambda other=other: model.objects.filter(pk=load(other=other).pk).delete()
        elif how == "move":
            field = self.schema.parent_fk if role == "subject" else self.schema.child_fk
            moved = {f"{field}_id": arguments[1]}
            yield lambda: self.assign(load(), moved).save()
            yield lambda: self.assign(load(), moved).save(update_fields=[field])
        elif how == "m2m clear":
            yield lambda: getattr(load(), arguments[-1]).clear()
        else:
            yield lambda: getattr(getattr(load(), arguments[-1]), how.split()[1])(load(1))

    def changeable(self, role):
        model = self.schema.models[role]
        schema = self.schema
        own = [] if role == "proxy" else [*model.texts, model.number]
        if role in ("subject", "proxy", "heir"):
            own += [*schema.subject.texts, schema.subject.number, schema.flag]
            # A row with another slug is one that no reader of entries by slug asks for by the old one.
            own += [schema.slug] if all(entry.field != schema.slug for entry in self.manifest.entries) else []
        return list(dict.fromkeys(own))

    def change(self, row, names):
        for name in names:
            now = getattr(row, name)
            setattr(row, name, not now if isinstance(now, bool) else now + 7 if isinstance(now, int) else f"{now}!")
        return row

    def assign(self, row, values):
        for name, content in values.items():
            setattr(row, name, content)
        return row

    def perform(self, call, implicit):
        from django.db import transaction

        if implicit:
            with transaction.atomic():
                call()
        else:
            call()

    def concurrent(self):
        """Reads everything as another process would that sees only what is committed."""

        def read():
            from django.db import connections

            self.read_all()
            connections.close_all()

        reader = threading.Thread(target=read)
        reader.start()
        reader.join()

    def after(self, call, implicit, race=False):
        """What the warm readers say after a call, and whether it dropped anything."""

        def commit():
            self.concurrent()
            self.commit()

        self.reset()
        try:
            if race:
                self.connection.commit = commit
            self.perform(call, implicit)
        finally:
            self.connection.commit = self.commit
        dropped = self.caches.held() != self.warm
        return self.read_all(), dropped

    def verdicts(self, call, implicit):
        """For each entry what the call left of it."""
        warm, dropped = self.after(call, implicit)
        self.caches.forget()
        cold = self.read_all()
        raced = self.after(call, implicit, race=True)[0] if dropped else cold
        # A drop that waits for the commit may by then have lost what it is told by, as the key of a deleted row.
        alone = self.after(call, False)[0] if implicit and warm != cold else warm
        for told, expected, early, by_itself in zip(warm, cold, raced, alone, strict=True):
            if told != expected:
                yield "late" if by_itself == expected else "stale"
            else:
                yield "race" if early != expected else "fresh"

    def run(self):
        """A record for each entry and path: the worst verdict of its variants."""
        for number, path in enumerate(self.manifest.paths):
            worst = ["fresh"] * len(self.readers)
            self.reset()
            for call in self.variants(path):
                try:
                    found = list(self.verdicts(call, not path.visible))
                except Exception as error:
                    yield Record(0, number, "error", f"{type(error).__name__}: {error}")
                    return
                worst = [max(pair, key=VERDICTS.index) for pair in zip(worst, found, strict=True)]
            for entry, verdict in enumerate(worst):
                yield Record(entry, number, verdict)


def run_app(folder, scratch, manifest):
    """Starts the app in this process, which no other app may have used, and returns the records of its paths."""
    start(folder, scratch, manifest)
    return list(Runner(manifest).run())
