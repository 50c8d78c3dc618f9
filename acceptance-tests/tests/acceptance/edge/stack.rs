//! A stack from an empty namespace to a name that leads to a load balancer, and back.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use e2etls_lab::lab::{Call, Recorder};

use super::{address_of, ask, balancers, certificate, ground};
use crate::ground::Ground;
use crate::permissions::documented;
use crate::public_certificate::{request, zone};

pub(crate) const STACK: &str = "e2etls_stack.shop";

pub(crate) fn stack(ground: &Ground, zone: &str, scheme: &str, more: &str) -> String {
    let cidrs = format!("{:?}", ground.lab.endpoints().lb_cidrs);
    format!(
        r#"
resource "e2etls_stack" "shop" {{
  name                = "shop"
  namespace           = "{0}"
  hostnames           = ["shop.{0}.example"]
  app                 = {{ image = "e2etls.lab/hello", port = 8080, replicas = 1 }}
  ca_arn              = e2etls_private_ca.ca.arn
  deletion_protection = false
  proxy = {{
    mode      = "gateway"
    replicas  = 1
    min_ready = "6s"
    pod       = {{ pre_stop = "4s" }}
    isolation = {{ mode = "enforce", lb_cidrs = {cidrs} }}
  }}
  edge = {{
    kind             = "alb"
    scheme           = "{scheme}"
    certificate_arns = [e2etls_public_certificate.web.arn]
    healthcheck      = {{ interval = "5s" }}
    deregistration_delay = "10s"
  }}
  dns = {{ zone_id = "{zone}" {more} }}
}}
"#,
        ground.namespace
    )
}

/// The stack with a certificate that it makes itself, for these names.
pub(crate) fn with_own_certificate(ground: &Ground, zone: &str, scheme: &str, names: &str) -> String {
    let given = "certificate_arns = [e2etls_public_certificate.web.arn]\n";
    let hosts = format!("hostnames           = [\"shop.{}.example\"]", ground.namespace);
    let text = stack(ground, zone, scheme, "");
    assert!(text.contains(given) && text.contains(&hosts), "{text}");
    text.replace(given, "")
        .replace(&hosts, &format!("hostnames = [{names}]"))
}

/// Name, type and target of the records of a zone, but for those of the zone itself and of certificates.
pub(crate) fn records(ground: &Ground, zone: &str) -> Vec<String> {
    let answer = request(ground, "route53", &format!("/2013-04-01/hostedzone/{zone}/rrset"), &[]);
    assert!(!answer.contains("<IsTruncated>true"), "the list has a second page");
    let within = |set: &str, tag: &str| -> String {
        let inner = set.split(&format!("<{tag}>")).nth(1);
        inner
            .and_then(|rest| rest.split('<').next())
            .unwrap_or_default()
            .to_owned()
    };
    let sets = answer.split("<ResourceRecordSet>").skip(1);
    let all = sets.map(|set| [within(set, "Name"), within(set, "Type"), within(set, "DNSName")].join(" "));
    let mut all: Vec<String> = all.collect();
    all.retain(|set| ![" NS ", " SOA ", " CNAME "].iter().any(|other| set.contains(other)));
    all.sort();
    all
}

async fn hostname(ground: &Ground) -> String {
    let values = ground.terraform.values(STACK).await.expect("an answer");
    values["lb_hostname"].as_str().expect("a host name").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_leads_to_a_stack_and_moves_to_another_load_balancer_while_it_is_asked() {
    let ground = ground("edge-stack").await;
    let domain = "edge-stack.example";
    let (zone, host) = (zone(&ground, domain, false), format!("shop.{domain}"));
    let base = ground.ca("") + &certificate(&ground, "web");
    ground.write(&base);
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let without = ["CertificateRequest/", "Pod/", "ReplicaSet/"];
    let before = ground.settled(&without).await;
    ground.write(&(base.clone() + &stack(&ground, &zone, "internal", "")));
    let plan = ground.terraform.plan(&[]).await.unwrap();
    assert_eq!(
        plan.change(STACK).json["after"]["expected_verdict"],
        "confined",
        "known in the plan"
    );
    drop(ground.terraform.apply_quietly().await.unwrap());
    let first = hostname(&ground).await;
    assert_eq!(
        records(&ground, &zone),
        [format!("_e2etls.{host}. TXT "), format!("{host}. A {first}."),]
    );
    let to = address_of(&ground, &first, 443).await;
    let page = ask(&to, "https", &host, &[]);
    assert!(page.contains(" 200 ") && page.contains("hello from pod"), "{page}");

    // Another scheme is another load balancer. The name leads to one that serves at every moment.
    ground.write(&(base.clone() + &stack(&ground, &zone, "internet-facing", "")));
    let plan = ground.terraform.plan(&[]).await.unwrap();
    assert_eq!(plan.change(STACK).actions, ["update"]);
    let applied = while_asked(&ground, &zone, &host, ground.terraform.apply_quietly()).await;
    drop(applied.unwrap());
    let second = hostname(&ground).await;
    assert_ne!(first, second);
    assert_eq!(records(&ground, &zone)[1], format!("{host}. A {second}."));
    assert_eq!(balancers(&ground).len(), 1, "the old one is gone");

    // A record that somebody turned elsewhere is drift, and comes back.
    turn(&ground, &zone, &host, "elsewhere.example.com");
    let plan = ground.terraform.plan(&[]).await.unwrap();
    let drift = plan.change(STACK).json["before"]["drift"].to_string();
    assert!(drift.contains(&format!("dns/{host} target")), "{drift}");
    drop(ground.terraform.apply_quietly().await.unwrap());
    assert_eq!(records(&ground, &zone)[1], format!("{host}. A {second}."));

    let calls = Recorder::new(&ground.session.recorder).calls().await.unwrap();
    let asked: BTreeSet<String> = calls.iter().filter_map(Call::action).collect();
    assert!(asked.contains("route53:GetChange"));
    assert_eq!(
        asked.difference(&documented()).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );

    ground.write(&base);
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    assert_eq!(balancers(&ground), Vec::<String>::new());
    assert_eq!(records(&ground, &zone), Vec::<String>::new());
    ground.until_settled(&before, &without).await;
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

/// Makes the record an alias of another name, as somebody by hand would.
fn turn(ground: &Ground, zone: &str, host: &str, target: &str) {
    let body = format!(
        "<ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeBatch><Changes><Change>\
         <Action>UPSERT</Action><ResourceRecordSet><Name>{host}</Name><Type>A</Type><AliasTarget><HostedZoneId>Z1</HostedZoneId>\
         <DNSName>{target}</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget></ResourceRecordSet></Change>\
         </Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
    );
    let path = format!("/2013-04-01/hostedzone/{zone}/rrset/");
    let args = ["-X", "POST", "-H", "Content-Type: text/xml", "-d", &body];
    drop(request(ground, "route53", &path, &args));
}

/// Does something while a page is asked for by its name: no request is lost.
pub(super) async fn while_asked<T>(ground: &Ground, zone: &str, host: &str, work: impl Future<Output = T>) -> T {
    let stop = AtomicBool::new(false);
    let (done, (answered, lost)) = tokio::join!(
        async {
            let done = work.await;
            stop.store(true, Ordering::Relaxed);
            done
        },
        ask_by_name(ground, zone, host, &stop)
    );
    assert!(answered > 5 && lost.is_empty(), "{answered} answered, lost: {lost:?}");
    done
}

/// The state of the stack is lost, and an import finds everything again.
pub(super) async fn import_again(ground: &Ground) {
    let removed = ground.terraform.state(&["rm", STACK]).await;
    drop(removed.expect("an answer").success());
    let id = format!("{}/shop", ground.namespace);
    drop(ground.terraform.import(STACK, &id).await.expect("an answer").success());
}

/// Asks for a page at where the name leads, again and again: how many were answered, and what else came.
async fn ask_by_name(ground: &Ground, zone: &str, host: &str, stop: &AtomicBool) -> (usize, Vec<String>) {
    let (mut answered, mut lost) = (0, Vec::new());
    while !stop.load(Ordering::Relaxed) {
        let set = records(ground, zone)
            .into_iter()
            .find(|set| set.starts_with(&format!("{host}. A ")))
            .expect("a record");
        let target = set
            .rsplit(' ')
            .next()
            .expect("a target")
            .trim_end_matches('.')
            .to_owned();
        let to = address_of(ground, &target, 443).await;
        let page = ask(&to, "https", host, &[]);
        if page.contains(" 200 ") {
            answered += 1;
        } else {
            lost.push(page);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    (answered, lost)
}
