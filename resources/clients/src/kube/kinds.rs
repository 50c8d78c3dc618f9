//! The kinds that we render, read or wait for.

use serde_json::Value;

/// A Kubernetes kind and where the API serves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind {
    /// API group; empty for the core group.
    pub group: &'static str,
    /// API version.
    pub version: &'static str,
    /// Kind, as in manifests.
    pub kind: &'static str,
    /// Plural name, as in URLs.
    pub plural: &'static str,
    /// False for cluster-scoped kinds.
    pub namespaced: bool,
    /// The EKS add-on (or chart) that serves the kind, for the error that misses it; empty for built-in kinds.
    pub add_on: &'static str,
}

const fn built_in(group: &'static str, version: &'static str, kind: &'static str, plural: &'static str) -> Kind {
    Kind {
        group,
        version,
        kind,
        plural,
        namespaced: true,
        add_on: "",
    }
}

const CERT_MANAGER: &str = "cert-manager";
const CONNECTOR: &str = "aws-privateca-connector-for-kubernetes";

/// Namespace.
pub const NAMESPACE: Kind = Kind {
    namespaced: false,
    ..built_in("", "v1", "Namespace", "namespaces")
};
/// ConfigMap.
pub const CONFIG_MAP: Kind = built_in("", "v1", "ConfigMap", "configmaps");
/// Secret; never read.
pub const SECRET: Kind = built_in("", "v1", "Secret", "secrets");
/// Service.
pub const SERVICE: Kind = built_in("", "v1", "Service", "services");
/// Pod; read to explain a rollout that does not complete.
pub const POD: Kind = built_in("", "v1", "Pod", "pods");
/// Node; read to see what enforces policies there.
pub const NODE: Kind = Kind {
    namespaced: false,
    ..built_in("", "v1", "Node", "nodes")
};
/// EndpointSlice; read where a Service selects no Pods.
pub const ENDPOINT_SLICE: Kind = built_in("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices");
/// Event; read to explain what does not become ready.
pub const EVENT: Kind = built_in("", "v1", "Event", "events");
/// Deployment.
pub const DEPLOYMENT: Kind = built_in("apps", "v1", "Deployment", "deployments");
/// PodDisruptionBudget.
pub const POD_DISRUPTION_BUDGET: Kind = built_in("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets");
/// NetworkPolicy.
pub const NETWORK_POLICY: Kind = built_in("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies");
/// Ingress.
pub const INGRESS: Kind = built_in("networking.k8s.io", "v1", "Ingress", "ingresses");
/// IngressClass; read to see whose it is.
pub const INGRESS_CLASS: Kind = Kind {
    namespaced: false,
    ..built_in("networking.k8s.io", "v1", "IngressClass", "ingressclasses")
};
/// Settings of IngressClasses of the AWS Load Balancer Controller.
pub const INGRESS_CLASS_PARAMS: Kind = Kind {
    namespaced: false,
    ..built_in("elbv2.k8s.aws", "v1beta1", "IngressClassParams", "ingressclassparams")
};
/// Settings of IngressClasses of EKS Auto Mode.
pub const AUTO_MODE_INGRESS_CLASS_PARAMS: Kind = Kind {
    namespaced: false,
    ..built_in("eks.amazonaws.com", "v1", "IngressClassParams", "ingressclassparams")
};
/// A policy of the whole cluster, which the VPC CNI asks before NetworkPolicies.
pub const CLUSTER_NETWORK_POLICY: Kind = Kind {
    namespaced: false,
    ..built_in(
        "networking.k8s.aws",
        "v1alpha1",
        "ClusterNetworkPolicy",
        "clusternetworkpolicies",
    )
};
/// A policy of EKS beside NetworkPolicies.
pub const APPLICATION_NETWORK_POLICY: Kind = built_in(
    "networking.k8s.aws",
    "v1alpha1",
    "ApplicationNetworkPolicy",
    "applicationnetworkpolicies",
);
/// What brings Pods into a target group of somebody's load balancer, of the AWS Load Balancer Controller.
pub const TARGET_GROUP_BINDING: Kind =
    built_in("elbv2.k8s.aws", "v1beta1", "TargetGroupBinding", "targetgroupbindings");
/// The same of EKS Auto Mode.
pub const AUTO_MODE_TARGET_GROUP_BINDING: Kind =
    built_in("eks.amazonaws.com", "v1", "TargetGroupBinding", "targetgroupbindings");
/// A Gateway of the Gateway API: what its routes lead through.
pub const GATEWAY: Kind = built_in("gateway.networking.k8s.io", "v1", "Gateway", "gateways");
/// A route of the Gateway API for HTTP.
pub const HTTP_ROUTE: Kind = built_in("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes");
/// A route of the Gateway API for gRPC.
pub const GRPC_ROUTE: Kind = built_in("gateway.networking.k8s.io", "v1", "GRPCRoute", "grpcroutes");
/// A route of the Gateway API for TCP.
pub const TCP_ROUTE: Kind = built_in("gateway.networking.k8s.io", "v1alpha2", "TCPRoute", "tcproutes");
/// A route of the Gateway API for TLS that is passed through.
pub const TLS_ROUTE: Kind = built_in("gateway.networking.k8s.io", "v1", "TLSRoute", "tlsroutes");
/// A route of the Gateway API for UDP.
pub const UDP_ROUTE: Kind = built_in("gateway.networking.k8s.io", "v1alpha2", "UDPRoute", "udproutes");
/// cert-manager's Certificate.
pub const CERTIFICATE: Kind = Kind {
    add_on: CERT_MANAGER,
    ..built_in("cert-manager.io", "v1", "Certificate", "certificates")
};
/// cert-manager's CertificateRequest.
pub const CERTIFICATE_REQUEST: Kind = Kind {
    add_on: CERT_MANAGER,
    ..built_in("cert-manager.io", "v1", "CertificateRequest", "certificaterequests")
};
/// aws-privateca-issuer's issuer of one namespace.
pub const AWS_PCA_ISSUER: Kind = Kind {
    add_on: CONNECTOR,
    ..built_in("awspca.cert-manager.io", "v1beta1", "AWSPCAIssuer", "awspcaissuers")
};
/// aws-privateca-issuer's issuer of all namespaces.
pub const AWS_PCA_CLUSTER_ISSUER: Kind = Kind {
    add_on: CONNECTOR,
    namespaced: false,
    ..built_in(
        "awspca.cert-manager.io",
        "v1beta1",
        "AWSPCAClusterIssuer",
        "awspcaclusterissuers",
    )
};

/// Every kind that a part may have, in the order in which leftovers are listed.
pub const RENDERED: [Kind; 10] = [
    NAMESPACE,
    AWS_PCA_CLUSTER_ISSUER,
    AWS_PCA_ISSUER,
    CERTIFICATE,
    CONFIG_MAP,
    SERVICE,
    DEPLOYMENT,
    POD_DISRUPTION_BUDGET,
    NETWORK_POLICY,
    INGRESS,
];

/// What else is asked about.
const OTHERS: [Kind; 7] = [
    SECRET,
    POD,
    EVENT,
    CERTIFICATE_REQUEST,
    INGRESS_CLASS,
    NODE,
    ENDPOINT_SLICE,
];

impl Kind {
    /// `apps/v1`, `v1`.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// The path of all objects, in `namespace` or, with `None`, in the cluster.
    #[must_use]
    pub fn path(&self, namespace: Option<&str>) -> String {
        let root = if self.group.is_empty() {
            "/api".to_owned()
        } else {
            format!("/apis/{}", self.group)
        };
        match namespace.filter(|_| self.namespaced) {
            Some(namespace) => format!("{root}/{}/namespaces/{namespace}/{}", self.version, self.plural),
            None => format!("{root}/{}/{}", self.version, self.plural),
        }
    }

    /// `Deployment shop/web`, `Namespace shop`.
    #[must_use]
    pub fn reference(&self, namespace: Option<&str>, name: &str) -> String {
        match namespace.filter(|_| self.namespaced) {
            Some(namespace) => format!("{} {namespace}/{name}", self.kind),
            None => format!("{} {name}", self.kind),
        }
    }

    /// `deployments.apps`, `services`: as permissions name it.
    #[must_use]
    pub fn resource(&self) -> String {
        let resource = format!("{}.{}", self.plural, self.group);
        resource.trim_end_matches('.').to_owned()
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(kind: &str) -> Option<Kind> {
        let mut all = RENDERED.into_iter().chain(OTHERS);
        all.find(|candidate| candidate.kind == kind)
    }

    /// The rendered kind of a manifest, from its `apiVersion` and `kind`.
    #[must_use]
    pub fn of(manifest: &Value) -> Option<Kind> {
        let (api_version, kind) = (manifest["apiVersion"].as_str()?, manifest["kind"].as_str()?);
        RENDERED
            .into_iter()
            .find(|candidate| candidate.kind == kind && candidate.api_version() == api_version)
    }
}
