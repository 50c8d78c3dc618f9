#![doc = include_str!("README.md")]

pub mod model;
mod parts;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use tfplugin_framework::{Attr, AttributePath, Config, Context, Diagnostics, Plan, State};

use crate::issuer::model::Verify;
use crate::issuer::{self, authority};
use crate::orchestrate::composite::{Common, Composite};
use crate::orchestrate::engine::Engine;
use crate::orchestrate::frame::Place;
use crate::orchestrate::part::Part;
use crate::orchestrate::resource::CompositeResource;
use crate::proxy::render::{self, Argument};
use crate::proxy::spec;
use crate::proxy::{autoscaling, one_of, rendered, validate_isolation};
use crate::session::Session;
use e2etls_clients::kube::kinds::Kind;
use model::Stack;

/// `e2etls_stack`.
pub type StackResource = CompositeResource<Stack>;

fn validate(config: &Stack, diagnostics: &mut Diagnostics) {
    let root = AttributePath::root;
    one_of(
        &AttributePath::default(),
        ("issuer", config.issuer.is_given()),
        ("ca_arn", config.ca_arn.is_given()),
        diagnostics,
    );
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
        ];
        for (argument, _) in only_with_image
            .iter()
            .filter(|(_, given)| *given && app.image.is_null())
        {
            diagnostics.input(
                root("app").attribute(*argument),
                "Contradicting arguments",
                format!("`{argument}` is of the app that the stack runs: give `image`, or leave it out."),
            );
        }
    }
    let Some(proxy) = config.proxy.known() else { return };
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
    autoscaling(
        &at.attribute("replicas"),
        &proxy.replicas,
        &proxy.autoscaled,
        diagnostics,
    );
    if let Some(spec) = parts::proxy_spec(config) {
        rendered(&spec, &[parts::APP], diagnostics, |argument| match argument {
            Argument::Name => root("name"),
            Argument::Selector => root("app").attribute("selector"),
            Argument::AllowFrom => root("proxy").attribute("isolation").attribute("allow_from"),
            Argument::ObjectName(address) => root("object_names").key(address),
        });
    }
}

#[async_trait]
impl Composite for Stack {
    const NAME: &'static str = "stack";
    const TYPE_NAME: &'static str = "e2etls_stack";
    const README: &'static str = include_str!("README.md");
    const NOT_KEPT: &'static [&'static str] = &[
        "cluster",
        "timeouts",
        "force_conflicts",
        "platform",
        "deletion_protection",
    ];
    const CONFIGURATION: &'static str = "proxy/config";
    const KINDS: &'static [Kind] = &parts::KINDS;

    fn place(&self) -> Place<'_> {
        Place {
            cluster: self.cluster.as_str(),
            cluster_uid: self.cluster_uid.as_str(),
            force_conflicts: self.force_conflicts.known() == Some(&true),
            resource: Self::NAME,
            type_name: Self::TYPE_NAME,
            namespace: self.namespace.as_str(),
            name: self.name.as_str().unwrap_or_default(),
        }
    }

    fn common(&mut self) -> Common<'_> {
        Common {
            id: &mut self.id,
            instance: &mut self.instance,
            cluster_uid: &mut self.cluster_uid,
            parts: &mut self.parts,
            drift: &mut self.drift,
        }
    }

    fn render(&self) -> Option<Vec<Part>> {
        parts::parts(self)
    }

    fn check(config: &Config<Self>, diagnostics: &mut Diagnostics) {
        validate(config, diagnostics);
    }

    fn fill(config: &Config<Self>, _prior: Option<&State<Self>>, plan: &mut Plan<Self>) {
        spec::fill_template_version(&config.template_version, &mut plan.template_version);
    }

    fn derive(&mut self) {
        if self.template_version.is_null() {
            self.template_version = Attr::Known(spec::newest());
        }
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

    fn protection(&self) -> Option<bool> {
        self.deletion_protection.known().copied()
    }

    async fn prepare(
        &self,
        context: &Context<Session>,
        _engine: &Engine,
        parts: Vec<Part>,
    ) -> Result<Vec<Part>, Diagnostics> {
        let root = AttributePath::root;
        let duration = root("proxy").attribute("certificate").attribute("duration");
        if self.ca_arn.is_null() {
            let arn = root("issuer").attribute("ca_arn");
            return spec::prepare(context, parts, spec::CertificatePaths { arn, duration }).await;
        }
        let issuer = parts::issuer_spec(self);
        let authority = authority::look(&context.session, &issuer.ca_arn, root("ca_arn")).await?;
        let namespace = issuer.namespace.clone().unwrap_or_default();
        let usages = vec!["server auth".to_owned()];
        let ready = issuer::ready(&issuer, &authority, Verify::Issue, usages, namespace);
        let with_issuer = parts
            .into_iter()
            .map(|part| {
                if part.address == "issuer" {
                    part.ready_when(ready.clone())
                } else {
                    part
                }
            })
            .collect();
        spec::prepare(
            context,
            with_issuer,
            spec::CertificatePaths {
                arn: root("ca_arn"),
                duration,
            },
        )
        .await
    }
}
