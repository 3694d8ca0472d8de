"""Draws the models of an app and their relations, and writes them down as Django models."""

from dataclasses import dataclass, field

from names import APPS, FLAGS, MODELS, NUMBERS, SLUGS, TEXTS, snake
from source import Module, Symbol, indent


@dataclass
class Model:
    """One model; the role says what it is to the subject, whose rows are cached."""

    role: str
    name: str
    module: str
    texts: list
    number: str
    bases: list = field(default_factory=list)
    members: list = field(default_factory=list)
    table: str = ""

    @property
    def symbol(self):
        return Symbol(self.module, self.name)

    @property
    def var(self):
        return snake(self.name)

    @property
    def app(self):
        return self.module.split(".")[0]

    @property
    def label(self):
        return f"{self.app}.{self.name}"


@dataclass
class Schema:
    """The models by role, and the names of the fields that relate them."""

    models: dict
    modules: dict
    slug: str
    flag: str
    parent_fk: str
    set_null: bool
    nullable: bool
    parent_accessor: str
    child_fk: str = ""
    child_accessor: str = ""
    m2m: str = ""
    m2m_accessor: str = ""
    m2m_on_tag: bool = False
    base: Symbol | None = None
    base_texts: tuple = ()
    manager_lines: list = field(default_factory=list)

    def __getattr__(self, role):
        """`schema.subject`, and `None` for a role that no model has."""
        return self.__dict__.get("models", {}).get(role)

    @property
    def explicit(self):
        return "through" in self.models

    def family(self, role):
        """The classes through which rows of this role are written."""
        return [self.models[r] for r in ((role, "proxy", "heir") if role == "subject" else (role,)) if r in self.models]


def draw_schema(rng, names):
    apps = [names.draw(APPS) for _ in range(rng.choice([1, 1, 2]))]
    modules = {f"{app}.models": Module(f"{app}.models", rng, cyclic=True) for app in apps}

    def model(role, app, texts):
        columns = [names.draw(TEXTS) for _ in range(texts)]
        name = names.draw(MODELS)
        made = Model(role, name, f"{app}.models", columns, names.draw(NUMBERS))
        made.table = names.rng.choice(["", "", f"{app[:2]}_{made.var}s"])
        return made

    models = {"subject": model("subject", apps[0], rng.choice([2, 3])), "parent": model("parent", apps[-1], 2)}
    if rng.random() < 0.5:
        models["child"] = model("child", apps[0], 1)
    if rng.random() < 0.45:
        models["tag"] = model("tag", apps[-1], 1)
        if rng.random() < 0.45:
            models["through"] = model("through", apps[0], 0)
    subject, parent = models["subject"], models["parent"]
    if rng.random() < 0.15:
        models["proxy"] = model("proxy", apps[0], 0)
    elif rng.random() < 0.15:
        models["heir"] = model("heir", apps[0], 1)
    set_null = rng.random() < 0.4
    related = rng.choice(["", f"all_{subject.var}s", f"{subject.var}s"])
    schema = Schema(
        models=models,
        modules=modules,
        slug=names.draw(SLUGS),
        flag=names.draw(FLAGS),
        parent_fk=rng.choice([parent.var, "owner", "belongs_to", f"{parent.var}_ref"]),
        set_null=set_null,
        nullable=set_null or rng.random() < 0.2,
        parent_accessor=related or f"{subject.var}_set",
    )
    if schema.child:
        schema.child_fk = rng.choice([subject.var, "target", "of"])
        schema.child_accessor = rng.choice([f"{schema.child.var}s", f"{schema.child.var}_set"])
    if schema.tag:
        schema.m2m = f"{schema.tag.var}s"
        schema.m2m_on_tag = rng.random() < 0.25
        named = schema.m2m_on_tag or rng.random() < 0.5
        schema.m2m_accessor = f"{subject.var}s_of" if named else f"{subject.var}_set"
    if rng.random() < 0.35:
        home = Module(f"{apps[0]}.{names.draw(['bases', 'mixins', 'abstract'])}", rng)
        home = rng.choice([home, modules[f"{apps[0]}.models"]])
        modules.setdefault(home.dotted, home)
        schema.base = Symbol(home.dotted, names.klass("Base", "Mixin", "Common", "Model"))
        schema.base_texts = tuple(subject.texts[: rng.choice([1, 1, 2])])
    return schema


def column_lines(model, skip=()):
    lines = [f"{name} = models.CharField(max_length=80)" for name in model.texts if name not in skip]
    return [*lines, f"{model.number} = models.IntegerField(default=4)"]


def reference(rng, model, app):
    return rng.choice([model.name, f'"{model.name}"', f'"{model.label}"']) if model.app == app else f'"{model.label}"'


def relation_lines(rng, schema, model):
    """The relation fields that this model defines."""
    subject = schema.subject
    if model.role == "subject":
        named = schema.parent_accessor
        related = "" if named.endswith("_set") else f', related_name="{named}"'
        action = "SET_NULL" if schema.set_null else "CASCADE"
        null = ", null=True, blank=True" if schema.nullable else ""
        target = reference(rng, schema.parent, subject.app)
        yield f"{schema.parent_fk} = models.ForeignKey({target}, on_delete=models.{action}{null}{related})"
    if model.role == "child":
        related = "" if schema.child_accessor.endswith("_set") else f', related_name="{schema.child_accessor}"'
        target = reference(rng, subject, model.app)
        yield f"{schema.child_fk} = models.ForeignKey({target}, models.CASCADE{related})"
    if model.role == "through":
        for end in (subject, schema.tag):
            yield f"{end.var} = models.ForeignKey({reference(rng, end, model.app)}, on_delete=models.CASCADE)"
    if schema.tag and model.role == ("tag" if schema.m2m_on_tag else "subject"):
        through = f', through="{schema.through.label}"' if schema.explicit else ""
        if schema.m2m_on_tag:
            yield (
                f'{schema.m2m_accessor} = models.ManyToManyField("{subject.label}", '
                f'related_name="{schema.m2m}"{through})'
            )
        else:
            related = "" if schema.m2m_accessor.endswith("_set") else f', related_name="{schema.m2m_accessor}"'
            yield f'{schema.m2m} = models.ManyToManyField("{schema.tag.label}"{related}{through})'


def write_models(rng, schema):
    """Adds the model classes to their modules; members that hooks and entries drew come last in each class."""
    for role in ("base", "parent", "tag", "subject", "proxy", "heir", "child", "through"):
        if role == "base":
            write_base(schema)
        elif role in schema.models:
            write_model(rng, schema, schema.models[role])


def write_base(schema):
    if schema.base:
        module = schema.modules[schema.base.module]
        module.need("from django.db import models")
        fields = [f"{name} = models.CharField(max_length=80)" for name in schema.base_texts]
        body = indent([*fields, "", "class Meta:\n    abstract = True"])
        module.add("\n".join([f"class {schema.base.name}(models.Model):", *body]))


def write_model(rng, schema, model):
    module = schema.modules[model.module]
    module.need("from django.db import models")
    bases = [module.ref(b) for b in model.bases]
    body = []
    meta = [f'db_table = "{model.table}"'] if model.table else []
    if model.role == "proxy":
        bases.append(schema.subject.name)
        meta = ["proxy = True"]
    elif model.role == "heir":
        bases.append(schema.subject.name)
        body = column_lines(model)
    else:
        base = model.role == "subject" and schema.base
        bases.append(module.ref(schema.base) if base else "models.Model")
        if model.role == "subject":
            body = [f"{schema.slug} = models.CharField(max_length=80, unique=True)"]
        body += column_lines(model, schema.base_texts if base else ())
        if model.role == "subject":
            body.append(f"{schema.flag} = models.BooleanField(default=True)")
        body += relation_lines(rng, schema, model)
        if model.role == "subject":
            body += schema.manager_lines
    if meta:
        body += ["", "class Meta:", *indent(meta)]
    for member in model.members:
        body += ["", member]
    module.add("\n".join([f"class {model.name}({', '.join(bases)}):", *indent(body or ["pass"])]))
