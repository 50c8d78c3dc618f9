//! Creates, reads, updates and deletes: the life of a composite, and around it what only issuers have.

use async_trait::async_trait;
use tfplugin_framework::{
    Applied, Attr, AttributePath, Config, Context, Diagnostics, ImportRequest, Imported, Plan, Private, State,
};

use super::authority::{self, Authority};
use super::canary::IssuerReady;
use super::model::{Issuer, IssuerKind, Verify};
use super::render::{self, IssuerSpec, observe};
use super::{PART, plan};
use crate::certificate::report;
use crate::orchestrate::composite::{Common, Composite};
use crate::orchestrate::create::instance_of;
use crate::orchestrate::deployer;
use crate::orchestrate::engine::Engine;
use crate::orchestrate::frame::{self, ImportId, Place};
use crate::orchestrate::import;
use crate::orchestrate::owner::new_instance;
use crate::orchestrate::part::{Part, PartState};
use crate::session::Session;
use crate::usage;
use e2etls_clients::kube::kinds::{AWS_PCA_CLUSTER_ISSUER, AWS_PCA_ISSUER};

#[async_trait]
impl Composite for Issuer {
    const NAME: &'static str = "issuer";
    const TYPE_NAME: &'static str = "e2etls_issuer";
    const README: &'static str = include_str!("README.md");
    const NOT_KEPT: &'static [&'static str] = &[];
    // Nothing is kept: what an issuer is made of can be read from its object.
    const CONFIGURATION: &'static str = "";

    fn place(&self) -> Place<'_> {
        Place {
            resource: Self::NAME,
            type_name: Self::TYPE_NAME,
            cluster: self.cluster.as_str(),
            cluster_uid: self.cluster_uid.as_str(),
            namespace: self.namespace.as_str(),
            name: self.name.as_str().unwrap_or_default(),
            force_conflicts: self.force_conflicts.known() == Some(&true),
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
        Some(vec![Part::new(PART, render::render(&plan::spec(self)?))])
    }

    fn check(config: &Config<Self>, diagnostics: &mut Diagnostics) {
        plan::validate(config, diagnostics);
    }

    fn fill(config: &Config<Self>, prior: Option<&State<Self>>, planned: &mut Plan<Self>) {
        plan::fill(config, prior, planned);
    }

    fn before_update(prior: &mut Self, planned: &Self) {
        plan::check_again(prior, planned);
    }

    async fn written(context: &Context<Session>, applied: Applied<Self>) -> Applied<Self> {
        finish(context, applied).await
    }

    async fn seen(context: &Context<Session>, mut read: Applied<Self>) -> Applied<Self> {
        // A CA may be certified again: the bundle follows, if it can be read from here.
        if let Some(State(issuer)) = read.state.as_mut().filter(|_| !read.diagnostics.has_errors())
            && let Some(arn) = issuer.ca_arn.as_str()
        {
            match authority::look(&context.session, arn, AttributePath::root("ca_arn")).await {
                Ok(authority) => issuer.ca_bundle_pem = Attr::Known(authority.root.pem()),
                Err(_) => tracing::debug!("the CA of the issuer was not read: the bundle stays"),
            }
        }
        read
    }

    async fn import(context: &Context<Session>, request: ImportRequest) -> Imported<Self> {
        from_object(context, request).await
    }

    fn derive(&mut self) {
        plan::derive(self);
    }

    async fn prepare(
        &self,
        context: &Context<Session>,
        engine: &Engine,
        parts: Vec<Part>,
    ) -> Result<Vec<Part>, Diagnostics> {
        let Some(spec) = plan::spec(self) else { return Ok(parts) };
        let authority = authority::look(&context.session, &spec.ca_arn, AttributePath::root("ca_arn")).await?;
        let namespace = spec
            .namespace
            .clone()
            .or_else(|| self.canary_namespace.as_str().map(str::to_owned));
        let namespace = namespace.unwrap_or_default();
        let verify = self.verify.known().copied().unwrap_or(Verify::Issue);
        if verify == Verify::Issue {
            canary_has_a_place(engine, &namespace, spec.namespace.is_some()).await?;
        }
        let usages = usage::words(self.usages.known().map(Vec::as_slice).unwrap_or_default());
        let ready = ready(&spec, &authority, verify, usages, namespace);
        Ok(parts.into_iter().map(|part| part.ready_when(ready.clone())).collect())
    }
}

/// The readiness of the issuer `spec` of `authority`; the request of the check lives in `namespace`.
#[must_use]
pub fn ready(
    spec: &IssuerSpec,
    authority: &Authority,
    verify: Verify,
    usages: Vec<String>,
    namespace: String,
) -> IssuerReady {
    IssuerReady {
        verify,
        namespace,
        usages,
        reference: spec.reference(),
        template: spec.template.clone(),
        authority: authority.certificate.clone(),
    }
}

async fn canary_has_a_place(engine: &Engine, namespace: &str, own: bool) -> Result<(), Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let path = AttributePath::root(if own { "namespace" } else { "canary_namespace" });
    match engine.cluster.has_namespace(namespace).await {
        Ok(true) => return Ok(()),
        Ok(false) => diagnostics.input(
            path,
            "The namespace does not exist",
            format!("The cluster has no namespace `{namespace}`. Create it first, or name another."),
        ),
        Err(error) => diagnostics.remote("Can't look up the namespace", error.to_string()),
    }
    Err(diagnostics)
}

/// What is known only afterwards. An issuer that failed its check is not ready, and the next plan shows that.
async fn finish(context: &Context<Session>, mut applied: Applied<Issuer>) -> Applied<Issuer> {
    let failed = applied.diagnostics.has_errors();
    let Some(State(issuer)) = applied.state.as_mut() else {
        return applied;
    };
    if failed {
        issuer.ready = Attr::Known(false);
        return applied;
    }
    if issuer.ca_bundle_pem.known().is_none() {
        let arn = issuer.ca_arn.as_str().unwrap_or_default();
        match authority::look(&context.session, arn, AttributePath::root("ca_arn")).await {
            Ok(authority) => issuer.ca_bundle_pem = Attr::Known(authority.root.pem()),
            Err(diagnostics) => return applied.with(diagnostics),
        }
    }
    applied
}

/// The object tells all but how it is to be checked.
async fn from_object(context: &Context<Session>, request: ImportRequest) -> Imported<Issuer> {
    let id = import_id(&request.id)?;
    let engine = frame::engine(context, import::place::<Issuer>(&id)).await?;
    let kind = if id.namespace.is_some() {
        AWS_PCA_ISSUER
    } else {
        AWS_PCA_CLUSTER_ISSUER
    };
    let mut diagnostics = Diagnostics::new();
    let object = match engine.objects().get(kind, id.namespace.as_deref(), &id.name).await {
        Ok(Some(object)) => object,
        Ok(None) => {
            diagnostics.remote(
                "There is nothing to import",
                format!("The cluster has no {} `{}`.", kind.kind, request.id),
            );
            return Err(diagnostics);
        }
        Err(error) => {
            diagnostics.remote("Can't look for what to import", error.to_string());
            return Err(diagnostics);
        }
    };
    deployer::is_free(&object, &format!("{} `{}`", kind.kind, request.id))?;
    let Some(spec) = observe(&object) else {
        let detail = "The issuer has no CA, or works with static AWS keys (`secretRef`), which this resource never renders. Give \
                      its controller an identity of its own, remove `secretRef`, and import again.";
        diagnostics.remote("This issuer can't be imported", detail);
        return Err(diagnostics);
    };
    let mut issuer = of_spec(&spec);
    let part = Part::new(PART, render::render(&spec));
    let notes = engine.baseline(std::slice::from_ref(&part)).await?;
    let mut private = Private::default();
    notes.store(&mut private);
    let text = |value: &serde_json::Value| Attr::Known(value.as_str().unwrap_or_default().to_owned());
    let state = PartState {
        r#ref: part.reference().into(),
        uid: text(&object["metadata"]["uid"]),
        digest: part.digest(),
    };
    issuer.id = engine.import_id.clone().into();
    issuer.cluster = id.cluster.into();
    issuer.cluster_uid = engine.owner.place.clone().into();
    issuer.ready = Attr::Known(report::is_ready(Some(&object)).is_some());
    issuer.instance = instance_of(&object).map_or_else(new_instance, str::to_owned).into();
    issuer.parts = Attr::Known([(PART.to_owned(), state)].into());
    Ok((State(issuer), private))
}

/// `NAMESPACE/NAME` is an `AWSPCAIssuer`, `NAME` an `AWSPCAClusterIssuer`; a UID may stand before either.
pub(super) fn import_id(text: &str) -> Result<ImportId, Diagnostics> {
    let rest = text.split_once(':').map_or(text, |(_, rest)| rest);
    let first = rest.split('/').next().unwrap_or_default();
    let is_uid = first.len() == 36 && first.bytes().filter(|byte| *byte == b'-').count() == 4;
    let steps = rest.split('/').count() - usize::from(is_uid);
    frame::import_id(text, steps > 1)
}

fn of_spec(spec: &IssuerSpec) -> Issuer {
    let mut issuer = Issuer {
        id: Attr::Null,
        instance: Attr::Null,
        cluster: Attr::Null,
        cluster_uid: Attr::Null,
        name: spec.name.clone().into(),
        kind: if spec.namespace.is_some() {
            IssuerKind::Namespaced
        } else {
            IssuerKind::Cluster
        }
        .into(),
        namespace: spec.namespace.clone().into(),
        ca_arn: spec.ca_arn.clone().into(),
        role_arn: spec.role_arn.clone().into(),
        template: spec.template.clone().into(),
        usages: usage::server_auth().into(),
        verify: Verify::Issue.into(),
        canary_namespace: "default".to_owned().into(),
        platform: Attr::Null,
        template_version: 1.into(),
        force_conflicts: false.into(),
        timeouts: Attr::Null,
        ready: Attr::Null,
        r#ref: Attr::Null,
        ca_bundle_pem: Attr::Null,
        parts: Attr::Null,
        drift: Attr::Known(Vec::new()),
    };
    plan::derive(&mut issuer);
    issuer
}
