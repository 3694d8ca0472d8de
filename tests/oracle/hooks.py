"""Draws the hooks that drop entries when the ORM writes a row: receivers in every form, and overrides."""

from dataclasses import dataclass

from dropping import Dropping
from names import HOOK_VERBS
from overrides import OverrideWriter
from source import Module, Scope
from values import ALL

# What can be wrong with the hooks of an app, by the role whose rows must be cached for it to matter.
DEFECTS = {
    "": "unimported early early late override",
    "subject": "no-save no-delete no-hook created-only updated-only narrow-guard weak shadowed",
    "parent": "no-parent",
    "child": "no-child no-child override",
    "tag": "no-tag no-m2m half-m2m m2m-sender",
}


@dataclass
class Hook:
    """One thing to do: when `signal` is sent for a row of `role`, drop these entries."""

    role: str
    side: str
    signal: str
    entries: list


def needs_parent(schema, entry):
    """Whether a change of the parent reaches the value, by its columns or by a silent SET_NULL."""
    subject = entry.value.columns("subject")
    return "parent" in entry.reads or (schema.set_null and (subject & {ALL, schema.parent_fk}))


def needed_hooks(schema, entries):
    """The hooks that cover every write that sends a signal."""
    fed = {role: [e for e in entries if role in e.reads] for role in ("subject", "child", "tag")}
    fed["parent"] = [e for e in entries if needs_parent(schema, e)]
    fed["through"] = fed["tag"] if schema.explicit else []
    for role, feeding in fed.items():
        if feeding:
            before = role == "tag" or (role == "parent" and schema.set_null)
            yield Hook(role, "save", "post_save", feeding)
            yield Hook(role, "delete", "pre_delete" if before else "post_delete", feeding)
    if moving := [e for e in fed["subject"] if e.granularity == "parent"]:
        yield Hook("subject", "move", "pre_save", moving)
    if moving := [e for e in fed["child"] if e.granularity != "whole"]:
        yield Hook("child", "move", "pre_save", moving)
    if fed["tag"]:
        yield Hook("tag", "m2m", "m2m_changed", fed["tag"])


def draw_defects(rng, schema, entries):
    """One to three things that are wrong with the hooks, out of those that can matter to these entries."""
    roles = {hook.role for hook in needed_hooks(schema, entries)}
    found = [defect for role, defects in DEFECTS.items() if role in {"", *roles} for defect in defects.split()]
    if any(hook.side == "move" for hook in needed_hooks(schema, entries)):
        found += ["no-move", "no-move"]
    if "subject" in roles:
        found += ["base-sender"] * bool(schema.base) + ["parent-sender"] * 2 * bool(schema.proxy or schema.heir)
    if "through" in roles:
        found.append("no-through")
    return set(rng.sample(found, rng.choice([1, 1, 2, 3])))


class HookWriter:
    """Writes the hooks of an app with its defects."""

    def __init__(self, rng, names, app, defects):
        self.rng = rng
        self.names = names
        self.app = app
        self.schema = app.schema
        self.defects = defects
        self.module = app.module("hooks")
        self.ready = []
        self.dropping = Dropping(rng, app.schema, defects)
        self.overrides = OverrideWriter(rng, names, app, self.dropping)

    def write(self, entries):
        hooks = [h for h in needed_hooks(self.schema, entries) if not self.left_out(h)]
        by_role = {}
        for hook in hooks:
            by_role.setdefault(hook.role, []).append(hook)
        if "override" in self.defects or self.rng.random() < 0.2:
            self.overrides.queryset(entries)
        for role, found in by_role.items():
            sides = {h.side: h for h in found}
            if "override" in self.defects and role in ("subject", "child"):
                self.overrides.write(role, sides)
                continue
            if role == "subject" and "move" in sides and self.rng.random() < 0.3:
                sides["move"].signal = "post_save"
                self.remembered = self.overrides.remember(sides["move"])
            for side in ("move", "m2m"):
                if side in sides:
                    self.receiver([sides[side]])
            save, delete = sides.get("save"), sides.get("delete")
            guarded = role == "subject" and self.defects & {"created-only", "updated-only", "narrow-guard"}
            alone = guarded or self.rng.random() < 0.45 or not (save and delete)
            shadowed = "shadowed" in self.defects and role == "subject" and save and delete
            name = self.names.function(HOOK_VERBS, self.schema.models[role].var)
            if shadowed:
                self.receiver([save], name)
                self.receiver([delete], name)
            else:
                for group in [[h] for h in (save, delete) if h] if alone else [[save, delete]]:
                    self.receiver(group)

    def left_out(self, hook):
        """Whether a defect of the app is that this hook is missing."""
        side = f"no-{hook.side}" in self.defects and (hook.role == "subject" or hook.side in ("move", "m2m"))
        return (
            side
            or ("no-hook" in self.defects and hook.role == "subject")
            or (f"no-{hook.role}" in self.defects and hook.side != "m2m")
        )

    # What a hook does.

    def body(self, scope, hook):
        if hook.side == "m2m":
            return self.m2m_body(scope, hook)
        lines, drops = [], self.dropping
        for entry in hook.entries:
            if hook.side != "move":
                targets = drops.targets(scope, entry, hook.role, "instance")
            elif hook.signal == "post_save":
                targets = "one", f'getattr(instance, "{self.remembered}", None)'
            else:
                targets = "many", drops.old(scope, entry, hook.role, "instance")
            lines += drops.drops(scope, entry, targets)
        return lines

    def m2m_body(self, scope, hook):
        schema, subject = self.schema, scope.ref(self.schema.subject.symbol)
        if all(not e.arg for e in hook.entries):
            return [line for e in hook.entries for line in self.dropping.drops(scope, e, ("none", ""))]
        lines = ['if action not in ("post_add", "post_remove", "pre_clear", "post_clear"):', "    return"]
        lines += [f"if isinstance(instance, {subject}):", "    pks = [instance.pk]"]
        if "half-m2m" in self.defects:
            lines += ["else:", "    return"]
        else:
            lines += ["elif pk_set:", "    pks = list(pk_set)", "else:"]
            lines += [f'    pks = list(instance.{schema.m2m_accessor}.values_list("pk", flat=True))']
        for entry in hook.entries:
            rows = f'{subject}.objects.filter(pk__in=pks).values_list("{entry.field}", flat=True)'
            lines += self.dropping.drops(scope, entry, ("many", rows) if entry.arg else ("none", ""))
        return lines

    def guard(self, hook):
        """The lines that let some saves through, and the parameter they need."""
        if hook.role != "subject" or hook.side != "save":
            return [], ""
        if "created-only" in self.defects:
            return ["if not created:", "    return"], "created, "
        if "updated-only" in self.defects:
            return ["if created:", "    return"], "created, "
        columns = set().union(*(e.value.columns("subject") for e in hook.entries))
        narrow = "narrow-guard" in self.defects
        if ALL in columns or not (narrow or self.rng.random() < 0.15):
            return [], ""
        if narrow:
            columns -= {self.rng.choice(sorted(columns))} if columns else set()
        listed = "{" + ", ".join(f'"{c}"' for c in sorted(columns)) + "}" if columns else "set()"
        test = f"if update_fields is not None and not {listed} & set(update_fields):"
        return [test, "    return"], "update_fields=None, "

    # How it is connected.

    def senders(self, scope, role):
        schema = self.schema
        if role == "subject" and "base-sender" in self.defects and schema.base:
            return [scope.ref(schema.base)]
        family = schema.family(role)
        if "parent-sender" in self.defects:
            family = family[:1]
        return [scope.ref(m.symbol) for m in family]

    def m2m_sender(self, scope):
        schema = self.schema
        if "m2m-sender" in self.defects:
            return scope.ref(schema.subject.symbol)
        if schema.explicit:
            return scope.ref(schema.through.symbol)
        owner, name = (schema.tag, schema.m2m_accessor) if self.rng.random() < 0.3 else (schema.subject, schema.m2m)
        return f"{scope.ref(owner.symbol)}.{name}.through"

    def ready_senders(self, hook):
        """The senders as `ready()` writes them, with the import that it needs."""
        scope = Scope(Module(f"{self.app.home}.apps", self.rng), local=True)
        senders = [self.m2m_sender(scope)] if hook.side == "m2m" else self.senders(scope, hook.role)
        return [*scope.imports], senders

    def receiver(self, hooks, name=None):
        """A receiver for hooks that do the same, in a form drawn at random."""
        rng, module = self.rng, self.module
        hook = hooks[0]
        signals = [h.signal for h in hooks]
        module.need(f"from django.db.models.signals import {', '.join(sorted(signals))}")
        top = Scope(module, local=False)
        name = name or self.names.function(HOOK_VERBS, self.schema.models[hook.role].var)
        m2m = hook.side == "m2m"
        senders = [self.m2m_sender(top)] if m2m else self.senders(top, hook.role)
        forms = ["receiver", "receiver", "list", "connect", "loop"] + ["ready"] * ("unimported" not in self.defects)
        if not m2m and len(senders) == 1 and not self.defects & {"base-sender", "parent-sender"}:
            forms += ["guard", "string"]
        if "weak" in self.defects and hook.role == "subject":
            forms = ["lambda"]
        elif not m2m and rng.random() < 0.12:
            forms = ["lambda"]
        form = rng.choice(forms)
        scope = Scope(module, local=rng.random() < 0.1)
        guard, parameter = self.guard(hook) if len(hooks) == 1 else ([], "")
        body = [*guard, *self.body(scope, hook)]
        for entry in hook.entries:
            entry.hooks += [(module.path, name), (module.path, f"{name}_row")]
        parameters = f"sender, instance, {'action, pk_set, ' if m2m else parameter}**kwargs"
        if form == "lambda":
            self.connect_lambda(scope, hooks, senders, name, parameters, body)
            return
        decorators = []
        if form in ("receiver", "list", "guard"):
            module.need("from django.dispatch import receiver")
        if form == "receiver":
            decorators = [f"@receiver({signal}, sender={sender})" for signal in signals for sender in senders]
        elif form == "list":
            listed = ", ".join(signals)
            decorators = [f"@receiver([{listed}], sender={sender})" for sender in senders]
        elif form == "guard":
            decorators = [f"@receiver([{', '.join(signals)}])"] if len(signals) > 1 else [f"@receiver({signals[0]})"]
            body = [
                *rng.choice([[f"if not isinstance(instance, {senders[0]}):"], [f"if sender is not {senders[0]}:"]]),
                "    return",
                *body,
            ]
        module.add(scope.function(f"def {name}({parameters})", body, decorators))
        self.connect(form, hook, signals, senders, name)

    def connect(self, form, hook, signals, senders, name):
        module = self.module
        if form == "connect":
            module.add(
                "\n".join(f"{signal}.connect({name}, sender={sender})" for signal in signals for sender in senders)
            )
        elif form == "string":
            label = self.schema.models[hook.role].label
            module.add("\n".join(f'{signal}.connect({name}, sender="{label}")' for signal in signals))
        elif form == "ready":
            self.ready.append((module.define(name), hook, signals))
        elif form == "loop":
            lines = [f"for signal in ({', '.join(signals)},):"]
            if len(senders) > 1:
                lines += [f"    for model in ({', '.join(senders)},):", f"        signal.connect({name}, sender=model)"]
            else:
                lines += [f"    signal.connect({name}, sender={senders[0]})"]
            module.add("\n".join(lines))

    def connect_lambda(self, scope, hooks, senders, name, parameters, body):
        """A receiver that is held by nothing but the connection: `weak=False` decides whether it ever runs."""
        module = self.module
        helper = module.define(f"{name}_row")
        module.add(scope.function(f"def {helper.name}({parameters})", body))
        weak = "" if "weak" in self.defects and hooks[0].role == "subject" else ", weak=False"
        made = f"lambda sender, instance, **kwargs: {helper.name}(sender, instance, **kwargs)"
        module.add("\n".join(f"{h.signal}.connect({made}, sender={sender}{weak})" for h in hooks for sender in senders))
