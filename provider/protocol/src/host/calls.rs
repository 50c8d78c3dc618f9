//! Calls in terms of values.

use std::collections::BTreeMap;

use bytes::Bytes;
use tfplugin_framework::{Type, Value};
use tfplugin_proto::tfplugin6 as wire;
use tfplugin_proto::tfplugin6::provider_client::ProviderClient;
use tonic::transport::Channel;

use super::answers::value;
use super::types::value_type;
use super::{Applied, HostError, Imported, Planned};
use crate::codec::encode;
use crate::transport::MESSAGE_LIMIT;

/// A provider that can be called.
#[derive(Clone)]
pub struct Provider {
    client: ProviderClient<Channel>,
    schema: wire::get_provider_schema::Response,
    provider: Type,
    resources: BTreeMap<String, Type>,
    data_sources: BTreeMap<String, Type>,
}

/// What is planned. Null `prior` is a create, null `proposed` a destroy.
#[derive(Clone, Debug)]
pub struct PlanRequest {
    /// The prior state.
    pub prior: Value,
    /// The host's merge of prior state and configuration.
    pub proposed: Value,
    /// The configuration.
    pub config: Value,
    /// The private bytes of the prior state.
    pub private: Bytes,
}

/// What is applied.
#[derive(Clone, Debug)]
pub struct ApplyRequest {
    /// The prior state.
    pub prior: Value,
    /// What was planned.
    pub planned: Value,
    /// The configuration.
    pub config: Value,
    /// What the plan returned.
    pub private: Bytes,
}

impl Provider {
    /// The provider behind `channel`; reads its schemas.
    pub(super) async fn over(channel: Channel) -> Result<Self, HostError> {
        let mut client = ProviderClient::new(channel)
            .max_decoding_message_size(MESSAGE_LIMIT)
            .max_encoding_message_size(MESSAGE_LIMIT);
        let schema = client
            .get_provider_schema(wire::get_provider_schema::Request {})
            .await?
            .into_inner();
        let types = |schemas: &std::collections::HashMap<String, wire::Schema>| {
            schemas
                .iter()
                .map(|(name, one)| Ok((name.clone(), value_type(Some(one))?)))
                .collect::<Result<_, HostError>>()
        };
        Ok(Self {
            provider: value_type(schema.provider.as_ref())?,
            resources: types(&schema.resource_schemas)?,
            data_sources: types(&schema.data_source_schemas)?,
            client,
            schema,
        })
    }

    /// The generated client, for calls that have no method here.
    #[must_use]
    pub fn client(&self) -> ProviderClient<Channel> {
        self.client.clone()
    }

    /// All schemas.
    #[must_use]
    pub fn schema(&self) -> &wire::get_provider_schema::Response {
        &self.schema
    }

    /// The type of a resource's values.
    ///
    /// # Errors
    /// There is no such resource.
    pub fn resource_type(&self, name: &str) -> Result<&Type, HostError> {
        self.resources
            .get(name)
            .ok_or_else(|| HostError::Answer(format!("no resource `{name}`")))
    }

    /// `ConfigureProvider`, with every attribute that `config` lacks as null.
    ///
    /// # Errors
    /// See [`HostError`].
    pub async fn configure(&self, config: &Value) -> Result<Vec<wire::Diagnostic>, HostError> {
        let config = Some(request_value(config, &self.provider)?);
        let request = wire::configure_provider::Request {
            terraform_version: "1.11.4".to_owned(),
            config,
            client_capabilities: None,
        };
        Ok(self
            .client()
            .configure_provider(request)
            .await?
            .into_inner()
            .diagnostics)
    }

    /// `ValidateResourceConfig`.
    ///
    /// # Errors
    /// See [`HostError`].
    pub async fn validate(&self, name: &str, config: &Value) -> Result<Vec<wire::Diagnostic>, HostError> {
        let config = Some(request_value(config, self.resource_type(name)?)?);
        let request = wire::validate_resource_config::Request {
            type_name: name.to_owned(),
            config,
            client_capabilities: None,
        };
        Ok(self
            .client()
            .validate_resource_config(request)
            .await?
            .into_inner()
            .diagnostics)
    }

    /// `PlanResourceChange`.
    ///
    /// # Errors
    /// See [`HostError`].
    pub async fn plan(&self, name: &str, plan: PlanRequest) -> Result<Planned, HostError> {
        let ty = self.resource_type(name)?;
        let request = wire::plan_resource_change::Request {
            type_name: name.to_owned(),
            prior_state: Some(request_value(&plan.prior, ty)?),
            proposed_new_state: Some(request_value(&plan.proposed, ty)?),
            config: Some(request_value(&plan.config, ty)?),
            prior_private: plan.private,
            ..Default::default()
        };
        let answer = self.client().plan_resource_change(request).await?.into_inner();
        Ok(Planned {
            state: value(answer.planned_state, ty)?,
            private: answer.planned_private,
            replace: answer.requires_replace,
            diagnostics: answer.diagnostics,
        })
    }

    /// `ApplyResourceChange`.
    ///
    /// # Errors
    /// See [`HostError`].
    pub async fn apply(&self, name: &str, apply: ApplyRequest) -> Result<Applied, HostError> {
        let ty = self.resource_type(name)?;
        let request = wire::apply_resource_change::Request {
            type_name: name.to_owned(),
            prior_state: Some(request_value(&apply.prior, ty)?),
            planned_state: Some(request_value(&apply.planned, ty)?),
            config: Some(request_value(&apply.config, ty)?),
            planned_private: apply.private,
            ..Default::default()
        };
        let answer = self.client().apply_resource_change(request).await?.into_inner();
        Ok(Applied {
            state: value(answer.new_state, ty)?,
            private: answer.private,
            diagnostics: answer.diagnostics,
        })
    }

    /// `ReadResource`.
    ///
    /// # Errors
    /// See [`HostError`].
    pub async fn read(&self, name: &str, state: &Value, private: Bytes) -> Result<Applied, HostError> {
        let ty = self.resource_type(name)?;
        let request = wire::read_resource::Request {
            type_name: name.to_owned(),
            current_state: Some(request_value(state, ty)?),
            private,
            ..Default::default()
        };
        let answer = self.client().read_resource(request).await?.into_inner();
        Ok(Applied {
            state: value(answer.new_state, ty)?,
            private: answer.private,
            diagnostics: answer.diagnostics,
        })
    }

    /// `ImportResourceState`.
    ///
    /// # Errors
    /// See [`HostError`].
    pub async fn import(&self, name: &str, id: &str) -> Result<Imported, HostError> {
        let ty = self.resource_type(name)?;
        let request = wire::import_resource_state::Request {
            type_name: name.to_owned(),
            id: id.to_owned(),
            ..Default::default()
        };
        let mut answer = self.client().import_resource_state(request).await?.into_inner();
        if answer.imported_resources.len() > 1 {
            return Err(HostError::Answer("more than one object was imported".to_owned()));
        }
        let found = match answer.imported_resources.pop() {
            Some(found) => Some((value(found.state, ty)?, found.private)),
            None => None,
        };
        Ok(Imported {
            found,
            diagnostics: answer.diagnostics,
        })
    }

    /// `UpgradeResourceState`: stored JSON, written at schema `version`.
    ///
    /// # Errors
    /// See [`HostError`].
    pub async fn upgrade(
        &self,
        name: &str,
        version: i64,
        json: &str,
    ) -> Result<(Value, Vec<wire::Diagnostic>), HostError> {
        let request = wire::upgrade_resource_state::Request {
            type_name: name.to_owned(),
            version,
            raw_state: Some(wire::RawState {
                json: json.to_owned().into(),
                ..Default::default()
            }),
        };
        let answer = self.client().upgrade_resource_state(request).await?.into_inner();
        Ok((
            value(answer.upgraded_state, self.resource_type(name)?)?,
            answer.diagnostics,
        ))
    }

    /// `ReadDataSource`.
    ///
    /// # Errors
    /// See [`HostError`].
    pub async fn read_data(&self, name: &str, config: &Value) -> Result<(Value, Vec<wire::Diagnostic>), HostError> {
        let ty = self
            .data_sources
            .get(name)
            .ok_or_else(|| HostError::Answer(format!("no data source `{name}`")))?;
        let config = Some(request_value(config, ty)?);
        let request = wire::read_data_source::Request {
            type_name: name.to_owned(),
            config,
            ..Default::default()
        };
        let answer = self.client().read_data_source(request).await?.into_inner();
        Ok((value(answer.state, ty)?, answer.diagnostics))
    }

    /// `StopProvider`.
    ///
    /// # Errors
    /// See [`HostError`], and what the provider says.
    pub async fn stop(&self) -> Result<(), HostError> {
        let error = self
            .client()
            .stop_provider(wire::stop_provider::Request {})
            .await?
            .into_inner()
            .error;
        if error.is_empty() {
            Ok(())
        } else {
            Err(HostError::Answer(error))
        }
    }
}

fn request_value(value: &Value, ty: &Type) -> Result<wire::DynamicValue, HostError> {
    let msgpack = encode(value, ty).map_err(|error| HostError::Answer(format!("a request's value: {error}")))?;
    Ok(wire::DynamicValue {
        msgpack: msgpack.into(),
        ..Default::default()
    })
}
