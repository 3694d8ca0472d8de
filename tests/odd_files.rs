//! Files and folders that nobody should have, and everybody does: a finding or a message for each,
//! never a hang or a crash.

mod project;

use project::Project;

#[test]
fn encodings_are_read_as_python_reads_them() {
    let project = Project::new();
    project.write("bom.py", b"\xEF\xBB\xBF# cache-lint: ignore[CL900]\r\nx = 1\r\n");
    project.write("cookie.py", b"# -*- coding: cp1252 -*-\nx = '\x80'; y = (\n");
    project.write("klingon.py", b"# coding: klingon\nx = 1\n");
    project.write("latin.py", b"x = 1\ny = '\xE9'\nz = 1  # cache-lint: ignore[CL900]\n");
    project.write("plain.py", "x = 'é'\u{c}\r\ny = 2\r\n".as_bytes());
    project.check(&["--output-format", "concise", "-q"]).says(
        1,
        "\
bom.py:1:1: CL901 unused suppression: `CL900` hides no finding here
cookie.py:3:1: CL900 this file was not seen as a whole: unexpected EOF while parsing
klingon.py:1:1: CL900 nothing in this file was seen: declares the encoding `klingon`, which is not known
latin.py:2:6: CL900 this file was not seen as a whole: byte 0xe9 is no UTF-8, and no encoding is declared that it belongs to
latin.py:3:8: CL901 unused suppression: `CL900` hides no finding here
",
    );
}

#[test]
fn columns_count_code_points() {
    let project = Project::new();
    project.write("a.py", "s = '🐍𝒳é'; cafe\u{301} = (;\n".as_bytes());
    project.check(&["--output-format", "concise", "-q"]).starts(1, "a.py:1:21: CL900");
}

#[test]
fn huge_files_are_named_and_not_read() {
    let project = Project::new();
    let file = project.create("huge.py");
    file.set_len(50 * 1024 * 1024).expect("a sparse file");
    project
        .check(&["--output-format", "concise", "-q"])
        .says(1, "huge.py:1:1: CL900 nothing in this file was seen: larger than 10 MB\n");
}

#[test]
fn deep_nesting_is_a_finding_and_its_line_is_not_shown() {
    let project = Project::new();
    project
        .write("deep.py", format!("x = {}{}\n", "[".repeat(10_000), "]".repeat(10_000)).as_bytes());
    let mut unary = "-".repeat(50_000);
    unary.push_str("1\n");
    project.write("unary.py", unary.as_bytes());
    project.write("sum.py", format!("x = 1{}\n", " + 1".repeat(20_000)).as_bytes());
    let run = project.check(&["-q"]);
    run.starts(
        1,
        "warning[CL900]: nothing in this file was seen: nested more than 1000 levels deep\n",
    );
    assert!(run.stdout.contains(" = deep.py:1:1005\n"), "{}", run.stdout);
    assert!(run.stdout.lines().all(|line| line.len() < 600));
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let project = Project::new();
    let source = "x = (  # \u{1b}[31mred\u{7f} \u{9b}2J \u{202e}desrever\n";
    project.write("ok.py", format!("{source}y = 1 1\n").as_bytes());
    #[cfg(unix)]
    project.write("e\u{1b}[2Jvil\nname.py", source.as_bytes());
    for format in ["full", "concise", "json"] {
        let run = project.check(&["--output-format", format]);
        assert_eq!(run.status, 1);
        let raw: Vec<char> = run
            .stdout
            .chars()
            .filter(|c| c.is_control() && *c != '\n' || ('\u{202a}'..='\u{202e}').contains(c))
            .collect();
        assert_eq!(raw, [], "{format}: {}", run.stdout);
    }
    #[cfg(unix)]
    project
        .check(&["--output-format", "concise", "-q"])
        .starts(1, r"e\u{1b}[2Jvil\nname.py:2:1: CL900");
}

#[test]
fn skipped_folders_are_not_read() {
    let project = Project::new();
    project.write(".gitignore", b"generated/\n");
    for folder in [
        "generated",
        ".hidden",
        "venv",
        "my-env",
        "node_modules",
        "vendor",
        "build",
        "lib/site-packages",
    ] {
        project.write(&format!("{folder}/broken.py"), b"x = (\n");
    }
    project.write("my-env/pyvenv.cfg", b"");
    // An app of that name is the project's own.
    project.write("shop/vendor/models.py", b"x = (\n");
    project.check(&["--output-format", "concise", "-q"]).says(
        1,
        "shop/vendor/models.py:2:1: CL900 this file was not seen as a whole: unexpected EOF while parsing\n",
    );
    // What is asked for by name is read all the same.
    project.check(&["--output-format", "concise", "-q", "vendor"]).says(
        1,
        "vendor/broken.py:2:1: CL900 this file was not seen as a whole: unexpected EOF while parsing\n",
    );
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    use super::Project;

    #[test]
    fn links_are_followed_to_files_of_the_program_only() {
        let outside = Project::new();
        outside.write("secret.py", b"x = (\n");
        let project = Project::new();
        project.write("real.txt", b"x = (\n");
        symlink(project.path("real.txt"), project.path("inside.py")).expect("a link");
        symlink(outside.path("secret.py"), project.path("outside.py")).expect("a link");
        symlink(outside.path("."), project.path("folder")).expect("a link");
        symlink(project.path("loop.py"), project.path("loop.py")).expect("a link");
        symlink(project.path("."), project.path("again")).expect("a link");
        project.check(&["--output-format", "concise", "-q"]).says(
            1,
            "inside.py:2:1: CL900 this file was not seen as a whole: unexpected EOF while parsing\n",
        );
    }

    #[test]
    fn pipes_are_not_opened() {
        let project = Project::new();
        project.write("a.py", b"x = 1\n");
        let made = Command::new("mkfifo").arg(project.path("pipe.py")).status().expect("mkfifo");
        assert!(made.success());
        project.check(&["-q"]).says(0, "");
        let run = project.check(&["pipe.py"]);
        assert_eq!(run.status, 2);
        assert_eq!(run.stderr, "error: `pipe.py` is neither a file nor a folder\n");
    }

    #[test]
    fn what_says_something_about_a_program_is_a_file_of_some_size() {
        type Odd<'a> = &'a dyn Fn(&Project, &str);
        let pipe: Odd<'_> = &|project, name| {
            let made = Command::new("mkfifo").arg(project.path(name)).status().expect("mkfifo");
            assert!(made.success());
        };
        let socket: Odd<'_> = &|project, name| {
            std::os::unix::net::UnixListener::bind(project.path(name)).expect("a socket");
        };
        let folder: Odd<'_> = &|project, name| project.write(&format!("{name}/x"), b"");
        let huge: Odd<'_> = &|project, name| {
            let file = project.create(name);
            file.set_len(2 * 1024 * 1024 * 1024).expect("a sparse file");
        };
        let found =
            "a.py:2:1: CL900 this file was not seen as a whole: unexpected EOF while parsing\n";
        let cases: [(&str, &str, Odd<'_>, i32, &str); 11] = [
            ("a pipe is no configuration", "cache-lint.toml", pipe, 1, ""),
            ("a folder is none", "cache-lint.toml", folder, 1, ""),
            ("a socket is none", "pyproject.toml", socket, 1, ""),
            (
                "one of two gigabytes is refused",
                "cache-lint.toml",
                huge,
                2,
                "cannot be read: larger than 10 MB\n",
            ),
            ("a pipe is no manifest", "Cargo.toml", pipe, 1, ""),
            ("a pipe says nothing of the style", "ruff.toml", pipe, 1, ""),
            ("a huge file says nothing of it", ".ruff.toml", huge, 1, ""),
            ("a folder is no list of what to ignore", ".gitignore", folder, 1, ""),
            ("a socket is no source", "socket.py", socket, 1, ""),
            ("a folder may be called like a source", "folder.py", folder, 1, ""),
            ("a folder in the place of the cache", ".cache-lint_cache", folder, 1, ""),
        ];
        for (what, name, make, status, said) in cases {
            let project = Project::new();
            project.write("a.py", b"x = (\n");
            make(&project, name);
            let run = project.check(&["--output-format", "concise", "-q"]);
            assert_eq!(
                (run.status, &*run.stdout),
                (status, if status == 1 { found } else { "" }),
                "{what}"
            );
            assert!(run.stderr.contains(said), "{what}: {}", run.stderr);
        }
    }

    #[test]
    fn what_must_not_be_read_is_told() {
        let project = Project::new();
        project.write("shut.py", b"x = 1\n");
        project.write("closed/a.py", b"x = 1\n");
        fs::set_permissions(project.path("shut.py"), Permissions::from_mode(0o000)).expect("chmod");
        fs::set_permissions(project.path("closed"), Permissions::from_mode(0o000)).expect("chmod");
        // Root may read everything.
        if fs::read(project.path("shut.py")).is_err() {
            let run = project.check(&["--output-format", "concise"]);
            run.starts(1, "shut.py:1:1: CL900 nothing in this file was seen: cannot be read");
            assert!(run.stderr.starts_with("warning: not looked at: "), "{}", run.stderr);
        }
        fs::set_permissions(project.path("closed"), Permissions::from_mode(0o755)).expect("chmod");
    }

    #[test]
    fn names_need_not_be_text() {
        use std::os::unix::ffi::OsStrExt;
        let project = Project::new();
        let name = std::ffi::OsStr::from_bytes(b"caf\xE9.py");
        fs::write(project.path(".").join(name), b"x = (\n").expect("a file");
        project.check(&["--output-format", "concise", "-q"]).starts(1, "caf\u{FFFD}.py:2:1: CL900");
    }
}

#[test]
fn values_that_hold_each_other_over_and_over_end() {
    let project = Project::new();
    let mut text = String::from(
        "from django.core.cache import cache\n\n\nclass Pair:\n    def __init__(self, a, b):\n        self.a = a\n        self.b = b\n\n\ndef keep(first):\n    pair = Pair(first, first)\n",
    );
    for _ in 0..60 {
        text.push_str("    pair = Pair(pair, pair)\n");
    }
    text.push_str("    cache.set('pair', pair)\n");
    project.write("pairs.py", text.as_bytes());
    project.check(&["--output-format", "concise", "-q"]).says(0, "");
}

#[test]
fn methods_that_are_told_by_their_name_alone_end() {
    let project = Project::new();
    project.write(
        "loop.py",
        b"from django.core.cache import cache\n\n\nclass A:\n    def __getattr__(self, name):\n        return getattr(self.inner, name)\n\n    def fetch_all(self, other):\n        cache.delete('x')\n        return other.fetch_all(self)\n\n\nclass B(A):\n    fetch_all = A.fetch_all if A else A().fetch_all\n\n\ndef run(thing):\n    cache.delete('y')\n    return thing.fetch_all(thing)\n",
    );
    project.check(&["--output-format", "concise", "-q"]).says(0, "");
}
