//! Between paths and the `file:` URIs that editors name files by.

use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// What does not stand for itself in the path of a URI (RFC 3986, section 3.3).
const NOT_PLAIN: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The path that a `file:` URI names; `None` for any other.
pub fn to_path(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.0.strip_prefix("file://")?;
    let path = &rest[rest.find('/')?..];
    let path = percent_decode_str(path).decode_utf8().ok()?;
    // `/c:/project` names a path with a drive.
    let has_drive = cfg!(windows) && path.as_bytes().get(2) == Some(&b':');
    Some(PathBuf::from(if has_drive { &path[1..] } else { &*path }))
}

/// The `file:` URI of an absolute path.
pub fn of_path(path: &Path) -> Uri {
    let path = path.to_string_lossy().replace('\\', if cfg!(windows) { "/" } else { "\\" });
    let root = if path.starts_with('/') { "" } else { "/" };
    Uri(format!("file://{root}{}", utf8_percent_encode(&path, NOT_PLAIN)))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, uri: &str) {
        assert_eq!(of_path(Path::new(path)).0, uri);
        assert_eq!(to_path(&Uri(uri.to_owned())).as_deref(), Some(Path::new(path)));
    }

    #[test]
    fn paths_go_into_uris_and_back() {
        check("/shop/models.py", "file:///shop/models.py");
        check("/a b/ü#1%/m.py", "file:///a%20b/%C3%BC%231%25/m.py");
    }

    #[test]
    fn editors_spell_uris_in_their_own_ways() {
        let path = |uri: &str| to_path(&Uri(uri.to_owned()));
        assert_eq!(path("file:///a%2fb%3A1.py").as_deref(), Some(Path::new("/a/b:1.py")));
        assert_eq!(path("file://localhost/m.py").as_deref(), Some(Path::new("/m.py")));
        assert_eq!(path("untitled:Untitled-1"), None);
        assert_eq!(path("file://"), None);
        assert_eq!(path("file:///%ff.py"), None);
    }
}
