//! Closed sets of words.

use tfplugin_framework::Choice;

/// Kinds of load balancers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Kind {
    /// Application Load Balancer.
    #[tf(rename = "alb")]
    Alb,
    /// Network Load Balancer that terminates TLS.
    #[tf(rename = "nlb_tls")]
    NlbTls,
    /// Network Load Balancer that does not.
    #[tf(rename = "nlb_passthrough")]
    NlbPassthrough,
}

/// From where a load balancer is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Scheme {
    /// From the VPC.
    #[tf(rename = "internal")]
    Internal,
    /// From the internet.
    #[tf(rename = "internet-facing")]
    InternetFacing,
}

/// Controllers that make Network Load Balancers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum LoadBalancerClass {
    /// The AWS Load Balancer Controller.
    #[tf(rename = "service.k8s.aws/nlb")]
    Service,
    /// EKS Auto Mode.
    #[tf(rename = "eks.amazonaws.com/nlb")]
    AutoMode,
}

/// Versions of HTTP towards targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum ProtocolVersion {
    /// HTTP/1.1.
    #[tf(rename = "HTTP1")]
    Http1,
    /// HTTP/2.
    #[tf(rename = "HTTP2")]
    Http2,
}

/// What is negotiated by ALPN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
#[expect(missing_docs, reason = "spelled as the API spells them")]
pub enum AlpnPolicy {
    #[tf(rename = "HTTP1Only")]
    Http1Only,
    #[tf(rename = "HTTP2Only")]
    Http2Only,
    #[tf(rename = "HTTP2Optional")]
    Http2Optional,
    #[tf(rename = "HTTP2Preferred")]
    Http2Preferred,
}

/// What happens to certificates of clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum ClientAuthMode {
    /// They are not asked for.
    #[tf(rename = "off")]
    Off,
    /// They are passed on.
    #[tf(rename = "passthrough")]
    Passthrough,
    /// They are verified.
    #[tf(rename = "verify")]
    Verify,
}
