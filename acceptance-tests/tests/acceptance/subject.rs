//! A resource of the cluster as the tests that are alike for all of them see it.

use crate::ground::Ground;
use crate::public_certificate::in_zone;
use crate::{edge, platform, private_ca, proxy, public_certificate, stack};

/// What is tested.
pub(crate) struct Subject {
    /// Its address.
    pub(crate) address: &'static str,
    /// A part whose uid tells whether objects were kept; none where the resource is one object.
    pub(crate) part: &'static str,
    /// What it stands on.
    base: fn(&Ground) -> String,
    /// The resource: its name, whether an argument is changed, and more arguments.
    resource: fn(&Ground, &str, bool, &str) -> String,
}

pub(crate) const ISSUER: Subject = Subject {
    address: "e2etls_issuer.it",
    part: "issuer",
    base: |ground| ground.ca(""),
    resource: |ground, name, changed, more| {
        let template = if changed {
            "template = \"EndEntityCertificate/V1\""
        } else {
            ""
        };
        format!(
            r#"
resource "e2etls_issuer" "it" {{
  name      = "{name}"
  kind      = "AWSPCAIssuer"
  namespace = "{}"
  ca_arn    = e2etls_private_ca.ca.arn
  {template}
  {more}
}}
"#,
            ground.namespace
        )
    },
};

pub(crate) const CERTIFICATE: Subject = Subject {
    address: "e2etls_certificate.it",
    part: "certificate",
    base: |ground| ground.ca("") + &ground.issuer(),
    resource: |ground, name, changed, more| {
        let www = if changed { ", \"www.example.com\"" } else { "" };
        format!(
            r#"
resource "e2etls_certificate" "it" {{
  name      = "{name}"
  namespace = "{}"
  dns_names = ["web.example.com"{www}]
  duration  = "144h"
  issuer    = e2etls_issuer.apps.ref
  {more}
}}
"#,
            ground.namespace
        )
    },
};

pub(crate) const PROXY: Subject = Subject {
    address: proxy::ADDRESS,
    part: "proxy/service",
    base: |ground| ground.ca("") + &ground.issuer(),
    resource: |ground, name, changed, more| {
        // With a second replica comes a PodDisruptionBudget: an update that makes an object.
        let replicas = if changed { 2 } else { 1 };
        proxy::proxy(ground, &format!("replicas = {replicas}\n  {more}"))
            .replace("name         = \"hello\"", &format!("name         = {name:?}"))
    },
};

pub(crate) const EDGE: Subject = Subject {
    address: "e2etls_edge.shop",
    part: "edge",
    base: |ground| edge::proxy(ground, "") + &edge::certificate(ground, "web"),
    resource: |ground, name, changed, more| {
        let idle = if changed { "idle_timeout = \"2m\"" } else { "" };
        edge::edge(ground, "alb", &format!("{}\n  {idle}\n  {more}", edge::CERTIFIED)).replace(
            "name                = \"shop\"",
            &format!("name                = {name:?}"),
        )
    },
};

/// An edge whose load balancer is made of a Service, as that of [`EDGE`] is of an Ingress.
pub(crate) const PASSTHROUGH: Subject = Subject {
    address: "e2etls_edge.shop",
    part: "edge",
    base: |ground| edge::proxy(ground, ""),
    resource: |ground, name, changed, more| {
        let delay = if changed { "deregistration_delay = \"10s\"" } else { "" };
        edge::edge(ground, "nlb_passthrough", &format!("{delay}\n  {more}")).replace(
            "name                = \"shop\"",
            &format!("name                = {name:?}"),
        )
    },
};

pub(crate) const NETWORK_POLICY: Subject = Subject {
    address: "e2etls_network_policy.it",
    part: "policy/app",
    base: |_| String::new(),
    resource: |ground, name, changed, more| {
        // An update that makes an object.
        let deny = if changed { "all" } else { "none" };
        format!(
            r#"
resource "e2etls_network_policy" "it" {{
  name         = "{name}"
  namespace    = "{}"
  mode         = "enforce"
  app          = {{ selector = {{ app = "hello" }}, port = 8080 }}
  lb_cidrs     = ["10.0.0.0/8"]
  default_deny = "{deny}"
  {more}
}}
"#,
            ground.namespace
        )
    },
};

pub(crate) const STACK: Subject = Subject {
    address: stack::ADDRESS,
    part: "proxy/service",
    base: |ground| ground.ca(""),
    resource: |ground, name, changed, more| {
        let http = if changed {
            "http = { max_body_size = \"7m\" }\n"
        } else {
            ""
        };
        format!(
            r#"
resource "e2etls_stack" "shop" {{
  name                = "{name}"
  namespace           = "{}"
  hostnames           = ["shop.example.com"]
  app                 = {{ image = "e2etls.lab/hello", port = 8080, replicas = 1 }}
  ca_arn              = e2etls_private_ca.ca.arn
  deletion_protection = false
  proxy = {{
    mode      = "gateway"
    replicas  = 1
    isolation = {{ mode = "enforce", lb_cidrs = ["10.0.0.0/8"] }}
    {http}
  }}
  {more}
}}
"#,
            ground.namespace
        )
    },
};

/// A stack with everything that it can have outside the cluster: load balancer, records, alarm.
pub(crate) const WHOLE_STACK: Subject = Subject {
    address: edge::stack::STACK,
    part: "proxy/service",
    base: |ground| ground.ca(""),
    resource: |ground, name, changed, _| {
        let (domain, zone) = edge::domain(ground);
        // Another scheme is another load balancer, to which the records are turned; another name is another certificate.
        let (scheme, days, names) = if changed {
            ("internet-facing", 30, format!("\"shop.{domain}\", \"www.{domain}\""))
        } else {
            ("internal", 14, format!("\"shop.{domain}\""))
        };
        let stack = edge::stack::with_own_certificate(ground, &zone, scheme, &names).replace(
            "name                = \"shop\"",
            &format!("name                = {name:?}"),
        );
        // A walk loses its requests anyhow.
        let stack = stack.replace("min_ready = \"6s\"", "min_ready = \"1s\"");
        edge::alarm::with_alarm(&stack, &format!("days = {days}"))
    },
};

pub(crate) const PRIVATE_CA: Subject = Subject {
    address: private_ca::CA,
    part: "",
    base: |_| String::new(),
    resource: |ground, name, changed, more| {
        let changes = "enabled = false\n  tags = { round = \"x\" }\n  revocation = { ocsp = {} }";
        let (days, changes) = if changed { (1001, changes) } else { (1000, "") };
        private_ca::ca(
            &format!("{}-{name}", ground.namespace),
            &format!("validity_days = {days}\n  deletion_protection = false\n  {changes}\n  {more}"),
        )
    },
};

pub(crate) const PUBLIC_CERTIFICATE: Subject = Subject {
    address: public_certificate::CERTIFICATE,
    part: "",
    base: |_| String::new(),
    resource: |ground, name, changed, more| {
        let (above, zone) = edge::domain(ground);
        let domain = format!("{name}.{above}");
        let tags = if changed { "tags = { round = \"x\" }" } else { "" };
        let more = format!(
            "sans = [\"a.{domain}\"]\n  {}\n  {tags}\n  {more}",
            in_zone(&above, &zone)
        );
        public_certificate::certificate(&domain, &more).replace("\"it\"\n", &format!("{name:?}\n"))
    },
};

/// A cluster has one, whatever its name.
pub(crate) const PLATFORM: Subject = Subject {
    address: platform::ADDRESS,
    part: "association",
    base: |ground| ground.ca(""),
    resource: |_, _, changed, more| {
        let tags = if changed {
            "tags = { team = \"pki\" }\n  role_name = \"issuer\""
        } else {
            ""
        };
        let more = format!("addons_on_destroy = \"delete\"\n  {tags}\n  {more}");
        platform::platform(platform::VERSIONS[usize::from(changed)], &more)
    },
};

impl Subject {
    /// Writes what it stands on, alone.
    pub(crate) fn write_base(&self, ground: &Ground) {
        ground.write(&(self.base)(ground));
    }

    /// Writes all of it.
    pub(crate) fn write(&self, ground: &Ground, name: &str, changed: bool, more: &str) {
        ground.write(&((self.base)(ground) + &(self.resource)(ground, name, changed, more)));
    }

    /// The resource alone, to be written beside something else.
    pub(crate) fn text(&self, ground: &Ground, name: &str, changed: bool, more: &str) -> String {
        (self.resource)(ground, name, changed, more)
    }

    /// The uid of the part that tells.
    pub(crate) async fn uid(&self, ground: &Ground) -> String {
        let values = ground.terraform.values(self.address).await.expect("an answer");
        let uid = values["parts"][self.part]["uid"].as_str();
        uid.unwrap_or_else(|| panic!("no {} in {values:#}", self.part))
            .to_owned()
    }
}
