//! Remembers panics from any thread, to tell of them when the report is out.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::sync::{Arc, Mutex, PoisonError};

use anstream::AutoStream;

use crate::cli::When;
use crate::failure::{Failure, say};
use crate::report::color;

/// The panics of this run.
pub struct Panics {
    seen: Arc<Mutex<Vec<String>>>,
}

impl Panics {
    /// Takes over what happens on a panic: nothing is printed yet.
    pub fn watch() -> Panics {
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let record = Arc::clone(&seen);
        set_hook(Box::new(move |panic| {
            let what = panic.payload_as_str().unwrap_or("no message");
            let place = panic.location().map(|at| format!(" at {at}")).unwrap_or_default();
            let mut record = record.lock().unwrap_or_else(PoisonError::into_inner);
            record.push(format!("{what}{place}"));
        }));
        Panics { seen }
    }

    /// Runs `work`; a panic that nobody else caught is a failure.
    pub fn catch<T>(&self, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Failure::Panicked))
    }

    /// Tells of the panics on the standard error; false where there were none.
    pub fn show(&self, when: When) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        seen.sort();
        seen.dedup();
        let stderr = io::stderr();
        let mut out = AutoStream::new(stderr.lock(), color::choice(when, &io::stderr()));
        for panic in &seen {
            let message = format!("internal error: {panic}");
            let version = env!("CARGO_PKG_VERSION");
            let help = format!(
                "this is a bug in cache-lint {version}; please report it with this line and, if you can, the source it stumbled over"
            );
            // Nobody is left to tell where this cannot be written.
            let _ = say(&mut out, "error", &message, Some(&help));
        }
        !seen.is_empty()
    }
}
