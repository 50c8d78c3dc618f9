//! A call of EC2 and its answer, page by page.
//!
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html>.

use std::fmt::Debug;

use aws_config::BehaviorVersion;
use aws_runtime::auth::{SigV4OperationSigningConfig, sigv4};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::service_clock_skew::{ServiceClockSkewClassifier, ServiceClockSkewInterceptor};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::endpoint::EndpointResolverParams;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use e2etls_engine::refusal::{Answer, Refusal};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::endpoint::{Endpoint, chosen};
use super::xml::{self, Listed, Page};
use crate::aws::{Aws, Effect, bounds, refused};

/// The version of the API.
const VERSION: &str = "2016-11-15";
/// Objects in a page: the most that the API allows.
const PAGE: &str = "1000";
/// What a form spells in another way.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) vpc: String,
    /// Where the last page ended.
    pub(super) after: Option<String>,
}

/// Lists what a VPC has of one kind.
#[derive(Clone)]
pub(super) struct Call<T> {
    operation: Operation<Ask, Page<T>, ErrorMetadata>,
}

impl<T: Listed> Call<T> {
    pub(super) fn new(aws: &Aws) -> Self {
        let operation = Operation::builder()
            .service_name("EC2")
            .operation_name(T::ACTION)
            .behavior_version(aws.config.behavior_version().unwrap_or_else(BehaviorVersion::latest))
            .runtime_plugin(runtime(aws))
            .with_connection_poisoning()
            .serializer(|ask: Ask| request::<T>(&ask))
            .deserializer(read::<T>)
            .build();
        Self { operation }
    }

    /// All pages.
    pub(super) async fn all(&self, vpc: &str) -> Result<Vec<T>, Refusal> {
        let operation = format!("ec2:{}", T::ACTION);
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let ask = Ask {
                vpc: vpc.to_owned(),
                after: after.clone(),
            };
            let page = self.operation.invoke(ask).await;
            let page = page.map_err(|error| refused(&operation, vpc, Effect::Read, &error))?;
            found.extend(page.items);
            match page.next {
                None => return Ok(found),
                next if next == after => {
                    let words = "the pages of the answer do not end";
                    return Err(Refusal::new(Answer::Throttled, operation, vpc, words));
                }
                next => after = next,
            }
        }
    }
}

/// What an SDK's client of EC2 would be made of.
fn runtime(aws: &Aws) -> StaticRuntimePlugin {
    let config = &aws.config;
    let mut layer = Layer::new("EC2");
    layer
        .store_put(ApiMetadata::new("ec2", env!("CARGO_PKG_VERSION")))
        .store_put(AuthSchemeOptionResolverParams::new(()))
        .store_put(EndpointResolverParams::new(()))
        .store_put(SigningName::from_static("ec2"))
        .store_put(SigV4OperationSigningConfig::default())
        .store_put(bounds(Effect::Read))
        .store_or_unset(config.region().cloned().map(SigningRegion::from))
        .store_or_unset(config.app_name().cloned());
    if let Some(retry) = config.retry_config() {
        layer.store_put(retry.clone());
    }
    if let Some(protection) = config.stalled_stream_protection() {
        layer.store_put(protection);
    }
    StaticRuntimePlugin::new()
        .with_config(layer.freeze())
        .with_runtime_components(components(aws))
}

fn components(aws: &Aws) -> RuntimeComponentsBuilder {
    let config = &aws.config;
    let url = aws.endpoints.get("ec2").cloned().or_else(|| chosen(config));
    let mut components = RuntimeComponentsBuilder::new("EC2")
        .with_http_client(config.http_client())
        .with_time_source(config.time_source())
        .with_sleep_impl(config.sleep_impl())
        .with_endpoint_resolver(Some(Endpoint::new(config, url)))
        .with_auth_scheme(sigv4::SigV4AuthScheme::new())
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![sigv4::SCHEME_ID])))
        .with_interceptor(SharedInterceptor::new(ServiceClockSkewInterceptor::new()))
        .with_interceptor(SharedInterceptor::new(RequestInfoInterceptor::new()))
        .with_interceptor(SharedInterceptor::new(UserAgentInterceptor::new()))
        .with_interceptor(SharedInterceptor::new(InvocationIdInterceptor::new()))
        .with_retry_classifier(HttpStatusCodeClassifier::default())
        .with_retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
        .with_retry_classifier(AwsErrorCodeClassifier::<ErrorMetadata>::new())
        .with_retry_classifier(ServiceClockSkewClassifier::<ErrorMetadata>::new());
    if let Some(cache) = config.identity_cache() {
        components.set_identity_cache(Some(cache));
    }
    if let Some(credentials) = config.credentials_provider() {
        components.set_identity_resolver(sigv4::SCHEME_ID, credentials);
    }
    components
}

fn request<T: Listed>(ask: &Ask) -> Result<HttpRequest, BoxError> {
    let body = form::<T>(ask);
    let length = body.len().to_string();
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST")?;
    request.set_uri("/")?;
    let headers = request.headers_mut();
    headers.insert("content-type", "application/x-www-form-urlencoded");
    headers.insert("content-length", length);
    Ok(request)
}

/// The form of a request.
pub(super) fn form<T: Listed>(ask: &Ask) -> String {
    let mut form = format!("Action={}&Version={VERSION}", T::ACTION);
    let fields = [
        ("Filter.1.Name", "vpc-id"),
        ("Filter.1.Value.1", ask.vpc.as_str()),
        ("MaxResults", PAGE),
    ];
    let after = ask.after.as_deref().map(|token| ("NextToken", token));
    for (name, value) in fields.into_iter().chain(T::MORE.iter().copied()).chain(after) {
        form.push_str(&format!("&{name}={}", utf8_percent_encode(value, RESERVED)));
    }
    form
}

fn read<T: Listed>(answer: &HttpResponse) -> Result<Page<T>, OrchestratorError<ErrorMetadata>> {
    let body = answer.body().bytes().unwrap_or_default();
    if answer.status().is_success() {
        return xml::page(body).map_err(|why| OrchestratorError::response(why.into()));
    }
    Err(OrchestratorError::operation(xml::error(body)))
}
