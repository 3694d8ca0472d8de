"""What is dropped for a row: the arguments of each entry that it concerns, and the calls, at once or on commit."""

from source import indent


class Dropping:
    """Writes the drops of an app, in the timing that the app drew."""

    def __init__(self, rng, schema, defects):
        self.schema = schema
        self.defects = defects
        self.timing = "lambda" if "late" in defects else rng.choice(["lambda", "partial", "partial"])

    def targets(self, scope, entry, role, row):
        """The arguments whose entries a row concerns: `("one", expression)`, `("many", iterable)` or `("none", "")`."""
        schema, subject = self.schema, scope.ref(self.schema.subject.symbol)
        if entry.granularity == "whole":
            return "none", ""
        where = {"parent": schema.parent_fk, "tag": schema.m2m}
        if entry.granularity == "parent" and role == "parent":
            return "one", f"{row}.pk"
        if role in where:
            return "many", f'{subject}.objects.filter({where[role]}={row}).values_list("{entry.field}", flat=True)'
        if role == "subject":
            return "one", f"{row}.{entry.field}"
        end = schema.child_fk if role == "child" else schema.subject.var
        return "one", f"{row}.{end}_id" if entry.field == "pk" else f"{row}.{end}.{entry.field}"

    def drops(self, scope, entry, targets, early=False):
        """The lines that drop an entry for its targets, at once or on commit."""
        kind, expression = targets
        now = early or "early" in self.defects or entry.defers
        lines = []
        if kind == "many":
            listed = expression if now else f"list({expression})"
            inner = self.drop_one(scope, entry, "found", now)
            return [f"for found in {listed}:", *indent(inner)]
        if kind == "one" and not now and not ("late" in self.defects and expression.count(".") == 1):
            # A deleted instance has lost its key by the time of the commit.
            lines = [f"{entry.arg} = {expression}"] if self.timing == "lambda" or entry.inlined else []
            expression = entry.arg if lines else expression
        return [*lines, *self.drop_one(scope, entry, expression, now)]

    def drop_one(self, scope, entry, arg, now):
        call = entry.drop(scope, arg)
        if now:
            return [call]
        scope.need("from django.db import transaction")
        function, _, arguments = call.partition("(")
        simple = arguments.endswith(")") and "(" not in arguments and self.timing == "partial"
        if simple and arguments != ")":
            scope.need("from functools import partial")
            return [f"transaction.on_commit(partial({function}, {arguments[:-1]}))"]
        if simple:
            return [f"transaction.on_commit({function})"]
        if arg == "found":
            return [f"transaction.on_commit(lambda found=found: {call})"]
        return [f"transaction.on_commit(lambda: {call})"]

    def old(self, scope, entry, role, row):
        """The arguments that a row had before it is saved, as the database still knows it."""
        model = scope.ref(self.schema.models[role].symbol)
        found = entry.field
        if role == "child":
            found = f"{self.schema.child_fk}_id" if entry.field == "pk" else f"{self.schema.child_fk}__{entry.field}"
        return f'{model}.objects.filter(pk={row}.pk).values_list("{found}", flat=True)'
