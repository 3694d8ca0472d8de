//! A throw-away project and runs of the real binary on it.

#![allow(dead_code)] // Each test file uses a part of it.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder that is removed at the end.
pub struct Project {
    folder: TempDir,
}

/// What a run said.
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    pub fn new() -> Project {
        Project { folder: TempDir::new().expect("a temporary folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: &[u8]) {
        self.create(name).write_all(content).expect("a writable file");
    }

    pub fn create(&self, name: &str) -> File {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it is below the folder")).expect("a folder");
        File::create(path).expect("a file")
    }

    /// `cache-lint check` in the folder, without answers of earlier runs.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cache-lint"));
        command.arg("check").args(arguments).current_dir(self.folder.path());
        for variable in ["NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        command.env("CACHE_LINT_NO_CACHE", "1");
        command
    }

    pub fn check(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().expect("it starts"))
    }

    /// The same with a text on the standard input.
    pub fn check_buffer(&self, arguments: &[&str], buffer: &str) -> Run {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        child.stdin.take().expect("piped").write_all(buffer.as_bytes()).expect("it reads");
        Run::of(child.wait_with_output().expect("it ends"))
    }
}

impl Run {
    pub fn of(output: Output) -> Run {
        Run {
            status: output.status.code().expect("no signal"),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    #[track_caller]
    pub fn says(&self, status: i32, stdout: &str) {
        assert_eq!(self.stdout, stdout, "{}", self.stderr);
        assert_eq!(self.status, status, "{}", self.stderr);
    }

    #[track_caller]
    pub fn starts(&self, status: i32, stdout: &str) {
        assert!(self.stdout.starts_with(stdout), "{}{}", self.stdout, self.stderr);
        assert_eq!(self.status, status, "{}", self.stderr);
    }
}
