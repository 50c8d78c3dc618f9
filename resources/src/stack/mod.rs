#![doc = include_str!("README.md")]

mod alarm;
mod app;
mod certificate;
mod dns;
mod edge;
mod key;
pub mod model;
mod parts;
mod pod_template;
mod rendering;
mod rollouts;
mod sidecar;
#[cfg(test)]
mod tests;
mod validate;

use async_trait::async_trait;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use tfplugin_framework::{Attr, AttributePath, Config, Context, Diagnostics, State};

use crate::cert_manager::names;
use crate::edge::parts::expected_ssl_policy;
use crate::edge::{class, seen};
use crate::kinds::aws::acm_certificate::ACM_CERTIFICATE;
use crate::kinds::aws::alias_record::ALIAS_RECORD;
use crate::kinds::aws::metric_alarm::METRIC_ALARM;
use crate::kinds::kube::{
    AWS_PCA_ISSUER, CERTIFICATE, CONFIG_MAP, DEPLOYMENT, INGRESS, NAMESPACE, NETWORK_POLICY, POD_DISRUPTION_BUDGET,
    SECRET, SERVICE,
};
use crate::kinds::load_balancer::{APPLICATION, NETWORK, SHARED_APPLICATION};
use crate::kinds::{Clients, Kinds};
use crate::lifecycle::attributes::{Common, Head};
use crate::lifecycle::place::{Place, namespace_exists};
use crate::lifecycle::{Changed, Managed, ManagedResource};
use crate::proxy::spec;
use crate::proxy::{app_missing, provider_labels, rollout};
use crate::session::Session;
use model::Stack;

/// `e2etls_stack`.
pub type StackResource = ManagedResource<Stack>;

#[async_trait]
impl Managed for Stack {
    const NAME: &'static str = "stack";
    const TYPE_NAME: &'static str = "e2etls_stack";
    const README: &'static str = include_str!("README.md");
    const CONFIGURATION: &'static str = crate::proxy::render::FIRST;
    const KEEPERS: &'static [&'static str] = &["Service"];
    const KINDS: Kinds = &[
        &NAMESPACE,
        &AWS_PCA_ISSUER,
        &SECRET,
        &CERTIFICATE,
        &CONFIG_MAP,
        &SERVICE,
        &DEPLOYMENT,
        &POD_DISRUPTION_BUDGET,
        &NETWORK_POLICY,
        &INGRESS,
        &APPLICATION,
        &SHARED_APPLICATION,
        &NETWORK,
        &ACM_CERTIFICATE,
        &ALIAS_RECORD,
        &METRIC_ALARM,
    ];

    fn head(&mut self) -> Head<'_> {
        Head::InCluster(&mut self.head)
    }

    fn common(&self) -> &Common {
        &self.head.common
    }

    fn place(&self) -> Place<'_> {
        self.head.place(self.namespace.as_str())
    }

    fn name(&self) -> &str {
        self.name.as_str().unwrap_or_default()
    }

    fn check(config: &Config<Self>, diagnostics: &mut Diagnostics) {
        validate::stack(config, diagnostics);
    }

    fn remark(session: Option<&Session>, prior: Option<&State<Self>>, plan: &Self, diagnostics: &mut Diagnostics) {
        let selector = AttributePath::root("app").attribute("selector");
        provider_labels(rendering::proxy_spec(plan), session, selector, diagnostics);
        let hostnames = prior.map(|State(prior)| &prior.hostnames);
        names::remark(
            &AttributePath::root("hostnames"),
            hostnames,
            &plan.hostnames,
            diagnostics,
        );
        alarm::remark(prior.map(|State(prior)| prior), plan, diagnostics);
        let http = |stack: &Self| stack.proxy.known().map_or(Attr::Unknown, |proxy| proxy.http.clone());
        if let Some(State(prior)) = prior {
            let at = AttributePath::root("proxy").attribute("http");
            rollout(at, &http(prior), &http(plan), diagnostics);
            certificate::remark(prior, plan, diagnostics);
        }
    }

    fn configure(&mut self, session: Option<&Session>) {
        let pod = self.proxy.known().map_or(&Attr::Unknown, |proxy| &proxy.pod);
        self.proxy_image = spec::image(pod, &self.head.template_version, session);
    }

    fn derive(&mut self) {
        self.hostname = match &self.hostnames {
            Attr::Known(names) => names.first().cloned().into(),
            _ => Attr::Unknown,
        };
        let proxy = rendering::proxy_spec(self);
        let hops = proxy.as_ref().and_then(|proxy| edge::expected(self, proxy));
        self.expected_hops = spec::hops(hops.as_deref());
        self.expected_verdict = hops.map_or(Attr::Unknown, |hops| {
            Attr::Known(e2etls_report::hop::overall(&hops).to_string())
        });
        if self.edge.is_null() {
            let shown = self.shown(Attr::Null);
            for attr in [shown.arn, shown.hostname, shown.zone_id, shown.ssl_policy] {
                *attr = Attr::Null;
            }
        }
    }

    fn render(&self) -> Option<Vec<Part<Clients>>> {
        parts::parts(self)
    }

    fn planned(prior: Option<&Self>, plan: &mut Self, changed: Changed<'_>) {
        let Some(prior) = prior.filter(|_| !plan.edge.is_null()) else {
            return;
        };
        let shown = [
            &prior.lb_arn,
            &prior.lb_hostname,
            &prior.lb_zone_id,
            &prior.effective_ssl_policy,
        ];
        [
            plan.lb_arn,
            plan.lb_hostname,
            plan.lb_zone_id,
            plan.effective_ssl_policy,
        ] = seen::planned(prior.common(), &changed, shown);
    }

    fn protection(&self) -> Option<bool> {
        self.deletion_protection.known().copied()
    }

    async fn prepare(&self, context: &Context<Session>, op: &Operation<Clients>) -> Result<(), Diagnostics> {
        let root = AttributePath::root;
        let Some(proxy) = rendering::proxy_spec(self) else {
            return Ok(());
        };
        let duration = root("proxy").attribute("certificate").attribute("duration");
        let arn = if self.ca_arn.is_null() {
            root("issuer").attribute("ca_arn")
        } else {
            root("ca_arn")
        };
        spec::may_issue(context, &proxy, spec::CertificatePaths { arn, duration }).await?;
        if self.create_namespace.known() != Some(&true) {
            namespace_exists(op, &proxy.namespace, root("namespace")).await?;
        }
        if let Some(edge) = edge::edge(self, &proxy) {
            class::fits(&edge, op, &root("edge")).await?;
        }
        dns::usable(self, op).await?;
        alarm::usable(self, op).await
    }

    async fn finish(&mut self, context: &Context<Session>, diagnostics: &mut Diagnostics) {
        if self.edge.is_null() {
            return;
        }
        let expected =
            rendering::proxy_spec(self).and_then(|proxy| Some(expected_ssl_policy(&edge::edge(self, &proxy)?)));
        let shown = self.shown(expected.unwrap_or_default());
        seen::read_back(shown, &Clients::of(&context.session), diagnostics).await;
    }

    async fn applied(&self, context: &Context<Session>, diagnostics: &mut Diagnostics) {
        // An app that the stack runs was waited for.
        let runs_app = self.app.known().is_none_or(|app| app.selector.is_null());
        if let Some(proxy) = rendering::proxy_spec(self).filter(|_| !runs_app) {
            let at = AttributePath::root("app");
            app_missing(context, self.head.cluster.as_str(), &proxy, &at, diagnostics).await;
        }
    }
}

impl Stack {
    /// What its load balancer shows.
    fn shown(&mut self, expected: Attr<String>) -> seen::Shown<'_> {
        seen::Shown {
            common: &mut self.head.common,
            expected,
            arn: &mut self.lb_arn,
            hostname: &mut self.lb_hostname,
            zone_id: &mut self.lb_zone_id,
            ssl_policy: &mut self.effective_ssl_policy,
        }
    }
}
