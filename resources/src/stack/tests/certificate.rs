//! The public certificate that a stack makes for its load balancer.

use std::sync::Arc;

use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::acm::fake::FakeAcm;
use e2etls_engine::ledger::Ledger;
use e2etls_engine::operation::Operation;
use e2etls_engine::remove::delete_resource;
use e2etls_engine::table::Asked;
use e2etls_engine::value::{UNKNOWN, links};
use e2etls_engine::write::{Desired, Outcome, write};
use serde_json::{Value as Json, json};
use tfplugin_framework::{Attr, Diagnostics, Model as _};

use super::{config, mistakes};
use crate::kinds::aws::acm_certificate::ACM_CERTIFICATE;
use crate::kinds::{Clients, Kinds};
use crate::lifecycle::Managed as _;
use crate::stack::model::Stack;
use crate::stack::{certificate, dns, parts};
use crate::testkit;

/// The arguments of a stack that makes a certificate for these names, and more.
fn arguments(names: &[&str], more: &Json) -> Json {
    let mut all = json!({
        "hostnames": names, "edge": {"kind": "alb", "scheme": "internal"}, "dns": {"zone_id": "Z1"},
        "template_version": 1, "create_namespace": false,
    });
    for (name, value) in more.as_object().expect("arguments") {
        all[name.as_str()] = value.clone();
    }
    all
}

fn stack(arguments: Json) -> Stack {
    let mut stack = Stack::from_value(&config(arguments)).expect("a stack");
    stack.proxy_image = "nginx:1".to_owned().into();
    stack.head.cluster_uid = "uid-1".to_owned().into();
    stack
}

fn addresses(stack: &Stack) -> Option<Vec<String>> {
    let parts = parts::parts(stack)?;
    let of_edge = parts.into_iter().map(|part| part.address);
    Some(of_edge.filter(|address| address.starts_with("edge/")).collect())
}

const BALANCER: [&str; 3] = ["edge/load-balancer", "edge/listeners", "edge/targets"];

#[test]
fn the_load_balancer_waits_for_the_certificate_of_its_names() {
    let names = ["shop.example.com", "*.shop.example.com", "www.example.com"];
    let actions = ["arn:aws:sns:eu-central-1:111122223333:certificates"];
    let shop = stack(arguments(&names, &json!({"alarm": {"actions": actions}})));
    let made = [
        "edge/certificate",
        "edge/record/shop.example.com",
        "edge/record/www.example.com",
        "edge/issued",
    ];
    assert_eq!(
        addresses(&shop),
        Some(made.into_iter().chain(BALANCER).map(str::to_owned).collect())
    );
    let parts = parts::parts(&shop).expect("parts");
    let part = |address: &str| parts.iter().find(|part| part.address == address).expect("a part");
    let requested = &part("edge/certificate").content;
    assert_eq!(
        (&requested["domain"], &requested["sans"]),
        (&json!(names[0]), &json!([names[1], names[2]]))
    );
    assert_eq!(part("edge/record/www.example.com").content["zone"], "Z1");
    assert_eq!(part("edge").after, ["edge/issued", "proxy/service"]);
    // ACM takes minutes, and so may the Pods: both are waited for at once.
    let (issued, needs) = (part("edge/issued").needs(), part("proxy/deployment").needs());
    assert!(needs.iter().all(|address| issued.contains(address)), "{issued:?}");
    for address in ["edge", "edge/listeners", "alarm/0"] {
        let linked = ("edge/certificate".to_owned(), "arn".to_owned());
        assert!(links(&part(address).content).contains(&linked), "{address}");
    }
    // A common name is short.
    let long = format!("{}example.com", "long.".repeat(12));
    let shop = stack(arguments(&[&long, "shop.example.com"], &json!({})));
    let parts = parts::parts(&shop).expect("parts");
    let requested = &parts
        .iter()
        .find(|part| part.address == "edge/certificate")
        .expect("a part")
        .content;
    assert_eq!(
        (&requested["domain"], &requested["sans"]),
        (&json!("shop.example.com"), &json!([long]))
    );
}

#[test]
fn one_that_is_given_or_not_needed_is_not_made() {
    let arn = "arn:aws:acm:eu-central-1:111122223333:certificate/1";
    let given = json!({"edge": {"kind": "alb", "scheme": "internal", "certificate_arns": [arn]}});
    let passthrough = json!({"edge": {"kind": "nlb_passthrough", "scheme": "internal"}});
    for more in [given, passthrough] {
        let shop = stack(arguments(&["shop.example.com"], &more));
        assert_eq!(addresses(&shop), Some(BALANCER.map(str::to_owned).to_vec()), "{more}");
    }
    let mut unknown = stack(arguments(&["shop.example.com"], &json!({})));
    if let Attr::Known(edge) = &mut unknown.edge {
        edge.certificate_arns = Attr::Unknown;
    }
    assert_eq!(addresses(&unknown), None, "an unknown list may turn out to be null");
    unknown.dns = Attr::Null;
    assert_eq!(addresses(&unknown), Some(BALANCER.map(str::to_owned).to_vec()));
}

#[test]
fn names_that_no_public_certificate_can_have_are_refused() {
    let long = format!("{}example.com", "long.".repeat(12));
    let name = "shop.example.com";
    for (names, more, paths) in [
        (vec![name, "shop"], json!({}), vec!["hostnames[1]"]),
        (vec![&*long], json!({}), vec!["hostnames"]),
        (vec![name], json!({"dns": null}), vec!["edge.certificate_arns"]),
        (vec![name, "*.example.com", &*long], json!({}), vec![]),
    ] {
        assert_eq!(mistakes(arguments(&names, &more)), paths, "{names:?}");
    }
}

#[test]
fn another_name_is_said_to_replace_the_certificate() {
    let said = |prior: &Stack, plan: &Stack| {
        let mut diagnostics = Diagnostics::new();
        certificate::remark(prior, plan, &mut diagnostics);
        diagnostics.iter().count()
    };
    let [one, other] = ["shop.example.com", "www.example.com"].map(|name| stack(arguments(&[name], &json!({}))));
    assert_eq!((said(&one, &one), said(&one, &other)), (0, 1));
    let mut without = other;
    without.dns = Attr::Null;
    assert_eq!(said(&one, &without), 0);
}

#[tokio::test]
async fn a_private_zone_proves_nothing_to_acm() {
    let aws = FakeAws::default();
    let zones = [false, true].map(|private| aws.route53.add_zone("example.com", private));
    let remotes = Clients {
        route53: Some(Arc::clone(&aws.route53) as _),
        ..Clients::default()
    };
    let op = testkit::operation(Asked::Create, remotes, Stack::KINDS, "stack");
    for (zone, fits) in zones.iter().zip([true, false]) {
        let shop = stack(arguments(&["shop.example.com"], &json!({"dns": {"zone_id": zone}})));
        assert_eq!(dns::usable(&shop, &op).await.is_ok(), fits, "{zone}");
    }
}

/// Of the parts of the certificate alone.
const KINDS: Kinds = &[&ACM_CERTIFICATE];

struct World {
    acm: Arc<FakeAcm>,
    aws: FakeAws,
    zone: String,
}

impl World {
    fn new() -> Self {
        let aws = FakeAws::default();
        let zone = aws.route53.add_zone("example.com", false);
        let acm = Arc::new(aws.acm("eu-central-1"));
        Self { acm, aws, zone }
    }

    fn operation(&self, asked: Asked) -> Operation<Clients> {
        let remotes = Clients {
            acm: Some(Arc::clone(&self.acm) as _),
            route53: Some(Arc::clone(&self.aws.route53) as _),
            ..Clients::default()
        };
        testkit::operation(asked, remotes, KINDS, "stack")
    }

    /// The parts of the certificate alone.
    fn parts(&self, name: &str) -> Vec<e2etls_engine::part::Part<Clients>> {
        let shop = stack(arguments(&[name], &json!({"dns": {"zone_id": self.zone}})));
        certificate::parts(&shop).expect("parts")
    }

    async fn write(&self, asked: Asked, name: &str, ledger: &Ledger, before: &str) -> Outcome {
        let (rendered, before) = (self.parts(name), self.parts(before));
        let desired = Desired {
            parts: &rendered,
            instance: "i1",
            ledger,
            before: &before,
            drift: &[],
            memory: e2etls_engine::ledger::Memory::default(),
            create_before_destroy: false,
            force: false,
            creates: asked == Asked::Create,
        };
        write(&self.operation(asked), &desired).await
    }

    fn names(&self) -> Vec<String> {
        self.acm.all().into_iter().map(|kept| kept.certificate.domain).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn another_name_gets_another_certificate_and_the_old_one_goes() {
    let world = World::new();
    let (old, new) = ("shop.example.com", "www.example.com");
    let made = world.write(Asked::Create, old, &Ledger::new(), old).await;
    assert_eq!((made.failures, world.names()), (Vec::new(), vec![old.to_owned()]));
    let moved = world.write(Asked::Update, new, &made.ledger, old).await;
    assert_eq!((moved.failures, world.names()), (Vec::new(), vec![new.to_owned()]));
    // Other certificates may use the records.
    assert_eq!(world.aws.route53.all(&world.zone).len(), 2);
    let rendered = world.parts(new);
    let removed = delete_resource(&world.operation(Asked::Delete), &rendered, &moved.ledger, "i1", &[]).await;
    assert_eq!((removed.failures, world.names()), (Vec::new(), Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn a_stack_without_one_does_not_look_for_certificates() {
    let world = World::new();
    let op = world.operation(Asked::Update);
    assert_eq!(op.searched(&[], &Ledger::new()).count(), 0);
    assert_eq!(op.searched(&world.parts("shop.example.com"), &Ledger::new()).count(), 1);
    assert!(
        !world
            .parts("shop.example.com")
            .iter()
            .any(|part| part.name.contains(UNKNOWN))
    );
}
