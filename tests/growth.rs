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

/// How often something is repeated in a text.
fn many(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect()
}

/// A program of one module.
fn module(text: String) -> Vec<(String, String)> {
    vec![("m.py".to_owned(), format!("{HEAD}{text}"))]
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

#[test]
fn four_times_as_much_takes_at_most_eight_times_as_long() {
    let mut complaints = String::new();
    for (what, count, make) in FAMILIES {
        // One run may be slowed down by others; three times in a row is no accident.
        let is_linear = (0..3).any(|_| time(&make(4 * count)) <= 8 * time(&make(*count)));
        if !is_linear {
            complaints.push_str(&format!("{what}: {count} are fine, {} are not\n", 4 * count));
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

/// How long a processor works on a program, in milliseconds.
fn time(files: &[(String, String)]) -> u64 {
    let project = Project::new();
    for (name, text) in files {
        project.write(name, text.as_bytes());
    }
    let script = r#"timeout 300 "$0" "$@" >/dev/null; status=$?; times; exit $status"#;
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_cache-lint")])
        .args(["check", "-q", "--no-cache", "--select", "ALL", "--output-format", "concise"])
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
