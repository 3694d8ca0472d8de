//! Sessions of users, and what a program tells the library to keep their rows in.

/// Where rows are kept, by their keys.
#[async_trait::async_trait]
pub trait Store<K> {
    type Row;

    async fn load(&self, key: &K) -> Option<Self::Row>;

    async fn forget(&self, key: &K);
}

/// Of one user, who is logged in.
pub struct Session {
    pub user: i32,
}

impl Session {
    /// Forgets the row of the user wherever it is kept.
    pub async fn flush(self) {}
}
