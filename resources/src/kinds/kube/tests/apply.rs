//! Writes: what they touch, what they leave, and what each answer means.

use e2etls_clients::faults::Fate;
use e2etls_clients::kube::kinds::{CONFIG_MAP, DEPLOYMENT};
use e2etls_engine::kind::{Consent, Reading};
use e2etls_engine::refusal::{Answer, Cause};
use serde_json::json;

use super::marks::{self, RELEASED};
use super::{Case, NAMESPACE, managers, paths, samples};

#[tokio::test]
async fn a_create_is_one_request() {
    let case = Case::new("Service");
    let made = case.make().await;
    assert_eq!(case.requests(), ["PATCH web"]);
    assert_eq!(made, case.now().await);
    assert_eq!(made.marks, Some(case.marks()));
}

#[tokio::test]
async fn a_create_touches_nothing_that_is_there() {
    // The last is equal to what we would write: an apply would take it over without a word.
    for foreign in [samples::edited, Clone::clone] {
        let case = Case::new("ConfigMap");
        case.cluster.put(CONFIG_MAP, &foreign(&case.part.content));
        let before = case.now().await;
        for consent in [
            Consent::default(),
            paths(&[""]),
            Consent {
                force: true,
                ..Consent::default()
            },
        ] {
            let refused = case.put(None, &consent).await.expect_err("it is there");
            assert_eq!(refused.answer, Answer::Exists);
        }
        assert_eq!(case.now().await, before);
    }
}

#[tokio::test]
async fn a_lost_answer_of_a_create_is_not_repeated() {
    let case = Case::new("ConfigMap");
    case.cluster.faults.at(1, Fate::AnswerLost);
    let refused = case
        .put(None, &Consent::default())
        .await
        .expect_err("the answer is lost");
    assert_eq!(refused.answer, Answer::OutcomeUnknown);
    assert_eq!(case.requests(), ["PATCH web"]);
    assert_eq!(case.now().await.marks, Some(case.marks()));
}

#[tokio::test]
async fn fields_of_others_are_taken_with_consent_only() {
    let case = Case::new("ConfigMap");
    case.make().await;
    case.cluster.edit(CONFIG_MAP, Some(NAMESPACE), "web", |live| {
        live["data"] = json!({"value": "9", "other": "9", "more": "9"});
    });
    let over = case.now().await;
    assert_eq!(over.managers, ["kubectl-edit"]);
    case.requests();
    let cause = |field: &str| Cause {
        field: field.to_owned(),
        manager: "kubectl-edit".to_owned(),
    };
    for (consent, foreign) in [
        (paths(&[]), vec![cause(".data.other"), cause(".data.value")]),
        (paths(&[".data.value"]), vec![cause(".data.other")]),
        (
            paths(&[".data.valu", ".spec"]),
            vec![cause(".data.other"), cause(".data.value")],
        ),
    ] {
        let refused = case.put(Some(&over), &consent).await.expect_err("a conflict");
        let Answer::Conflict(mut causes) = refused.answer else {
            panic!("{refused}")
        };
        causes.sort_by(|one, other| one.field.cmp(&other.field));
        assert_eq!(causes, foreign);
        assert_eq!(case.requests(), ["PATCH web"]);
    }
    assert_eq!(case.now().await.content, over.content);
    case.requests();
    let written = case.put(Some(&over), &paths(&[".data"])).await.expect("it is written");
    assert_eq!(case.requests(), ["PATCH web", "PATCH web"]);
    assert_eq!(
        written.content["data"],
        json!({"value": "a", "other": "x", "more": "9"})
    );
    assert_eq!(written.managers, ["kubectl-edit"]);
}

#[tokio::test]
async fn force_takes_everything_but_the_replicas_of_an_autoscaler() {
    let case = Case::new("Deployment");
    case.make().await;
    let force = Consent {
        force: true,
        ..Consent::default()
    };
    for (manager, may) in [
        ("kube-controller-manager", false),
        ("kubectl-edit", true),
        (RELEASED, true),
    ] {
        case.cluster.edit(DEPLOYMENT, Some(NAMESPACE), "web", |live| {
            live["spec"]["minReadySeconds"] = json!(9);
            live["spec"]["replicas"] = json!(5);
        });
        let live = case.now().await.content;
        let objects = case.cluster.objects();
        let handed = objects.hand_over(DEPLOYMENT, &live, "kubectl-edit", manager, &[]);
        handed.await.expect("an answer");
        let over = case.now().await;
        for consent in [&paths(&[""]), &force] {
            match case.put(Some(&over), consent).await {
                Ok(written) => {
                    assert!(may, "{manager}");
                    assert_eq!(written.content["spec"]["replicas"], 0);
                    // Nothing is theirs any more, but who had it is worth telling.
                    assert_eq!(written.managers, over.managers);
                }
                Err(refused) => {
                    assert!(!may, "{manager}: {refused}");
                    let Answer::Conflict(causes) = refused.answer else {
                        panic!("{refused}")
                    };
                    assert_eq!(causes.len(), 1);
                    assert_eq!(causes[0].field, ".spec.replicas");
                }
            }
        }
        case.kind().delete(&case.op, &over).await.expect("it is deleted");
        while case.look().await.is_some() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        case.make().await;
    }
}

#[tokio::test]
async fn a_change_makes_nothing_and_means_one_object() {
    let case = Case::new("ConfigMap");
    let over = case.make().await;
    case.cluster.remove(CONFIG_MAP, Some(NAMESPACE), "web");
    let refused = case.put(Some(&over), &paths(&[""])).await.expect_err("it is gone");
    assert_eq!(refused.answer, Answer::Absent);
    assert_eq!(case.look().await, None);
    case.cluster.put(CONFIG_MAP, &samples::edited(&case.part.content));
    let before = case.now().await;
    let refused = case
        .put(Some(&over), &paths(&[""]))
        .await
        .expect_err("it is another one");
    assert_eq!(refused.answer, Answer::Absent);
    assert_eq!(case.now().await, before);
}

#[tokio::test]
async fn what_is_no_longer_rendered_goes() {
    let mut case = Case::new("ConfigMap");
    let over = case.make().await;
    let mut content = case.part.content.clone();
    content["data"].as_object_mut().expect("data").remove("other");
    case.part = case.part.with_content(content);
    let written = case.put(Some(&over), &Consent::default()).await.expect("it is written");
    assert_eq!(written.content["data"], json!({"value": "a"}));
}

#[tokio::test]
async fn another_owner_inherits_the_fields() {
    let old = Case::new("ConfigMap");
    old.make().await;
    let new = old.of("other");
    let over = new.now().await;
    old.requests();
    let written = new.put(Some(&over), &Consent::default()).await.expect("no conflict");
    assert_eq!(new.requests(), ["PATCH web", "PATCH web"]);
    assert_eq!(written.marks, Some(new.marks()));
    assert_eq!(
        managers(&written.content),
        [marks::field_manager(&new.op.owner.to_string())]
    );
    // Its fields can be removed again.
    let mut content = new.part.content.clone();
    content["data"].as_object_mut().expect("data").remove("other");
    let new = Case {
        part: new.part.with_content(content),
        ..new
    };
    let written = new.put(Some(&written), &Consent::default()).await.expect("no conflict");
    assert_eq!(written.content["data"], json!({"value": "a"}));
}

#[tokio::test]
async fn a_hand_over_begins_anew_where_somebody_wrote_meanwhile() {
    let old = Case::new("ConfigMap");
    let stale = old.make().await;
    old.cluster.edit(CONFIG_MAP, Some(NAMESPACE), "web", |live| {
        live["data"]["more"] = json!("9")
    });
    let new = old.of("other");
    old.requests();
    let written = new.put(Some(&stale), &Consent::default()).await.expect("no conflict");
    assert_eq!(new.requests(), ["PATCH web", "GET web", "PATCH web", "PATCH web"]);
    assert_eq!(written.content["data"]["more"], "9");
}

#[tokio::test]
async fn a_release_leaves_the_content_and_none_of_us() {
    let case = Case::new("ConfigMap");
    let made = case.make().await;
    // As a shared list shows it.
    let mut listed = made.clone();
    listed.content["metadata"]
        .as_object_mut()
        .expect("metadata")
        .remove("managedFields");
    case.requests();
    case.kind().release(&case.op, &listed).await.expect("it is released");
    assert_eq!(case.requests(), ["GET web", "PATCH web"]);
    let released = case.now().await;
    assert_eq!(managers(&released.content), [RELEASED]);
    assert_eq!(released.content["data"], made.content["data"]);
    assert!(marks::all(&released.content).is_empty());
    case.requests();
    // There is nothing to do again.
    case.kind().release(&case.op, &released).await.expect("it is released");
    assert_eq!(case.requests(), Vec::<String>::new());
    case.cluster.remove(CONFIG_MAP, Some(NAMESPACE), "web");
    let refused = case.kind().release(&case.op, &listed).await.expect_err("it is gone");
    assert_eq!(refused.answer, Answer::Absent);
}

#[tokio::test]
async fn a_write_is_in_the_next_list() {
    let case = Case::new("ConfigMap");
    let look = || case.kind().look(&case.op, case.part.target(None), Reading::Shared);
    assert_eq!(look().await.expect("an answer"), None);
    case.make().await;
    case.requests();
    let made = look().await.expect("an answer").expect("it is there");
    assert_eq!(case.requests(), ["GET configmaps"]);
    assert!(case.kind().delete(&case.op, &made).await.expect("it is deleted"));
    assert_eq!(look().await.expect("an answer"), None);
}

#[tokio::test]
async fn a_certificate_makes_a_secret() {
    assert_eq!(Case::new("Certificate").make().await.makes, ["Secret shop/tls"]);
    assert_eq!(Case::new("Service").make().await.makes, Vec::<String>::new());
}

#[tokio::test]
async fn an_object_of_an_owner_needs_label_and_annotation() {
    let case = Case::new("ConfigMap");
    case.make().await;
    let owner = case.op.owner.to_string();
    let found = || case.kind().of_owner(&case.op, Some(&owner), None, Reading::Fresh);
    assert_eq!(found().await.expect("an answer").len(), 1);
    case.cluster.edit(CONFIG_MAP, Some(NAMESPACE), "web", |live| {
        live["metadata"]["annotations"][marks::OWNER_ANNOTATION] = json!("other");
    });
    assert!(found().await.expect("an answer").is_empty());
    let seen = case.now().await.marks.expect("marks");
    assert_eq!((seen.owner, seen.instance.as_deref()), (None, Some("i1")));
}

#[tokio::test]
async fn replicas_that_are_given_up_keep_their_number() {
    let mut case = Case::new("Deployment");
    case.part.content["spec"]["replicas"] = json!(4);
    let over = case.make().await;
    case.part.content["spec"].as_object_mut().unwrap().remove("replicas");
    let over = case
        .put(Some(&over), &Consent::default())
        .await
        .expect("it is given up");
    assert_eq!(case.now().await.content["spec"]["replicas"], 4);
    // Once more, and after an autoscaler: nothing of it is ours.
    case.cluster.edit(DEPLOYMENT, Some(NAMESPACE), "web", |live| {
        live["spec"]["replicas"] = json!(7)
    });
    case.part.content["spec"]["paused"] = json!(true);
    case.put(Some(&over), &Consent::default())
        .await
        .expect("it is left alone");
    assert_eq!(case.now().await.content["spec"]["replicas"], 7);
}
