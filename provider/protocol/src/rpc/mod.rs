//! The calls of protocol 6.11, one file each, named as the call.
//!
//! A file holds one `run`: message in, message out, in terms of the framework's server. What is not offered (ephemeral
//! resources, listing, actions, state stores, functions) answers with a message or with nothing, as the protocol asks.

mod answer;
mod call;
mod lookup;

mod apply_resource_change;
mod call_function;
mod close_ephemeral_resource;
mod configure_provider;
mod configure_state_store;
mod delete_state;
mod generate_resource_config;
mod get_functions;
mod get_metadata;
mod get_provider_schema;
mod get_resource_identity_schemas;
mod get_states;
mod import_resource_state;
mod invoke_action;
mod list_resource;
mod lock_state;
mod move_resource_state;
mod open_ephemeral_resource;
mod plan_action;
mod plan_resource_change;
mod read_data_source;
mod read_resource;
mod read_state_bytes;
mod renew_ephemeral_resource;
mod stop_provider;
mod unlock_state;
mod upgrade_resource_identity;
mod upgrade_resource_state;
mod validate_action_config;
mod validate_data_resource_config;
mod validate_ephemeral_resource_config;
mod validate_list_resource_config;
mod validate_provider_config;
mod validate_resource_config;
mod validate_state_store_config;
mod write_state_bytes;

use std::marker::PhantomData;

use tfplugin_framework::Provider;
use tfplugin_proto::tfplugin6 as wire;
use tfplugin_proto::tfplugin6::provider_server::Provider as ProviderService;
use tonic::{Request, Response, Status, Streaming};

use answer::Events;
use call::{Subject, call};

/// The provider service. It holds nothing: every connection brings its session.
pub(crate) struct Calls<P>(PhantomData<fn() -> P>);

impl<P> Calls<P> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

type Answered<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl<P: Provider> ProviderService for Calls<P> {
    type ListResourceStream = Events<wire::list_resource::Event>;
    type InvokeActionStream = Events<wire::invoke_action::Event>;
    type ReadStateBytesStream = Events<wire::read_state_bytes::ResponseChunk>;

    async fn get_metadata(
        &self,
        request: Request<wire::get_metadata::Request>,
    ) -> Answered<wire::get_metadata::Response> {
        call("GetMetadata", Subject::Provider, request, get_metadata::run::<P>).await
    }

    async fn get_provider_schema(
        &self,
        request: Request<wire::get_provider_schema::Request>,
    ) -> Answered<wire::get_provider_schema::Response> {
        call(
            "GetProviderSchema",
            Subject::Provider,
            request,
            get_provider_schema::run::<P>,
        )
        .await
    }

    async fn get_resource_identity_schemas(
        &self,
        request: Request<wire::get_resource_identity_schemas::Request>,
    ) -> Answered<wire::get_resource_identity_schemas::Response> {
        call(
            "GetResourceIdentitySchemas",
            Subject::Provider,
            request,
            get_resource_identity_schemas::run::<P>,
        )
        .await
    }

    async fn validate_provider_config(
        &self,
        request: Request<wire::validate_provider_config::Request>,
    ) -> Answered<wire::validate_provider_config::Response> {
        call(
            "ValidateProviderConfig",
            Subject::Provider,
            request,
            validate_provider_config::run::<P>,
        )
        .await
    }

    async fn validate_resource_config(
        &self,
        request: Request<wire::validate_resource_config::Request>,
    ) -> Answered<wire::validate_resource_config::Response> {
        let name = request.get_ref().type_name.clone();
        call(
            "ValidateResourceConfig",
            Subject::Resource(&name),
            request,
            validate_resource_config::run::<P>,
        )
        .await
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<wire::validate_data_resource_config::Request>,
    ) -> Answered<wire::validate_data_resource_config::Response> {
        let name = request.get_ref().type_name.clone();
        call(
            "ValidateDataResourceConfig",
            Subject::DataSource(&name),
            request,
            validate_data_resource_config::run::<P>,
        )
        .await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<wire::upgrade_resource_state::Request>,
    ) -> Answered<wire::upgrade_resource_state::Response> {
        let name = request.get_ref().type_name.clone();
        call(
            "UpgradeResourceState",
            Subject::Resource(&name),
            request,
            upgrade_resource_state::run::<P>,
        )
        .await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<wire::upgrade_resource_identity::Request>,
    ) -> Answered<wire::upgrade_resource_identity::Response> {
        let name = request.get_ref().type_name.clone();
        call(
            "UpgradeResourceIdentity",
            Subject::Resource(&name),
            request,
            upgrade_resource_identity::run::<P>,
        )
        .await
    }

    async fn configure_provider(
        &self,
        request: Request<wire::configure_provider::Request>,
    ) -> Answered<wire::configure_provider::Response> {
        call(
            "ConfigureProvider",
            Subject::Provider,
            request,
            configure_provider::run::<P>,
        )
        .await
    }

    async fn stop_provider(
        &self,
        request: Request<wire::stop_provider::Request>,
    ) -> Answered<wire::stop_provider::Response> {
        call("StopProvider", Subject::Provider, request, stop_provider::run::<P>).await
    }

    async fn read_resource(
        &self,
        request: Request<wire::read_resource::Request>,
    ) -> Answered<wire::read_resource::Response> {
        let name = request.get_ref().type_name.clone();
        call(
            "ReadResource",
            Subject::Resource(&name),
            request,
            read_resource::run::<P>,
        )
        .await
    }

    async fn plan_resource_change(
        &self,
        request: Request<wire::plan_resource_change::Request>,
    ) -> Answered<wire::plan_resource_change::Response> {
        let name = request.get_ref().type_name.clone();
        call(
            "PlanResourceChange",
            Subject::Resource(&name),
            request,
            plan_resource_change::run::<P>,
        )
        .await
    }

    async fn apply_resource_change(
        &self,
        request: Request<wire::apply_resource_change::Request>,
    ) -> Answered<wire::apply_resource_change::Response> {
        let name = request.get_ref().type_name.clone();
        call(
            "ApplyResourceChange",
            Subject::Resource(&name),
            request,
            apply_resource_change::run::<P>,
        )
        .await
    }

    async fn import_resource_state(
        &self,
        request: Request<wire::import_resource_state::Request>,
    ) -> Answered<wire::import_resource_state::Response> {
        let name = request.get_ref().type_name.clone();
        call(
            "ImportResourceState",
            Subject::Resource(&name),
            request,
            import_resource_state::run::<P>,
        )
        .await
    }

    async fn move_resource_state(
        &self,
        request: Request<wire::move_resource_state::Request>,
    ) -> Answered<wire::move_resource_state::Response> {
        let name = request.get_ref().target_type_name.clone();
        call(
            "MoveResourceState",
            Subject::Resource(&name),
            request,
            move_resource_state::run::<P>,
        )
        .await
    }

    async fn generate_resource_config(
        &self,
        request: Request<wire::generate_resource_config::Request>,
    ) -> Answered<wire::generate_resource_config::Response> {
        let name = request.get_ref().type_name.clone();
        call(
            "GenerateResourceConfig",
            Subject::Resource(&name),
            request,
            generate_resource_config::run::<P>,
        )
        .await
    }

    async fn read_data_source(
        &self,
        request: Request<wire::read_data_source::Request>,
    ) -> Answered<wire::read_data_source::Response> {
        let name = request.get_ref().type_name.clone();
        call(
            "ReadDataSource",
            Subject::DataSource(&name),
            request,
            read_data_source::run::<P>,
        )
        .await
    }

    async fn validate_ephemeral_resource_config(
        &self,
        request: Request<wire::validate_ephemeral_resource_config::Request>,
    ) -> Answered<wire::validate_ephemeral_resource_config::Response> {
        let name = request.get_ref().type_name.clone();
        call(
            "ValidateEphemeralResourceConfig",
            Subject::Resource(&name),
            request,
            validate_ephemeral_resource_config::run::<P>,
        )
        .await
    }

    async fn open_ephemeral_resource(
        &self,
        request: Request<wire::open_ephemeral_resource::Request>,
    ) -> Answered<wire::open_ephemeral_resource::Response> {
        let name = request.get_ref().type_name.clone();
        call(
            "OpenEphemeralResource",
            Subject::Resource(&name),
            request,
            open_ephemeral_resource::run::<P>,
        )
        .await
    }

    async fn renew_ephemeral_resource(
        &self,
        request: Request<wire::renew_ephemeral_resource::Request>,
    ) -> Answered<wire::renew_ephemeral_resource::Response> {
        let name = request.get_ref().type_name.clone();
        call(
            "RenewEphemeralResource",
            Subject::Resource(&name),
            request,
            renew_ephemeral_resource::run::<P>,
        )
        .await
    }

    async fn close_ephemeral_resource(
        &self,
        request: Request<wire::close_ephemeral_resource::Request>,
    ) -> Answered<wire::close_ephemeral_resource::Response> {
        let name = request.get_ref().type_name.clone();
        call(
            "CloseEphemeralResource",
            Subject::Resource(&name),
            request,
            close_ephemeral_resource::run::<P>,
        )
        .await
    }

    async fn list_resource(
        &self,
        request: Request<wire::list_resource::Request>,
    ) -> Answered<Self::ListResourceStream> {
        let name = request.get_ref().type_name.clone();
        call(
            "ListResource",
            Subject::Resource(&name),
            request,
            list_resource::run::<P>,
        )
        .await
    }

    async fn validate_list_resource_config(
        &self,
        request: Request<wire::validate_list_resource_config::Request>,
    ) -> Answered<wire::validate_list_resource_config::Response> {
        let name = request.get_ref().type_name.clone();
        call(
            "ValidateListResourceConfig",
            Subject::Resource(&name),
            request,
            validate_list_resource_config::run::<P>,
        )
        .await
    }

    async fn get_functions(
        &self,
        request: Request<wire::get_functions::Request>,
    ) -> Answered<wire::get_functions::Response> {
        call("GetFunctions", Subject::Provider, request, get_functions::run::<P>).await
    }

    async fn call_function(
        &self,
        request: Request<wire::call_function::Request>,
    ) -> Answered<wire::call_function::Response> {
        call("CallFunction", Subject::Provider, request, call_function::run::<P>).await
    }

    async fn validate_action_config(
        &self,
        request: Request<wire::validate_action_config::Request>,
    ) -> Answered<wire::validate_action_config::Response> {
        let name = request.get_ref().action_type.clone();
        call(
            "ValidateActionConfig",
            Subject::Resource(&name),
            request,
            validate_action_config::run::<P>,
        )
        .await
    }

    async fn plan_action(&self, request: Request<wire::plan_action::Request>) -> Answered<wire::plan_action::Response> {
        let name = request.get_ref().action_type.clone();
        call("PlanAction", Subject::Resource(&name), request, plan_action::run::<P>).await
    }

    async fn invoke_action(
        &self,
        request: Request<wire::invoke_action::Request>,
    ) -> Answered<Self::InvokeActionStream> {
        let name = request.get_ref().action_type.clone();
        call(
            "InvokeAction",
            Subject::Resource(&name),
            request,
            invoke_action::run::<P>,
        )
        .await
    }

    async fn validate_state_store_config(
        &self,
        request: Request<wire::validate_state_store_config::Request>,
    ) -> Answered<wire::validate_state_store_config::Response> {
        let name = request.get_ref().type_name.clone();
        call(
            "ValidateStateStoreConfig",
            Subject::Resource(&name),
            request,
            validate_state_store_config::run::<P>,
        )
        .await
    }

    async fn configure_state_store(
        &self,
        request: Request<wire::configure_state_store::Request>,
    ) -> Answered<wire::configure_state_store::Response> {
        let name = request.get_ref().type_name.clone();
        call(
            "ConfigureStateStore",
            Subject::Resource(&name),
            request,
            configure_state_store::run::<P>,
        )
        .await
    }

    async fn read_state_bytes(
        &self,
        request: Request<wire::read_state_bytes::Request>,
    ) -> Answered<Self::ReadStateBytesStream> {
        let name = request.get_ref().type_name.clone();
        call(
            "ReadStateBytes",
            Subject::Resource(&name),
            request,
            read_state_bytes::run::<P>,
        )
        .await
    }

    async fn write_state_bytes(
        &self,
        request: Request<Streaming<wire::write_state_bytes::RequestChunk>>,
    ) -> Answered<wire::write_state_bytes::Response> {
        call(
            "WriteStateBytes",
            Subject::Provider,
            request,
            write_state_bytes::run::<P>,
        )
        .await
    }

    async fn lock_state(&self, request: Request<wire::lock_state::Request>) -> Answered<wire::lock_state::Response> {
        let name = request.get_ref().type_name.clone();
        call("LockState", Subject::Resource(&name), request, lock_state::run::<P>).await
    }

    async fn unlock_state(
        &self,
        request: Request<wire::unlock_state::Request>,
    ) -> Answered<wire::unlock_state::Response> {
        let name = request.get_ref().type_name.clone();
        call("UnlockState", Subject::Resource(&name), request, unlock_state::run::<P>).await
    }

    async fn get_states(&self, request: Request<wire::get_states::Request>) -> Answered<wire::get_states::Response> {
        let name = request.get_ref().type_name.clone();
        call("GetStates", Subject::Resource(&name), request, get_states::run::<P>).await
    }

    async fn delete_state(
        &self,
        request: Request<wire::delete_state::Request>,
    ) -> Answered<wire::delete_state::Response> {
        let name = request.get_ref().type_name.clone();
        call("DeleteState", Subject::Resource(&name), request, delete_state::run::<P>).await
    }
}
