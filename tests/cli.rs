//! What a user sees: each `tests/cli/*.trycmd` is a session in the folder of its name, each `.toml` one
//! run, and the screens of README.md are sessions too.
//!
//! `TRYCMD=overwrite cargo test --test cli` writes the sessions anew; read the difference.

#[test]
fn sessions() {
    trycmd::TestCases::new()
        .case("tests/cli/*.trycmd")
        .case("tests/cli/*.toml")
        .case("README.md")
        .env("TERM", "dumb")
        .env("CACHE_LINT_NO_CACHE", "1");
}
