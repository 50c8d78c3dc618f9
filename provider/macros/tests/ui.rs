//! What the derives say of bad input. `TRYBUILD=overwrite cargo test -p tfplugin-macros` writes the expected texts anew.

#[test]
fn mistakes_are_named_all_at_once() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
