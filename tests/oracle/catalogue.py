"""Every write path that the models of an app allow, as bodies that do not yet say what models are called."""

from dataclasses import dataclass, field


@dataclass
class Write:
    """The body of a write function before it is written down.

    `where` is the filter, in terms of the parameters, that finds the subjects whose entries it concerns. `others` are
    further arguments to run it with: parameters that differ.
    """

    verb: str
    kinds: list
    roles: list
    params: dict
    lines: list
    where: str
    needs: list = field(default_factory=list)
    others: list = field(default_factory=list)


def row(role, number):
    return {"row": [role, number]}


def pk(role, number):
    return {"pk": [role, number]}


def value(content):
    return {"value": content}


class Catalogue:
    """Every write path that the models of an app allow; the bodies refer to models as `<role>`."""

    subject, parent, child, tag, through = "<subject>", "<parent>", "<child>", "<tag>", "<through>"

    def __init__(self, rng, schema):
        self.rng = rng
        self.schema = schema

    def draw(self):
        """A write of a kind drawn at random: first what is written, then how."""
        groups = [
            self.subject_writes,
            self.subject_writes,
            self.parent_writes,
            self.moves,
            self.related_writes,
            self.sql,
        ]
        schema = self.schema
        groups += [self.child_writes] * (2 if schema.child else 0)
        groups += [self.m2m_writes, self.tag_writes, self.through_writes] if schema.tag else []
        groups += [self.other_classes] if schema.proxy or schema.heir else []
        return self.rng.choice(list(self.rng.choice(groups)()))

    def column(self):
        schema = self.schema
        name = self.rng.choice([*schema.subject.texts, schema.subject.number, schema.flag])
        return name, {schema.subject.number: 77, schema.flag: False}.get(name, "changed")

    def subject_writes(self):
        schema, model, fk = self.schema, self.subject, self.schema.parent_fk
        (name, new), by_pk = self.column(), {"pk": pk("subject", 1)}
        both = {**by_pk, "given": value(new)}
        loaded = f"row = {model}.objects.get(pk=pk)"
        fields = f'{schema.slug}=ref, {schema.subject.texts[0]}="made"'
        making = {"ref": value("made-1"), "parent_id": pk("parent", 1)}
        at_parent = f"{fk}_id=parent_id"
        roles, lost = ["subject"], ["subject", "child", "through"]
        yield Write("create", ["create"], roles, making, [f"{model}.objects.create({fields}, {at_parent})"], at_parent)
        yield Write(
            "create", ["create"], roles, making, [f"row = {model}({fields}, {at_parent})", "row.save()"], at_parent
        )
        saved = [loaded, f"row.{name} = given"]
        yield Write("save", ["update"], roles, both, [*saved, "row.save()"], "pk=pk")
        yield Write("save", ["update"], roles, both, [*saved, f'row.save(update_fields=["{name}"])'], "pk=pk")
        given = {"row": row("subject", 1), "given": value(new)}
        yield Write("save", ["update"], roles, given, [f"row.{name} = given", "row.save()"], "pk=row.pk")
        yield Write("delete", ["delete"], lost, by_pk, [loaded, "row.delete()"], "pk=pk")
        yield Write("delete", ["delete"], lost, {"row": row("subject", 1)}, ["row.delete()"], "pk=row.pk")
        removed = [f"{model}.objects.filter(pk=pk).delete()"]
        yield Write("delete", ["queryset-delete", "delete"], lost, by_pk, removed, "pk=pk")
        under = {"parent_id": pk("parent", 1)}
        yield Write(
            "delete",
            ["queryset-delete", "delete"],
            lost,
            under,
            [f"{model}.objects.filter({at_parent}).delete()"],
            at_parent,
        )
        for where, params in (("pk=pk", both), (at_parent, {**under, "given": value(new)})):
            line = f"{model}.objects.filter({where}).update({name}=given)"
            yield Write("update", ["queryset-update"], roles, params, [line], where)
        confined, content = f"{schema.flag}=False", {"given": value(name == schema.flag or new)}
        line = f"{model}.objects.filter({confined}).update({name}=given)"
        yield Write("update", ["queryset-update"], roles, content, [line], confined)
        lines = [f"for row in {model}.objects.filter({at_parent}):", "    row.delete()"]
        yield Write("delete", ["delete"], lost, under, lines, at_parent)
        text, other = schema.subject.texts[:2]
        found = {"ref": value(f"{schema.slug}-1"), "parent_id": pk("parent", 1), "given": value("changed")}
        defaults = f'defaults={{"{text}": given, "{fk}_id": parent_id}}'
        line = f"{model}.objects.update_or_create({schema.slug}=ref, {defaults})"
        at_ref, absent = f"{schema.slug}=ref", [{"ref": value("made-4")}]
        yield Write("upsert", ["update", "create"], roles, found, [line], at_ref, others=absent)
        row_made = f"{model}({schema.slug}=ref, {text}=given, {other}=given, {at_parent})"
        conflicts = f'update_conflicts=True, unique_fields=["{schema.slug}"], update_fields=["{text}"]'
        line = f"{model}.objects.bulk_create([{row_made}], {conflicts})"
        yield Write("upsert", ["bulk-create"], roles, found, [line], at_ref, others=absent)
        made = f"{model}.objects.bulk_create([{model}({fields}, {at_parent})])"
        yield Write("bulk", ["bulk-create"], roles, making, [made], at_parent)
        lines = [
            f"rows = list({model}.objects.filter({at_parent}))",
            f"for row in rows:\n    row.{name} = given",
            f'{model}.objects.bulk_update(rows, ["{name}"])',
        ]
        yield Write("bulk", ["bulk-update"], roles, {**under, "given": value(new)}, lines, at_parent)

    def parent_writes(self):
        schema, model = self.schema, self.parent
        name = self.rng.choice(schema.parent.texts)
        under = {"parent_id": pk("parent", 1)}
        both = {**under, "given": value("changed")}
        where = f"{schema.parent_fk}_id=parent_id"
        kinds = ["set-null-cascade"] if schema.set_null else ["cascade"]
        loaded = f"top = {model}.objects.get(pk=parent_id)"
        save = self.rng.choice(["top.save()", f'top.save(update_fields=["{name}"])'])
        yield Write("rename", ["update"], ["parent"], both, [loaded, f"top.{name} = given", save], where)
        update = f"{model}.objects.filter(pk=parent_id).update({name}=given)"
        yield Write("rename", ["queryset-update"], ["parent"], both, [update], where)
        lines = [loaded, f"top.{name} = given", f'{model}.objects.bulk_update([top], ["{name}"])']
        yield Write("rename", ["bulk-update"], ["parent"], both, lines, where)
        roles = ["parent", "subject", "child", "through"]
        yield Write("close", [*kinds, "delete"], roles, under, [loaded, "top.delete()"], where)
        removed = [f"{model}.objects.filter(pk=parent_id).delete()"]
        yield Write("close", [*kinds, "delete", "queryset-delete"], roles, under, removed, where)

    def moves(self):
        model, fk = self.subject, self.schema.parent_fk
        params = {"pk": pk("subject", 1), "parent_id": pk("parent", 2)}
        loaded = f"row = {model}.objects.get(pk=pk)"
        save = self.rng.choice(["row.save()", f'row.save(update_fields=["{fk}"])'])
        lines = [loaded, f"row.{fk}_id = parent_id", save]
        yield Write("move", ["update", "move"], ["subject"], params, lines, "pk=pk")
        update = f"{model}.objects.filter(pk=pk).update({fk}_id=parent_id)"
        yield Write("move", ["queryset-update", "move"], ["subject"], params, [update], "pk=pk")

    def related_writes(self):
        """The manager that the parent has over the subject's rows."""
        schema = self.schema
        accessor = schema.parent_accessor
        loaded = f"top = {self.parent}.objects.get(pk=parent_id)"
        params = {"pk": pk("subject", 1), "parent_id": pk("parent", 2)}
        own = {"pk": pk("subject", 1), "parent_id": pk("parent", 1)}
        subject = f"{self.subject}.objects.get(pk=pk)"
        kinds, roles = ["related-manager", "move"], ["subject"]
        yield Write("attach", kinds, roles, params, [loaded, f"top.{accessor}.add({subject})"], "pk=pk")
        lines = [loaded, f"top.{accessor}.add({subject}, bulk=False)"]
        yield Write("attach", ["update", "related-manager", "move"], roles, params, lines, "pk=pk")
        made = f'top.{accessor}.create({schema.slug}="made-2", {schema.subject.texts[0]}="made")'
        under = {"parent_id": pk("parent", 1)}
        at_parent = f"{schema.parent_fk}_id=parent_id"
        yield Write("create", ["create"], roles, under, [loaded, made], at_parent)
        if schema.nullable:
            yield Write("detach", kinds, roles, own, [loaded, f"top.{accessor}.remove({subject})"], "pk=pk")
            yield Write("detach", kinds, roles, under, [loaded, f"top.{accessor}.clear()"], at_parent)
            # To a parent that has rows, which it loses, and to one that has none.
            setting, childless = [loaded, f"top.{accessor}.set([{subject}])"], [{"parent_id": pk("parent", 3)}]
            yield Write("attach", kinds, roles, params, setting, "pk=pk", others=childless)

    def child_writes(self):
        schema, model, fk = self.schema, self.child, self.schema.child_fk
        label, number = schema.child.texts[0], schema.child.number
        name, new = self.rng.choice([(label, "changed"), (number, 77)])
        roles = ["child"]
        adding = {"pk": pk("subject", 1), "given": value("more")}
        made = f"{fk}_id=pk, {label}=given"
        accessor = schema.child_accessor
        yield Write("add", ["create"], roles, adding, [f"{model}.objects.create({made})"], "pk=pk")
        lines = [f"row = {self.subject}.objects.get(pk=pk)", f"row.{accessor}.create({label}=given)"]
        yield Write("add", ["create"], roles, adding, lines, "pk=pk")
        yield Write("add", ["bulk-create"], roles, adding, [f"{model}.objects.bulk_create([{model}({made})])"], "pk=pk")
        one = {"child_id": pk("child", 1), "pk": pk("subject", 1)}
        loaded = f"part = {model}.objects.get(pk=child_id)"
        both = {**one, "given": value(new)}
        yield Write("edit", ["update"], roles, both, [loaded, f"part.{name} = given", "part.save()"], "pk=pk")
        yield Write("remove", ["delete"], roles, one, [loaded, "part.delete()"], "pk=pk")
        under = f"{fk}_id=pk"
        removed = [f"{model}.objects.filter({under}).delete()"]
        yield Write("remove", ["queryset-delete", "delete"], roles, {"pk": pk("subject", 1)}, removed, "pk=pk")
        update = f"{model}.objects.filter({under}).update({name}=given)"
        yield Write(
            "edit", ["queryset-update"], roles, {"pk": pk("subject", 1), "given": value(new)}, [update], "pk=pk"
        )
        moving = {"child_id": pk("child", 1), "pk": pk("subject", 3)}
        query = accessor if not accessor.endswith("_set") else schema.child.name.lower()
        either = f"{query}=child_id"
        yield Write("move", ["update", "move"], roles, moving, [loaded, f"part.{fk}_id = pk", "part.save()"], either)
        lines = [f"row = {self.subject}.objects.get(pk=pk)", f"row.{accessor}.add({model}.objects.get(pk=child_id))"]
        yield Write("move", ["related-manager", "move"], roles, moving, lines, either)

    def m2m_writes(self):
        schema = self.schema
        params = {"pk": pk("subject", 1), "tag_id": pk("tag", 3)}
        mine = {"pk": pk("subject", 1), "tag_id": pk("tag", 1)}
        roles, kinds = ["subject", "tag", "through"], ["m2m-change"]
        subject, tag = f"{self.subject}.objects.get(pk=pk)", f"{self.tag}.objects.get(pk=tag_id)"
        one, other = f"row.{schema.m2m}", f"mark.{schema.m2m_accessor}"
        for start, edge, end in ((f"row = {subject}", one, tag), (f"mark = {tag}", other, subject)):
            yield Write("link", kinds, roles, params, [start, f"{edge}.add({end})"], "pk=pk")
            yield Write("link", kinds, roles, mine, [start, f"{edge}.remove({end})"], "pk=pk")
            yield Write("link", kinds, roles, params, [start, f"{edge}.set([{end}])"], "pk=pk")
        yield Write("unlink", kinds, roles, {"pk": pk("subject", 1)}, [f"row = {subject}", f"{one}.clear()"], "pk=pk")
        lines = [f"mark = {tag}", f"{other}.clear()"]
        yield Write("unlink", kinds, roles, {"tag_id": pk("tag", 1)}, lines, f"{schema.m2m}=tag_id")

    def tag_writes(self):
        schema, model = self.schema, self.tag
        label, under, where = schema.tag.texts[0], {"tag_id": pk("tag", 1)}, f"{schema.m2m}=tag_id"
        loaded, roles = f"mark = {model}.objects.get(pk=tag_id)", ["tag"]
        both = {**under, "given": value("changed")}
        yield Write("rename", ["update"], roles, both, [loaded, f"mark.{label} = given", "mark.save()"], where)
        update = f"{model}.objects.filter(pk=tag_id).update({label}=given)"
        yield Write("rename", ["queryset-update"], roles, both, [update], where)
        yield Write("remove", ["delete", "cascade"], [*roles, "through"], under, [loaded, "mark.delete()"], where)

    def through_writes(self):
        schema = self.schema
        explicit = schema.explicit
        model = self.through if explicit else f"{self.subject}.{schema.m2m}.through"
        end, tag = (schema.subject.var, schema.tag.var) if explicit else (None, None)
        if not explicit:
            end, tag = schema.subject.name.lower(), schema.tag.name.lower()
        roles = ["through", "subject", "tag"]
        params = {"pk": pk("subject", 1), "tag_id": pk("tag", 3)}
        made = f"{end}_id=pk, {tag}_id=tag_id"
        yield Write("link", ["through-write", "create"], roles, params, [f"{model}.objects.create({made})"], "pk=pk")
        removed = [f"{model}.objects.filter({end}_id=pk).delete()"]
        kinds = ["through-write", "delete", "queryset-delete"]
        yield Write("unlink", kinds, roles, {"pk": pk("subject", 1)}, removed, "pk=pk")
        lines = [f"{model}.objects.bulk_create([{model}({made})])"]
        yield Write("link", ["through-write", "bulk-create"], roles, params, lines, "pk=pk")
        moved = {"pk": pk("subject", 1), "tag_id": pk("tag", 3)}
        lines = [f"{model}.objects.filter({end}_id=pk, {tag}_id=1).update({tag}_id=tag_id)"]
        yield Write("link", ["through-write", "queryset-update"], roles, moved, lines, "pk=pk")

    def other_classes(self):
        """Rows of the subject written through a proxy or a multi-table child."""
        schema = self.schema
        role = "proxy" if schema.proxy else "heir"
        model = f"<{role}>"
        number = 1 if role == "proxy" else 4
        (name, new), one = self.column(), {"pk": pk("subject", number)}
        both, roles = {**one, "given": value(new)}, [role, "subject"]
        loaded = f"row = {model}.objects.get(pk=pk)"
        yield Write("save", ["update"], roles, both, [loaded, f"row.{name} = given", "row.save()"], "pk=pk")
        yield Write("remove", ["delete"], [*roles, "child", "through"], one, [loaded, "row.delete()"], "pk=pk")
        update = f"{model}.objects.filter(pk=pk).update({name}=given)"
        yield Write("update", ["queryset-update"], roles, both, [update], "pk=pk")
        making = {"ref": value("made-3"), "parent_id": pk("parent", 1)}
        made = f'{schema.slug}=ref, {schema.subject.texts[0]}="made", {schema.parent_fk}_id=parent_id'
        at_parent = f"{schema.parent_fk}_id=parent_id"
        yield Write("create", ["create"], roles, making, [f"{model}.objects.create({made})"], at_parent)

    def sql(self):
        schema, rng = self.schema, self.rng
        name, new = self.column()
        needs = ["from django.db import connection"]

        def table(model):
            return model.table or f"{model.app}_{model.name.lower()}"

        def run(statement, *values):
            start = rng.choice([["with connection.cursor() as cursor:"], None])
            line = f'cursor.execute("{statement}", [{", ".join(values)}])'
            return (
                [f"with connection.cursor() as cursor:\n    {line}"]
                if start
                else ["cursor = connection.cursor()", line]
            )

        by_pk = {"pk": pk("subject", 1)}
        subject, kinds = table(schema.subject), ["raw-sql"]
        both = {**by_pk, "given": value(new)}
        lines = run(f"UPDATE {subject} SET {name} = %s WHERE id = %s", "given", "pk")
        yield Write("patch", kinds, ["subject"], both, lines, "pk=pk", needs=needs)
        text = schema.parent.texts[0]
        lines = run(f"UPDATE {table(schema.parent)} SET {text} = %s WHERE id = %s", "given", "parent_id")
        params = {"parent_id": pk("parent", 1), "given": value("changed")}
        yield Write("patch", kinds, ["parent"], params, lines, f"{schema.parent_fk}_id=parent_id", needs=needs)
        if schema.child:
            child, fk = schema.child, f"{schema.child_fk}_id"
            lines = run(f"DELETE FROM {table(child)} WHERE {fk} = %s", "pk")
            yield Write("patch", kinds, ["child"], by_pk, lines, "pk=pk", needs=needs)
            lines = run(
                f"INSERT INTO {table(child)} ({child.texts[0]}, {child.number}, {fk}) VALUES (%s, %s, %s)",
                "given",
                "5",
                "pk",
            )
            yield Write("patch", kinds, ["child"], {**by_pk, "given": value("sql")}, lines, "pk=pk", needs=needs)
