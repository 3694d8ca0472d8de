//! Finds the source files of a program and reads their text.
//!
//! No source is parsed here; what is known of a language is which file names belong to it, and what
//! its projects say in manifests of their own.

mod decode;
mod lists;
mod manifest;
mod pin;
mod read;
mod role;
mod root;
mod skip;
mod walk;

pub use decode::{BadDeclaration, Decoded, EncodeError, Loss, encode_like};
pub use pin::{pin, pin_file, replace};
pub use read::{MAX_FILE_SIZE, ReadError, decode_buffer, read_declared, read_text};
pub use root::{Anchor, RootError, anchor, common_root, resolve, up_to_repository};
pub use walk::{Overlay, Scan, ScanOptions, scan};
