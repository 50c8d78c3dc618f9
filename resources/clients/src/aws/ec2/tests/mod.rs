//! What is asked of EC2, where, and what becomes of its answers.

mod answers;
mod samples;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_runtime_api::client::endpoint::{EndpointResolverParams, ResolveEndpoint as _};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use e2etls_engine::refusal::{Answer, Denial};

use super::call::{Ask, form};
use super::endpoint::{Endpoint, chosen};
use super::{Ec2, Ec2Api as _, Interface, Subnet};
use crate::aws::Aws;
use crate::aws::tests::aws;
use crate::server::{Reply, Server};

async fn ec2(url: &str) -> Ec2 {
    Ec2::new(Arc::new(aws("ec2", url).await))
}

#[test]
fn a_form_says_what_is_asked_for() {
    let mut ask = Ask {
        vpc: "vpc-1".to_owned(),
        after: None,
    };
    assert_eq!(
        form::<Subnet>(&ask),
        "Action=DescribeSubnets&Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&MaxResults=1000"
    );
    ask.vpc = "a b&c".to_owned();
    ask.after = Some("eyJ2IjoiMiJ9+/==".to_owned());
    assert_eq!(
        form::<Interface>(&ask),
        "Action=DescribeNetworkInterfaces&Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1=a%20b%26c\
         &MaxResults=1000&IncludeManagedResources=true&NextToken=eyJ2IjoiMiJ9%2B%2F%3D%3D"
    );
}

#[tokio::test]
async fn all_pages_are_asked_for() {
    let server = Server::start(Reply::InTurn(&[samples::INTERFACES, samples::MORE_INTERFACES])).await;
    let found = ec2(&server.url).await.interfaces("vpc-1").await.expect("interfaces");
    let ids: Vec<_> = found.iter().map(|found| found.id.as_str()).collect();
    assert_eq!(ids, ["eni-0a1", "eni-0b2", "eni-0c3"]);
    let seen = server.seen();
    assert!(!seen[0].contains("NextToken="), "{}", seen[0]);
    assert!(seen[1].ends_with("&NextToken=eyJ2IjoiMiJ9%3D"), "{}", seen[1]);
    assert!(seen[0].starts_with("POST / HTTP/1.1\r\n"), "{}", seen[0]);
    assert!(seen[0].contains("Credential=AKIDEXAMPLE/"), "{}", seen[0]);
    assert!(seen[0].contains("/eu-central-1/ec2/aws4_request"), "{}", seen[0]);
    assert!(seen[0].contains("application/x-www-form-urlencoded"), "{}", seen[0]);
}

#[tokio::test]
async fn pages_without_end_are_a_refusal() {
    let server = Server::start(Reply::InTurn(&[samples::INTERFACES])).await;
    let refusal = ec2(&server.url).await.interfaces("vpc-1").await;
    assert_eq!(refusal.expect_err("a refusal").answer, Answer::Throttled);
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn an_error_is_a_refusal_in_the_words_of_ec2() {
    let server = Server::start(Reply::Status(403, samples::UNAUTHORIZED)).await;
    let refusal = ec2(&server.url).await.subnets("vpc-1").await.expect_err("a refusal");
    assert_eq!(refusal.answer, Answer::Forbidden(Denial::Permission));
    assert_eq!(
        refusal.words,
        "UnauthorizedOperation: You are not authorized to perform this operation."
    );
    assert_eq!(
        (refusal.operation.as_str(), refusal.target.as_str(), server.requests()),
        ("ec2:DescribeSubnets", "vpc-1", 1)
    );
}

#[tokio::test]
async fn what_may_pass_is_asked_again() {
    for (reply, answer) in [
        (Reply::Status(503, samples::LIMIT), Answer::Throttled),
        (Reply::Status(500, "<html>Internal error</html>"), Answer::Throttled),
        // An answer that can't be read.
        (Reply::Status(200, "<html>Sign in</html>"), Answer::Throttled),
        (Reply::Closed, Answer::Unreachable),
    ] {
        let server = Server::start(reply).await;
        let refusal = ec2(&server.url).await.subnets("vpc-1").await.expect_err("a refusal");
        assert_eq!((refusal.answer, server.requests()), (answer, 3), "{reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_though_nobody_answers() {
    let server = Server::start(Reply::Silence).await;
    let refusal = ec2(&server.url).await.subnets("vpc-1").await.expect_err("a refusal");
    assert_eq!((refusal.answer, server.requests()), (Answer::Unreachable, 1));
}

/// Nobody's credentials.
#[derive(Debug)]
struct Nobody;

impl ProvideCredentials for Nobody {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded_no_source()))
    }
}

#[tokio::test]
async fn without_credentials_nothing_is_asked() {
    let server = Server::start(Reply::Closed).await;
    let config = aws("ec2", &server.url).await.config.into_builder();
    let config = config
        .credentials_provider(SharedCredentialsProvider::new(Nobody))
        .build();
    let endpoints = [("ec2".to_owned(), server.url.clone())].into();
    let ec2 = Ec2::new(Arc::new(Aws::new(config, "eu-central-1".to_owned(), endpoints)));
    let refusal = ec2.subnets("vpc-1").await.expect_err("a refusal");
    assert_eq!((refusal.answer, server.requests()), (Answer::Unauthenticated, 0));
}

/// The URL, or why there is none.
async fn url(region: &str, fips: bool, url: Option<&str>) -> Result<String, String> {
    let config = SdkConfig::builder()
        .region(Region::new(region.to_owned()))
        .use_fips(fips)
        .build();
    let endpoint = Endpoint::new(&config, url.map(str::to_owned));
    let found = endpoint.resolve_endpoint(&EndpointResolverParams::new(())).await;
    found.map(|found| found.url().to_owned()).map_err(|why| why.to_string())
}

#[tokio::test]
async fn the_endpoint_is_that_of_the_region() {
    for (region, fips, chosen, expected) in [
        ("eu-central-1", false, None, "https://ec2.eu-central-1.amazonaws.com"),
        ("cn-north-1", false, None, "https://ec2.cn-north-1.amazonaws.com.cn"),
        ("us-east-1", true, None, "https://ec2-fips.us-east-1.amazonaws.com"),
        ("us-gov-west-1", true, None, "https://ec2.us-gov-west-1.amazonaws.com"),
        (
            "eu-central-1",
            false,
            Some("https://elasticloadbalancing.example"),
            "https://elasticloadbalancing.example",
        ),
    ] {
        assert_eq!(url(region, fips, chosen).await, Ok(expected.to_owned()), "{region}");
    }
    let refused = url("us-east-1", true, Some("https://ec2.example")).await;
    assert!(refused.is_err_and(|why| why.contains("FIPS and custom endpoint are not supported")));
    assert!(url("no host", false, None).await.is_err(), "no name of a host");
}

/// The environment of a service.
#[derive(Debug)]
struct Environment(BTreeMap<String, String>);

impl LoadServiceConfig for Environment {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        self.0.get(&format!("{}_{}", key.env(), key.service_id())).cloned()
    }
}

#[test]
fn the_environment_can_choose_the_endpoint() {
    let own = || Environment([("AWS_ENDPOINT_URL_EC2".to_owned(), "http://own".to_owned())].into());
    let build = |environment: Option<Environment>, all: Option<&str>| {
        let mut config = SdkConfig::builder();
        config.set_service_config(environment);
        config.set_endpoint_url(all.map(str::to_owned));
        chosen(&config.build())
    };
    assert_eq!(build(None, None), None);
    assert_eq!(build(None, Some("http://all")).as_deref(), Some("http://all"));
    assert_eq!(build(Some(own()), Some("http://all")).as_deref(), Some("http://own"));
}
