//! Programs that fuzzing stumbled over, made small: each is checked to its end, and soon.

#![cfg(unix)]

mod project;

use std::process::Command;

use project::{Project, Run};

/// What was wrong, and the files that showed it.
type Case = (&'static str, fn() -> Vec<(String, String)>);

#[rustfmt::skip]
const CASES: &[Case] = &[
    ("the target of a foreign key was read by that key, for ever", || vec![("shop/models.py".to_owned(), "\
from django.db import models


class Product(models.Model):
    brand = models.ForeignKey([Product.objects.get(pk=1).brand.name], models.CASCADE)


name = Product.objects.get(pk=1).brand.name
".to_owned())]),
    ("a decorator called what it decorates, for ever, and so did the default of a parameter", || vec![("shop/tasks.py".to_owned(), "\
from django.core.cache import cache
from django.db.models.signals import post_save
from factory.django import mute_signals


@mute_signals(write(post_save))
def write(signal):
    Flag.objects.filter(name=signal).delete()
    cache.delete('flags')


def forget(name=forget()):
    cache.delete(name)
".to_owned())]),
    ("each way through modules that take everything over from each other was gone", || (0..15).map(|own| {
        let others = (0..15).filter(|other| *other != own);
        let stars: String = others.map(|other| format!("from p.m{other} import *\n")).collect();
        (format!("p/m{own}.py"), format!("{stars}\n\ndef f{own}(x):\n    return cache.set(y{own}, x)\n"))
    }).collect()),
    ("so was each way through such modules of Rust", || {
        let modules = (0..15).map(|own| {
            let others = (0..15).filter(|other| *other != own);
            let globs: String = others.map(|other| format!("pub use super::m{other}::*; ")).collect();
            format!("pub mod m{own} {{ {globs} pub fn f{own}(c: &moka::sync::Cache<u32, S>) {{ c.invalidate(&{own}); }} }}\n")
        });
        let text = format!("{}use m0::*;\n\nfn main() {{ f1(x); }}\n", modules.collect::<String>());
        vec![("src/main.rs".to_owned(), text), ("Cargo.toml".to_owned(), "[package]\nname = \"a\"\n".to_owned())]
    }),
];

#[test]
fn what_was_stumbled_over_is_checked_to_its_end() {
    for (what, files) in CASES {
        let project = Project::new();
        for (name, text) in files() {
            project.write(&name, text.as_bytes());
        }
        let mut command = Command::new("timeout");
        command.args(["60", env!("CARGO_BIN_EXE_cache-lint"), "check", "-q", "--no-cache"]);
        command.args(["--select", "ALL", "--output-format", "json"]);
        let run = Run::of(command.current_dir(project.path(".")).output().expect("timeout"));
        assert!(matches!(run.status, 0 | 1), "{what}: {} {}", run.status, run.stderr);
    }
}
