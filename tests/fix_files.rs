//! `--fix` and the files it changes: their bytes, and which of them it may touch.

mod project;

use std::fs;

use project::Project;

const UNUSED: &str = "# cache-lint: ignore[CL101] -- it was once";

#[test]
fn encoding_line_ends_and_marks_are_kept() {
    for (head, text) in [
        (&b""[..], "x = '\u{e9}'\n".as_bytes()),
        (b"\xEF\xBB\xBF", b"x = 1\r\n"),
        (b"# coding: latin-1\r\n", b"x = '\xE9'\r\n"),
        (b"# coding: cp1251\n", b"x = '\xC0'"),
    ] {
        let project = Project::new();
        let unused = format!("{UNUSED}\n");
        let end = if text.contains(&b'\r') { "\r\n" } else { "\n" };
        project.write("a.py", &[head, unused.replace('\n', end).as_bytes(), text].concat());
        assert_eq!(project.check(&["--fix"]).status, 0);
        let bytes = fs::read(project.path("a.py")).expect("a file");
        assert_eq!(bytes, [head, text].concat());
    }
}

#[cfg(unix)]
#[test]
fn permissions_are_kept() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new();
    project.write("a.py", format!("{UNUSED}\nx = 1\n").as_bytes());
    let mode = fs::Permissions::from_mode(0o750);
    fs::set_permissions(project.path("a.py"), mode).expect("permissions");
    assert_eq!(project.check(&["--fix"]).status, 0);
    let kept = fs::metadata(project.path("a.py")).expect("a file").permissions();
    assert_eq!(kept.mode() & 0o777, 0o750);
    assert_eq!(fs::read_dir(project.path(".")).expect("a folder").count(), 1);
}

#[test]
fn the_configuration_says_what_may_be_fixed() {
    let project = Project::new();
    let text = format!("{UNUSED}\nx = 1\n");
    project.write("a.py", text.as_bytes());
    project.write("cache-lint.toml", b"fix = [\"CL1\"]\n");
    let run = project.check(&["--fix"]);
    assert_eq!((run.status, run.stderr.as_str()), (1, ""));
    assert_eq!(fs::read_to_string(project.path("a.py")).expect("a file"), text);
    project.write("cache-lint.toml", b"fix = [\"unused-suppression\"]\n");
    assert_eq!(project.check(&["--fix"]).status, 0);
    assert_eq!(fs::read_to_string(project.path("a.py")).expect("a file"), "x = 1\n");
}

#[test]
fn a_diff_changes_nothing_and_is_told_by_the_status() {
    let project = Project::new();
    let text = format!("{UNUSED}\nx = 1\n");
    project.write("a.py", text.as_bytes());
    let run = project.check(&["--diff"]);
    assert_eq!(run.status, 1);
    assert_eq!(run.stdout, format!("--- a.py\n+++ a.py\n@@ -1,2 +1 @@\n-{UNUSED}\n x = 1\n"));
    assert_eq!(run.stderr, "note: 1 finding can be fixed\n");
    assert_eq!(fs::read_to_string(project.path("a.py")).expect("a file"), text);
    project.write("a.py", b"x = 1\n");
    let run = project.check(&["--diff"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""));
}
