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

/// How often a run is killed; half of them at least in the middle of its writing.
const KILLS: usize = 40;

#[test]
fn a_run_that_is_killed_leaves_each_file_old_or_new() {
    const FILES: usize = 120;
    let old = |at: usize| format!("{UNUSED}\nx = '{}'\n", at.to_string().repeat(2_000));
    let new = |at: usize| old(at)[UNUSED.len() + 1..].to_owned();
    let project = Project::new();
    let path = |at: usize| project.path(&format!("app_{at:03}/models.py"));
    let mut in_the_middle = 0;
    for kill in 0..KILLS {
        for at in 0..FILES {
            project.write(&format!("app_{at:03}/models.py"), old(at).as_bytes());
        }
        let mut run = project.command(&["--fix", "-q"]).spawn().expect("it starts");
        // The writing starts with one of the files and ends with another: that many are waited for.
        let written = 1 + kill * (FILES - 2) / KILLS;
        let is_new =
            |at: &usize| fs::metadata(path(*at)).is_ok_and(|it| it.len() < old(*at).len() as u64);
        while run.try_wait().expect("a process").is_none() && !is_new(&written) {}
        run.kill().expect("it may have ended");
        run.wait().expect("it ends");
        let texts = (0..FILES).map(|at| fs::read_to_string(path(at)).expect("a file"));
        let mut done = 0;
        for (at, text) in texts.enumerate() {
            assert!(text == old(at) || text == new(at), "{}: {text:?}", path(at).display());
            done += usize::from(text == new(at));
        }
        in_the_middle += usize::from((1..FILES).contains(&done));
    }
    assert!(in_the_middle >= KILLS / 2, "{in_the_middle} of {KILLS}");
    // Hidden files that are left are taken away by the next run that comes by.
    for at in 0..FILES {
        project.write(&format!("app_{at:03}/models.py"), old(at).as_bytes());
        project.write(&format!("app_{at:03}/.models.py.1.cache-lint"), b"");
    }
    assert_eq!(project.check(&["--fix", "-q"]).status, 0);
    for at in 0..FILES {
        assert_eq!(fs::read_to_string(path(at)).expect("a file"), new(at));
        let folder = project.path(&format!("app_{at:03}"));
        assert_eq!(fs::read_dir(folder).expect("a folder").count(), 1);
    }
}
