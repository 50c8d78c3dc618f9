//! The command line of `report`.

use std::fmt;

use e2etls_report::Scope;
use e2etls_report::facet::Verdict;
use tfplugin_framework::Invalid;

use super::output::Destination;
use crate::encryption_report::covered::Covered;
use crate::encryption_report::probe::Probing;
use crate::pki::Certificate;
use crate::syntax;

/// What `--help` prints.
pub(super) const USAGE: &str = "\
Usage: terraform-provider-e2etls report [CLUSTER...] SCOPE [OPTION...]
Shows what is encrypted on the way to the applications in a cluster. It changes nothing.

CLUSTER, can be repeated; if omitted, the cluster in KUBE_CONFIG_PATH or KUBE_HOST:
  --cluster NAME                 the EKS cluster with this name
  --kubeconfig [FILE][:CONTEXT]  the cluster of this context in a kubeconfig file; if FILE is omitted, in the file in
                                 KUBE_CONFIG_PATH; if CONTEXT is omitted, that of the current context

SCOPE, exactly one:
  --hostname NAME                a host name of Ingresses
  --ingress NAMESPACE/NAME       an Ingress
  --service NAMESPACE/NAME       a Service, with everything that leads to it
  --stack NAMESPACE/NAME         an e2etls_stack or e2etls_proxy
  --namespace NAME               all Ingresses and Services of type LoadBalancer that lead into this namespace
  --all                          the whole cluster

OPTION:
  --json FILE                    write JSON to FILE instead of text; to standard output if FILE is -
  --html FILE                    write a page for auditors to FILE instead of text; it needs nothing but a browser
  --expires-within DAYSd         exit with 4 if a certificate from ACM or cert-manager on the way has expired, or expires within
                                 this number of days, such as 30d
  --fail-below VERDICT           exit with 3 if a verdict is below VERDICT: authenticated, encrypted, confined, unknown or
                                 plaintext, best first
  --probe port-forward           make a TLS handshake with every ready Pod on the way, and send it a plain HTTP request, through
                                 the API server
  --ca FILE                      with --probe: CA certificates in PEM form; a Pod whose certificate does not lead to one of them
                                 is a finding
  --evidence                     show what each hop is based on; JSON always contains it

Exit codes:
  0  the report is complete, and no check failed
  2  the command line is wrong, or the report could not be written
  3  a verdict is below --fail-below
  4  a certificate has expired, or expires within --expires-within
  5  something was not examined, such as a cluster that could not be reached, or a Service that does not exist
If several of 3, 4 and 5 apply, the exit code is the lowest of them.

Everything else is taken from the environment: KUBE_CONFIG_PATH, AWS_REGION, AWS_PROFILE, and so on.";

/// How a cluster is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// An EKS cluster by its name.
    Eks(String),
    /// A context of a kubeconfig file.
    Kubeconfig {
        /// The file; that of the environment if absent.
        file: Option<String>,
        /// The context; the file's current one if absent.
        context: Option<String>,
    },
}

/// As it is named on the command line.
impl fmt::Display for Way {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Eks(name) => out.write_str(name),
            Self::Kubeconfig { file, context } => {
                out.write_str(file.as_deref().unwrap_or_default())?;
                context.iter().try_for_each(|context| write!(out, ":{context}"))
            }
        }
    }
}

/// A command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arguments {
    /// The clusters; none for that of the environment.
    pub(super) clusters: Vec<Way>,
    /// What the report covers.
    pub(super) covered: Covered,
    /// Where JSON goes.
    pub(super) json: Option<Destination>,
    /// Where the page goes. Without it and without JSON, text goes to the standard output.
    pub(super) html: Option<Destination>,
    /// How many days a certificate is to last at least.
    pub(super) expires_within: Option<i64>,
    /// The verdict that is just good enough.
    pub(super) fail_below: Option<Verdict>,
    /// Whether the text shows what the hops are based on.
    pub(super) evidence: bool,
    /// Whether Pods are asked, and how.
    pub(super) probing: Option<Probing>,
}

/// Reads what follows `report`.
pub(super) fn parse(arguments: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let (mut clusters, mut scope, mut evidence) = (Vec::new(), None, false);
    let (mut json, mut html, mut fail_below, mut expires_within) = (None, None, None, None);
    let (mut from, mut trusted) = (None, None);
    let mut rest = arguments;
    while let Some(option) = rest.next() {
        let mut value = |what: &str| match rest.next() {
            Some(value) if !value.is_empty() && !value.starts_with("--") => Ok(value),
            _ => Err(format!("{option} requires {what}")),
        };
        match option.as_str() {
            "--cluster" => add(&mut clusters, Way::Eks(value("the name of an EKS cluster")?))?,
            "--kubeconfig" => add(
                &mut clusters,
                kubeconfig(&value("a file, a context, or FILE:CONTEXT")?)?,
            )?,
            "--json" => once(&mut json, &option, Destination::of(&value("a file, or -")?))?,
            "--html" => match Destination::of(&value("a file")?) {
                Destination::StandardOutput => return Err("--html requires a file".to_owned()),
                file => once(&mut html, &option, file)?,
            },
            "--expires-within" => once(
                &mut expires_within,
                &option,
                days(&value("a number of days, such as 30d")?)?,
            )?,
            "--fail-below" => {
                let name = value("a verdict")?;
                let named = Verdict::named(&name);
                once(&mut fail_below, &option, named.ok_or_else(|| no_verdict(&name))?)?;
            }
            "--probe" => once(&mut from, &option, vantage(&value("port-forward")?)?)?,
            "--ca" => once(&mut trusted, &option, authorities(&value("a file")?)?)?,
            "--evidence" => evidence = true,
            _ => {
                let given = covered(&option, value)?;
                if scope.replace(given).is_some() {
                    return Err(format!("more than one scope is given: {ONE_SCOPE}"));
                }
            }
        }
    }
    if from.is_none() && trusted.is_some() {
        return Err("--ca has no effect without --probe".to_owned());
    }
    Ok(Arguments {
        probing: from.map(|()| Probing { trusted }),
        clusters,
        covered: scope.ok_or_else(|| format!("no scope is given: {ONE_SCOPE}"))?,
        json,
        html,
        expires_within,
        fail_below,
        evidence,
    })
}

/// The one place from which Pods are asked.
fn vantage(text: &str) -> Result<(), String> {
    match text {
        "port-forward" => Ok(()),
        other => Err(format!("--probe requires port-forward, and not `{other}`")),
    }
}

fn authorities(path: &str) -> Result<Vec<Certificate>, String> {
    let pem = std::fs::read_to_string(path).map_err(|error| format!("--ca: {path}: {error}"))?;
    Certificate::chain(&pem).map_err(|error| format!("--ca: {path}: {error}"))
}

/// A number of days: `30d`.
fn days(text: &str) -> Result<i64, String> {
    let number = text.strip_suffix('d').and_then(|number| number.parse::<u16>().ok());
    number
        .map(i64::from)
        .ok_or_else(|| format!("--expires-within requires a number of days, such as 30d, and not `{text}`"))
}

const ONE_SCOPE: &str = "use exactly one of --hostname, --ingress, --service, --stack, --namespace and --all";

fn covered(option: &str, mut value: impl FnMut(&str) -> Result<String, String>) -> Result<Covered, String> {
    let mut place = || place(option, &value("NAMESPACE/NAME")?);
    Ok(match option {
        "--ingress" => place().map(|(namespace, name)| Covered::Scope(Scope::Ingress(namespace, name)))?,
        "--service" => place().map(|(namespace, name)| Covered::Scope(Scope::Service(namespace, name)))?,
        "--stack" => place().map(|(namespace, name)| Covered::Stack(namespace, name))?,
        "--hostname" => {
            let name = value("a host name")?;
            checked(option, syntax::host_name(&name))?;
            Covered::hostname(&name)
        }
        "--namespace" => {
            let name = value("the name of a namespace")?;
            checked(option, syntax::namespace_name(&name))?;
            Covered::Scope(Scope::Namespace(name))
        }
        "--all" => Covered::Scope(Scope::All),
        other => return Err(format!("unknown option `{other}`\n{USAGE}")),
    })
}

fn place(option: &str, text: &str) -> Result<(String, String), String> {
    let (namespace, name) = text.split_once('/').unwrap_or_default();
    if name.is_empty() || name.contains('/') {
        return Err(format!("{option} requires NAMESPACE/NAME, such as shop/web"));
    }
    checked(option, syntax::namespace_name(namespace))?;
    Ok((namespace.to_owned(), name.to_owned()))
}

fn checked(option: &str, checked: Result<(), Invalid>) -> Result<(), String> {
    checked.map_err(|invalid| format!("{option}: {}", invalid.message))
}

/// `FILE`, `FILE:CONTEXT` or `:CONTEXT`. Contexts of EKS contain colons themselves.
fn kubeconfig(text: &str) -> Result<Way, String> {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let (file, context) = match text.split_once(':') {
        Some((_, "")) => return Err(format!("--kubeconfig {text} names no context after the colon")),
        Some((file, context)) => (given(file), given(context)),
        None => (given(text), None),
    };
    Ok(Way::Kubeconfig { file, context })
}

fn add(clusters: &mut Vec<Way>, way: Way) -> Result<(), String> {
    if clusters.iter().any(|known| known.to_string() == way.to_string()) {
        return Err(format!("the cluster {way} is given twice"));
    }
    clusters.push(way);
    Ok(())
}

fn once<T>(slot: &mut Option<T>, option: &str, value: T) -> Result<(), String> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("{option} is given twice")),
    }
}

fn no_verdict(name: &str) -> String {
    let names = Verdict::ALL.map(|verdict| verdict.to_string());
    format!(
        "--fail-below: `{name}` is not a verdict; use one of: {}",
        names.join(", ")
    )
}
