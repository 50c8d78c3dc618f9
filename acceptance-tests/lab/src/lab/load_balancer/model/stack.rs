//! Whose load balancer it is, and what marks it as theirs.

use std::fmt;

use super::Pairs;
use crate::lab::CLUSTER;

/// Which controller it is: the one that users install, or that of EKS Auto Mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flavour {
    /// AWS Load Balancer Controller.
    Own,
    /// EKS Auto Mode.
    Auto,
}

impl Flavour {
    /// By `spec.controller` of an IngressClass.
    pub(crate) fn of_class(controller: &str) -> Option<Self> {
        match controller {
            "ingress.k8s.aws/alb" => Some(Self::Own),
            "eks.amazonaws.com/alb" => Some(Self::Auto),
            _ => None,
        }
    }

    /// By `spec.loadBalancerClass` of a Service.
    pub(crate) fn of_service(class: &str) -> Option<Self> {
        match class {
            "service.k8s.aws/nlb" => Some(Self::Own),
            "eks.amazonaws.com/nlb" => Some(Self::Auto),
            _ => None,
        }
    }

    const fn domain(self) -> &'static str {
        match self {
            Self::Own => "k8s.aws",
            Self::Auto => "eks.amazonaws.com",
        }
    }

    const fn cluster_tag(self) -> &'static str {
        match self {
            Self::Own => "elbv2.k8s.aws/cluster",
            Self::Auto => "eks:eks-cluster-name",
        }
    }
}

/// What shares a load balancer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stack {
    pub(crate) flavour: Flavour,
    pub(crate) owner: Owner,
}

/// The objects of a stack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// One Ingress: namespace and name.
    Ingress(String, String),
    /// The Ingresses of a group.
    Group(String),
    /// One Service: namespace and name.
    Service(String, String),
}

impl Stack {
    /// The finalizer that its objects get.
    pub(crate) fn finalizer(&self) -> String {
        let domain = self.flavour.domain();
        match &self.owner {
            Owner::Ingress(..) => format!("ingress.{domain}/resources"),
            Owner::Group(name) => format!("group.ingress.{domain}/{name}"),
            Owner::Service(..) => format!("service.{domain}/resources"),
        }
    }

    /// The stacks of which an Ingress has the finalizers.
    pub(crate) fn of_finalizers(namespace: &str, name: &str, finalizers: &[String]) -> Vec<Self> {
        let flavours = [Flavour::Own, Flavour::Auto];
        let of = |(flavour, finalizer): (Flavour, &String)| {
            let domain = flavour.domain();
            let owner = if *finalizer == format!("ingress.{domain}/resources") {
                Owner::Ingress(namespace.to_owned(), name.to_owned())
            } else {
                Owner::Group(finalizer.strip_prefix(&format!("group.ingress.{domain}/"))?.to_owned())
            };
            Some(Self { flavour, owner })
        };
        finalizers
            .iter()
            .flat_map(|finalizer| flavours.map(|flavour| (flavour, finalizer)))
            .filter_map(of)
            .collect()
    }

    fn kind(&self) -> &'static str {
        match self.owner {
            Owner::Service(..) => "service",
            _ => "ingress",
        }
    }

    /// The tags that mark every object of the stack.
    pub(crate) fn tags(&self) -> Pairs {
        Pairs::from([
            (self.flavour.cluster_tag().to_owned(), CLUSTER.to_owned()),
            (
                format!("{}.{}/stack", self.kind(), self.flavour.domain()),
                self.to_string(),
            ),
        ])
    }

    /// The tag that names an object within its stack.
    pub(crate) fn resource_tag(&self) -> String {
        format!("{}.{}/resource", self.kind(), self.flavour.domain())
    }
}

impl fmt::Display for Stack {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.owner {
            Owner::Ingress(namespace, name) | Owner::Service(namespace, name) => write!(to, "{namespace}/{name}"),
            Owner::Group(name) => to.write_str(name),
        }
    }
}
