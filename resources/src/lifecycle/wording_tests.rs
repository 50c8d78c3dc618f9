use super::*;

fn about() -> About {
    About {
        type_name: "e2etls_stack",
        owner: "payments/prod/stack/uid/shop/b".to_owned(),
        import_id: "uid/shop/b".to_owned(),
        state: Some("payments/prod/".to_owned()),
    }
}

fn of(trouble: Trouble) -> Vec<Failure> {
    vec![Failure {
        address: "namespace".to_owned(),
        reference: "Namespace shop".to_owned(),
        trouble,
    }]
}

fn text(diagnostics: &Diagnostics) -> String {
    let all = diagnostics.iter().map(|one| format!("{}\n{}", one.what, one.detail()));
    all.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_sibling_is_named_and_nothing_is_forced() {
    let foreign = |owner: &str| {
        let trouble = Trouble::Foreign {
            owner: Some(owner.to_owned()),
            uid: "uid".to_owned(),
        };
        text(&failures(&about(), of(trouble), false))
    };
    let sibling = foreign("payments/prod/stack/uid/shop/a");
    assert!(
        sibling.starts_with("Namespace shop belongs to e2etls_stack `shop/a`\n"),
        "{sibling}"
    );
    assert!(sibling.contains("create_namespace = false") && !sibling.contains("force_conflicts"));
    assert!(foreign("payments/stage/stack/uid/shop/a").starts_with("Another state owns"));
}

#[test]
fn a_stopped_create_has_one_remedy() {
    let stopped = || Trouble::Waiting {
        otherwise: "is not ready".to_owned(),
        last_seen: "nothing yet".to_owned(),
        stopped: true,
    };
    let create = text(&failures(&about(), of(stopped()), true));
    assert!(
        create.contains("untaint") && !create.contains("Apply again to continue"),
        "{create}"
    );
    let update = text(&failures(&about(), of(stopped()), false));
    assert!(update.contains("Apply again to continue") && !update.contains("untaint"));
    let interrupted = || Trouble::Refused {
        refusal: Refusal::new(Answer::Interrupted, "PATCH /x", "Namespace shop", "it was stopped"),
        lasting: 0,
    };
    let create = text(&failures(&about(), of(interrupted()), true));
    assert!(
        !create.contains("Apply again to continue") && !create.contains("refused"),
        "{create}"
    );
}
