//! go-plugin's services besides the provider's own.

mod broker;
mod controller;
mod health;
mod stdio;

pub(crate) use broker::Broker;
pub(crate) use controller::Controller;
pub(crate) use health::Health;
pub(crate) use stdio::Stdio;

use std::pin::Pin;

use futures::{FutureExt, Stream, StreamExt};
use tokio_util::sync::CancellationToken;
use tonic::Status;

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// A stream without elements that ends when `shutdown` fires.
fn until<T: Send + 'static>(shutdown: &CancellationToken) -> Answers<T> {
    let ended = shutdown.clone().cancelled_owned().into_stream();
    Box::pin(ended.filter_map(|()| std::future::ready(None)))
}
