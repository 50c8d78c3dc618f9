//! Set-ups that are broken on purpose: what is wrong shows in the facet that it belongs to.

mod admitted;
mod forwards;
mod in_front;
mod mounted;

use super::set_up::{SetUp, shown, whole};
use crate::Scope;

type Row = (&'static str, fn(&mut SetUp), &'static [&'static str]);

const TO_EDGE: &str = "client→edge yun encrypted";
const TO_PROXY: &str = "edge→proxy yny encrypted";
const TO_APP: &str = "proxy→app nny confined";
const OPEN: &str = "proxy→app nnn plaintext";

#[test]
fn what_is_broken_shows() {
    let mut wrong = Vec::new();
    let rows = [in_front::ROWS, admitted::ROWS, forwards::ROWS, mounted::ROWS];
    for (what, breaks, expected) in rows.into_iter().flatten() {
        let mut set_up = whole();
        breaks(&mut set_up);
        let report = set_up.report(&Scope::All);
        let found = shown(&report);
        if found != *expected {
            wrong.push(format!("{what}:\n  expected {expected:?}\n  found    {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
