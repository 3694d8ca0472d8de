//! Repositories, disks and signals that nobody should have to do with: for each what the run says, how it
//! ends, and what must still be there.

#![cfg(unix)]

mod project;

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use project::{Project, Run};

/// A file with a finding that can be mended, and what it is then.
const UNUSED: &str = "# cache-lint: ignore[CL101] -- it was once\nx = 1\n";
const MENDED: &str = "x = 1\n";
/// A file that cannot be read as a whole, and what is said of it.
const BROKEN: &str = "x = (\n";
const SAID: &str = ":2:1: CL900 this file was not seen as a whole: unexpected EOF while parsing\n";

/// As it is.
const PLAIN: &str = r#"exec "$0" "$@""#;
/// On a disk that takes no byte more.
const FULL_DISK: &str = r#"trap '' XFSZ; ulimit -f 0; exec "$0" "$@""#;
/// The same, where the system ends who goes on writing.
const FULL_DISK_KILLS: &str = r#"ulimit -f 0; "$0" "$@"; exit $?"#;
/// With nobody who listens.
const CLOSED: &str = r#"exec "$0" "$@" <&- >&- 2>&-"#;
/// With somebody who listens for a moment only.
const READ_IN_PART: &str = r#""$0" "$@" | head -c 4; exit 7"#;

struct Case {
    what: &'static str,
    make: fn(&Project),
    /// How a shell starts it.
    shell: &'static str,
    /// Whether it is started by somebody with no rights of their own.
    by_nobody: bool,
    arguments: &'static [&'static str],
    /// Whether it is to tell nothing but the report.
    quiet: bool,
    /// Whether it may keep its answer.
    cached: bool,
    status: i32,
    /// The whole report, a line for each finding.
    report: fn() -> String,
    /// A part of what is told besides.
    told: &'static str,
    /// What must be so afterwards.
    then: fn(&Project),
}

/// A run with nothing special about it.
const CASE: Case = Case {
    what: "",
    make: |_| (),
    shell: PLAIN,
    by_nobody: false,
    arguments: &[],
    quiet: true,
    cached: false,
    status: 1,
    report: || format!("a.py{SAID}"),
    told: "",
    then: |_| (),
};

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { what: "nothing special", ..CASE },
    // What lies in the tree.
    Case {
        what: "links out of the tree and in loops are not followed, not even to be mended",
        make: |project| {
            fs::create_dir(project.path("below")).expect("a folder");
            link("/etc", project, "below/etc");
            link("/etc/passwd", project, "passwd.py");
            link("../below", project, "below/below");
            link("loop.py", project, "loop.py");
            link("two.py", project, "one.py");
            link("one.py", project, "two.py");
            link("nowhere", project, "dangling.py");
        },
        arguments: &["--fix"], ..CASE
    },
    Case { what: "pipes are no sources", make: |project| pipe(project, "pipe.py"), ..CASE },
    Case { what: "sockets are no sources", make: |project| socket(project, "socket.py"), ..CASE },
    Case {
        what: "a pipe says nothing of what to ignore",
        make: |project| pipe(project, ".gitignore"),
        quiet: false,
        told: "warning: not looked at: ", ..CASE
    },
    Case {
        what: "nor does one of ripgrep's name",
        make: |project| { fs::create_dir(project.path("below")).expect("a folder"); pipe(project, "below/.ignore"); },
        quiet: false,
        told: "so its folder is left out", ..CASE
    },
    Case {
        what: "nor one in the folder of git",
        make: |project| { project.write(".git/HEAD", b""); fs::create_dir(project.path(".git/info")).expect("a folder"); pipe(project, ".git/info/exclude"); },
        quiet: false,
        told: "so no list of what to ignore is obeyed", ..CASE
    },
    Case {
        what: "nor one above what is checked",
        make: |project| { project.write("below/a.py", BROKEN.as_bytes()); pipe(project, ".gitignore"); },
        arguments: &["below"],
        report: || format!("below/a.py{SAID}"), ..CASE
    },
    Case {
        what: "two gigabytes of what to ignore are too much",
        make: |project| sparse(project, ".gitignore"),
        quiet: false,
        told: "so no list of what to ignore is obeyed", ..CASE
    },
    Case {
        what: "two gigabytes of source are too much",
        make: |project| sparse(project, "b.py"),
        report: || format!("a.py{SAID}b.py:1:1: CL900 nothing in this file was seen: larger than 10 MB\n"), ..CASE
    },
    Case {
        what: "files and folders that nobody may read are told",
        make: |project| {
            project.write("closed/b.py", BROKEN.as_bytes());
            project.write("shut.py", BROKEN.as_bytes());
            mode(project, "closed", 0o000);
            mode(project, "shut.py", 0o000);
        },
        by_nobody: true,
        quiet: false,
        report: || format!("a.py{SAID}shut.py:1:1: CL900 nothing in this file was seen: cannot be read: Permission denied (os error 13)\n"),
        told: "closed: Permission denied", ..CASE
    },
    Case {
        what: "names may hold anything, and are shown as text",
        make: |project| {
            project.write("new\nline.py", BROKEN.as_bytes());
            project.write("red\u{1b}[31m.py", BROKEN.as_bytes());
            project.write("-rf.py", BROKEN.as_bytes());
        },
        report: || format!("-rf.py{SAID}a.py{SAID}new\\nline.py{SAID}red\\u{{1b}}[31m.py{SAID}"), ..CASE
    },
    Case {
        what: "names that look alike as text are different files",
        make: |project| {
            fs::remove_file(project.path("a.py")).expect("a file");
            for name in [b"\xE9.py", b"\xEA.py"] {
                fs::write(project.path(".").join(OsStr::from_bytes(name)), UNUSED).expect("a file");
            }
        },
        arguments: &["--fix"],
        status: 0,
        report: String::new,
        then: |project| for name in [b"\xE9.py", b"\xEA.py"] {
            let path = project.path(".").join(OsStr::from_bytes(name));
            assert_eq!(fs::read_to_string(path).expect("a file"), MENDED);
        }, ..CASE
    },
    Case {
        what: "names that differ in case alone are different files",
        make: |project| { project.write("A.py", UNUSED.as_bytes()); project.write("Shop/a.py", UNUSED.as_bytes()); project.write("shop/a.py", BROKEN.as_bytes()); },
        arguments: &["--fix"],
        report: || format!("a.py{SAID}shop/a.py{SAID}"),
        then: |project| {
            is(project, "A.py", MENDED);
            is(project, "Shop/a.py", MENDED);
            is(project, "shop/a.py", BROKEN);
        }, ..CASE
    },
    Case {
        what: "paths may be longer than the system takes at once",
        make: |project| {
            let script = "for i in $(seq 300); do mkdir dddddddddddddddddddd; cd -P dddddddddddddddddddd; done; echo 'x = (' > a.py";
            let made = Command::new("sh").args(["-c", script]).current_dir(project.path(".")).status();
            assert!(made.expect("sh").success());
        },
        quiet: false,
        told: "File name too long", ..CASE
    },
    // What is configured.
    Case {
        what: "a configuration is no framework file, its own least of all",
        make: |project| project.write("cache-lint.toml", b"frameworks = [\"cache-lint.toml\"]\n"),
        status: 2,
        report: String::new,
        told: "error: unknown field `frameworks`", ..CASE
    },
    Case {
        what: "patterns that explode do not",
        make: |project| {
            let exclude = [format!("{}/x", "{a,b}".repeat(60)), "**/".repeat(300), format!("{}b", "*a".repeat(300))];
            let text = format!("exclude = {exclude:?}\ninvalidators = [\"{}b\"]\n", "*a".repeat(300));
            project.write("cache-lint.toml", text.as_bytes());
            project.write(&format!("{}.py", "a".repeat(240)), b"x = 1\n");
        }, ..CASE
    },
    Case {
        what: "nor do those that nest",
        make: |project| {
            let text = format!("exclude = [\"{}a{}\"]\n", "{".repeat(20_000), "}".repeat(20_000));
            project.write("cache-lint.toml", text.as_bytes());
        },
        status: 2,
        report: String::new,
        told: "error: not a pattern", ..CASE
    },
    Case {
        what: "values that nest are refused",
        make: |project| project.write("cache-lint.toml", format!("select = {}", "[".repeat(1_000_000)).as_bytes()),
        status: 2,
        report: String::new,
        told: "error: not a TOML file", ..CASE
    },
    Case {
        what: "keys that nest are refused",
        make: |project| project.write("pyproject.toml", format!("[tool.cache-lint{}]", ".a".repeat(1_000_000)).as_bytes()),
        status: 2,
        report: String::new,
        told: "error: not a TOML file", ..CASE
    },
    Case {
        what: "fifty megabytes are no configuration",
        make: |project| project.write("pyproject.toml", "# cache-lint\n".repeat(4_000_000).as_bytes()),
        status: 2,
        report: String::new,
        told: "pyproject.toml: cannot be read: larger than 10 MB", ..CASE
    },
    Case {
        what: "and can be looked past",
        make: |project| project.write("pyproject.toml", "# cache-lint\n".repeat(4_000_000).as_bytes()),
        arguments: &["--isolated"], ..CASE
    },
    // Where it is written.
    Case {
        what: "on a full disk nothing is mended and nothing is lost",
        make: |project| project.write("b.py", UNUSED.as_bytes()),
        shell: FULL_DISK,
        arguments: &["--fix"],
        report: || format!("a.py{SAID}b.py:1:1: CL901 unused suppression: `CL101` hides no finding here\n"),
        told: "warning: `b.py` is left as it is: File too large",
        then: |project| { is(project, "b.py", UNUSED); holds(project, 2); }, ..CASE
    },
    Case {
        what: "nor is it where the system kills the run",
        make: |project| project.write("b.py", UNUSED.as_bytes()),
        shell: FULL_DISK_KILLS,
        arguments: &["--fix"],
        status: 128 + 25,
        report: String::new,
        then: |project| is(project, "b.py", UNUSED), ..CASE
    },
    Case {
        what: "on a full disk no answer is kept, and none in part",
        shell: FULL_DISK,
        cached: true,
        then: |project| assert_eq!(fs::read_dir(project.path(".cache-lint_cache")).expect("a folder").count(), 0), ..CASE
    },
    Case {
        what: "a report that the disk does not take is told",
        shell: FULL_DISK,
        arguments: &["--output-file", "report.txt"],
        status: 2,
        report: String::new,
        told: "error: cannot write `report.txt`: File too large", ..CASE
    },
    Case {
        what: "what must not be written is not mended",
        make: |project| { project.write("shop/b.py", UNUSED.as_bytes()); mode(project, "shop", 0o555); mode(project, ".", 0o555); },
        by_nobody: true,
        arguments: &["--fix"],
        report: || format!("a.py{SAID}shop/b.py:1:1: CL901 unused suppression: `CL101` hides no finding here\n"),
        told: "warning: `shop/b.py` is left as it is: Permission denied",
        then: |project| is(project, "shop/b.py", UNUSED), ..CASE
    },
    Case {
        what: "nor is an answer kept there",
        make: |project| mode(project, ".", 0o555),
        by_nobody: true,
        cached: true,
        then: |project| holds(project, 1), ..CASE
    },
    // Who listens.
    Case { what: "nobody need listen", shell: CLOSED, report: String::new, ..CASE },
    Case {
        what: "nobody need listen to what is mended",
        make: |project| project.write("b.py", UNUSED.as_bytes()),
        shell: CLOSED,
        arguments: &["--fix"],
        report: String::new,
        then: |project| is(project, "b.py", MENDED), ..CASE
    },
    Case { what: "nor to all of it", shell: READ_IN_PART, status: 7, report: || "a.py".to_owned(), ..CASE },
];

#[test]
fn whatever_is_there_a_run_ends_and_says_so() {
    let is_root = fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0);
    for case in CASES {
        let project = Project::new();
        project.write("a.py", BROKEN.as_bytes());
        mode(&project, ".", 0o755);
        (case.make)(&project);
        let program = tempfile::tempdir().expect("a folder");
        let binary = program.path().join("cache-lint");
        fs::copy(env!("CARGO_BIN_EXE_cache-lint"), &binary).expect("a copy");
        let mut command = Command::new("timeout");
        command.args(["60", "sh", "-c", case.shell]).arg(&binary);
        command.args(["check", "--output-format", "concise"]);
        command.args(case.arguments).args(case.quiet.then_some("-q"));
        if !case.cached {
            command.env("CACHE_LINT_NO_CACHE", "1");
        }
        if case.by_nobody && is_root {
            const NOBODY: u32 = 65_534;
            mode_of(program.path(), 0o755);
            for entry in walkdir::WalkDir::new(project.path(".")) {
                let path = entry.expect("an entry").into_path();
                chown(path, Some(NOBODY), None).expect("root may");
            }
            command.uid(NOBODY);
        }
        let output = command.current_dir(project.path(".")).output().expect("timeout and sh");
        let run = Run::of(output);
        let report = run.stdout.split_inclusive('\n').filter(|line| !is_summary(line));
        let (report, expected) = (report.collect::<String>(), (case.report)());
        assert_eq!((run.status, report), (case.status, expected), "{}: {}", case.what, run.stderr);
        assert!(run.stderr.contains(case.told), "{}: {}", case.what, run.stderr);
        assert!(!run.stderr.contains("internal error"), "{}: {}", case.what, run.stderr);
        (case.then)(&project);
        for folder in [".", "shop", "closed"].iter().filter(|it| project.path(it).exists()) {
            mode(&project, folder, 0o755);
        }
    }
}

/// Whether a line is of the summary that stands below a report.
fn is_summary(line: &str) -> bool {
    line.contains(" cached models ") || line.starts_with("Exit ")
}

/// What files are while they are looked at.
#[test]
fn files_may_come_go_and_change_while_they_are_looked_at() {
    let project = Project::new();
    for at in 0..200 {
        project.write(&format!("app_{at}/models.py"), UNUSED.as_bytes());
    }
    let is_over = AtomicBool::new(false);
    let ended = std::thread::scope(|scope| {
        scope.spawn(|| {
            for turn in 0.. {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let name = format!("app_{}", turn * 7 % 200);
                let (folder, file) = (project.path(&name), project.path(&name).join("models.py"));
                // Whatever of it works at this moment.
                let _ = match turn % 4 {
                    0 => fs::remove_dir_all(&folder),
                    1 => fs::write(&file, BROKEN),
                    2 => fs::create_dir_all(&folder).and_then(|()| fs::write(&file, UNUSED)),
                    _ => fs::remove_file(&file),
                };
            }
        });
        let mut ended = Vec::new();
        for round in 0..24 {
            let arguments: &[&str] = if round % 2 == 0 { &["-q"] } else { &["-q", "--fix"] };
            let mut command = project.command(arguments);
            command.env_remove("CACHE_LINT_NO_CACHE");
            ended.push(Run::of(command.output().expect("it starts")));
        }
        is_over.store(true, Ordering::Relaxed);
        ended
    });
    for run in ended {
        assert!(matches!(run.status, 0 | 1), "{}", run.stderr);
    }
    // Nothing stands in a file that nobody wrote there.
    for at in 0..200 {
        if let Ok(text) = fs::read_to_string(project.path(&format!("app_{at}/models.py"))) {
            assert!([UNUSED, MENDED, BROKEN, ""].contains(&&*text), "{text:?}");
        }
    }
}

#[test]
fn a_signal_at_any_time_leaves_each_file_old_or_new() {
    const FILES: usize = 60;
    const TIMES: u32 = 8;
    let project = Project::new();
    let path = |at: usize| project.path(&format!("app_{at:03}/models.py"));
    let write = || {
        for at in 0..FILES {
            project.write(&format!("app_{at:03}/models.py"), UNUSED.as_bytes());
        }
    };
    write();
    let started = Instant::now();
    assert_eq!(project.check(&["--fix", "-q"]).status, 0);
    let whole = started.elapsed();
    for (name, signal) in [("INT", 2), ("TERM", 15), ("HUP", 1), ("PIPE", 13)] {
        let mut interrupted = 0;
        for time in 0..TIMES {
            write();
            let mut child =
                project.command(&["--fix", "-q"]).stdout(Stdio::null()).spawn().expect("it starts");
            std::thread::sleep(whole * time / TIMES + Duration::from_millis(1));
            let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).output();
            sent.expect("kill");
            let status = child.wait().expect("it ends");
            match (status.signal(), status.code()) {
                // PIPE is looked past from the start of the program on, which may be later than this.
                (Some(by), None) if by == signal => interrupted += 1,
                (None, Some(0)) => {}
                _ => panic!("{name}: {status}"),
            }
            for at in 0..FILES {
                let text = fs::read_to_string(path(at)).expect("a file");
                assert!([UNUSED, MENDED].contains(&&*text), "{name}: {text:?}");
            }
        }
        assert!(name == "PIPE" || interrupted > 0, "{name} was never in time");
    }
    write();
    assert_eq!(project.check(&["--fix", "-q"]).status, 0);
    assert!((0..FILES).all(|at| fs::read_to_string(path(at)).is_ok_and(|text| text == MENDED)));
}

fn link(target: &str, project: &Project, name: &str) {
    symlink(target, project.path(name)).expect("a link");
}

fn pipe(project: &Project, name: &str) {
    let made = Command::new("mkfifo").arg(project.path(name)).status().expect("mkfifo");
    assert!(made.success());
}

fn socket(project: &Project, name: &str) {
    UnixListener::bind(project.path(name)).expect("a socket");
}

/// A file of two gigabytes that takes no room.
fn sparse(project: &Project, name: &str) {
    project.create(name).set_len(2 * 1024 * 1024 * 1024).expect("a sparse file");
}

fn mode(project: &Project, name: &str, mode: u32) {
    mode_of(&project.path(name), mode);
}

fn mode_of(path: &std::path::Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("permissions");
}

#[track_caller]
fn is(project: &Project, name: &str, text: &str) {
    assert_eq!(fs::read_to_string(project.path(name)).expect("a file"), text, "{name}");
}

/// So many files and folders lie in the project, and nothing that a run left behind.
#[track_caller]
fn holds(project: &Project, count: usize) {
    assert_eq!(fs::read_dir(project.path(".")).expect("a folder").count(), count);
}
