//! Mistakes in arguments.

use super::*;

#[test]
fn contradictions_are_refused_at_their_paths() {
    type Change = fn(&mut PrivateCa);
    let table: [(&str, Change); 6] = [
        ("parent_arn", |ca| ca.parent_arn = known(ARN)),
        ("signed_certificate_pem", |ca| {
            ca.signed_certificate_pem = known("pem");
            ca.signed_chain_pem = Attr::Unknown;
        }),
        ("allow_acm_renewal", |ca| ca.allow_acm_renewal = true.into()),
        ("validity_days", |ca| ca.validity_days = 0.into()),
        ("deletion_window_days", |ca| ca.deletion_window_days = 6.into()),
        ("name", |ca| ca.name = known("Not a name")),
    ];
    for (argument, change) in table {
        let paths = testkit::mistakes::<PrivateCa>(&config(&with(&root(), change)));
        assert_eq!(paths, [argument]);
    }
}

#[test]
fn an_unknown_algorithm_is_answered_with_the_nearest() {
    let Value::Map(mut wrong) = config(&root()) else {
        unreachable!()
    };
    wrong.insert("key_algorithm".to_owned(), "EC_prime256".into());
    let found = Server::new(E2etls).validate_resource(PrivateCa::TYPE_NAME, &Value::Map(wrong));
    assert!(
        found
            .iter()
            .any(|one| one.detail().contains("Did you mean `EC_prime256v1`?")),
        "{found:?}"
    );
}
