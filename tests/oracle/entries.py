"""Draws the cache entries of an app: the code that fills and reads each, and the function that drops it."""

from dataclasses import dataclass, field

from names import DROP_VERBS, LOAD_VERBS, READ_VERBS
from source import Scope, indent
from stores import DjangoStore, Key, draw_store, draw_timeout
from values import Value, draw_value

FORMS = ["function"] * 4 + ["get_or_set"] * 2 + ["class"] * 2 + ["manager"] * 3
FORMS += ["wrapper", "versioned", "decorator", "memo", "checked", "stamped"]


@dataclass
class Entry:
    """One cache entry as the manifest tells it and as hooks and writes use it."""

    granularity: str
    field: str | None
    form: str
    value: Value
    timeout: object
    prefix: str
    reader: tuple = ()
    sites: list = field(default_factory=list)
    hooks: list = field(default_factory=list)
    manager: str | None = None
    dropper: object = None
    intended: bool = False
    defers: bool = False
    # Whether places that drop it spell the key out, so that the call is more than a name and an argument.
    inlined: bool = False

    @property
    def arg(self):
        return {"object": "pk" if self.field == "pk" else "ident", "parent": "parent_id", "whole": ""}[self.granularity]

    @property
    def reads(self):
        return self.value.reads

    def drop(self, scope, arg):
        """The expression that drops the entry of one argument."""
        self.intended = True
        return self.dropper(scope, arg or "")


class EntryWriter:
    """Writes one entry into the modules of the app."""

    def __init__(self, rng, names, app, droppable, wrong_key):
        self.rng = rng
        self.names = names
        self.app = app
        self.schema = app.schema
        self.wrong_key = wrong_key
        self.droppable = droppable

    def write(self, form=None):
        rng, schema = self.rng, self.schema
        form = form or rng.choice(FORMS)
        if form == "manager" and schema.manager_lines:
            form = "function"
        granularity = (
            "object" if form in ("checked", "stamped") else rng.choice(["object", "object", "parent", "whole"])
        )
        field_name = {
            "object": rng.choice(["pk", "pk", schema.slug]),
            "parent": f"{schema.parent_fk}_id",
            "whole": None,
        }
        field_name = schema.slug if form == "checked" else field_name[granularity]
        shape = self.app.shape if rng.random() < 0.4 else None
        value = draw_value(rng, schema, granularity, field_name, shape, own_rows=form in ("manager", "checked"))
        kinds = ["default", "none", "finite", "finite"] + (["short"] if rng.random() < 0.3 else [])
        prefix = f"{rng.choice(['', 'v2-', 'x-'])}{self.names.function(['one', 'all', 'the'], schema.subject.var)}"
        entry = Entry(granularity, field_name, form, value, draw_timeout(rng, kinds), prefix)
        if form in ("checked", "stamped"):
            entry.value = Value({}, None)
        self.key = Key(rng, self.names, self.app, prefix, granularity != "whole")
        self.wrong = (
            Key(rng, self.names, self.app, f"{prefix}s", granularity != "whole") if self.wrong_key else self.key
        )
        plain_cache = form in ("get_or_set", "wrapper", "versioned", "decorator")
        self.store = DjangoStore(rng) if plain_cache else draw_store(rng, self.names, self.app)
        if isinstance(self.store, DjangoStore) and self.store.alias:
            self.app.aliases.add(self.store.alias)
        elif not isinstance(self.store, DjangoStore) and (self.store.hash_name or entry.timeout.kind == "default"):
            entry.timeout.kind, entry.timeout.text = "none", "None"
        getattr(self, f"as_{form}")(entry)
        if not self.droppable:
            entry.dropper = None
        return entry

    # Pieces.

    def rows(self, scope):
        return f"{scope.ref(self.schema.subject.symbol)}.objects"

    def reader_name(self):
        return self.names.function(READ_VERBS, self.schema.subject.var)

    def get_and_set(self, entry, scope, key, lines, expression):
        """The body of a reader: look, else fill."""
        store, timeout = self.store, entry.timeout
        value = store.load("found")
        fill = [*lines, f"value = {expression}", store.set(scope, "key", "value", timeout)]
        if self.rng.random() < 0.5:
            return [
                f"key = {key}",
                f"found = {store.get(scope, 'key')}",
                "if found is not None:",
                f"    return {value}",
                *fill,
                "return value",
            ]
        head = [f"key = {key}", f"found = {store.get(scope, 'key')}", "if found is None:"]
        return [*head, *indent(fill), "    return value", f"return {value}"]

    def loader(self, entry, module):
        """A function that computes the value, for idioms that take a callable."""
        scope = Scope(module)
        lines, expression = entry.value.build(scope, self.rows(scope), entry.arg)
        symbol = module.define(self.names.function(LOAD_VERBS, self.schema.subject.var))
        module.add(scope.function(f"def {symbol.name}({entry.arg})", [*lines, f"return {expression}"]))
        return symbol

    def drop_by_key(self, entry):
        """What drops an entry of a plain store: a function, or the same call written out at each place."""
        store, key = self.store, self.wrong
        if self.rng.random() < 0.25:
            entry.inlined = True
            entry.dropper = lambda scope, arg: store.delete(scope, key.spell(scope, arg))
        else:
            self.drop_function(entry, lambda scope, arg: [store.delete(scope, key.spell(scope, arg))])

    def drop_function(self, entry, body):
        """A function that drops, and perhaps others that call it."""
        if not self.droppable:
            return
        module = self.app.module("drops")
        for depth in range(self.rng.choice([1, 1, 2, 3])):
            scope = Scope(module)
            symbol = module.define(self.names.function(DROP_VERBS, self.schema.subject.var))
            lines = body(scope, entry.arg)
            if depth and not entry.defers and self.rng.random() < 0.3 and self.app.mode == "covered":
                scope.need("from django.db import transaction")
                entry.defers, lines = True, [f"transaction.on_commit(lambda: {lines[0]})"]
            module.add(scope.function(f"def {symbol.name}({entry.arg})", lines))
            body = lambda scope, arg, symbol=symbol: [f"{scope.ref(symbol)}({arg})"]  # noqa: E731
        entry.intended = True
        entry.dropper = lambda scope, arg: f"{scope.ref(symbol)}({arg})"

    def site(self, entry, module, name, attr=None):
        entry.reader = (module.dotted, attr or name)
        entry.sites.append((module.path, name))

    # Forms.

    def as_function(self, entry):
        module = self.app.module("caching")
        scope = Scope(module, self.rng.random() < 0.2)
        lines, expression = entry.value.build(scope, self.rows(scope), entry.arg)
        body = self.get_and_set(entry, scope, self.key.spell(scope, entry.arg), lines, expression)
        name = self.reader_name()
        module.add(scope.function(f"def {name}({entry.arg})", body))
        self.site(entry, module, name)
        self.drop_by_key(entry)

    def as_get_or_set(self, entry):
        module = self.app.module("caching")
        scope = Scope(module)
        load = self.loader(entry, module)
        entry.sites.append((module.path, load.name))
        handle, key = self.store.handle(scope), self.key.spell(scope, entry.arg)
        filler = self.rng.choice([f"lambda: {load.name}({entry.arg})", f"partial({load.name}, {entry.arg})"])
        if not entry.arg:
            filler = load.name
        if filler.startswith("partial"):
            scope.need("from functools import partial")
        timeout = entry.timeout.argument(self.store.word)
        name = self.reader_name()
        module.add(
            scope.function(f"def {name}({entry.arg})", [f"return {handle}.get_or_set({key}, {filler}{timeout})"])
        )
        self.site(entry, module, name)
        self.drop_by_key(entry)

    def as_versioned(self, entry):
        """The key holds a counter, and a drop counts it up."""
        module = self.app.module("caching")
        scope = Scope(module)
        handle = self.store.handle(scope)
        counter = f'"{entry.prefix}-version"'
        lines, expression = entry.value.build(scope, self.rows(scope), entry.arg)
        ident = f":{{{entry.arg}}}" if entry.arg else ""
        body = self.get_and_set(entry, scope, f'f"{entry.prefix}:{{version}}{ident}"', lines, expression)
        name = self.reader_name()
        module.add(scope.function(f"def {name}({entry.arg})", [f"version = {handle}.get({counter}, 1)", *body]))
        self.site(entry, module, name)
        wrong = f'"{entry.prefix}-v"' if self.wrong_key else counter

        def bump(scope, arg):
            handle = self.store.handle(scope)
            return ["try:", f"    {handle}.incr({wrong})", "except ValueError:", f"    {handle}.set({wrong}, 2, None)"]

        self.drop_function(entry, bump)

    def klass(self, entry, base, module, arguments, rows, extra=()):
        """A class with a reader and a drop; returns the names of the two."""
        scope = Scope(module)
        first, decorator = arguments
        owner = first or self.class_name
        listed = ", ".join(a for a in (first, entry.arg) if a)
        own_key = self.names.rng.choice([None, "_key", "build_key"])
        methods = []
        key, dropped = self.key.spell(scope, entry.arg), self.wrong.spell(scope, entry.arg)
        if own_key and not self.wrong_key:
            methods += [*decorator, f"def {own_key}({listed}):", f"    return {key}", ""]
            key = dropped = f"{owner}.{own_key}({entry.arg})"
        lines, expression = entry.value.build(scope, rows(scope), entry.arg)
        read = self.names.function(READ_VERBS, "row" if entry.granularity == "object" else "rows")
        body = self.get_and_set(entry, scope, key, lines, expression)
        methods += [*decorator, f"def {read}({listed}):", *indent(body)]
        drop = self.names.function(DROP_VERBS, "row" if entry.granularity == "object" else "rows")
        if self.droppable:
            entry.intended = True
            methods += ["", *decorator, f"def {drop}({listed}):", f"    {self.store.delete(scope, dropped)}"]
        heading = f"class {self.class_name}({base}):" if base else f"class {self.class_name}:"
        module.add("\n".join([heading, *indent([*methods, *extra])]))
        return read, drop

    def as_class(self, entry):
        module = self.app.module("caching")
        self.class_name = self.names.klass("Store", "Shelf", "Reader", "Repository", "Access")
        how = self.rng.choice([("cls", ["@classmethod"]), ("", ["@staticmethod"])])
        read, drop = self.klass(entry, "", module, how, self.rows)
        self.site(entry, module, self.class_name, f"{self.class_name}.{read}")
        symbol = module.define(self.class_name)
        entry.dropper = lambda scope, arg: f"{scope.ref(symbol)}.{drop}({arg})"

    def as_manager(self, entry):
        subject, rng = self.schema.subject, self.rng
        module = self.app.module("managers")
        module.need("from django.db import models")
        named = rng.random() < 0.3 and "CacheManager" not in self.names.taken
        self.class_name = "CacheManager" if named else self.names.klass("Manager", "Rows", "Objects")
        self.names.taken.add(self.class_name)
        rows = rng.choice(["self", "self.get_queryset()", "self.model._base_manager"])
        read, drop = self.klass(entry, "models.Manager", module, ("self", []), lambda scope: rows)
        symbol = module.define(self.class_name)
        attribute = rng.choice(["objects", "objects", "cached", "stored"])
        models = self.schema.modules[subject.module]
        if attribute != "objects":
            self.schema.manager_lines.append("objects = models.Manager()")
        made = models.ref(symbol)
        annotation = f": {made}" if rng.random() < 0.15 else ""
        self.schema.manager_lines.append(f"{attribute}{annotation} = {made}()")
        entry.reader = (subject.module, f"{subject.name}.{attribute}.{read}")
        entry.sites.append((module.path, self.class_name))
        entry.manager = self.class_name
        entry.dropper = lambda scope, arg: f"{scope.ref(subject.symbol)}.{attribute}.{drop}({arg})"

    def as_wrapper(self, entry):
        """A class of the project round the cache, which knows neither rows nor keys."""
        stores = self.app.module("stores")
        stores.need("from django.core.cache import cache")
        name = self.names.klass("Box", "Shelf", "Drawer", "Cache")
        fetch, forget = self.rng.choice([("fetch", "forget"), ("get", "drop"), ("remember", "remove")])
        text = [
            f"class {name}:",
            "    def __init__(self, prefix, seconds=300):",
            "        self.prefix = prefix",
            "        self.seconds = seconds",
            "",
            f"    def {fetch}(self, part, make):",
            '        key = f"{self.prefix}:{part}"',
            "        found = cache.get(key)",
            "        if found is None:",
            "            found = make()",
            "            cache.set(key, found, self.seconds)",
            "        return found",
        ]
        if self.droppable:
            text += ["", f"    def {forget}(self, part):", '        cache.delete(f"{self.prefix}:{part}")']
        stores.add("\n".join(text))
        module = self.app.module("caching")
        scope = Scope(module)
        load = self.loader(entry, module)
        box = module.define(self.names.function(["box", "shelf", "kept"], self.schema.subject.var))
        seconds = "" if entry.timeout.kind == "default" else f", {entry.timeout.text}"
        module.add(f'{box.name} = {scope.ref(stores.define(name))}("{entry.prefix}"{seconds})')
        part = entry.arg or '"all"'
        reader = self.reader_name()
        body = [f"return {box.name}.{fetch}({part}, lambda: {load.name}({entry.arg}))"]
        module.add(scope.function(f"def {reader}({entry.arg})", body))
        self.site(entry, module, reader)
        entry.sites += [(module.path, load.name), (stores.path, name)]
        entry.intended = self.droppable
        ending = '+ "s"' if self.wrong_key else ""
        entry.inlined = self.wrong_key
        entry.dropper = lambda scope, arg: (
            f"{scope.ref(box)}.{forget}({f'str({arg}) ' + ending if ending and arg else arg or part})"
        )

    def as_decorator(self, entry):
        """A decorator of the project that caches what a function returns."""
        stores = self.app.module("stores")
        for line in ("from functools import partial, wraps", "from django.core.cache import cache"):
            stores.need(line)
        name = self.names.function(["remembered", "kept", "cached", "stored"], "result")
        stores.add(
            "\n".join(
                [
                    f"def {name}(prefix, seconds=300):",
                    "    def decorate(function):",
                    "        @wraps(function)",
                    "        def inner(*args):",
                    '            key = ":".join([prefix, *map(str, args)])',
                    "            return cache.get_or_set(key, partial(function, *args), seconds)",
                    "",
                    "        return inner",
                    "",
                    "    return decorate",
                ]
            )
        )
        module = self.app.module("caching")
        scope = Scope(module)
        lines, expression = entry.value.build(scope, self.rows(scope), entry.arg)
        seconds = "" if entry.timeout.kind == "default" else f", {entry.timeout.text}"
        reader = self.reader_name()
        head = f'@{scope.ref(stores.define(name))}("{entry.prefix}"{seconds})'
        module.add(scope.function(f"def {reader}({entry.arg})", [*lines, f"return {expression}"], [head]))
        self.site(entry, module, reader)
        entry.sites.append((stores.path, name))
        self.wrong.style, self.wrong.separator, self.wrong.tail = "inline", ":", ""
        self.drop_by_key(entry)

    def as_memo(self, entry):
        module = self.app.module("caching")
        module.need("from functools import lru_cache")
        scope = Scope(module)
        lines, expression = entry.value.build(scope, self.rows(scope), entry.arg)
        reader = self.reader_name()
        head = self.rng.choice(["@lru_cache(maxsize=None)", "@lru_cache", "@lru_cache(maxsize=512)"])
        module.add(scope.function(f"def {reader}({entry.arg})", [*lines, f"return {expression}"], [head]))
        self.site(entry, module, reader)
        symbol = module.define(reader)
        entry.dropper = lambda scope, arg: f"{scope.ref(symbol)}.cache_clear()"

    def as_checked(self, entry):
        """Keeps only which row a slug means, and reads that row again each time."""
        module = self.app.module("caching")
        scope = Scope(module)
        rows = self.rows(scope)
        store = self.store
        fill = [
            f'pk = {rows}.values_list("pk", flat=True).get({self.schema.slug}={entry.arg})',
            store.set(scope, "key", "pk", entry.timeout),
        ]
        found = [f"key = {self.key.spell(scope, entry.arg)}", f"found = {store.get(scope, 'key')}"]
        body = [*found, "if found is None:", *indent(fill), "else:", f"    pk = {store.load('found')}"]
        name = self.reader_name()
        module.add(scope.function(f"def {name}({entry.arg})", [*body, f"return {rows}.get(pk=pk)"]))
        self.site(entry, module, name)
        self.drop_by_key(entry)

    def as_stamped(self, entry):
        """The key holds the columns that the value is made of: a changed row has another key."""
        module = self.app.module("caching")
        scope = Scope(module)
        first, second = self.schema.subject.texts[0], self.schema.subject.number
        body = [f"row = {self.rows(scope)}.get({entry.field}={entry.arg})"]
        key = f'f"{entry.prefix}:{{row.pk}}:{{row.{first}}}:{{row.{second}}}"'
        body += self.get_and_set(entry, scope, key, [], f'{{"label": row.{first}.upper(), "double": row.{second} * 2}}')
        name = self.reader_name()
        module.add(scope.function(f"def {name}({entry.arg})", body))
        self.site(entry, module, name)
