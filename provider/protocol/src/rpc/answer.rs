//! Answers to calls that failed.

use std::pin::Pin;

use futures::{Stream, stream};
use tfplugin_proto::tfplugin6 as wire;
use tfplugin_proto::tfplugin6::Diagnostic;
use tonic::Status;

/// An answer that can report what went wrong.
pub(super) trait Answer: Sized + Send + 'static {
    /// The answer that contains only messages.
    fn failed(diagnostics: Vec<Diagnostic>) -> Self;
}

macro_rules! answers {
    ($($message:ident),* $(,)?) => {
        $(#[allow(clippy::needless_update, reason = "some answers are messages and nothing else")]
        impl Answer for wire::$message::Response {
            fn failed(diagnostics: Vec<Diagnostic>) -> Self {
                Self { diagnostics, ..Default::default() }
            }
        })*
    };
}

answers!(
    apply_resource_change,
    close_ephemeral_resource,
    configure_provider,
    configure_state_store,
    delete_state,
    generate_resource_config,
    get_functions,
    get_metadata,
    get_provider_schema,
    get_resource_identity_schemas,
    get_states,
    import_resource_state,
    lock_state,
    move_resource_state,
    open_ephemeral_resource,
    plan_action,
    plan_resource_change,
    read_data_source,
    read_resource,
    renew_ephemeral_resource,
    unlock_state,
    upgrade_resource_identity,
    upgrade_resource_state,
    validate_action_config,
    validate_data_resource_config,
    validate_ephemeral_resource_config,
    validate_list_resource_config,
    validate_provider_config,
    validate_resource_config,
    validate_state_store_config,
    write_state_bytes,
);

impl Answer for wire::call_function::Response {
    fn failed(diagnostics: Vec<Diagnostic>) -> Self {
        let error = wire::FunctionError {
            text: sentence(diagnostics),
            function_argument: None,
        };
        Self {
            result: None,
            error: Some(error),
        }
    }
}

impl Answer for wire::stop_provider::Response {
    fn failed(diagnostics: Vec<Diagnostic>) -> Self {
        Self {
            error: sentence(diagnostics),
        }
    }
}

fn sentence(diagnostics: Vec<Diagnostic>) -> String {
    let told: Vec<_> = diagnostics
        .into_iter()
        .map(|told| format!("{}: {}", told.summary, told.detail))
        .collect();
    told.join("\n")
}

/// The events of a streaming call.
pub(super) type Events<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Answer for Events<wire::list_resource::Event> {
    fn failed(diagnostic: Vec<Diagnostic>) -> Self {
        only(wire::list_resource::Event {
            diagnostic,
            ..Default::default()
        })
    }
}

impl Answer for Events<wire::invoke_action::Event> {
    fn failed(diagnostics: Vec<Diagnostic>) -> Self {
        // Hosts panic on an event that is neither progress nor completion.
        use wire::invoke_action::event::{Completed, Type};
        only(wire::invoke_action::Event {
            r#type: Some(Type::Completed(Completed { diagnostics })),
        })
    }
}

impl Answer for Events<wire::read_state_bytes::ResponseChunk> {
    fn failed(diagnostics: Vec<Diagnostic>) -> Self {
        only(wire::read_state_bytes::ResponseChunk {
            diagnostics,
            ..Default::default()
        })
    }
}

fn only<T: Send + 'static>(event: T) -> Events<T> {
    Box::pin(stream::iter([Ok(event)]))
}
