//! What an editor sees: `cache-lint server` over the Language Server Protocol.

#![cfg(unix)]

mod editor;
mod project;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use editor::{Editor, uri};
use project::Project;
use serde_json::{Value, json};

const CACHING: &str = "from django.core.cache import cache
from django.db import models


class CacheManager(models.Manager):
    def cached(self, pk):
        return cache.get_or_set(f'{self.model.__name__}:{pk}', lambda: self.get(pk=pk), None)
";

const MODELS: &str = "from django.db import models

from .caching import CacheManager


class Price(models.Model):
    cents = models.IntegerField()

    objects = CacheManager()
";

const RECEIVERS: &str = "from django.core.cache import cache
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from .models import Price


@receiver([post_save, post_delete], sender=Price)
def forget_price(instance, **kwargs):
    cache.delete(f'Price:{instance.pk}')
";

/// An app with a row that is cached, and its files.
struct Shop {
    project: Project,
    models: PathBuf,
    signals: PathBuf,
}

impl Shop {
    fn new() -> Shop {
        let project = Project::new();
        project.write("manage.py", b"");
        project.write("shop/__init__.py", b"");
        project.write("shop/apps.py", b"from django.apps import AppConfig\n\n\nclass ShopConfig(AppConfig):\n    name = 'shop'\n\n    def ready(self):\n        from . import signals\n");
        project.write("shop/caching.py", CACHING.as_bytes());
        project.write("shop/models.py", MODELS.as_bytes());
        project.write("shop/signals.py", b"");
        let (models, signals) = (project.path("shop/models.py"), project.path("shop/signals.py"));
        Shop { project, models, signals }
    }

    fn folder(&self) -> PathBuf {
        self.project.path("")
    }
}

fn codes(diagnostics: &[Value]) -> Vec<&str> {
    diagnostics.iter().map(|found| found["code"].as_str().unwrap_or("none")).collect()
}

/// An editor that asks for diagnostics, with all else that one may be able to do.
fn able() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-16", "utf-8"] },
        "textDocument": { "diagnostic": {} },
        "window": { "workDoneProgress": true },
        "workspace": {
            "diagnostics": { "refreshSupport": true },
            "didChangeWatchedFiles": { "dynamicRegistration": true },
            "workspaceEdit": { "documentChanges": true, "resourceOperations": ["create"] },
        },
    })
}

fn asked(editor: &mut Editor, file: &Path, previous: Option<&str>) -> Value {
    let document = json!({ "uri": uri(file) });
    let params = json!({ "textDocument": document, "previousResultId": previous });
    editor.ask("textDocument/diagnostic", params).expect("an answer")
}

#[test]
fn a_text_that_is_not_saved_changes_what_is_found_elsewhere() {
    let shop = Shop::new();
    let mut editor = Editor::open(&shop.folder(), json!({}));
    let found = editor.published(&shop.models);
    assert_eq!(codes(&found), ["CL101"]);
    assert_eq!(found[0]["range"]["start"], json!({ "line": 5, "character": 6 }));
    assert_eq!(found[0]["severity"], 1);
    assert_eq!(found[0]["source"], "cache-lint");
    let steps = found[0]["relatedInformation"].as_array().expect("a proof");
    assert_eq!(steps[0]["location"]["uri"], uri(&shop.models));
    editor.open_file(&shop.signals, "");
    editor.rewrite(&shop.signals, 2, RECEIVERS);
    assert_eq!(codes(&editor.published(&shop.models)), [""; 0]);
    editor.rewrite(&shop.signals, 3, &RECEIVERS.replace("[post_save, post_delete]", "post_save"));
    assert_eq!(codes(&editor.published(&shop.models)), ["CL102"]);
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri(&shop.signals) } }));
    assert_eq!(codes(&editor.published(&shop.models)), ["CL101"]);
    assert_eq!(editor.close().code(), Some(0));
}

#[test]
fn an_editor_finds_what_a_check_finds() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    let mut editor = Editor::open(&demo, able());
    let answer = editor.ask("workspace/diagnostic", json!({ "previousResultIds": [] }));
    let mut found: BTreeMap<String, Vec<(String, u64, u64, String)>> = BTreeMap::new();
    for report in answer.expect("an answer")["items"].as_array().expect("a list") {
        assert_eq!(report["kind"], "full");
        for item in report["items"].as_array().expect("a list") {
            let start = &item["range"]["start"];
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            found.entry(text(&report["uri"])).or_default().push((
                text(&item["code"]),
                start["line"].as_u64().expect("a line") + 1,
                start["character"].as_u64().expect("a column") + 1,
                text(&item["message"]),
            ));
        }
    }
    let project = Project::new();
    let folder = demo.to_str().expect("a plain path");
    let run = project.check(&["--output-format", "json", folder]);
    let said: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let mut expected: BTreeMap<String, Vec<(String, u64, u64, String)>> = BTreeMap::new();
    for finding in said["diagnostics"].as_array().expect("a list") {
        let text = |name: &str| finding[name].as_str().expect("a text").to_owned();
        let at = |name: &str| finding["location"][name].as_u64().expect("a number");
        let message = match finding["help"].as_str() {
            Some(help) => format!("{}\nhelp: {help}", text("message")),
            None => text("message"),
        };
        let file = PathBuf::from(text("filename"));
        let known = expected.entry(uri(&file)).or_default();
        known.push((text("code"), at("row"), at("column"), message));
    }
    assert_eq!(found, expected);
    assert!(expected.len() > 2);
    let asked_for: Vec<&str> = editor.requests.iter().map(|asked| asked.method.as_str()).collect();
    assert!(asked_for.contains(&"client/registerCapability"), "{asked_for:?}");
    assert!(asked_for.contains(&"window/workDoneProgress/create"), "{asked_for:?}");
}

#[test]
fn an_editor_that_asks_hears_what_is_new() {
    let shop = Shop::new();
    let mut editor = Editor::open(&shop.folder(), able());
    let first = asked(&mut editor, &shop.models, None);
    assert_eq!(codes(first["items"].as_array().expect("a list")), ["CL101"]);
    let id = first["resultId"].as_str().expect("an id").to_owned();
    let second = asked(&mut editor, &shop.models, Some(&id));
    assert_eq!((&second["kind"], &second["resultId"]), (&json!("unchanged"), &json!(id)));
    let all = json!({ "previousResultIds": [{ "uri": uri(&shop.models), "value": id }] });
    let report = editor.ask("workspace/diagnostic", all.clone()).expect("an answer");
    assert_eq!(report["items"][0]["kind"], "unchanged");
    // A change of one document makes what is known of another one old.
    editor.open_file(&shop.signals, RECEIVERS);
    asked(&mut editor, &shop.signals, None);
    while !editor.requests.iter().any(|asked| asked.method == "workspace/diagnostic/refresh") {
        editor.ask("workspace/diagnostic", json!({ "previousResultIds": [] })).expect("an answer");
    }
    let report = editor.ask("workspace/diagnostic", all).expect("an answer");
    let reports = report["items"].as_array().expect("a list");
    let of_models = reports.iter().find(|report| report["uri"] == uri(&shop.models));
    assert_eq!(of_models.expect("it was known")["items"], json!([]));
}

#[test]
fn what_changes_on_the_disk_is_seen() {
    let shop = Shop::new();
    let mut editor = Editor::open(&shop.folder(), json!({}));
    assert_eq!(codes(&editor.published(&shop.models)), ["CL101"]);
    shop.project.write("shop/signals.py", RECEIVERS.as_bytes());
    editor.tell("textDocument/didSave", json!({ "textDocument": { "uri": uri(&shop.signals) } }));
    assert_eq!(codes(&editor.published(&shop.models)), [""; 0]);
    fs::remove_file(&shop.signals).expect("it was there");
    let changed = json!({ "changes": [{ "uri": uri(&shop.signals), "type": 3 }] });
    editor.tell("workspace/didChangeWatchedFiles", changed);
    assert_eq!(codes(&editor.published(&shop.models)), ["CL101"]);
}

#[test]
fn a_configuration_that_is_no_good_is_told_of_where_it_stands() {
    let shop = Shop::new();
    let file = shop.project.path("cache-lint.toml");
    shop.project.write("cache-lint.toml", b"select = ['CL999']\n");
    let mut editor = Editor::open(&shop.folder(), json!({}));
    let found = editor.published(&file);
    assert_eq!(found[0]["range"]["start"], json!({ "line": 0, "character": 10 }), "{found:?}");
    assert!(editor.shown().contains("CL999"));
    fs::write(&file, "ignore = ['CL101']\n").expect("it can be written");
    editor.tell("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    assert_eq!(editor.published(&file), [Value::Null; 0]);
    fs::write(&file, "").expect("it can be written");
    editor.tell("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    assert_eq!(codes(&editor.published(&shop.models)), ["CL101"]);
}

/// The text of a file after the edits of an action.
fn edited(action: &Value, file: &Path, text: &str) -> String {
    let change = action["edit"]["documentChanges"]
        .as_array()
        .expect("changes")
        .iter()
        .find(|change| change["textDocument"]["uri"] == uri(file))
        .expect("one of the file");
    let mut text = text.to_owned();
    let offset = |text: &str, at: &Value| {
        let line = at["line"].as_u64().expect("a line") as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        start + at["character"].as_u64().expect("a column") as usize
    };
    for edit in change["edits"].as_array().expect("edits").iter().rev() {
        let range = &edit["range"];
        let (start, end) = (offset(&text, &range["start"]), offset(&text, &range["end"]));
        text.replace_range(start..end, edit["newText"].as_str().expect("a text"));
    }
    text
}

fn titled<'a>(actions: &'a [Value], part: &str) -> &'a Value {
    let has = |action: &&Value| action["title"].as_str().is_some_and(|title| title.contains(part));
    actions.iter().find(has).unwrap_or_else(|| panic!("no action says {part}: {actions:?}"))
}

#[test]
fn an_action_mends_what_is_found() {
    let shop = Shop::new();
    let one_sided = RECEIVERS.replace("[post_save, post_delete]", "post_save");
    shop.project.write("shop/signals.py", one_sided.as_bytes());
    let mut editor = Editor::open(&shop.folder(), able());
    editor.open_file(&shop.signals, &one_sided);
    let actions = editor.actions(&shop.models, [5, 5], json!(["quickfix"]));
    let fix = titled(&actions, "post_delete");
    assert_eq!((&fix["kind"], &fix["isPreferred"]), (&json!("quickfix"), &json!(true)));
    assert_eq!(fix["diagnostics"][0]["code"], "CL102");
    assert_eq!(fix["edit"]["documentChanges"][0]["textDocument"]["version"], 1);
    let mended = edited(fix, &shop.signals, &one_sided);
    editor.rewrite(&shop.signals, 2, &mended);
    let after = asked(&mut editor, &shop.models, None);
    assert_eq!(after["items"], json!([]), "{mended}");
    assert_eq!(editor.actions(&shop.models, [5, 5], Value::Null), [Value::Null; 0]);
}

#[test]
fn all_that_is_safe_is_mended_at_once_where_that_is_asked() {
    let shop = Shop::new();
    let one_sided = RECEIVERS.replace("[post_save, post_delete]", "post_save");
    shop.project.write("shop/signals.py", one_sided.as_bytes());
    let mut editor = Editor::open(&shop.folder(), able());
    let actions = editor.actions(&shop.models, [0, 0], json!(["source.fixAll"]));
    assert_eq!(actions.len(), 1);
    assert_eq!(actions[0]["kind"], "source.fixAll.cache-lint");
    assert!(edited(&actions[0], &shop.signals, &one_sided).contains("post_delete"));
    // Nothing is found in the other file, so nothing is mended for it.
    assert_eq!(editor.actions(&shop.signals, [0, 0], json!(["source.fixAll"])), [Value::Null; 0]);
}

#[test]
fn a_new_file_is_made_where_the_editor_can() {
    let shop = Shop::new();
    fs::remove_file(&shop.signals).expect("it was there");
    let config =
        "from django.apps import AppConfig\n\n\nclass ShopConfig(AppConfig):\n    name = 'shop'\n";
    shop.project.write("shop/apps.py", config.as_bytes());
    let mut editor = Editor::open(&shop.folder(), able());
    let actions = editor.actions(&shop.models, [5, 5], Value::Null);
    let kinds = |action: &Value| {
        let changes = action["edit"]["documentChanges"].as_array().cloned().unwrap_or_default();
        changes.iter().any(|change| change["kind"] == "create")
    };
    let makes: Vec<&Value> = actions.iter().filter(|action| kinds(action)).collect();
    assert!(!makes.is_empty(), "{actions:?}");
    let mut plain = Editor::open(&shop.folder(), json!({}));
    let actions = plain.actions(&shop.models, [5, 5], Value::Null);
    assert_eq!(actions.len(), 1, "{actions:?}");
    titled(&actions, "Ignore CL101");
}

#[test]
fn an_action_hides_what_is_found() {
    let shop = Shop::new();
    let mut editor = Editor::open(&shop.folder(), able());
    let actions = editor.actions(&shop.models, [5, 5], Value::Null);
    let hidden = edited(titled(&actions, "Ignore CL101"), &shop.models, MODELS);
    assert!(
        hidden.contains("\n# cache-lint: ignore[CL101] -- TODO: say why\nclass Price("),
        "{hidden}"
    );
    editor.open_file(&shop.models, &hidden);
    assert_eq!(asked(&mut editor, &shop.models, None)["items"], json!([]));
}

#[test]
fn columns_are_counted_as_was_agreed() {
    let shop = Shop::new();
    let text = "import gone; é = '🐍'; from (\n";
    for (encodings, name, character) in
        [(json!(["utf-16"]), "utf-16", 28), (json!(["utf-16", "utf-8"]), "utf-8", 31)]
    {
        let mut able = able();
        able["general"]["positionEncodings"] = encodings;
        let mut editor = Editor::start();
        let params =
            json!({ "processId": null, "rootUri": uri(&shop.folder()), "capabilities": able });
        let hello = editor.ask("initialize", params).expect("it agrees");
        assert_eq!(hello["capabilities"]["positionEncoding"], name);
        editor.tell("initialized", json!({}));
        editor.open_file(&shop.signals, text);
        let found = asked(&mut editor, &shop.signals, None);
        assert_eq!(codes(found["items"].as_array().expect("a list"))[0], "CL900");
        let at = found["items"][0]["range"]["start"]["character"].as_u64();
        assert_eq!(at, Some(character), "{found}");
    }
}

#[test]
fn a_pointer_is_told_of_rules_and_models() {
    let shop = Shop::new();
    let mut editor = Editor::open(&shop.folder(), able());
    let mut hover = |line: u32, character: u32| {
        let at = json!({ "line": line, "character": character });
        let params = json!({ "textDocument": { "uri": uri(&shop.models) }, "position": at });
        editor.ask("textDocument/hover", params).expect("an answer")
    };
    let told = hover(5, 8);
    let text = told["contents"]["value"].as_str().expect("a text");
    assert!(text.starts_with("# CL101 missing-invalidation (error)"), "{text}");
    assert!(text.contains("shop.Price (shop.models.Price, "), "{text}");
    assert_eq!(hover(0, 0), Value::Null);
    let params = json!({ "textDocument": { "uri": uri(&shop.models) } });
    let lenses = editor.ask("textDocument/codeLens", params).expect("an answer");
    let titles: Vec<&Value> =
        lenses.as_array().expect("a list").iter().map(|lens| &lens["command"]["title"]).collect();
    assert_eq!(titles, ["cached as Price:{pk}: save ✗ delete ✗"]);
    assert_eq!(lenses[0]["range"]["start"]["line"], 5);
}

#[test]
fn a_talk_begins_and_ends_as_is_laid_down() {
    let shop = Shop::new();
    let mut editor = Editor::open(&shop.folder(), able());
    assert_eq!(editor.ask("textDocument/definition", json!({})), Err(-32601));
    assert_eq!(editor.ask("textDocument/hover", json!({ "position": 1 })), Err(-32602));
    editor.tell("textDocument/didChange", json!({ "nonsense": true }));
    editor.tell("$/whatever", json!(null));
    // What is asked after a change waits for a look, and may be cancelled meanwhile.
    editor.open_file(&shop.signals, RECEIVERS);
    let id = editor.send_request("workspace/diagnostic", json!({ "previousResultIds": [] }));
    editor.tell("$/cancelRequest", json!({ "id": id }));
    assert_eq!(editor.answer(id), Err(-32800));
    assert_eq!(editor.close().code(), Some(0));

    assert_eq!(Editor::open(&shop.folder(), able()).vanish().code(), Some(1));
    let mut left = Editor::open(&shop.folder(), able());
    left.tell("exit", Value::Null);
    assert_eq!(left.wait().code(), Some(1));
    let mut early = Editor::start();
    assert_eq!(early.ask("textDocument/hover", json!({})), Err(-32002));
    assert_eq!(early.vanish().code(), Some(2));
}

#[test]
fn a_file_without_a_folder_is_looked_at_with_its_own() {
    let shop = Shop::new();
    let mut editor = Editor::start();
    let params = json!({ "processId": null, "rootUri": null, "capabilities": {} });
    editor.ask("initialize", params).expect("it agrees");
    editor.tell("initialized", json!({}));
    editor.open_file(&shop.models, MODELS);
    assert_eq!(codes(&editor.published(&shop.models)), ["CL101"]);
    let other = Shop::new();
    editor.open_file(&other.models, MODELS);
    assert_eq!(codes(&editor.published(&other.models)), ["CL101"]);
}

#[test]
fn a_file_that_a_check_leaves_out_is_left_out() {
    let shop = Shop::new();
    let vendored = shop.project.path("node_modules/x/models.py");
    shop.project.write("node_modules/x/models.py", b"from (\n");
    let mut editor = Editor::open(&shop.folder(), able());
    editor.open_file(&vendored, "from (\n");
    assert_eq!(asked(&mut editor, &vendored, None)["items"], json!([]));
    // A file that nobody has saved yet is none of those.
    let new = shop.project.path("shop/new.py");
    editor.open_file(&new, "from (\n");
    let found = asked(&mut editor, &new, None);
    assert_eq!(codes(found["items"].as_array().expect("a list"))[0], "CL900");
}

/// Needs Neovim: only where `CACHE_LINT_EDITORS=1` asks for it, as CI does.
#[test]
fn neovim_shows_and_mends() {
    if std::env::var("CACHE_LINT_EDITORS").as_deref() != Ok("1") {
        // Past the capture of the test harness, so that it is seen.
        let _ = writeln!(std::io::stderr(), "skipped: CACHE_LINT_EDITORS=1 runs Neovim");
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = Project::new();
    for entry in walkdir::WalkDir::new(root.join("fixtures/demo")) {
        let entry = entry.expect("it can be read");
        let name = entry.path().strip_prefix(root.join("fixtures/demo")).expect("it is below");
        if entry.file_type().is_file() {
            let text = fs::read(entry.path()).expect("it can be read");
            project.write(name.to_str().expect("a plain name"), &text);
        }
    }
    let output = Command::new("nvim")
        .args([
            "--headless",
            "-u",
            "NONE",
            "-i",
            "NONE",
            "--cmd",
            "set hidden",
            "catalog/models.py",
        ])
        .arg("-c")
        .arg(format!("luafile {}", root.join("tests/editors/neovim.lua").display()))
        .current_dir(project.path(""))
        .env("CACHE_LINT", env!("CARGO_BIN_EXE_cache-lint"))
        .output()
        .expect("Neovim is installed");
    let said = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{stderr}");
    snapbox::assert_data_eq!(
        &*said,
        snapbox::str![[r#"
opened
catalog/models.py:20:7 CL101
catalog/models.py:6:7 CL102
catalog/signals.py:15:5 CL401
delivery/signals.py:8:5 CL103
edited
catalog/models.py:22:7 CL101
catalog/models.py:8:7 CL102
catalog/signals.py:15:5 CL401
delivery/signals.py:8:5 CL103
action: Connects `forget_category` to `post_delete` as well
mended
catalog/models.py:22:7 CL101
catalog/signals.py:15:5 CL401
delivery/signals.py:8:5 CL103

"#]]
    );
    let mended = fs::read_to_string(project.path("catalog/signals.py")).expect("it is there");
    assert!(mended.contains("post_delete"), "{mended}");
}
