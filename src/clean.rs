//! The command `clean`: removes what earlier runs kept of a project.

use std::path::Path;

use crate::Status;
use crate::cache::Cache;
use crate::cli::Target;
use crate::config::Layer;
use crate::failure::Failure;
use crate::project::Project;

/// Removes what earlier runs kept of the project that a path belongs to, that of the working directory by
/// itself.
///
/// # Errors
/// Where the path cannot be used, or something is not to be removed.
pub fn clean(path: Option<&Path>) -> Result<Status, Failure> {
    let target =
        Target { paths: path.map(Path::to_owned).into_iter().collect(), ..Target::default() };
    let project = Project::locate(&target, Layer::default(), None)?;
    let cache = Cache::of(project.root());
    cache.clean().map_err(|error| {
        Failure::usage(format!("cannot remove `{}`: {error}", cache.folder().display()))
    })?;
    Ok(Status::Clean)
}
