//! The receivers that a program connects, by where they stand and what they hear of.

use std::hash::Hash;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::source::{FileId, Location};

/// A receiver that is connected.
#[derive(Debug)]
pub struct Receiver {
    /// Where reports place it.
    pub location: Location,
    /// Its function, where that is one of the program.
    pub function: Option<Location>,
    /// The call or decorator that connects it.
    pub connected_at: Location,
    /// The last name of its signal.
    pub signal: String,
    /// The class that it hears of, where that is one of the program.
    pub sender: Option<Location>,
    /// The many-to-many field of that class, where it hears of its links.
    pub field: Option<String>,
    /// Whether a decorator connects it.
    pub is_decorated: bool,
    /// Whether it runs.
    pub is_live: bool,
    /// Whether it does not because nothing holds it.
    pub is_collected: bool,
}

/// The receivers of a program, in the order found.
#[derive(Debug, Default)]
pub struct Receivers {
    list: Vec<Receiver>,
    at: Places<Location>,
    of: Places<Location>,
    connected_in: Places<FileId>,
    /// The files that connect those that run, in the order found, by the folder of their app.
    files: FxHashMap<String, Vec<FileId>>,
}

/// Places in a list, in order.
type Places<K> = FxHashMap<K, Vec<u32>>;

impl Receivers {
    /// Lists receivers; `app_folder` is that of the app that a file belongs to.
    pub fn new<'p>(list: Vec<Receiver>, app_folder: impl Fn(FileId) -> &'p str) -> Receivers {
        let mut files: FxHashMap<String, Vec<FileId>> = FxHashMap::default();
        let mut seen = FxHashSet::default();
        for receiver in list.iter().filter(|receiver| receiver.is_live) {
            let file = receiver.connected_at.file;
            if seen.insert(file) {
                files.entry(app_folder(file).to_owned()).or_default().push(file);
            }
        }
        Receivers {
            at: places(&list, |receiver| Some(receiver.location)),
            of: places(&list, |receiver| receiver.sender),
            connected_in: places(&list, |receiver| Some(receiver.connected_at.file)),
            files,
            list,
        }
    }

    /// The files that connect receivers that run in the app of a folder, in the order found.
    pub fn files_in_app(&self, app_folder: &str) -> &[FileId] {
        self.files.get(app_folder).map(Vec::as_slice).unwrap_or_default()
    }

    /// Those that reports place here.
    pub fn at(&self, location: Location) -> impl Iterator<Item = &Receiver> {
        self.listed(&self.at, location)
    }

    /// Those that hear of a class.
    pub fn of(&self, sender: Location) -> impl Iterator<Item = &Receiver> {
        self.listed(&self.of, sender)
    }

    /// Those that a file connects.
    pub fn connected_in(&self, file: FileId) -> impl Iterator<Item = &Receiver> {
        self.listed(&self.connected_in, file)
    }

    fn listed<K: Eq + Hash>(&self, places: &Places<K>, key: K) -> impl Iterator<Item = &Receiver> {
        let places = places.get(&key).map(Vec::as_slice).unwrap_or_default();
        places.iter().map(|at| &self.list[*at as usize])
    }
}

fn places<K: Eq + Hash>(list: &[Receiver], key: impl Fn(&Receiver) -> Option<K>) -> Places<K> {
    let mut places = Places::default();
    for (at, receiver) in list.iter().enumerate() {
        if let Some(key) = key(receiver) {
            places.entry(key).or_default().push(at as u32);
        }
    }
    places
}
