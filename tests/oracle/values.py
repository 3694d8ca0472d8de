"""What an entry stores: rows, columns, related columns, children, many-to-many, aggregates, or a described row."""

from dataclasses import dataclass

ALL = "*"


@dataclass
class Value:
    """How a value is computed, and the columns of each role that reach it."""

    reads: dict
    build: object
    own_rows: bool = False

    def columns(self, role):
        return self.reads.get(role, set())


def object_values(rng, schema, field, shape):
    """Values of one row of the subject, found by its primary key or its slug."""
    title, other = rng.sample(schema.subject.texts, 2)
    number, fk, name = schema.subject.number, schema.parent_fk, schema.parent.texts[0]
    own = {title, other, number, schema.slug} if field != "pk" else {title, other, number}
    by_null = f" if row.{fk} else None" if schema.nullable else ""

    def get(rows, arg):
        return f"{rows}.get({field}={arg})"

    def dictionary(scope, rows, arg):
        return [f"row = {get(rows, arg)}"], f'{{"{title}": row.{title}, "{other}": row.{other}, "n": row.{number}}}'

    def chain(scope, rows, arg):
        joined = rng.choice([rows, f'{rows}.select_related("{fk}")'])
        return [f"row = {get(joined, arg)}"], f'{{"{title}": row.{title}, "by": row.{fk}.{name}{by_null}}}'

    def columns(scope, rows, arg):
        picked = rng.choice(
            [f'values("{title}", "{other}", "{number}")', f'values_list("{title}", "{other}", "{number}")']
        )
        return [], get(f"{rows}.{picked}", arg)

    def joined_columns(scope, rows, arg):
        return [], get(f'{rows}.values("{title}", "{fk}__{name}")', arg)

    yield Value({"subject": {ALL}}, lambda scope, rows, arg: ([], get(rows, arg)), own_rows=True)
    yield Value({"subject": own}, columns, own_rows=True)
    yield Value({"subject": own}, dictionary, own_rows=True)
    yield Value({"subject": {title, fk}, "parent": {name}}, chain, own_rows=True)
    yield Value({"subject": {title, fk}, "parent": {name}}, joined_columns, own_rows=True)
    yield Value(
        {"subject": {ALL}, "parent": {ALL}},
        lambda scope, rows, arg: ([], get(f'{rows}.select_related("{fk}")', arg)),
        own_rows=True,
    )
    if schema.child:
        yield from child_values(rng, schema, field)
    if schema.tag:
        label = schema.tag.texts[0]
        listed = rng.choice(
            [
                f"[t.{label} for t in row.{schema.m2m}.all()]",
                f'list(row.{schema.m2m}.values_list("{label}", flat=True))',
            ]
        )
        yield Value(
            {"subject": {title}, "tag": {label}},
            lambda scope, rows, arg: ([f"row = {get(rows, arg)}"], f'{{"{title}": row.{title}, "tags": {listed}}}'),
        )
    if shape:
        yield Value(
            shape.reads, lambda scope, rows, arg: ([], f"{scope.ref(shape.symbol)}({get(rows, arg)})")
        )


def child_values(rng, schema, field):
    """Values made of the rows that point at the subject."""
    child, label, fk, number = schema.child, schema.child.texts[0], schema.child_fk, schema.child.number
    where = f"{fk}_id" if field == "pk" else f"{fk}__{field}"

    def listed(scope, rows, arg):
        lines = [f"row = {rows}.get({field}={arg})"]
        return lines, f"[c.{label} for c in row.{schema.child_accessor}.all()]"

    def plain(scope, rows, arg):
        return [], f'list({scope.ref(child.symbol)}.objects.filter({where}={arg}).values("{label}", "{number}"))'

    def count(scope, rows, arg):
        return [], f"{scope.ref(child.symbol)}.objects.filter({where}={arg}).count()"

    def total(scope, rows, arg):
        scope.need("from django.db.models import Sum")
        lines = [f"row = {rows}.get({field}={arg})"]
        return lines, f'row.{schema.child_accessor}.aggregate(total=Sum("{number}"))["total"] or 0'

    yield Value({"subject": set(), "child": {label, fk}}, listed)
    yield Value({"child": {label, number, fk}}, plain)
    yield Value({"child": {fk}}, count)
    yield Value({"subject": set(), "child": {number, fk}}, total)


def parent_values(rng, schema, field, shape):
    """Values of all the subject's rows under one parent."""
    title, other = rng.sample(schema.subject.texts, 2)
    number, flag, fk, name = schema.subject.number, schema.flag, schema.parent_fk, schema.parent.texts[0]

    def under(rows, arg, *more):
        return f"{rows}.filter({', '.join([f'{fk}_id={arg}', *more])})"

    def loop(scope, rows, arg):
        lines = ["found = []", f"for row in {under(rows, arg)}:", f"    found.append((row.{title}, row.{number}))"]
        return lines, "found"

    def total(scope, rows, arg):
        scope.need("from django.db.models import Sum")
        return [], f'{under(rows, arg)}.aggregate(total=Sum("{number}"))["total"] or 0'

    def with_parent(scope, rows, arg):
        lines = [f"top = {scope.ref(schema.parent.symbol)}.objects.get(pk={arg})"]
        listed = f"[row.{title} for row in top.{schema.parent_accessor}.all()]"
        return lines, f'{{"name": top.{name}, "rows": {listed}}}'

    yield Value({"subject": {ALL}}, lambda s, rows, arg: ([], f"list({under(rows, arg)})"), own_rows=True)
    yield Value({"subject": {title, number, fk}}, loop, own_rows=True)
    yield Value(
        {"subject": {title, other, flag, fk}},
        lambda s, rows, arg: ([], f'list({under(rows, arg, f"{flag}=True")}.values("{title}", "{other}"))'),
        own_rows=True,
    )
    yield Value(
        {"subject": {flag, fk}},
        lambda s, rows, arg: ([], f"{under(rows, arg, f'{flag}=True')}.count()"),
        own_rows=True,
    )
    yield Value({"subject": {number, fk}}, total, own_rows=True)
    yield Value({"subject": {title, fk}, "parent": {name}}, with_parent)
    if schema.tag:
        label = schema.tag.texts[0]
        yield Value(
            {"subject": {title, fk}, "tag": {label}},
            lambda s, rows, arg: (
                [f'rows = {under(rows, arg)}.prefetch_related("{schema.m2m}")'],
                f"[(r.{title}, [t.{label} for t in r.{schema.m2m}.all()]) for r in rows]",
            ),
        )
    if shape:
        yield Value(
            {**shape.reads, "subject": shape.reads["subject"] | {fk}},
            lambda scope, rows, arg: ([], f"[{scope.ref(shape.symbol)}(row) for row in {under(rows, arg)}]"),
        )


def whole_values(rng, schema, field, shape):
    """Values of all rows of the subject."""
    title, other = rng.sample(schema.subject.texts, 2)
    flag, fk, name, slug = schema.flag, schema.parent_fk, schema.parent.texts[0], schema.slug

    def simple(reads, text):
        return Value(reads, lambda scope, rows, arg: ([], text.format(rows=rows)), own_rows=True)

    yield simple({"subject": {ALL}}, f'list({{rows}}.order_by("{title}", "pk"))')
    yield simple({"subject": {title, flag}}, f'list({{rows}}.filter({flag}=True).values_list("{title}", flat=True))')
    yield simple({"subject": {title, slug}}, f"{{{{row.{slug}: row.{title} for row in {{rows}}.all()}}}}")
    yield simple({"subject": {flag}}, f"{{rows}}.exclude({flag}=True).count()")
    yield simple({"subject": {title, fk}, "parent": {name}}, f'list({{rows}}.values("{title}", "{fk}__{name}"))')
    if shape:
        yield Value(
            shape.reads,
            lambda scope, rows, arg: ([], f"[{scope.ref(shape.symbol)}(row) for row in {rows}.all()]"),
        )


@dataclass
class Shape:
    """A function in a module of its own that turns a row into a dictionary."""

    symbol: object
    reads: dict


def draw_shape(rng, names, schema, module):
    title, fk, name = schema.subject.texts[0], schema.parent_fk, schema.parent.texts[1]
    reads = {"subject": {title}}
    items = [f'"{title}": row.{title}']
    if rng.random() < 0.6:
        reads["subject"].add(fk)
        reads["parent"] = {name}
        by_null = f" if row.{fk} else None" if schema.nullable else ""
        items.append(f'"of": row.{fk}.{name}{by_null}')
    if schema.tag and rng.random() < 0.5:
        label = schema.tag.texts[0]
        reads["tag"] = {label}
        items.append(f'"tags": [t.{label} for t in row.{schema.m2m}.all()]')
    if schema.child and rng.random() < 0.4:
        reads["child"] = {schema.child_fk}
        items.append(f'"size": row.{schema.child_accessor}.count()')
    symbol = module.define(names.function(["describe", "render", "as_dict", "present", "shape"], schema.subject.var))
    module.add("\n".join([f"def {symbol.name}(row):", f"    return {{{', '.join(items)}}}"]))
    return Shape(symbol, reads)


DRAW = {"object": object_values, "parent": parent_values, "whole": whole_values}


def draw_value(rng, schema, granularity, field, shape, own_rows=False):
    """A value for entries of this granularity; `own_rows` asks for what a manager can do."""
    found = list(DRAW[granularity](rng, schema, field, shape))
    found = [v for v in found if v.own_rows or not own_rows]
    # Plain columns are most of the list: half of the time, one related model decides.
    role = rng.choice(["subject", "parent", *[r for r in ("child", "tag") if r in schema.models]])
    related = [v for v in found if role in v.reads]
    return rng.choice(related if related and rng.random() < 0.6 else found)
