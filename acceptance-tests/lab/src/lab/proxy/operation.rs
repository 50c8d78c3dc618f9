//! Which AWS operation a request asks for, by the protocol of its service.

use http::Method;

use crate::lab::sigv4::decode;

/// The parts of a request that name its operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The service that the request was signed for.
    pub(super) service: Option<&'a str>,
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    /// The header `x-amz-target`.
    pub(super) target: Option<&'a str>,
    /// The body, where it is a form.
    pub(super) form: Option<&'a str>,
}

impl Asked<'_> {
    /// The operation as IAM and the service's reference call it; nothing where it can't be told.
    pub(super) fn operation(self) -> Option<String> {
        self.in_target()
            .or_else(|| field(self.form.unwrap_or_default(), "Action"))
            .or_else(|| field(self.query, "Action"))
            .or_else(|| self.in_rpc_path())
            .or_else(|| self.in_rest_path())
    }

    /// JSON: acm, acm-pca.
    fn in_target(self) -> Option<String> {
        self.target?.rsplit_once('.').map(|(_, name)| name.to_owned())
    }

    /// Smithy RPC: cloudwatch, where the SDK is new.
    fn in_rpc_path(self) -> Option<String> {
        let (_, name) = self.path.split_once("/operation/")?;
        self.path.starts_with("/service/").then(|| name.to_owned())
    }

    /// REST: route53, eks. `*` stands for an identifier.
    fn in_rest_path(self) -> Option<String> {
        let table = match self.service? {
            "route53" => ROUTE_53,
            "eks" => EKS,
            _ => return None,
        };
        let asked: Vec<&str> = self.path.split('/').filter(|part| !part.is_empty()).collect();
        table
            .iter()
            .find(|(method, template, _)| *method == self.method.as_str() && fits(template, &asked))
            .map(|(_, _, name)| (*name).to_owned())
    }
}

type Route = (&'static str, &'static str, &'static str);

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_Operations_Amazon_Route_53.html>
const ROUTE_53: &[Route] = &[
    ("POST", "*/hostedzone/*/rrset", "ChangeResourceRecordSets"),
    ("GET", "*/hostedzone/*/rrset", "ListResourceRecordSets"),
    ("GET", "*/hostedzone/*", "GetHostedZone"),
    ("POST", "*/hostedzone/*", "UpdateHostedZoneComment"),
    ("DELETE", "*/hostedzone/*", "DeleteHostedZone"),
    ("GET", "*/hostedzone", "ListHostedZones"),
    ("POST", "*/hostedzone", "CreateHostedZone"),
    ("GET", "*/hostedzonesbyname", "ListHostedZonesByName"),
    ("GET", "*/change/*", "GetChange"),
    ("GET", "*/tags/*/*", "ListTagsForResource"),
    ("POST", "*/tags/*/*", "ChangeTagsForResource"),
    ("POST", "*/tags/*", "ListTagsForResources"),
];

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_Operations_Amazon_Elastic_Kubernetes_Service.html>
const EKS: &[Route] = &[
    ("GET", "clusters", "ListClusters"),
    ("GET", "clusters/*", "DescribeCluster"),
    ("GET", "clusters/*/addons", "ListAddons"),
    ("POST", "clusters/*/addons", "CreateAddon"),
    ("GET", "clusters/*/addons/*", "DescribeAddon"),
    ("DELETE", "clusters/*/addons/*", "DeleteAddon"),
    ("POST", "clusters/*/addons/*/update", "UpdateAddon"),
    ("GET", "addons/supported-versions", "DescribeAddonVersions"),
    (
        "GET",
        "clusters/*/pod-identity-associations",
        "ListPodIdentityAssociations",
    ),
    (
        "POST",
        "clusters/*/pod-identity-associations",
        "CreatePodIdentityAssociation",
    ),
    (
        "GET",
        "clusters/*/pod-identity-associations/*",
        "DescribePodIdentityAssociation",
    ),
    (
        "POST",
        "clusters/*/pod-identity-associations/*",
        "UpdatePodIdentityAssociation",
    ),
    (
        "DELETE",
        "clusters/*/pod-identity-associations/*",
        "DeletePodIdentityAssociation",
    ),
    // An ARN is one part: its slashes are escaped.
    ("GET", "tags/*", "ListTagsForResource"),
    ("POST", "tags/*", "TagResource"),
    ("DELETE", "tags/*", "UntagResource"),
];

fn fits(template: &str, asked: &[&str]) -> bool {
    let parts: Vec<&str> = template.split('/').collect();
    parts.len() == asked.len()
        && parts
            .iter()
            .zip(asked)
            .all(|(part, asked)| *part == "*" || part == asked)
}

/// A field of a form or a query.
pub(super) fn field(form: &str, name: &str) -> Option<String> {
    form.split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| decode(value))
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::Asked;

    fn operation(service: &str, method: &Method, path: &str, target: Option<&str>, form: Option<&str>) -> String {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let service = Some(service);
        let asked = Asked {
            service,
            method,
            path,
            query,
            target,
            form,
        };
        asked.operation().unwrap_or_default()
    }

    #[test]
    fn json_names_it_in_a_header() {
        let target = Some("CertificateManager.RequestCertificate");
        assert_eq!(operation("acm", &Method::POST, "/", target, None), "RequestCertificate");
        let target = Some("ACMPrivateCA.IssueCertificate");
        assert_eq!(
            operation("acm-pca", &Method::POST, "/", target, None),
            "IssueCertificate"
        );
    }

    #[test]
    fn a_query_names_it_in_the_form_or_the_address() {
        let form = Some("Version=2015-12-01&Action=DescribeListeners");
        let service = "elasticloadbalancing";
        assert_eq!(operation(service, &Method::POST, "/", None, form), "DescribeListeners");
        let path = "/?Action=GetCallerIdentity&Version=2011-06-15";
        assert_eq!(operation("sts", &Method::GET, path, None, None), "GetCallerIdentity");
    }

    #[test]
    fn rest_names_it_by_method_and_path() {
        for (method, path, name) in [
            (
                Method::POST,
                "/2013-04-01/hostedzone/Z1/rrset",
                "ChangeResourceRecordSets",
            ),
            (
                Method::POST,
                "/2013-04-01/hostedzone/Z1/rrset/",
                "ChangeResourceRecordSets",
            ),
            (
                Method::GET,
                "/2013-04-01/hostedzone/Z1/rrset?name=a&type=A",
                "ListResourceRecordSets",
            ),
            (Method::GET, "/2013-04-01/hostedzone/Z1", "GetHostedZone"),
            (Method::GET, "/2013-04-01/hostedzone", "ListHostedZones"),
            (Method::GET, "/2013-04-01/change/C1", "GetChange"),
            (Method::DELETE, "/2013-04-01/hostedzone/Z1/rrset", ""),
        ] {
            assert_eq!(operation("route53", &method, path, None, None), name, "{method} {path}");
        }
        assert_eq!(
            operation("eks", &Method::GET, "/clusters/lab", None, None),
            "DescribeCluster"
        );
        for (method, path, name) in [
            (Method::GET, "/clusters/lab/addons/cert-manager", "DescribeAddon"),
            (
                Method::GET,
                "/addons/supported-versions?addonName=cert-manager",
                "DescribeAddonVersions",
            ),
            (
                Method::POST,
                "/tags/arn%3Aaws%3Aeks%3Ax%3A1%3Aaddon%2Flab",
                "TagResource",
            ),
            (
                Method::DELETE,
                "/tags/arn%3Aaws%3Aeks%3Ax%3A1%3Aaddon%2Flab?tagKeys=a",
                "UntagResource",
            ),
        ] {
            assert_eq!(operation("eks", &method, path, None, None), name, "{method} {path}");
        }
        assert_eq!(operation("s3", &Method::GET, "/clusters/lab", None, None), "");
    }

    #[test]
    fn smithy_rpc_names_it_in_the_path() {
        let path = "/service/GraniteServiceVersion20100801/operation/PutMetricAlarm";
        assert_eq!(
            operation("monitoring", &Method::POST, path, None, None),
            "PutMetricAlarm"
        );
    }
}
