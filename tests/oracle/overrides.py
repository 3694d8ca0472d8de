"""Writes the overrides that drop entries: `save()` and `delete()` of a model or a mixin, `update()` of a queryset."""

from source import Module, Scope, Symbol, indent


class OverrideWriter:
    def __init__(self, rng, names, app, dropping):
        self.rng = rng
        self.names = names
        self.app = app
        self.schema = app.schema
        self.dropping = dropping

    def write(self, role, sides):
        """`save()` and `delete()` of the model itself, or of a mixin that it inherits from."""
        model = self.schema.models[role]
        home = self.schema.modules[model.module]
        mixin = self.rng.random() < 0.3
        module = Module(f"{self.app.home}.{self.names.draw(MIXINS)}", self.rng, cyclic=True) if mixin else home
        members = []
        if "save" in sides:
            members.append(self.save(Scope(module), role, sides))
        if "delete" in sides:
            members.append(self.delete(Scope(module), role, sides["delete"]))
        if not mixin:
            model.members += members
        elif members:
            self.app.modules["mixin of " + role] = module
            module.need("from django.db import models")
            symbol = Symbol(module.dotted, self.names.klass("Mixin", "Behaviour"))
            meta = "class Meta:\n    abstract = True"
            body = [line for member in (meta, *members) for line in ("", member)][1:]
            module.add("\n".join([f"class {symbol.name}(models.Model):", *indent(body)]))
            model.bases.append(symbol)

    def save(self, scope, role, sides):
        before, after = [], []
        for number, entry in enumerate(sides["move"].entries if "move" in sides else ()):
            before.append(f"old{number} = list({self.dropping.old(scope, entry, role, 'self')})")
            after += self.dropping.drops(scope, entry, ("many", f"old{number}"))
        for entry in sides["save"].entries:
            after += self.dropping.drops(scope, entry, self.dropping.targets(scope, entry, role, "self"))
        body = [*before, "super().save(*args, **kwargs)", *after]
        return scope.function("def save(self, *args, **kwargs)", body)

    def delete(self, scope, role, hook):
        before, after = [], []
        for number, entry in enumerate(hook.entries):
            kind, expression = self.dropping.targets(scope, entry, role, "self")
            if kind == "one":
                before.append(f"gone{number} = {expression}")
                expression = f"gone{number}"
            after += self.dropping.drops(scope, entry, (kind, expression))
        body = [*before, "result = super().delete(*args, **kwargs)", *after, "return result"]
        return scope.function("def delete(self, *args, **kwargs)", body)

    def remember(self, hook):
        """Rows that remember under which parent they were loaded; returns the attribute."""
        attribute = self.rng.choice(["_was", "_loaded", "_before"])
        field = hook.entries[0].field
        lines = [
            "row = super().from_db(db, field_names, values)",
            f'row.{attribute} = row.__dict__.get("{field}")',
            "return row",
        ]
        head = "@classmethod\ndef from_db(cls, db, field_names, values):"
        self.schema.subject.members.append("\n".join([head, *indent(lines)]))
        return attribute

    def queryset(self, entries):
        """A queryset whose `update()` and `delete()` drop, where the subject has no manager of its own yet."""
        schema = self.schema
        fed = [e for e in entries if "subject" in e.reads]
        if schema.manager_lines or not fed:
            return
        module = Module(f"{self.app.home}.{self.names.draw(QUERYSETS)}", self.rng, cyclic=True)
        self.app.modules["queryset"] = module
        module.need("from django.db import models")
        symbol = Symbol(module.dotted, self.names.klass("QuerySet", "Query", "Set"))
        methods = []
        for method, parameters, arguments in (("update", "self, **values", "**values"), ("delete", "self", "")):
            scope = Scope(module)
            before, after = [], []
            for number, entry in enumerate(fed):
                if not entry.arg:
                    after += self.dropping.drops(scope, entry, ("none", ""))
                    continue
                before.append(f'touched{number} = set(self.values_list("{entry.field}", flat=True))')
                if method == "update" and entry.granularity == "parent":
                    before.append('pks = list(self.values_list("pk", flat=True))')
                    rows = "self.model._base_manager.filter(pk__in=pks)"
                    after.append(f'touched{number} |= set({rows}.values_list("{entry.field}", flat=True))')
                after += self.dropping.drops(scope, entry, ("many", f"touched{number}"))
            body = [*before, f"result = super().{method}({arguments})", *after, "return result"]
            methods += ["", scope.function(f"def {method}({parameters})", body)]
        module.add("\n".join([f"class {symbol.name}(models.QuerySet):", *indent(methods[1:])]))
        made = schema.modules[schema.subject.module].ref(symbol)
        how = [f"objects = {made}.as_manager()", f"objects = models.Manager.from_queryset({made})()"]
        schema.manager_lines.append(self.rng.choice(how))


MIXINS = "behaviours mixing tracked overriding".split()
QUERYSETS = "querying rowsets collections_of tables".split()
