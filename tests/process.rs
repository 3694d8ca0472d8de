//! How the command behaves as a process: streams, colours, status, threads, roots.

mod project;

use std::fs;
use std::process::Stdio;

use project::Project;

const BROKEN: &[u8] = b"x = (\n";

#[test]
fn a_buffer_stands_in_for_its_file_and_is_all_that_is_reported() {
    let project = Project::new();
    project.write("manage.py", b"");
    project.write("shop/__init__.py", b"");
    project.write("shop/models.py", BROKEN);
    project.write("shop/other.py", BROKEN);
    let options = ["--output-format", "concise", "-q", "--stdin-filename"];
    let with = |name| [&options[..], &[name]].concat();
    project.check_buffer(&with("shop/models.py"), "x = 1\n").says(0, "");
    let line = ":2:1: CL900 this file was not seen as a whole: unexpected EOF while parsing\n";
    project.check_buffer(&with("shop/new.py"), "y = (\n").says(1, &format!("shop/new.py{line}"));
    project
        .check_buffer(&with("nowhere/yet.py"), "y = (\n")
        .says(1, &format!("nowhere/yet.py{line}"));
    let dash = [&with("shop/models.py")[..], &["-"]].concat();
    project.check_buffer(&dash, "\u{feff}y = (\n").says(1, &format!("shop/models.py{line}"));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let project = Project::new();
    for index in 0..2_000 {
        project.write(&format!("broken_{index}.py"), BROKEN);
    }
    let mut child = project
        .command(&[])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let project = Project::new();
    project.write("a.py", BROKEN);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let output = project.command(&[]).stdout(full).output().expect("it starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stderr.starts_with(b"error: cannot write to the standard output"));
}

#[test]
fn the_output_does_not_depend_on_threads_or_the_working_directory() {
    let project = Project::new();
    for index in 0..50 {
        project.write(
            &format!("app_{}/m_{index}.py", index % 7),
            b"x = (\n# cache-lint: ignore[CL1]\n",
        );
    }
    for format in ["full", "concise", "json"] {
        let one = project.check(&["--output-format", format, "--threads", "1"]);
        for _ in 0..3 {
            let eight = project.check(&["--output-format", format, "--threads", "8"]);
            assert_eq!(one.stdout, eight.stdout);
        }
    }
    let here = project.check(&["--output-format", "json"]);
    let mut command = project.command(&["--output-format", "json", "../"]);
    let there = command.current_dir(project.path("app_0")).output().expect("it starts");
    let prints = |text: &str| {
        let lines = text.lines().filter(|line| line.contains("fingerprint"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let there = String::from_utf8(there.stdout).expect("UTF-8");
    assert_eq!(prints(&here.stdout), prints(&there));
    assert!(prints(&there).len() >= 50);
}

#[test]
fn colours_follow_the_option_then_the_environment_then_the_terminal() {
    let project = Project::new();
    project.write("a.py", BROKEN);
    let coloured = |arguments: &[&str], environment: &[(&str, &str)]| {
        let mut command = project.command(arguments);
        command.envs(environment.iter().copied());
        let output = command.output().expect("it starts");
        output.stdout.contains(&0x1b)
    };
    assert!(!coloured(&[], &[]));
    assert!(coloured(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(coloured(&[], &[("FORCE_COLOR", "1")]));
    assert!(coloured(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")]));
    assert!(!coloured(&[], &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]));
    assert!(!coloured(&["--color", "never"], &[("FORCE_COLOR", "1")]));
    assert!(!coloured(&["--output-format", "json", "--color", "always"], &[]));
}

#[test]
fn a_report_can_go_to_a_file() {
    let project = Project::new();
    project.write("a.py", BROKEN);
    project.check(&["--output-file", "report.txt", "--color", "always"]).says(1, "");
    let report = fs::read_to_string(project.path("report.txt")).expect("it was written");
    assert!(report.starts_with("warning[CL900]"), "{report}");
    assert_eq!(project.check(&["--output-file", "no/where.txt"]).status, 2);
}

#[test]
fn a_path_inside_a_package_belongs_to_the_program_around_it() {
    let project = Project::new();
    project.write("manage.py", b"");
    project.write("apps/shop/__init__.py", b"");
    project.write("apps/shop/models.py", b"x = 1\n");
    project.write("apps/blog/__init__.py", b"");
    let files = |path: &str| {
        let run = project.check(&["--output-format", "json", path]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        let line = run.stdout.lines().find(|line| line.contains("\"files\"")).map(str::to_owned);
        line.expect("a summary").trim().to_owned()
    };
    assert_eq!(files("apps/shop"), "\"files\": 4,");
    assert_eq!(files("apps/shop/models.py"), "\"files\": 4,");
    // A folder that is no package is its own program.
    assert_eq!(files("apps"), "\"files\": 3,");
    // A configuration says where the program starts.
    project.write("apps/cache-lint.toml", b"");
    assert_eq!(files("apps/shop"), "\"files\": 3,");
    // A repository ends it.
    fs::remove_file(project.path("apps/cache-lint.toml")).expect("it is there");
    project.write("apps/.git/HEAD", b"");
    assert_eq!(files("apps/shop"), "\"files\": 3,");
}
