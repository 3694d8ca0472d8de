//! Keeps the input that is being looked at: a stack that overflows ends the process before libFuzzer can.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::sync::LazyLock;

/// Where to.
static FILE: LazyLock<Option<OsString>> = LazyLock::new(|| env::var_os("LAST"));

/// Writes an input to the file that the environment names, if it names one.
pub fn keep(input: &[u8]) {
    if let Some(file) = &*FILE {
        fs::write(file, input).expect("a file");
    }
}
