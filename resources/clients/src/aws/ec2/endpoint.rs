//! Where EC2 is.

use aws_config::SdkConfig;
use aws_sdk_elasticloadbalancingv2::config::endpoint::{DefaultResolver, Params, ParamsBuilder, ResolveEndpoint as _};
use aws_smithy_runtime_api::client::endpoint::{EndpointFuture, EndpointResolverParams, ResolveEndpoint};
use aws_types::service_config::ServiceConfigKey;

/// What the host of Elastic Load Balancing begins with.
const BALANCING: &str = "//elasticloadbalancing";
const EC2: &str = "//ec2";

/// EC2's endpoint by its own rules. They are those of Elastic Load Balancing with another name: for every partition, with
/// FIPS 140 and dual stack, and for URLs that somebody has chosen.
///
/// Source: `endpoint-rule-set-1.json` of `ec2` and `elbv2` in <https://github.com/boto/botocore>.
#[derive(Debug)]
pub(super) struct Endpoint {
    rules: DefaultResolver,
    params: ParamsBuilder,
}

impl Endpoint {
    /// With what the configuration says, and with the URL that is chosen, if one is.
    pub(super) fn new(config: &SdkConfig, url: Option<String>) -> Self {
        let params = Params::builder()
            .set_region(config.region().map(ToString::to_string))
            .set_use_fips(config.use_fips())
            .set_use_dual_stack(config.use_dual_stack())
            .set_endpoint(url);
        Self {
            rules: DefaultResolver::new(),
            params,
        }
    }
}

impl ResolveEndpoint for Endpoint {
    fn resolve_endpoint<'a>(&'a self, _params: &'a EndpointResolverParams) -> EndpointFuture<'a> {
        EndpointFuture::new(async move {
            let params = self.params.clone().build()?;
            let found = self.rules.resolve_endpoint(&params).await?;
            if params.endpoint().is_some() {
                return Ok(found);
            }
            let url = found.url().replacen(BALANCING, EC2, 1);
            Ok(found.into_builder().url(url).build())
        })
    }
}

/// The URL that the environment or the profile chooses: `AWS_ENDPOINT_URL_EC2` before `AWS_ENDPOINT_URL`, as in every SDK.
pub(super) fn chosen(config: &SdkConfig) -> Option<String> {
    let for_all = config.endpoint_url().map(str::to_owned);
    if config.get_origin("endpoint_url").is_client_config() {
        return for_all;
    }
    let key = ServiceConfigKey::builder()
        .service_id("EC2")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()?;
    let own = config.service_config().and_then(|service| service.load_config(key));
    own.or(for_all)
}
