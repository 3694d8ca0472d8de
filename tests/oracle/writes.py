"""Writes the write paths of an app down as functions, each with or without a drop after it."""

import re
from dataclasses import dataclass, field

from catalogue import Catalogue
from source import Scope, indent


@dataclass
class Path:
    """One way a row changes: how it is called, its kinds as the linter names them, where it stands, what it drops."""

    name: str
    kinds: list
    models: list
    visible: bool
    call: tuple
    args: list
    sites: list = field(default_factory=list)
    drops: list = field(default_factory=list)
    # Further arguments to call it with.
    others: list = field(default_factory=list)


def resolve(scope, schema, line):
    """The line with each `<role>` replaced by what its model is called in this scope."""
    return re.sub(r"<(\w+)>", lambda m: scope.ref(schema.models[m[1]].symbol), line)


class WriteWriter:
    """Writes paths down as functions, and drops the entries after them where it draws so."""

    def __init__(self, rng, names, app):
        self.rng = rng
        self.names = names
        self.app = app

    def write(self, entries, drop_chance):
        rng, schema = self.rng, self.app.schema
        module = self.app.module("services")
        scope = Scope(module, local=rng.random() < 0.15)
        write = Catalogue(rng, schema).draw()
        write.lines = [resolve(scope, schema, line) for line in write.lines]
        for line in write.needs:
            scope.need(line)
        before, after, dropped = [], [], []
        concerned = [
            e for e in entries if e.dropper and (set(write.roles) & {*e.reads, "through"} or rng.random() < 0.2)
        ]
        if concerned and rng.random() < drop_chance:
            for number, entry in enumerate(concerned):
                self.drop(scope, write, entry, f"affected{number}" if number else "affected", before, after)
                dropped.append(entries.index(entry))
        verb, role = write.verb, write.roles[0] if write.roles[0] in schema.models else "subject"
        name = self.names.function([verb], schema.models[role].var)
        sites = [(module.path, name)]
        if rng.random() < 0.15:
            sites.append((module.path, self.helper(module, scope, write, name)))
        if after and "move" not in write.kinds and rng.random() < 0.08:
            # Dropped before the write, where another reader can still put the old row back.
            scope.need("from django.db import transaction")
            decorators, body = ["@transaction.atomic"], [*before, *after, *write.lines]
        else:
            decorators, body = self.in_transaction(scope, before, write.lines, after)
        call = self.place(module, scope, name, list(write.params), body, decorators)
        models = [schema.models[r].name for r in write.roles if r in schema.models]
        args = list(write.params.values())
        others = [list({**write.params, **other}.values()) for other in write.others]
        return Path(name, write.kinds, models, True, (module.dotted, call), args, sites, dropped, others)

    def helper(self, module, scope, write, name):
        """Moves the write itself into a function of its own, which only this path calls."""
        helper = f"_{name}"
        parameters = ", ".join(write.params)
        module.add(scope.function(f"def {helper}({parameters})", write.lines))
        write.lines = [f"{helper}({parameters})"]
        return helper

    def in_transaction(self, scope, before, lines, after):
        """The function's decorators and body: without a transaction, in one with the drops behind it, or inside it."""
        form = self.rng.choice(["plain"] * 7 + ["block", "block", "decorated", "on commit"])
        if form == "plain":
            return [], [*before, *lines, *after]
        scope.need("from django.db import transaction")
        if form == "block":
            return [], ["with transaction.atomic():", *indent([*before, *lines]), *after]
        if form == "decorated":
            return ["@transaction.atomic"], [*before, *lines, *after]
        deferred = []
        for line in after:
            start = len(line) - len(line.lstrip())
            bound = " each=each" if "(each)" in line or "each)" in line else ""
            keep = line.startswith("for ") or "\n" in line
            deferred.append(line if keep else f"{line[:start]}transaction.on_commit(lambda{bound}: {line[start:]})")
        return ["@transaction.atomic"], [*before, *lines, *deferred]

    def place(self, module, scope, name, parameters, body, decorators):
        """Writes the function at the top of the module, or as a method; returns how it is reached."""
        form = self.rng.choice(["function"] * 5 + ["static"])
        if form == "function":
            module.add(scope.function(f"def {name}({', '.join(parameters)})", body, decorators))
            return name
        owner = self.names.klass("Service", "Actions", "Gateway")
        text = scope.function(f"def {name}({', '.join(parameters)})", body, ["@staticmethod", *decorators])
        module.add("\n".join([f"class {owner}:", *indent([text])]))
        return f"{owner}.{name}"

    def drop(self, scope, write, entry, var, before, after):
        """Drops the entries of the subjects that the write concerns, as they stand before it and after it."""
        if entry.granularity == "whole":
            after.append(entry.drop(scope, ""))
            return
        if entry.field == "pk" and write.where in ("pk=pk", "pk=row.pk"):
            arg = write.where.removeprefix("pk=")
            if arg == "row.pk":
                before.append("pk = row.pk")
            after.append(entry.drop(scope, "pk"))
            return
        if write.where == f"{entry.field}=parent_id":
            after.append(entry.drop(scope, "parent_id"))
            return
        subject = scope.ref(self.app.schema.subject.symbol)
        found = f'{subject}.objects.filter({write.where}).values_list("{entry.field}", flat=True)'
        before.append(f"{var} = set({found})")
        if write.where == "pk=row.pk":
            before.append("pk = row.pk")
        moves = "move" in write.kinds or write.verb == "upsert"
        moved = f" | set({found.replace('row.pk', 'pk')})" if moves else ""
        after += [f"for each in {var}{moved}:", f"    {entry.drop(scope, 'each')}"]
