use super::*;

fn about() -> About {
    About {
        type_name: "e2etls_stack",
        owner: "payments/prod/stack/uid/shop/b".to_owned(),
        import_id: "uid/shop/b".to_owned(),
        state: Some("payments/prod/".to_owned()),
        importable: &["Certificate"],
        is_in_aws: false,
        has_name: true,
        has_object_names: true,
    }
}

#[test]
fn advice_is_what_the_resource_can_follow() {
    let told = |about: &About| {
        let trouble = Trouble::Foreign {
            owner: None,
            uid: "arn:aws:iam::111122223333:role/e2etls/it".to_owned(),
        };
        let told = failures(about, about_object("IAM role it", trouble), false);
        let words: Vec<String> = told.iter().map(|one| one.detail()).collect();
        words.join(" ")
    };
    let named = told(&about());
    assert!(
        named.contains("Rename this resource, or set its `object_names`, or delete"),
        "{named}"
    );
    let fixed = About {
        has_name: false,
        has_object_names: false,
        ..about()
    };
    let words = told(&fixed);
    assert!(
        words.contains("Delete the object") && !words.contains("Rename"),
        "{words}"
    );
    // Its objects in AWS are no resources of their own.
    assert!(about().import_block("arn:aws:iam::1:role/it").contains("uid/shop/b"));
    let of_aws = About {
        is_in_aws: true,
        ..about()
    };
    assert!(of_aws.import_block("arn:aws:acm:x").contains("arn:aws:acm:x"));
}

fn of(trouble: Trouble) -> Vec<Failure> {
    about_object("Namespace shop", trouble)
}

fn about_object(reference: &str, trouble: Trouble) -> Vec<Failure> {
    vec![Failure {
        address: "it".to_owned(),
        reference: reference.to_owned(),
        trouble,
    }]
}

/// What is told of an object in the way, which bears this owner.
fn in_the_way(reference: &str, owner: Option<&str>) -> String {
    let trouble = Trouble::Foreign {
        owner: owner.map(str::to_owned),
        uid: "uid".to_owned(),
    };
    text(&failures(&about(), about_object(reference, trouble), false))
}

#[test]
fn only_what_can_be_imported_is_advised_to_be() {
    let theirs = |reference: &str| in_the_way(reference, None);
    let namespace = theirs("Namespace shop");
    assert!(namespace.starts_with("Namespace shop already exists\n"), "{namespace}");
    assert!(namespace.contains("Set `create_namespace = false`"), "{namespace}");
    let service = theirs("Service shop/b-proxy");
    assert!(
        service.contains("object_names") && service.contains("bears no mark"),
        "{service}"
    );
    for told in [namespace, service] {
        assert!(!told.contains("import {") && !told.contains("somebody else"), "{told}");
    }
    assert!(theirs("Certificate shop/b").contains("import {"));
    // The same resource of another state can be moved here as a whole; another one can't.
    let of_state = |owner| in_the_way("Service shop/b-proxy", Some(owner));
    let twin = of_state("payments/stage/stack/uid/shop/b");
    assert!(
        twin.contains("remove it from the other state") && twin.contains("import {"),
        "{twin}"
    );
    assert!(!of_state("payments/stage/proxy/uid/shop/b").contains("import {"));
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
