//! What holds of any text, put together from what the readers look for: they end without a panic, and
//! point into the text.

use std::path::Path;

use cache_lint::config::{self, Declaration};
use cache_lint::facts::{FileFacts, python, rust};
use cache_lint::frameworks::Frameworks;
use proptest::prelude::*;

const PYTHON: &[&str] = &[
    "\n",
    "\n    ",
    "\n        ",
    " ",
    "x",
    "self",
    "cache",
    ".",
    ".get(",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "=",
    ":=",
    "==",
    "*",
    "**",
    "@",
    "->",
    "f'{",
    "f\"\"\"{x!r:>{",
    "'",
    "\"",
    "'''",
    "\\",
    "\\N{",
    "\u{0}",
    "\u{feff}",
    "é",
    "🐍",
    "def f(",
    "class A(",
    "async ",
    "await ",
    "lambda ",
    "for x in ",
    "while ",
    "if ",
    "elif ",
    "else:",
    "try:",
    "except*",
    "finally:",
    "with ",
    "match x:",
    "case ",
    "return ",
    "yield ",
    "import ",
    "from . import *",
    "global x",
    "del x",
    "pass",
    "0x",
    "1_0",
    "1e9",
    "# cache-lint: ignore[CL101",
    "# cache-lint: ignore-file[",
    "@receiver(post_save, sender=",
    "%s",
];
const RUST: &[&str] = &[
    "\n",
    " ",
    "x",
    "self",
    "Self",
    "fn f",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    ",",
    ";",
    ":",
    "::",
    "=",
    "=>",
    "->",
    "..",
    "..=",
    "?",
    "!",
    "&",
    "&mut ",
    "*",
    "|",
    "||",
    "#",
    "#[",
    "#![",
    "#!",
    "'a",
    "'a'",
    "\"",
    "r#\"",
    "\"#",
    "b'",
    "c\"",
    "\\",
    "/*",
    "*/",
    "//",
    "///",
    "é",
    "🐍",
    "\u{0}",
    "struct A",
    "enum E",
    "impl ",
    "trait T",
    "mod m",
    "use a::",
    "pub ",
    "async ",
    "move ",
    ".await",
    "match x ",
    "if let Some(x) = ",
    "let ",
    "else ",
    "for x in ",
    "loop ",
    "return ",
    "macro_rules! m",
    "vec![",
    "format!(\"{",
    "0x",
    "1_u8",
    "1e",
    "where ",
    "dyn ",
    "unsafe ",
    "extern \"C\" ",
    "// cache-lint: ignore[CL101",
    "#[cached(",
];
const TOML: &[&str] = &[
    "\n",
    " ",
    "=",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    ",",
    ".",
    "\"",
    "'",
    "\"\"\"",
    "\\u",
    "#",
    "é",
    "🐍",
    "1",
    "-inf",
    "true",
    "1979-05-27",
    "select = [\"CL1\"]",
    "ignore = [\"",
    "exclude = [\"",
    "**/",
    "{a,",
    "[!",
    "source-roots = [\"../",
    "min-confidence = \"",
    "frameworks = [\"x\"]",
    "[per-file-ignores]",
    "receivers-module = ",
    "name = \"x\"",
    "language = \"rust\"",
    "[[store]]",
    "methods = [",
    "{ name = \"a\", does = \"fill\", params = [",
    "\"key\"",
    "\"*keys\"",
    "\"timeout=\"",
    "instances = [\"",
    "types = [",
    "[names]",
    "model = [\"",
    "[signals]",
    "[queryset]",
    "[[memoizer]]",
    "key = \"{",
    "[code.templates]",
    "[conventions]",
    "stores = [\"*",
];

fn soup(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    let text = prop::collection::vec(prop::sample::select(words), 0..80);
    text.prop_map(|words| words.concat())
}

fn point_into(text: &str, facts: &FileFacts) {
    let errors = facts.errors.iter().map(|error| error.span);
    for span in errors.chain(facts.exprs.iter().map(|expr| expr.span)) {
        assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn python_of_any_kind_is_read(text in soup(PYTHON)) {
        point_into(&text, &python::lower(&text));
    }

    #[test]
    fn rust_of_any_kind_is_read(text in soup(RUST)) {
        point_into(&text, &rust::lower(&text));
    }

    #[test]
    fn any_configuration_is_taken_or_refused(text in soup(TOML)) {
        let declaration = Declaration { file: "cache-lint.toml".into(), text, table: &[] };
        let _ = config::load(&declaration, Path::new("/nowhere"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_framework_file_is_taken_or_refused(text in soup(TOML)) {
        let _ = Frameworks::load(&[("own.toml".into(), text)]);
    }
}
