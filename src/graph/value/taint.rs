//! Sets of what of the database reaches a value: cheap to copy, to compare and to add to each other, for a run
//! does little else.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use super::RowSource;
use crate::graph::shared::Shared;

/// The rows a value was computed from, in order.
#[derive(Debug, Clone, Default)]
pub struct Taint(Option<Arc<Set>>);

/// The sources of a set, in order.
pub type Iter<'a> = std::iter::Map<std::slice::Iter<'a, Member>, fn(&Member) -> &RowSource>;

/// A set that is not empty.
#[derive(Debug, Clone, Default)]
struct Set {
    /// The sum of what each member hashes to.
    hash: u64,
    /// Sorted, and each only once.
    members: Vec<Member>,
}

type Member = Shared<RowSource>;

impl Taint {
    /// None at all.
    pub fn new() -> Taint {
        Taint::default()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.members().len()
    }

    /// Each of them, in order.
    pub fn iter(&self) -> Iter<'_> {
        self.members().iter().map(Member::deref)
    }

    /// Whether a source is among them.
    pub fn contains(&self, source: &RowSource) -> bool {
        self.members().binary_search_by(|member| (**member).cmp(source)).is_ok()
    }

    /// Adds a source.
    pub fn insert(&mut self, source: RowSource) {
        if let Err(at) = self.members().binary_search_by(|member| (**member).cmp(&source)) {
            let member = Member::new(source);
            let set = Arc::make_mut(self.0.get_or_insert_default());
            set.hash = set.hash.wrapping_add(member.hash());
            set.members.insert(at, member);
        }
    }

    /// Adds sources, most of which are often among these already.
    pub fn add(&mut self, more: &Taint) {
        if self.is_empty() {
            self.clone_from(more);
        } else if !self.holds(more) {
            *self = Taint::of_sorted(merged(self.members(), more.members()));
        }
    }

    /// Leaves out what is not wanted.
    pub fn retain(&mut self, mut is_wanted: impl FnMut(&RowSource) -> bool) {
        let wanted = self.members().iter().filter(|member| is_wanted(member));
        let wanted: Vec<Member> = wanted.cloned().collect();
        if wanted.len() < self.len() {
            *self = Taint::of_sorted(wanted);
        }
    }

    /// What becomes of them where each is made into another one.
    pub fn map(&self, make: impl Fn(RowSource) -> RowSource) -> Taint {
        self.iter().cloned().map(make).collect()
    }

    /// Whether all of others are among these.
    fn holds(&self, others: &Taint) -> bool {
        if let (Some(own), Some(other)) = (&self.0, &others.0)
            && Arc::ptr_eq(own, other)
        {
            return true;
        }
        let mut left = self.members();
        others.members().iter().all(|other| match left.binary_search(other) {
            Ok(at) => {
                left = &left[at + 1..];
                true
            }
            Err(_) => false,
        })
    }

    fn members(&self) -> &[Member] {
        self.0.as_ref().map_or(&[], |set| &set.members)
    }

    fn of_sorted(members: Vec<Member>) -> Taint {
        let hash = members.iter().fold(0, |sum: u64, member| sum.wrapping_add(member.hash()));
        Taint((!members.is_empty()).then(|| Arc::new(Set { hash, members })))
    }
}

/// The members of two sets, sorted.
fn merged(mut left: &[Member], mut right: &[Member]) -> Vec<Member> {
    let mut all = Vec::with_capacity(left.len() + right.len());
    while let ([first, others @ ..], [other, more @ ..]) = (left, right) {
        let order = first.cmp(other);
        all.push(if order == Ordering::Greater { other.clone() } else { first.clone() });
        left = if order == Ordering::Greater { left } else { others };
        right = if order == Ordering::Less { right } else { more };
    }
    all.extend_from_slice(left);
    all.extend_from_slice(right);
    all
}

impl PartialEq for Taint {
    fn eq(&self, other: &Taint) -> bool {
        match (&self.0, &other.0) {
            (Some(own), Some(other)) => {
                Arc::ptr_eq(own, other) || own.hash == other.hash && own.members == other.members
            }
            (own, other) => own.is_none() && other.is_none(),
        }
    }
}

impl Eq for Taint {}

impl Hash for Taint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.as_ref().map_or(0, |set| set.hash));
    }
}

impl<'a> IntoIterator for &'a Taint {
    type Item = &'a RowSource;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl FromIterator<RowSource> for Taint {
    fn from_iter<I: IntoIterator<Item = RowSource>>(sources: I) -> Taint {
        let mut members: Vec<Member> = sources.into_iter().map(Member::new).collect();
        members.sort_unstable();
        members.dedup();
        Taint::of_sorted(members)
    }
}

impl Extend<RowSource> for Taint {
    fn extend<I: IntoIterator<Item = RowSource>>(&mut self, sources: I) {
        self.add(&sources.into_iter().collect());
    }
}
