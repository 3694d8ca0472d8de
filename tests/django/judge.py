"""Running Django is the judge: holds every fixture against what Django does with it.

    pip install -r tests/django/requirements.txt
    python tests/django/judge.py [RULE or RULE/CASE ...] [-v]

Each case under `fixtures/` is started in a process of its own, on in-memory SQLite, with the apps it contains
installed (or the INSTALLED_APPS of its `settings.py`). For each cached model the judge saves a new row, saves it
again, saves it once for each column with `update_fields`, and deletes it; before each write it reads the row through
the caching manager, so that the entry is warm. A write is *covered* when it deletes, overwrites or bumps a key that
the manager's readers touched; any drop will do when the manager belongs to an unseen library (`stubs/`).

Then the expectations of the case must agree with what was seen:

    CL101               neither side of that model is covered
    CL102               exactly one side is
    CL106               the save side is covered for some saves and not for others
    CL103 CL105 CL108   that receiver never ran, and a side is open
    CL107               a side is open, or a many-to-many change
    none                every side of every cached model is covered

A case can tell the judge what no run can show, in a comment of any of its files:

    # judge: skip -- reason                the case is not about what a write does
    # judge: through Proxy                 also write the rows through this proxy model
    # judge: uncached Model.column         a save of only that column need not drop anything
"""

import ast
import inspect
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIXTURES = Path(os.environ.get("CACHE_LINT_FIXTURES", HERE.parents[1] / "fixtures"))
DROPS = {"delete", "delete_pattern", "clear", "set", "incr"}
WHOLE = {"clear", "delete_pattern"}
HOOK_RULES = {"CL103", "CL105", "CL106", "CL107", "CL108"}
NO_READER = "invalidat|clear|bust|drop|forget|flush|evict|bump|delete|update|create|save"
JUDGED = {"CL101", "CL102", *HOOK_RULES}
NEVER_RUN = {"CL103", "CL105", "CL108"}


# What a case says.


def sources(case):
    for path in sorted(case.rglob("*.py")):
        yield path, path.read_bytes().decode("utf-8", "replace")


def expectations(case):
    """(file, line, code) for each `# expect:` comment."""
    for path, text in sources(case):
        for number, line in enumerate(text.split("\n"), 1):
            if found := re.search(r"# expect: ([\w, ]+)", line):
                for code in found[1].split(","):
                    yield path, number, code.strip()


def source_root(case):
    """Where imports start: beside `manage.py`, else `src/`, else the case."""
    for manage in sorted(case.rglob("manage.py")):
        return manage.parent
    return case / "src" if (case / "src").is_dir() else case


def directives(case, word):
    return [m[1].strip() for _, text in sources(case) for m in re.finditer(rf"# judge: {word}\b(.*)", text)]


# Running one case.


def installed_apps(case):
    for settings in sorted(case.rglob("settings.py")):
        scope = {"__file__": str(settings), "__name__": "settings"}
        exec(compile(settings.read_bytes(), str(settings), "exec"), scope)
        return scope["INSTALLED_APPS"], scope.get("AUTH_USER_MODEL", "auth.User")
    folders = sorted(p for p in source_root(case).iterdir() if p.is_dir())
    apps = [p.name for p in folders if any((p / n).exists() for n in ("models.py", "models", "apps.py"))]
    return ["django.contrib.contenttypes", "django.contrib.auth", *apps], "auth.User"


def start_django(case):
    sys.path[:0] = [str(source_root(case)), str(HERE / "stubs")]
    sys.dont_write_bytecode = True
    from django.conf import settings

    apps, user_model = installed_apps(case)
    aliases = {m for _, text in sources(case) for m in re.findall(r"caches\[[\"'](\w+)", text)}
    settings.configure(
        INSTALLED_APPS=apps,
        AUTH_USER_MODEL=user_model,
        SECRET_KEY="judge",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        CACHES={name: {"BACKEND": "spy.Cache", "LOCATION": name} for name in {"default", *aliases}},
    )
    if any("celery" in text for _, text in sources(case)):
        import celery

        celery.Celery("judge", set_as_current=True).conf.task_always_eager = True
    import django

    django.setup()
    from django.apps import apps as registry
    from django.db import connection

    with connection.schema_editor() as editor:
        for model in registry.get_models():
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)
    return registry


counter = iter(range(1, 100_000))


def value_for(field):
    """A new valid value for a column."""
    import datetime
    import uuid
    from django.db import models

    number = next(counter)
    if field.is_relation:
        return build(field.related_model, saved=True)
    for kind, value in (
        (models.BooleanField, number % 2 == 0),
        ((models.IntegerField, models.FloatField, models.DecimalField), number % 90),
        (models.DateTimeField, datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=number)),
        (models.DateField, datetime.date(2020, 1, 1) + datetime.timedelta(days=number)),
        (models.UUIDField, uuid.uuid4()),
        (models.JSONField, {"n": number}),
    ):
        if isinstance(field, kind):
            return value
    return f"{number:x}"


def columns(model):
    parents = {link for link in model._meta.parents.values() if link}
    return [f for f in model._meta.concrete_fields if not f.primary_key and f not in parents]


def build(model, saved=False):
    row = model()
    for field in columns(model):
        if not (field.is_relation and field.null):
            setattr(row, field.name, value_for(field))
    if saved:
        row.save()
    return row


def from_library(manager):
    """The manager's cache keys are an unseen library's own."""
    return any(c.__module__ == "acme_cache" for c in type(manager).__mro__)


def own_readers(manager):
    """Bound methods that the project itself gave the manager or its queryset."""
    for owner in (manager, manager.all()):
        for cls in type(owner).__mro__:
            if cls.__module__.split(".")[0] in ("django", "acme_cache", "builtins"):
                continue
            for name, member in vars(cls).items():
                drops = re.search(NO_READER, name)
                if inspect.isfunction(member) and not name.startswith("_") and not drops and hasattr(owner, name):
                    yield getattr(owner, name)


def argument(name, row):
    if name in ("pk", "id", "ident"):
        return row.pk
    return getattr(row, name, row if name in ("obj", "instance", "row") else "x")


def warm(managers, row):
    """Reads the row through the caching managers; returns the keys that were touched."""
    import spy

    start = len(spy.calls)
    for manager in managers:
        for method in own_readers(manager):
            wanted = [p for p in inspect.signature(method).parameters.values() if p.default is p.empty]
            try:
                result = method(*(argument(p.name, row) for p in wanted if p.kind is p.POSITIONAL_OR_KEYWORD))
                list(result) if hasattr(result, "__iter__") else None
            except Exception:
                pass  # a row not there, or a method that is no reader
    return {key for _, key in spy.calls[start:]}


def caching_managers(model):
    found = []
    for manager in model._meta.managers:
        row = build(model, saved=True)
        if from_library(manager) or warm([manager], row):
            found.append(manager)
    return found


def covered(managers, row, write):
    """Whether the write drops something that the managers read."""
    import spy

    keys = warm(managers, row) if row.pk else set()
    gone = row.pk
    start = len(spy.calls)
    write()
    calls = spy.calls[start:]
    if row.pk is None:
        row.pk = gone
    keys |= warm(managers, row)
    any_drop = any(from_library(m) for m in managers)
    stores = {key.split()[0] for key in keys}
    return any(
        op in DROPS and (any_drop or key in keys or (op in WHOLE and key.split()[0] in stores)) for op, key in calls
    )


def facts_of(model, managers, uncached):
    """Which writes through this class are covered; `create` is None where a new row cannot have an entry yet."""
    shared = warm(managers, build(model, saved=True))
    row = build(model)
    create = covered(managers, row, row.save)
    if not shared & warm(managers, row) and not any(from_library(m) for m in managers):
        create = None
    row = model._base_manager.get(pk=row.pk)
    for field in columns(model):
        setattr(row, field.name, value_for(field))
    update = covered(managers, row, row.save)
    partial = {}
    for field in columns(model):
        if f"{model.__name__}.{field.name}" not in uncached:
            row = model._base_manager.get(pk=row.pk)
            setattr(row, field.name, value_for(field))
            partial[field.name] = covered(managers, row, lambda: row.save(update_fields=[field.name]))
    row = model._base_manager.get(pk=row.pk)
    m2m = {}
    for field in model._meta.many_to_many:
        related = getattr(row, field.name)
        m2m[field.name] = covered(managers, row, lambda: related.add(build(field.related_model, saved=True)))
    delete = covered(managers, row, row.delete)
    return {"create": create, "update": update, "partial": partial, "m2m": m2m, "delete": delete}


def run_case(case):
    """Prints the facts of one case as JSON: models -> writes covered, and the functions of the case that ran."""
    registry = start_django(case)
    ran = set()

    def profile(frame, event, _arg):
        if event == "call" and frame.f_code.co_filename.startswith(str(case)):
            ran.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))

    proxies, uncached = directives(case, "through"), directives(case, "uncached")
    facts = {}
    for model in registry.get_models():
        if not (case in Path(inspect.getfile(model)).parents and model._meta.managed) or model._meta.proxy:
            continue
        if managers := caching_managers(model):
            through = [m for m in registry.get_models() if m._meta.concrete_model is model and m.__name__ in proxies]
            for way in [model, *through]:
                sys.setprofile(profile)
                facts[f"{way.__module__}.{way.__qualname__}"] = facts_of(way, managers, uncached)
                sys.setprofile(None)
    print(json.dumps({"models": facts, "ran": sorted(ran)}))


# The verdict.


def function_start(path, line):
    """The first line of the function whose `def` stands on the line, decorators included: what its code object says."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.lineno == line:
            return min([node.lineno, *(d.lineno for d in node.decorator_list)])
    return None


def complaints(case, facts):
    """What the expectations say and the run denies."""
    expected = {}
    hooks = set()
    for path, line, code in expectations(case):
        if code not in JUDGED:
            continue
        name = re.match(r"\s*class (\w+)", path.read_text().split("\n")[line - 1])
        module = ".".join(path.relative_to(source_root(case)).with_suffix("").parts).removesuffix(".__init__")
        if name and code not in HOOK_RULES:
            expected[f"{module}.{name[1]}"] = code
        else:
            hooks.add(code)
            start = function_start(path, line)
            if code in NEVER_RUN and start and [str(path), start] in facts["ran"]:
                yield f"{path.name}:{line}: {code}, but it ran"
    for name in expected.keys() - facts["models"].keys():
        yield f"{name}: not a cached model"
    if not facts["models"] and (hooks or case.name.startswith("fires")):
        yield "no cached model seen"
    any_open = partly = False
    for name, seen in facts["models"].items():
        saves = [s for s in (seen["create"], seen["update"], *seen["partial"].values()) if s is not None]
        save, delete = all(saves), seen["delete"]
        partly |= any(saves) and not save
        any_open |= not (save and delete and all(seen["m2m"].values()))
        match expected.get(name):
            case "CL101" if any(saves) or delete:
                yield f"{name}: CL101, but {seen}"
            case "CL102" if save == delete or (any(saves) and not save):
                yield f"{name}: CL102, but {seen}"
            case None if not (save and delete) and not hooks:
                yield f"{name}: not covered: {seen}"
    if hooks and not any_open:
        yield f"{', '.join(sorted(hooks))}, but every side is covered"
    if "CL106" in hooks and not partly:
        yield "CL106, but every save fares alike"


def judge(case):
    if not any(sources(case)):
        return "skipped", []  # no Python, no Django
    if reasons := directives(case, "skip"):
        return "skipped", [] if all(r.startswith("--") for r in reasons) else ["skipped without a reason"]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    command = [sys.executable, __file__, "--one", str(case)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    if run.returncode:
        return "ran", [run.stderr.strip()[-1500:]]
    return "ran", list(complaints(case, json.loads(run.stdout.strip().split("\n")[-1])))


def main():
    if sys.argv[1:2] == ["--one"]:
        return run_case(Path(sys.argv[2]))
    wanted = [a for a in sys.argv[1:] if not a.startswith("-")]
    cases = [c for c in sorted(FIXTURES.glob("*/*")) if re.match("fires|quiet", c.name)]
    cases = [c for c in cases if not wanted or {c.parent.name, f"{c.parent.name}/{c.name}"} & set(wanted)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        verdicts = list(pool.map(judge, cases))
    for case, (how, problems) in zip(cases, verdicts):
        for problem in problems:
            print(f"FAILED {case.parent.name}/{case.name}: {problem}")
        if "-v" in sys.argv and not problems:
            print(f"{'skip' if how == 'skipped' else 'ok  '}   {case.parent.name}/{case.name}")
    failed = sum(bool(problems) for _, problems in verdicts)
    skipped = sum(how == "skipped" and not problems for how, problems in verdicts)
    print(f"{skipped} of {len(cases)} cases are not for the judge")
    print(f"{len(cases) - failed - skipped} passed, {failed} failed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
