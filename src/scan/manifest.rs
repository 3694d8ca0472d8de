//! Reads the Cargo packages of a program from their manifests.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::read::read_declared;
use crate::source::Package;

/// The name of a manifest.
pub const MANIFEST: &str = "Cargo.toml";

/// The part of a manifest that says what is compiled; the rest is Cargo's business.
#[derive(Deserialize)]
struct Manifest {
    package: Option<Named>,
    lib: Option<Target>,
    #[serde(default)]
    bin: Vec<Target>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Target {
    name: Option<String>,
    path: Option<PathBuf>,
}

/// The package that a manifest describes; `None` where it is that of a workspace only.
///
/// # Errors
/// Where it cannot be read or is no manifest, in one line.
pub fn read(
    manifest: &Path,
    slashed_below_root: impl Fn(&Path) -> String,
) -> Result<Option<Package>, String> {
    let text = read_declared(manifest).map_err(|error| error.to_string())?;
    let parsed = toml::from_str(&text).map_err(|error: toml::de::Error| error.message().to_owned());
    let Manifest { package, lib, bin } = parsed?;
    let Some(Named { name }) = package else { return Ok(None) };
    let folder = manifest.parent().unwrap_or(manifest);
    let located = |path: &PathBuf| slashed_below_root(&folder.join(path));
    let as_code = |name: &str| name.replace('-', "_");
    Ok(Some(Package {
        folder: slashed_below_root(folder),
        name: as_code(&name),
        lib_name: lib.as_ref().and_then(|lib| lib.name.as_deref()).map(as_code),
        lib_path: lib.as_ref().and_then(|lib| lib.path.as_ref()).map(located),
        bin_paths: bin.iter().filter_map(|bin| bin.path.as_ref()).map(located).collect(),
    }))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<Option<Package>, &str>) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let manifest = folder.path().join("api").join(MANIFEST);
        fs::create_dir(folder.path().join("api")).expect("a folder");
        fs::write(&manifest, text).expect("a file");
        let below = |path: &Path| {
            let below = path.strip_prefix(folder.path()).expect("it is below");
            below.to_string_lossy().into_owned()
        };
        assert_eq!(read(&manifest, below), expected.map_err(str::to_owned));
    }

    fn package() -> Package {
        Package {
            folder: "api".to_owned(),
            name: "shop_api".to_owned(),
            lib_name: None,
            lib_path: None,
            bin_paths: Vec::new(),
        }
    }

    #[test]
    fn a_package_has_a_name_that_code_can_spell() {
        check("[package]\nname = \"shop-api\"\nversion.workspace = true\n", Ok(Some(package())));
    }

    #[test]
    fn targets_may_have_names_and_paths_of_their_own() {
        check(
            "[package]\nname = \"shop-api\"\n[lib]\nname = \"shop-core\"\npath = \"core/lib.rs\"\n\
             [[bin]]\nname = \"x\"\n[[bin]]\nname = \"y\"\npath = \"y.rs\"\n",
            Ok(Some(Package {
                lib_name: Some("shop_core".to_owned()),
                lib_path: Some("api/core/lib.rs".to_owned()),
                bin_paths: vec!["api/y.rs".to_owned()],
                ..package()
            })),
        );
    }

    #[test]
    fn a_workspace_is_no_package() {
        check("[workspace]\nmembers = [\"a\"]\n", Ok(None));
    }

    #[test]
    fn what_is_no_manifest_is_told_in_one_line() {
        check("[package]\nversion = \"1\"\n", Err("missing field `name`"));
    }
}
