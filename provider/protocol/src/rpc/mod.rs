//! The calls of protocol 6.11, one file each, named after the call.
//!
//! A file holds one `run`: message in, message out, in terms of the framework's server. What is not offered (ephemeral
//! resources, listing, actions, state stores, functions) answers with a message or with nothing, as the protocol requires.

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

/// The provider service. It has no state: every connection brings its session.
pub(crate) struct Calls<P>(PhantomData<fn() -> P>);

impl<P> Calls<P> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

type Answered<T> = Result<Response<T>, Status>;

/// Implements the service: one line per call, with what it is about and where its request says so.
macro_rules! calls {
    (
        answers { $($rpc:ident $method:ident, about $subject:ident $(($name:ident))?;)* }
        streams { $($srpc:ident $smethod:ident -> $stream:ident of $event:ident, about $ssubject:ident ($sname:ident);)* }
    ) => {
        #[tonic::async_trait]
        impl<P: Provider> ProviderService for Calls<P> {
            $(type $stream = Events<wire::$smethod::$event>;)*

            $(async fn $method(&self, request: Request<wire::$method::Request>) -> Answered<wire::$method::Response> {
                call(stringify!($rpc), Subject::$subject $((&request.get_ref().$name.clone()))?, request, $method::run::<P>).await
            })*

            $(async fn $smethod(&self, request: Request<wire::$smethod::Request>) -> Answered<Self::$stream> {
                call(stringify!($srpc), Subject::$ssubject(&request.get_ref().$sname.clone()), request, $smethod::run::<P>).await
            })*

            async fn write_state_bytes(
                &self,
                request: Request<Streaming<wire::write_state_bytes::RequestChunk>>,
            ) -> Answered<wire::write_state_bytes::Response> {
                call("WriteStateBytes", Subject::Provider, request, write_state_bytes::run::<P>).await
            }
        }
    };
}

calls! {
    answers {
        GetMetadata get_metadata, about Provider;
        GetProviderSchema get_provider_schema, about Provider;
        GetResourceIdentitySchemas get_resource_identity_schemas, about Provider;
        ValidateProviderConfig validate_provider_config, about Provider;
        ValidateResourceConfig validate_resource_config, about Resource(type_name);
        ValidateDataResourceConfig validate_data_resource_config, about DataSource(type_name);
        UpgradeResourceState upgrade_resource_state, about Resource(type_name);
        UpgradeResourceIdentity upgrade_resource_identity, about Resource(type_name);
        ConfigureProvider configure_provider, about Provider;
        StopProvider stop_provider, about Provider;
        ReadResource read_resource, about Resource(type_name);
        PlanResourceChange plan_resource_change, about Resource(type_name);
        ApplyResourceChange apply_resource_change, about Resource(type_name);
        ImportResourceState import_resource_state, about Resource(type_name);
        MoveResourceState move_resource_state, about Resource(target_type_name);
        GenerateResourceConfig generate_resource_config, about Resource(type_name);
        ReadDataSource read_data_source, about DataSource(type_name);
        ValidateEphemeralResourceConfig validate_ephemeral_resource_config, about Resource(type_name);
        OpenEphemeralResource open_ephemeral_resource, about Resource(type_name);
        RenewEphemeralResource renew_ephemeral_resource, about Resource(type_name);
        CloseEphemeralResource close_ephemeral_resource, about Resource(type_name);
        ValidateListResourceConfig validate_list_resource_config, about Resource(type_name);
        GetFunctions get_functions, about Provider;
        CallFunction call_function, about Provider;
        ValidateActionConfig validate_action_config, about Resource(action_type);
        PlanAction plan_action, about Resource(action_type);
        ValidateStateStoreConfig validate_state_store_config, about Resource(type_name);
        ConfigureStateStore configure_state_store, about Resource(type_name);
        LockState lock_state, about Resource(type_name);
        UnlockState unlock_state, about Resource(type_name);
        GetStates get_states, about Resource(type_name);
        DeleteState delete_state, about Resource(type_name);
    }
    streams {
        ListResource list_resource -> ListResourceStream of Event, about Resource(type_name);
        InvokeAction invoke_action -> InvokeActionStream of Event, about Resource(action_type);
        ReadStateBytes read_state_bytes -> ReadStateBytesStream of ResponseChunk, about Resource(type_name);
    }
}
