//! What single arguments of the provider may hold.

use tfplugin_framework::{Attr, AttributePath, Diagnostics, Invalid, Step};

use crate::session::model::{ClusterConfig, ProviderConfig};
use crate::syntax;

type Check<T> = fn(&T) -> Result<(), Invalid>;

pub(super) fn check(config: &ProviderConfig, diagnostics: &mut Diagnostics) {
    let root = AttributePath::root;
    let texts: [(&str, &Attr<String>, Check<str>); 5] = [
        ("owner_id", &config.owner_id, syntax::owner_id),
        ("region", &config.region, syntax::region),
        ("profile", &config.profile, syntax::not_empty),
        ("pca_role_arn", &config.pca_role_arn, syntax::role_arn),
        ("dns_role_arn", &config.dns_role_arn, syntax::role_arn),
    ];
    for (argument, given, check) in texts {
        text(root(argument), given, check, diagnostics);
    }
    if let Some(role) = config.assume_role.known() {
        let at = root("assume_role").attribute("role_arn");
        text(at, &role.role_arn, syntax::role_arn, diagnostics);
    }
    if let Some(role) = config.assume_role_with_web_identity.known() {
        let at = root("assume_role_with_web_identity").attribute("role_arn");
        text(at, &role.role_arn, syntax::role_arn, diagnostics);
    }
    if let Some(ids) = config.allowed_account_ids.known() {
        report(root("allowed_account_ids"), syntax::account_ids(ids), diagnostics);
    }
    if let Some(attempts) = config.max_retries.known() {
        report(root("max_retries"), syntax::positive(attempts), diagnostics);
    }
    if let Some(cluster) = config.cluster.known() {
        uids(&root("cluster"), cluster, diagnostics);
    }
    for (key, cluster) in config.clusters.known().into_iter().flatten() {
        uids(&root("clusters").key(key), cluster, diagnostics);
    }
}

/// The UIDs of clusters.
fn uids(at: &AttributePath, cluster: &ClusterConfig, diagnostics: &mut Diagnostics) {
    text(
        at.clone().attribute("expect_uid"),
        &cluster.expect_uid,
        syntax::uid,
        diagnostics,
    );
    let replaced = at.clone().attribute("replaced_uids");
    for (position, uid) in cluster.replaced_uids.known().into_iter().flatten().enumerate() {
        report(replaced.clone().index(position), syntax::uid(uid), diagnostics);
    }
}

fn text(at: AttributePath, given: &Attr<String>, check: Check<str>, diagnostics: &mut Diagnostics) {
    if let Some(given) = given.known() {
        report(at, check(given), diagnostics);
    }
}

fn report(at: AttributePath, found: Result<(), Invalid>, diagnostics: &mut Diagnostics) {
    let Err(invalid) = found else { return };
    let name = at.0.iter().rev().find_map(|step| match step {
        Step::Attribute(name) => Some(name.clone()),
        _ => None,
    });
    let summary = format!("Invalid `{}`", name.unwrap_or_default());
    diagnostics.input(at.join(&invalid.at), summary, invalid.message);
}
