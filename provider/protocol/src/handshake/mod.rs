//! What host and provider exchange before any gRPC: environment variables in, one line on stdout out.

mod cookie;
mod line;

#[cfg(feature = "host")]
pub(crate) use cookie::{COOKIE_NAME, COOKIE_VALUE};
pub(crate) use cookie::{EXPLANATION, is_host};
pub(crate) use line::{Line, PROTOCOL, announced_version};
