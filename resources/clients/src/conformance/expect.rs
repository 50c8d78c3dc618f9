//! What checks expect of an answer.

use e2etls_engine::refusal::{Answer, Refusal};

#[track_caller]
pub(super) fn refused<T: std::fmt::Debug>(answer: Result<T, Refusal>, wanted: &Answer) {
    let refusal = answer.expect_err("it is refused");
    assert_eq!(&refusal.answer, wanted, "{refusal}");
}
