//! What paths lead to: by the items, imports and globs of modules.

use super::super::crates::{Binding, ModuleId};
use super::{Lookup, Program, Target};
use crate::frameworks::Part;

/// How many names a name may stand for, one after the other.
const MAX_HOPS: usize = 16;

impl Program<'_> {
    /// What a path leads to from a module, with the segments behind a type or a static.
    pub fn resolve<'p>(&self, from: ModuleId, path: &'p str) -> (Target, Vec<&'p str>) {
        let segments: Vec<&str> = path.split("::").collect();
        self.resolve_segments(from, &segments, MAX_HOPS)
    }

    fn resolve_segments<'p>(
        &self,
        from: ModuleId,
        segments: &[&'p str],
        hops: usize,
    ) -> (Target, Vec<&'p str>) {
        let outside = || (Target::Outside(segments.join("::")), Vec::new());
        let [first, rest @ ..] = segments else { return outside() };
        if hops == 0 {
            return outside();
        }
        let start = match *first {
            "crate" => Some(Target::Module(self.crates.module(from).root)),
            "self" => Some(Target::Module(from)),
            "super" => Some(Target::Module(self.crates.module(from).parent.unwrap_or(from))),
            name => self
                .lookup(from, name, hops - 1)
                .or_else(|| self.crates.library(name).map(Target::Module)),
        };
        let Some(mut at) = start else { return outside() };
        for (position, segment) in rest.iter().enumerate() {
            at = match at {
                Target::Module(module) => match *segment {
                    "super" => Target::Module(self.crates.module(module).parent.unwrap_or(module)),
                    "self" => Target::Module(module),
                    name => match self.lookup(module, name, hops - 1) {
                        Some(found) => found,
                        None => return outside(),
                    },
                },
                Target::Outside(path) => {
                    let mut path = path;
                    // `use cached::macros::cached;` gives no other name to the crate.
                    let mut imported = path.split("::");
                    if position == 0
                        && imported.next() == Some(*first)
                        && imported.next() == Some(*segment)
                    {
                        return outside();
                    }
                    for segment in &rest[position..] {
                        path.push_str("::");
                        path.push_str(segment);
                    }
                    return (Target::Outside(path), Vec::new());
                }
                other => return (other, rest[position..].to_vec()),
            };
        }
        (at, Vec::new())
    }

    /// What a module has under a name, by its own items, imports and globs.
    fn lookup(&self, module: ModuleId, name: &str, hops: usize) -> Option<Target> {
        match self.found.borrow().get(&module).and_then(|names| names.get(name)) {
            Some(Lookup::Done(target)) => return target.clone(),
            Some(Lookup::GoingOn) => {
                self.met_itself.set(true);
                return None;
            }
            None => {}
        }
        if hops == 0 || self.is_given_up(module, name, hops) {
            self.met_itself.set(true);
            return None;
        }
        let set = |lookup| {
            self.found.borrow_mut().entry(module).or_default().insert(name.to_owned(), lookup);
        };
        set(Lookup::GoingOn);
        let outer = self.met_itself.replace(false);
        self.open_lookups.set(self.open_lookups.get() + 1);
        self.given_up.borrow_mut().entry(name.to_owned()).or_default().open += 1;
        let target = self.find(module, name, hops);
        self.open_lookups.set(self.open_lookups.get() - 1);
        self.close(module, name, hops);
        if target.is_none() && self.met_itself.get() && self.open_lookups.get() > 0 {
            // Whoever asked first may still find it another way.
            self.found.borrow_mut().entry(module).or_default().remove(name);
        } else {
            set(Lookup::Done(target.clone()));
            self.met_itself.set(false);
        }
        self.met_itself.set(outer || self.met_itself.get());
        target
    }

    /// Whether a module was asked for a name before, no less far, by whoever asks still: it leads to nothing
    /// but those who ask, and to follow each way through modules that take everything over from each other
    /// takes for ever.
    fn is_given_up(&self, module: ModuleId, name: &str, hops: usize) -> bool {
        let given_up = self.given_up.borrow();
        let known = given_up.get(name).and_then(|asked| asked.modules.get(&module));
        known.is_some_and(|known| hops <= *known)
    }

    /// Notes that a module was asked for a name, as long as others ask for it that came first.
    fn close(&self, module: ModuleId, name: &str, hops: usize) {
        let mut given_up = self.given_up.borrow_mut();
        let Some(asked) = given_up.get_mut(name) else { return };
        asked.open -= 1;
        if asked.open == 0 {
            given_up.remove(name);
        } else {
            asked.modules.insert(module, hops);
        }
    }

    fn find(&self, module: ModuleId, name: &str, hops: usize) -> Option<Target> {
        for binding in self.crates.module(module).bindings(name) {
            let target = match *binding {
                Binding::Module(module) => Target::Module(module),
                Binding::Class(class) => Target::Class(class),
                Binding::Function(function) => Target::Function(function),
                Binding::Value(file, stmt) => Target::Value(file, stmt),
                Binding::Use(path, member) => {
                    let mut segments: Vec<&str> =
                        path.split("::").filter(|segment| !segment.is_empty()).collect();
                    segments.extend(member);
                    // `use a::a;` names something outside.
                    if segments.first() == Some(&name) && self.crates.library(name).is_none() {
                        return Some(Target::Outside(segments.join("::")));
                    }
                    match self.resolve_segments(module, &segments, hops - 1) {
                        (target, rest) if rest.is_empty() => target,
                        // A variant or an associated item, imported by itself.
                        (Target::Class(class), _) => Target::Class(class),
                        (Target::Generated(table, part), _) => Target::Generated(table, part),
                        _ => continue,
                    }
                }
            };
            return Some(target);
        }
        if let Some(target) = self.generated.get(&module).and_then(|names| names.get(name)) {
            return Some(target.clone());
        }
        if let Some(function) = self.memoised_by(module, name) {
            return Some(Target::Memoised(function));
        }
        for glob in &self.crates.module(module).globs {
            let segments: Vec<&str> = glob.split("::").collect();
            let found = match self.resolve_segments(module, &segments, hops - 1) {
                (Target::Module(inner), _) if inner != module => self.lookup(inner, name, hops - 1),
                (Target::Generated(table, Part::Entity), _) => {
                    let is_column =
                        self.table(table).columns.iter().any(|column| &**column == name);
                    match name {
                        "table" => Some(Target::Generated(table, Part::Entity)),
                        _ if name == self.table(table).name => {
                            Some(Target::Generated(table, Part::Entity))
                        }
                        _ if is_column => Some(Target::Generated(table, Part::Columns)),
                        _ => None,
                    }
                }
                _ => None,
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }
}
