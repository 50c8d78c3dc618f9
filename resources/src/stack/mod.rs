#![doc = include_str!("README.md")]

mod app;
pub mod model;
mod parts;
mod sidecar;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use tfplugin_framework::{Attr, AttributePath, Config, Context, Diagnostics, State};

use crate::kinds::kube::{
    AWS_PCA_ISSUER, CERTIFICATE, CONFIG_MAP, DEPLOYMENT, NAMESPACE, NETWORK_POLICY, POD_DISRUPTION_BUDGET, SECRET,
    SERVICE,
};
use crate::kinds::{Clients, Kinds};
use crate::lifecycle::attributes::{Common, Head};
use crate::lifecycle::place::{Place, namespace_exists};
use crate::lifecycle::{Managed, ManagedResource};
use crate::proxy::render;
use crate::proxy::render::spec::Mode;
use crate::proxy::spec;
use crate::proxy::{
    ArgumentPlace, app_missing, autoscaling, image_updates, one_of, provider_labels, rendered, rollout,
    validate_isolation,
};
use crate::session::Session;
use model::Stack;

/// `e2etls_stack`.
pub type StackResource = ManagedResource<Stack>;

fn validate(config: &Stack, diagnostics: &mut Diagnostics) {
    let root = AttributePath::root;
    one_of(
        &AttributePath::default(),
        ("issuer", config.issuer.is_given()),
        ("ca_arn", config.ca_arn.is_given()),
        diagnostics,
    );
    validate_issuer(config, diagnostics);
    let app = config.app.known();
    if let Some(app) = app {
        one_of(
            &root("app"),
            ("selector", app.selector.is_given()),
            ("image", app.image.is_given()),
            diagnostics,
        );
        let only_with_image = [
            ("replicas", app.replicas.known().is_some()),
            ("env", app.env.known().is_some()),
            ("autoscaled", app.autoscaled.known().is_some()),
            ("pod", app.pod.known().is_some()),
        ];
        for (argument, _) in only_with_image
            .iter()
            .filter(|(_, given)| *given && app.image.is_null())
        {
            diagnostics.input(
                root("app").attribute(*argument),
                "Conflicting arguments",
                format!(
                    "`{argument}` applies only to an application that the stack runs. Set `image`, or remove \
                    `{argument}`."
                ),
            );
        }
    }
    if let Some(app) = app {
        autoscaling(
            &root("app").attribute("replicas"),
            &app.replicas,
            &app.autoscaled,
            diagnostics,
        );
        let given = app
            .pod
            .known()
            .map(|pod| [pod.image.is_given(), pod.image_updates.is_given()]);
        let given = ["image", "image_updates"].into_iter().zip(given.into_iter().flatten());
        for (argument, _) in given.filter(|(_, given)| *given == Some(true)) {
            diagnostics.input(
                root("app").attribute("pod").attribute(argument),
                "Conflicting arguments",
                format!("The image of the application is `app.image`. Remove `app.pod.{argument}`."),
            );
        }
    }
    let Some(proxy) = config.proxy.known() else { return };
    if let Some(app) = app {
        sidecar::validate(app, proxy, diagnostics);
    }
    let at = root("proxy");
    // With an image the stack knows the labels itself.
    let selector = app
        .filter(|app| app.image.is_null())
        .map_or(&Attr::Unknown, |app| &app.selector);
    if let Some(isolation) = proxy.isolation.known() {
        let isolation_at = at.clone().attribute("isolation");
        validate_isolation(
            &isolation_at,
            &root("app").attribute("selector"),
            isolation,
            selector,
            diagnostics,
        );
    }
    image_updates(&at.clone().attribute("pod"), &proxy.pod, diagnostics);
    autoscaling(
        &at.attribute("replicas"),
        &proxy.replicas,
        &proxy.autoscaled,
        diagnostics,
    );
    if let Some(spec) = parts::proxy_spec(config) {
        rendered(&spec, &[app::APP_NAME], diagnostics, |argument| match argument {
            ArgumentPlace::Name => root("name"),
            ArgumentPlace::Selector => root("app").attribute("selector"),
            ArgumentPlace::ObjectNames => root("object_names"),
            ArgumentPlace::Block("pod") if spec.mode == Mode::Sidecar => root("app").attribute("pod"),
            ArgumentPlace::Block(name) => root("proxy").attribute(name),
        });
    }
}

/// What says how the stack's own issuer works needs one.
fn validate_issuer(config: &Stack, diagnostics: &mut Diagnostics) {
    let only_with_ca = [
        ("role_arn", config.role_arn.is_given()),
        ("template", config.template.is_given()),
        ("verify", config.verify.is_given()),
    ];
    for (argument, _) in only_with_ca
        .iter()
        .filter(|(_, given)| *given == Some(true) && config.ca_arn.is_null())
    {
        diagnostics.input(
            AttributePath::root(*argument),
            "Conflicting arguments",
            format!(
                "`{argument}` applies only to the issuer that the stack creates for `ca_arn`. Set `ca_arn`, or remove \
                 `{argument}`."
            ),
        );
    }
}

#[async_trait]
impl Managed for Stack {
    const NAME: &'static str = "stack";
    const TYPE_NAME: &'static str = "e2etls_stack";
    const README: &'static str = include_str!("README.md");
    const CONFIGURATION: &'static str = "proxy/config";
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
        validate(config, diagnostics);
    }

    fn remark(session: Option<&Session>, prior: Option<&State<Self>>, plan: &Self, diagnostics: &mut Diagnostics) {
        let selector = AttributePath::root("app").attribute("selector");
        provider_labels(parts::proxy_spec(plan), session, selector, diagnostics);
        let http = |stack: &Self| stack.proxy.known().map_or(Attr::Unknown, |proxy| proxy.http.clone());
        if let Some(State(prior)) = prior {
            let at = AttributePath::root("proxy").attribute("http");
            rollout(at, &http(prior), &http(plan), diagnostics);
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
        let proxy = parts::proxy_spec(self);
        self.expected_hops = proxy.as_ref().map_or(Attr::Unknown, spec::hops);
        let hops = proxy.as_ref().and_then(render::expected_hops);
        self.expected_verdict = hops.map_or(Attr::Unknown, |hops| {
            Attr::Known(render::hops::overall(&hops).to_string())
        });
    }

    fn render(&self) -> Option<Vec<Part<Clients>>> {
        parts::parts(self)
    }

    fn protection(&self) -> Option<bool> {
        self.deletion_protection.known().copied()
    }

    async fn prepare(&self, context: &Context<Session>, op: &Operation<Clients>) -> Result<(), Diagnostics> {
        let root = AttributePath::root;
        let Some(proxy) = parts::proxy_spec(self) else {
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
        Ok(())
    }

    async fn applied(&self, context: &Context<Session>, diagnostics: &mut Diagnostics) {
        // An app that the stack runs was waited for.
        let runs_app = self.app.known().is_none_or(|app| app.selector.is_null());
        if let Some(proxy) = parts::proxy_spec(self).filter(|_| !runs_app) {
            let at = AttributePath::root("app");
            app_missing(context, self.head.cluster.as_str(), &proxy, &at, diagnostics).await;
        }
    }
}
