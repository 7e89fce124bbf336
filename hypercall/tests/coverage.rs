//! The coverage document is what the table says.

use std::path::Path;

#[test]
fn document_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/abi-coverage.md");
    let wanted = hypercall::coverage::coverage();
    if std::env::var_os("XENOLITH_BLESS").is_some() {
        std::fs::write(&path, &wanted).expect("docs/ can be written");
    }
    let found = std::fs::read_to_string(&path).expect("docs/abi-coverage.md can be read");
    assert!(
        found == wanted,
        "docs/abi-coverage.md is out of date: XENOLITH_BLESS=1 cargo test -p hypercall"
    );
}

#[test]
fn numbers_rise_and_names_differ() {
    let calls = hypercall::table::CALLS;
    assert!(calls.windows(2).all(|w| w[0].number < w[1].number));
    for call in calls {
        for (i, op) in call.ops.iter().enumerate() {
            let twin = call.ops[..i]
                .iter()
                .find(|o| o.number == op.number || o.name == op.name);
            assert!(twin.is_none(), "{} has {} twice", call.name, op.name);
        }
    }
}
