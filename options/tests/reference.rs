//! The manual's page is the table's.

use std::path::Path;

#[test]
fn the_manual_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/command-line.md");
    let mut page = String::new();
    options::reference(&mut page).unwrap();
    if std::env::var_os("XENOLITH_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/command-line.md is stale: run with XENOLITH_BLESS=1"
    );
}
