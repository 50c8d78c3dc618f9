//! What a call is, whatever the names in it: by this and a number, a fault finds the same call in another life.

use super::record::{Call, Target};

impl Call {
    /// The operation and the kind of its object: `patch services`, `dry-run delete secrets`, `acm:RequestCertificate`.
    #[must_use]
    pub fn address(&self) -> String {
        match self.target {
            Target::Aws => self.action().unwrap_or_else(|| self.method.clone()),
            Target::Kube => self.of_kube(),
        }
    }

    fn of_kube(&self) -> String {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let steps: Vec<&str> = path.trim_matches('/').split('/').collect();
        let (group, rest) = match &steps[..] {
            ["api", _, rest @ ..] if !rest.is_empty() => ("", rest),
            ["apis", group, _, rest @ ..] if !rest.is_empty() => (*group, rest),
            _ => return format!("{} {path}", self.method.to_lowercase()),
        };
        let (resource, name, below) = match rest {
            ["namespaces", _, resource, name, below] => (*resource, Some(name), Some(*below)),
            ["namespaces", _, resource, name] => (*resource, Some(name), None),
            ["namespaces", _, resource] => (*resource, None, None),
            [resource, name, below, ..] => (*resource, Some(name), Some(*below)),
            [resource, name] => (*resource, Some(name), None),
            _ => (rest[0], None, None),
        };
        let verb = match (self.method.as_str(), name) {
            ("GET", _) if self.is_watch() => "watch".to_owned(),
            ("GET", None) => "list".to_owned(),
            ("POST", _) => "create".to_owned(),
            (other, _) => other.to_lowercase(),
        };
        let dry = if query.contains("dryRun=All") { "dry-run " } else { "" };
        let group = if group.is_empty() {
            String::new()
        } else {
            format!(".{group}")
        };
        let below = below.map(|below| format!("/{below}")).unwrap_or_default();
        format!("{dry}{verb} {resource}{group}{below}")
    }

    /// Whether something is different after it: a write that is no dry run.
    #[must_use]
    pub fn is_mutating(&self) -> bool {
        self.is_write() && !self.path.contains("dryRun=All")
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::Target;
    use super::super::record::tests::call;

    #[test]
    fn is_the_same_for_objects_of_other_names() {
        for (method, path, address) in [
            ("GET", "/api/v1/namespaces/shop/services/web", "get services"),
            ("GET", "/api/v1/services?labelSelector=a", "list services"),
            (
                "GET",
                "/apis/apps/v1/namespaces/shop/deployments?watch=true",
                "watch deployments.apps",
            ),
            (
                "PATCH",
                "/api/v1/namespaces/shop/configmaps/a?fieldManager=b",
                "patch configmaps",
            ),
            (
                "DELETE",
                "/api/v1/namespaces/shop/secrets/a?dryRun=All",
                "dry-run delete secrets",
            ),
            (
                "PATCH",
                "/apis/cert-manager.io/v1/namespaces/shop/certificates/web/status",
                "patch certificates.cert-manager.io/status",
            ),
            (
                "POST",
                "/apis/cert-manager.io/v1/namespaces/shop/certificaterequests",
                "create certificaterequests.cert-manager.io",
            ),
            ("GET", "/api/v1/namespaces/kube-system", "get namespaces"),
            (
                "GET",
                "/apis/awspca.cert-manager.io/v1beta1/awspcaclusterissuers/a",
                "get awspcaclusterissuers.awspca.cert-manager.io",
            ),
            ("GET", "/apis/apps/v1", "get /apis/apps/v1"),
            ("GET", "/version", "get /version"),
        ] {
            assert_eq!(call(Target::Kube, method, path, None).address(), address, "{path}");
        }
        let mut aws = call(Target::Aws, "POST", "/", Some("RequestCertificate"));
        aws.service = Some("acm".to_owned());
        assert_eq!(aws.address(), "acm:RequestCertificate");
    }

    #[test]
    fn a_dry_run_changes_nothing() {
        let path = "/api/v1/namespaces/shop/secrets/a";
        assert!(call(Target::Kube, "DELETE", path, None).is_mutating());
        assert!(!call(Target::Kube, "DELETE", &format!("{path}?dryRun=All"), None).is_mutating());
    }
}
