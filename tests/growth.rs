//! Programs that somebody wrote to be slow: four times as much of one takes at most eight times as long.

#![cfg(unix)]

mod project;

use std::process::Command;

use project::Project;

const HEAD: &str = "from django.core.cache import cache
from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver


";
const CACHED: &str = "class M(models.Model):\n    objects = CacheManager()\n\n\n";
const MODEL: &str = "class M(models.Model):\n    pass\n\n\n";
const CARGO: &str = "[package]\nname = \"a\"\n";

/// A kind of program: what there is much of, how much of it, and how the files look.
type Family = (&'static str, usize, fn(usize) -> Vec<(String, String)>);

/// The milliseconds below which a clock that ticks a hundred times a second tells no times apart.
const LEAST: u64 = 20;

/// How often something is repeated in a text.
fn many(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect()
}

/// A program of one module.
fn module(text: String) -> Vec<(String, String)> {
    vec![("m.py".to_owned(), format!("{HEAD}{text}"))]
}

/// An app with models, which runs.
fn app_of(text: String) -> Vec<(String, String)> {
    let file = |(name, text): (&str, String)| (name.to_owned(), text);
    let models = ("a/models.py", format!("{HEAD}{text}"));
    [("manage.py", String::new()), ("a/__init__.py", String::new()), models].map(file).into()
}

/// A crate of one file.
fn crate_of(text: String) -> Vec<(String, String)> {
    vec![("src/main.rs".to_owned(), text), ("Cargo.toml".to_owned(), CARGO.to_owned())]
}

/// A package of so many modules, and one that begins with them.
fn package(count: usize, text: impl Fn(usize) -> String, last: &str) -> Vec<(String, String)> {
    let modules = (0..count).map(|at| (format!("p/m{at}.py"), text(at)));
    let others =
        [("p/__init__.py".to_owned(), String::new()), (format!("p/m{count}.py"), last.to_owned())];
    modules.chain(others).collect()
}

/// An app, with a foreign key and a base class in another one.
fn app(at: usize, other: usize) -> Vec<(String, String)> {
    let files = [
        ("__init__.py", String::new()),
        (
            "apps.py",
            format!(
                "from django.apps import AppConfig\n\n\nclass A{at}(AppConfig):\n    name = 'a{at}'\n\n    def ready(self):\n        from . import signals\n"
            ),
        ),
        (
            "base.py",
            format!("{HEAD}class Base(models.Model):\n    class Meta:\n        abstract = True\n"),
        ),
        (
            "models.py",
            format!(
                "{HEAD}from a{other}.base import Base\n\n\nclass M{at}(Base):\n    next = models.ForeignKey('a{other}.M{other}', on_delete=models.CASCADE)\n"
            ),
        ),
        (
            "signals.py",
            format!(
                "{HEAD}from a{at}.models import M{at}\nfrom a{at}.services import drop\n\n\n@receiver(post_save, sender=M{at})\ndef r(instance, **kwargs):\n    drop(instance.pk)\n"
            ),
        ),
        (
            "services.py",
            format!(
                "{HEAD}from a{at}.models import M{at}\n\n\ndef get(pk):\n    row = M{at}.objects.select_related('next').get(pk=pk)\n    cache.set(f'm{at}:{{pk}}', row.next.name)\n\n\ndef drop(pk):\n    cache.delete(f'm{at}:{{pk}}')\n\n\ndef rename(pk, name):\n    M{at}.objects.filter(pk=pk).update(name=name)\n"
            ),
        ),
    ];
    files.map(|(name, text)| (format!("a{at}/{name}"), text)).into()
}

#[rustfmt::skip]
const FAMILIES: &[Family] = &[
    ("nested brackets", 40, |n| module(many(n, |i| format!("x{i} = {}{}\n", "[".repeat(900), "]".repeat(900))))),
    ("assignments", 500, |n| module(format!(
        "def f(x0):\n{}    cache.set('a', x{n})\n", many(n, |i| format!("    x{} = x{i}\n", i + 1)),
    ))),
    ("assignments of a module", 500, |n| module(format!(
        "x0 = cache\n{}\n\ndef f():\n    x{n}.set('a', M.objects.get(pk=1))\n\n\n{MODEL}", many(n, |i| format!("x{} = x{i}\n", i + 1)),
    ))),
    ("parts of a key", 250, |n| module(format!(
        "def f():\n    k = ''\n{}    cache.set(k, M.objects.get(pk=1))\n\n\n{MODEL}", many(n, |i| format!("    k = k + 'a{i}'\n")),
    ))),
    ("subclasses of one model", 150, |n| module(format!(
        "{CACHED}{}", many(n, |i| format!("class M{i}(M):\n    pass\n\n\n")),
    ))),
    ("models, each below the last", 15, |n| module(format!(
        "class M0(models.Model):\n    objects = CacheManager()\n\n\n{}", many(n, |i| format!("class M{}(M{i}):\n    pass\n\n\n", i + 1)),
    ))),
    ("diamonds of classes", 50, |n| module(format!(
        "class A0:\n    pass\n\n\n{}class M(A{n}, models.Model):\n    objects = CacheManager()\n",
        many(n, |i| format!("class B{i}(A{i}):\n    pass\n\n\nclass C{i}(A{i}):\n    pass\n\n\nclass A{}(B{i}, C{i}):\n    pass\n\n\n", i + 1)),
    ))),
    ("modules that import each other in a ring", 100, |n| package(n, |i| format!(
        "{HEAD}from p.m{next} import M{next}\n\n\nclass M{i}(models.Model):\n    pass\n", next = (i + 1) % n,
    ), "")),
    ("modules that take everything over from the next", 100, |n| package(
        n, |i| format!("from p.m{} import *\n", i + 1), &format!("{HEAD}{CACHED}"),
    )),
    ("receivers of one sender", 150, |n| module(format!(
        "{CACHED}{}", many(n, |i| format!("@receiver(post_save, sender=M)\ndef r{i}(instance, **kwargs):\n    cache.delete(f'm:{{instance.pk}}')\n\n\n")),
    ))),
    ("receivers of all senders", 150, |n| module(format!(
        "{CACHED}{}", many(n, |i| format!("@receiver(post_save)\ndef r{i}(instance, **kwargs):\n    cache.delete(f'other{i}:{{instance.pk}}')\n\n\n")),
    ))),
    ("functions that call each other in a ring", 150, |n| module(format!(
        "{MODEL}{}def g(pk):\n    cache.set(f'm:{{pk}}', M.objects.get(pk=pk))\n    f0(pk)\n",
        many(n, |i| format!("def f{i}(x):\n    cache.delete(f'm:{{x}}')\n    M.objects.filter(pk=x).update(a={i})\n    f{}(x)\n\n\n", (i + 1) % n)),
    ))),
    ("models with relations", 150, |n| module(format!(
        "{}def g(pk):\n    cache.set('a', M0.objects.select_related('next').get(pk=pk).next.next)\n\n\ndef d():\n    cache.delete('a')\n",
        many(n, |i| format!("class M{i}(models.Model):\n    next = models.ForeignKey('M{}', on_delete=models.CASCADE)\n    many = models.ManyToManyField('M{}')\n\n\n", (i + 1) % n, (i * 7 + 3) % n)),
    ))),
    ("cached models with relations", 75, |n| module(many(n, |i| format!(
        "class M{i}(models.Model):\n    next = models.ForeignKey('M{}', on_delete=models.CASCADE)\n    objects = CacheManager()\n\n\n", (i + 1) % n,
    )))),
    ("fills of one key", 100, |n| module(format!(
        "{MODEL}{}def d(pk):\n    cache.delete(f'm:{{pk}}')\n", many(n, |i| format!("def g{i}(pk):\n    cache.set(f'm:{{pk}}', M.objects.get(pk=pk))\n\n\n")),
    ))),
    ("keys, each with a drop of its own", 100, |n| module(format!(
        "{MODEL}{}", many(n, |i| format!("def g{i}(pk):\n    cache.set(f'm{i}:{{pk}}', M.objects.get(pk=pk))\n\n\ndef d{i}(pk):\n    cache.delete(f'm{i}:{{pk}}')\n\n\n")),
    ))),
    ("keys, each with a receiver of its own that nothing imports", 50, |n| module(format!(
        "{MODEL}{}", many(n, |i| format!("def g{i}(pk):\n    cache.set(f'm{i}:{{pk}}', M.objects.get(pk=pk))\n\n\n@receiver(post_save, sender=M)\ndef r{i}(instance, **kwargs):\n    cache.delete(f'm{i}:{{instance.pk}}')\n\n\n")),
    ))),
    ("models, each with a key and a receiver of its own", 100, |n| module(many(n, |i| format!(
        "class M{i}(models.Model):\n    pass\n\n\ndef g{i}(pk):\n    cache.set(f'm{i}:{{pk}}', M{i}.objects.get(pk=pk))\n\n\n@receiver(post_save, sender=M{i})\ndef r{i}(instance, **kwargs):\n    cache.delete(f'm{i}:{{instance.pk}}')\n\n\n",
    )))),
    ("diamonds of cached models", 10, |n| module(format!(
        "class A0(models.Model):\n    objects = CacheManager()\n\n\n{}",
        many(n, |i| format!("class B{i}(A{i}):\n    pass\n\n\nclass C{i}(A{i}):\n    pass\n\n\nclass A{}(B{i}, C{i}):\n    pass\n\n\n", i + 1)),
    ))),
    ("writers", 250, |n| module(format!(
        "{CACHED}{}", many(n, |i| format!("def w{i}(pk):\n    M.objects.filter(pk=pk).update(a={i})\n\n\n")),
    ))),
    ("branches", 400, |n| module(format!(
        "def g(x):\n    if x == -1:\n        pass\n{}", many(n, |i| format!("    elif x == {i}:\n        cache.set('k{i}', x)\n")),
    ))),
    ("conditions one after the other", 400, |n| module(format!(
        "def g(x):\n    y = M.objects.all()\n{}    cache.set('k', y)\n\n\n{MODEL}", many(n, |i| format!("    if x == {i}:\n        y = y.filter(a={i})\n")),
    ))),
    ("comments", 500, |n| module(many(n, |i| format!("x{i} = 1  # cache-lint: ignore[CL101]\n")))),
    ("files that cannot be read", 250, |n| (0..n).map(|i| (format!("a{i}.py"), "x = (\n".to_owned())).collect()),
    ("methods that call each other", 75, |n| module(format!(
        "class M(models.Model):\n    objects = CacheManager()\n\n{}", many(n, |i| format!("    def m{i}(self):\n        self.m{}()\n        self.save()\n\n", (i + 1) % n)),
    ))),
    ("methods of one name", 75, |n| module(format!(
        "{CACHED}{}", many(n, |i| format!("class S{i}:\n    def drop(self, o):\n        cache.delete(o)\n        o.drop(self)\n\n\n")),
    ))),
    ("app configurations", 400, |n| (0..n).map(|i| (format!("a{i}/apps.py"), format!(
        "from django.apps import AppConfig\n\n\nclass A{i}(AppConfig):\n    name = 'a{i}'\n\n    def ready(self):\n        from . import signals\n",
    ))).collect()),
    ("app configurations of one module", 1000, |n| vec![("a/apps.py".to_owned(), format!(
        "from django.apps import AppConfig\n\n\n{}", many(n, |i| format!("class A{i}(AppConfig):\n    name = 'a{i}'\n\n    def ready(self):\n        from a import s{i}\n\n\n")),
    ))]),
    ("apps, each with models, receivers and services", 100, |n| (0..n).flat_map(|i| app(i, (i + 1) % n)).collect()),
    ("settings that take over others", 200, |n| package(
        n, |i| format!("from p.m{} import *\nINSTALLED_APPS = ['a{i}.apps.A', 'p']\nCACHES = {{'default': {{'TIMEOUT': {i}}}}}\n", i + 1), "INSTALLED_APPS = []\n",
    )),
    ("programs with settings of their own", 150, |n| (0..n).flat_map(|i| [
        (format!("p{i}/settings.py"), format!("ROOT_URLCONF = 'p{i}.urls'\nINSTALLED_APPS = ['p{i}', 'django.contrib.auth']\n")),
        (format!("p{i}/models.py"), format!("{HEAD}class M{i}(models.Model):\n    objects = CacheManager()\n\n\n@receiver(post_save)\ndef r(sender, **kwargs):\n    cache.delete('a{i}')\n\n\ndef f(pk):\n    cache.set('a{i}', M{i}.objects.get(pk=pk))\n")),
    ]).collect()),
    ("proxies of one model", 300, |n| module(format!(
        "{CACHED}{}", many(n, |i| format!("class P{i}(M):\n    class Meta:\n        proxy = True\n\n\n@receiver(post_save, sender=P{i})\ndef r{i}(instance, **kwargs):\n    cache.delete(f'm:{{instance.pk}}')\n\n\n")),
    ))),
    ("managers, each from the queryset of the last", 75, |n| module(format!(
        "class Q0(models.QuerySet):\n    def f0(self):\n        return self.filter(a=0)\n\n\nclass C0(models.Manager):\n    pass\n\n\n{}class M(models.Model):\n    objects = C{n}()\n\n\ndef g():\n    cache.set('a', list(M.objects.f{n}()))\n\n\ndef d():\n    cache.delete('a')\n",
        many(n, |i| format!("class Q{next}(Q{i}):\n    def f{next}(self):\n        return self.f{i}().filter(a={i})\n\n\nclass C{next}(C{i}.from_queryset(Q{next})):\n    pass\n\n\n", next = i + 1)),
    ))),
    ("models, each with a manager from a queryset", 150, |n| module(many(n, |i| format!(
        "class Q{i}(models.QuerySet):\n    def f(self):\n        cache.delete('a{i}')\n        return self.update(a=0)\n\n\nclass M{i}(models.Model):\n    objects = models.Manager.from_queryset(Q{i})()\n\n\ndef g{i}():\n    cache.set('a{i}', list(M{i}.objects.all()))\n    M{i}.objects.f()\n\n\n",
    )))),
    ("branches in each other", 80, |n| module(format!(
        "{MODEL}def g(x, pk):\n{}{}cache.delete('k')\n",
        many(n, |i| format!("{indent}if x == {i}:\n{indent}    cache.set('k{i}', M.objects.get(pk=pk))\n{indent}else:\n", indent = "    ".repeat(i + 1))), "    ".repeat(n + 1),
    ))),
    ("branches that build a key", 75, |n| module(format!(
        "{MODEL}def g(x, pk):\n    k = 'a'\n{}", many(n, |i| format!("    if x == {i}:\n        k = k + 'b{i}'\n        cache.set(k, M.objects.get(pk=pk))\n    else:\n        k = k + 'c{i}'\n        cache.delete(k)\n")),
    ))),
    ("conditions joined to one", 1000, |n| module(format!(
        "{MODEL}def g(pk):\n    cache.set('a', list(M.objects.filter({}models.Q())))\n\n\ndef d():\n    cache.delete('a')\n", many(n, |i| format!("models.Q(a{i}={i}) | ")),
    ))),
    ("conditions joined one after the other", 500, |n| module(format!(
        "{MODEL}def g(pk):\n    q = models.Q()\n{}    cache.set('a', list(M.objects.filter(q)))\n\n\ndef d():\n    cache.delete('a')\n", many(n, |i| format!("    q |= models.Q(a{i}={i})\n")),
    ))),
    ("queries, each on the last", 500, |n| module(format!(
        "{MODEL}def g(pk):\n    cache.set('a', list(M.objects{}))\n\n\ndef d():\n    cache.delete('a')\n", many(n, |i| format!(".filter(a{i}=pk).exclude(b{i}=1).order_by('c{i}').annotate(d{i}=models.F('e{i}'))")),
    ))),
    ("keys in a dict", 150, |n| module(format!(
        "{MODEL}KEYS = {{\n{}}}\n\n\n{}",
        many(n, |i| format!("    'k{i}': 'key:{i}:{{pk}}',\n")),
        many(n, |i| format!("def g{i}(pk):\n    cache.set(KEYS['k{i}'].format(pk=pk), M.objects.get(pk=pk))\n\n\ndef d{i}(pk):\n    cache.delete(KEYS['k{i}'].format(pk=pk))\n\n\n")),
    ))),
    ("memoised functions", 200, |n| module(format!(
        "from functools import lru_cache\n\n\n{}", many(n, |i| format!("class M{i}(models.Model):\n    pass\n\n\n@lru_cache\ndef g{i}(pk):\n    return M{i}.objects.get(pk=pk)\n\n\ndef d{i}(pk):\n    M{i}.objects.filter(pk=pk).update(a={i})\n    g{i}.cache_clear()\n\n\n")),
    ))),
    ("memoised functions that call each other in a ring", 200, |n| module(format!(
        "from functools import lru_cache\n\n\n{MODEL}{}def d(pk):\n    M.objects.filter(pk=pk).update(a=1)\n    g0.cache_clear()\n",
        many(n, |i| format!("@lru_cache\ndef g{i}(pk):\n    return M.objects.get(pk=pk), g{}(pk)\n\n\n", (i + 1) % n)),
    ))),
    ("decorators of one function", 200, |n| module(format!(
        "{MODEL}{}{}def g(pk):\n    row = M.objects.get(pk=pk)\n    cache.set('a', row)\n    row.save()\n",
        many(n, |i| format!("def d{i}(f):\n    def w(*args, **kwargs):\n        cache.delete('a')\n        return f(*args, **kwargs)\n    return w\n\n\n")), many(n, |i| format!("@d{i}\n")),
    ))),
    ("senders of one receiver", 100, |n| module(format!(
        "{}{}def r(instance, **kwargs):\n    cache.delete(instance.pk)\n",
        many(n, |i| format!("class M{i}(models.Model):\n    objects = CacheManager()\n\n\n")), many(n, |i| format!("@receiver(post_save, sender=M{i})\n")),
    ))),
    ("cases", 150, |n| module(format!(
        "{MODEL}def g(x, pk):\n    match x:\n{}", many(n, |i| format!("        case {{'a': {i}, 'b': [y, *z]}} | A{i}(b=y):\n            cache.set(f'k{i}:{{y}}', M.objects.get(pk=pk))\n")),
    ))),
    ("comprehensions in each other", 50, |n| module(format!(
        "{MODEL}def g(x{n}):\n    cache.set('a', {}M.objects.get(pk=x0){})\n\n\ndef d():\n    cache.delete('a')\n",
        "[".repeat(n), many(n, |i| format!(" for x{i} in rows(x{})]", i + 1)),
    ))),
    ("texts added to a key", 500, |n| module(format!(
        "{MODEL}def g(pk, a):\n    cache.set({parts}'', M.objects.get(pk=pk))\n\n\ndef d(pk, a):\n    cache.delete({parts}'')\n", parts = many(n, |i| format!("'k{i}' + str(a.b{i}) + ")),
    ))),
    ("holes of a key", 500, |n| module(format!(
        "{MODEL}def g(pk, a):\n    cache.set(f'{parts}', M.objects.get(pk=pk))\n\n\ndef d(pk, a):\n    cache.delete(f'{parts}')\n", parts = many(n, |i| format!("k{i}:{{a.b{i}}}")),
    ))),
    ("drops put off to the commit", 300, |n| module(format!(
        "from django.db import transaction\n\n\n{MODEL}def g(pk):\n    cache.set('a', M.objects.get(pk=pk))\n\n\n@receiver(post_save, sender=M)\ndef r(instance, **kwargs):\n{}", many(n, |i| format!("    transaction.on_commit(lambda: cache.delete('a{i}'))\n")),
    ))),
    ("tasks that call each other in a ring", 75, |n| module(format!(
        "from celery import shared_task\n\n\n{MODEL}{}@receiver(post_save, sender=M)\ndef r(instance, **kwargs):\n    t0.delay(instance.pk)\n",
        many(n, |i| format!("@shared_task\ndef t{i}(pk):\n    cache.delete(f'm{i}:{{pk}}')\n    t{}.delay(pk)\n\n\ndef g{i}(pk):\n    cache.set(f'm{i}:{{pk}}', M.objects.get(pk=pk))\n\n\n", (i + 1) % n)),
    ))),
    ("keys, all dropped by one receiver", 50, |n| module(format!(
        "{MODEL}{}@receiver(post_save, sender=M)\ndef r(instance, **kwargs):\n{}",
        many(n, |i| format!("def g{i}(pk):\n    cache.set(f'm{i}:{{pk}}', M.objects.get(pk=pk))\n\n\n")), many(n, |i| format!("    cache.delete(f'm{i}:{{instance.pk}}')\n")),
    ))),
    ("bases that override the same method", 20, |n| module(format!(
        "{}class M({}models.Model):\n    pass\n\n\n{}",
        many(n, |i| format!("class X{i}:\n    def save(self, *args, **kwargs):\n        super().save(*args, **kwargs)\n        cache.delete('a{i}')\n\n\n")), many(n, |i| format!("X{i}, ")),
        many(n, |i| format!("def g{i}(pk):\n    cache.set('a{i}', M.objects.get(pk=pk))\n\n\n")),
    ))),
    ("foreign keys of one model", 50, |n| module(format!(
        "class M(models.Model):\n{}\n\ndef g(pk):\n    row = M.objects.get(pk=pk)\n    cache.set('a', [{}])\n\n\ndef d():\n    cache.delete('a')\n",
        many(n, |i| format!("    f{i} = models.ForeignKey('M', on_delete=models.SET_NULL, null=True, related_name='r{i}')\n")), many(n, |i| format!("row.f{i}.pk, ")),
    ))),
    ("serializers in each other", 75, |n| module(format!(
        "from rest_framework import serializers\n\n\n{}class M{n}(models.Model):\n    pass\n\n\nclass S{n}(serializers.ModelSerializer):\n    class Meta:\n        model = M{n}\n        fields = '__all__'\n\n\n{}def g(pk):\n    cache.set('a', S0(M0.objects.get(pk=pk)).data)\n\n\ndef d():\n    cache.delete('a')\n",
        many(n, |i| format!("class M{i}(models.Model):\n    next = models.ForeignKey('M{}', on_delete=models.CASCADE)\n\n\n", i + 1)),
        many(n, |i| format!("class S{own}(serializers.ModelSerializer):\n    next = S{}()\n\n    class Meta:\n        model = M{own}\n        fields = ['next']\n\n\n", n - i, own = n - 1 - i)),
    ))),
    ("variables that hold rows", 150, |n| module(format!(
        "{MODEL}{}", many(n, |i| format!("C{i} = {{}}\n\n\ndef g{i}(pk):\n    if pk not in C{i}:\n        C{i}[pk] = M.objects.get(pk=pk)\n    return C{i}[pk]\n\n\ndef d{i}():\n    C{i}.clear()\n\n\n")),
    ))),
    ("migrations of rows", 150, |n| std::iter::once(("shop/models.py".to_owned(), format!("{HEAD}{CACHED}"))).chain((0..n).map(|i| (
        format!("shop/migrations/m{i}.py"), format!("from django.db import migrations\n\n\ndef f(apps, schema):\n    apps.get_model('shop', 'M').objects.update(a={i})\n\n\nclass Migration(migrations.Migration):\n    operations = [migrations.RunPython(f)]\n"),
    ))).collect()),
    ("functions of Rust in a ring", 150, |n| crate_of(format!(
        "{}fn main() {{}}\n", many(n, |i| format!("fn f{i}(c: &moka::sync::Cache<u32, String>) {{ c.invalidate(&{i}); f{}(c); }}\n", (i + 1) % n)),
    ))),
    ("modules of Rust in a ring", 100, |n| crate_of(format!(
        "{}use m0::*;\nfn main() {{ let s = S1; }}\n", many(n, |i| format!("mod m{i} {{ pub use super::m{}::*; pub struct S{i}; }}\n", (i + 1) % n)),
    ))),
    ("bindings of Rust", 500, |n| crate_of(format!(
        "fn main() {{ let a0 = 1;\n{}}}\n", many(n, |i| format!("let a{} = a{i};\n", i + 1)),
    ))),
];

/// Programs whose findings are mended, each fix by a look at the whole program with it.
#[rustfmt::skip]
const MENDED: &[Family] = &[
    ("models of one file", 25, |n| app_of(many(n, |i| format!("class M{i}(models.Model):\n    objects = CacheManager()\n\n\n")))),
    ("receivers of one side in one file", 20, |n| app_of(many(n, |i| format!(
        "class M{i}(models.Model):\n    objects = CacheManager()\n\n\n@receiver(post_save, sender=M{i})\ndef r{i}(instance, **kwargs):\n    cache.delete(f'm{i}:{{instance.pk}}')\n\n\n"
    )))),
    ("writes of one file without a drop", 20, |n| app_of(format!("from django.db.models.signals import post_delete\n\n\n{}", many(n, |i| format!(
        "class M{i}(models.Model):\n    a = models.IntegerField()\n\n\ndef g{i}(pk):\n    return cache.get_or_set(f'm{i}:{{pk}}', lambda: M{i}.objects.get(pk=pk), None)\n\n\ndef w{i}(pk):\n    M{i}.objects.filter(pk=pk).update(a=1)\n\n\ndef d{i}(pk):\n    cache.delete(f'm{i}:{{pk}}')\n\n\n@receiver([post_save, post_delete], sender=M{i})\ndef r{i}(instance, **kwargs):\n    d{i}(instance.pk)\n\n\n"
    ))))),
    ("unused comments of one file", 50, |n| app_of(many(n, |i| format!("X{i} = 1  # cache-lint: ignore[CL101]\n")))),
];

/// Those whose findings are told with what would help.
const SKETCHED: &[Family] = &[("receivers of one function that nothing holds", 50, |n| {
    app_of(format!(
        "from functools import partial\n\n\ndef r(i, instance, **kwargs):\n    cache.delete(f'm{{i}}:{{instance.pk}}')\n\n\n{}def connect():\n{}\n\nconnect()\n",
        many(n, |i| format!(
            "class M{i}(models.Model):\n    pass\n\n\ndef g{i}(pk):\n    return cache.get_or_set(f'm{i}:{{pk}}', lambda: M{i}.objects.get(pk=pk), None)\n\n\n"
        )),
        many(n, |i| format!(
            "    r{i} = partial(r, {i})\n    post_save.connect(r{i}, sender=M{i})\n"
        ))
    ))
})];

#[test]
fn four_times_as_much_takes_at_most_eight_times_as_long() {
    grows("concise", FAMILIES);
}

#[test]
fn four_times_as_many_fixes_take_at_most_eight_times_as_long() {
    grows("json", MENDED);
}

#[test]
fn four_times_as_many_findings_take_at_most_eight_times_as_long_to_be_told() {
    grows("full", SKETCHED);
}

fn grows(format: &str, families: &[Family]) {
    let mut complaints = String::new();
    for (what, count, make) in families {
        let time = |count: usize| time(&make(count), format);
        // One run may be slowed down by others; three times in a row is no accident.
        let is_linear = (0..3).any(|_| time(4 * count) <= 8 * time(*count).max(LEAST));
        if !is_linear {
            complaints.push_str(&format!("{what}: {count} are fine, {} are not\n", 4 * count));
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

/// How long a processor works on a program, in milliseconds.
fn time(files: &[(String, String)], format: &str) -> u64 {
    let project = Project::new();
    for (name, text) in files {
        project.write(name, text.as_bytes());
    }
    let script = r#"timeout 300 "$0" "$@" >/dev/null; status=$?; times; exit $status"#;
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_cache-lint")])
        .args(["check", "-q", "--no-cache", "--select", "ALL", "--output-format", format])
        .current_dir(project.path("."))
        .output()
        .expect("sh");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{stderr}");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let children = said.lines().nth(1).expect("the times of the shell and of its children");
    children.split_whitespace().map(milliseconds).sum()
}

/// Of `1m2.345s`.
fn milliseconds(time: &str) -> u64 {
    let (minutes, seconds) = time.trim_end_matches('s').split_once('m').expect("minutes");
    let seconds: f64 = seconds.parse().expect("seconds");
    minutes.parse::<u64>().expect("minutes") * 60_000 + (seconds * 1_000.0) as u64
}
