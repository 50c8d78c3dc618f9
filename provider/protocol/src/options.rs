//! What the caller says of a provider.

/// What is known about a provider before any call.
#[derive(Clone, Debug)]
pub struct Options {
    address: String,
}

impl Options {
    /// `address` is the provider's address in registries: `registry.terraform.io/example/example`. Used for `--debug`.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
        }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn name(&self) -> &str {
        self.address.rsplit('/').next().unwrap_or_default()
    }
}
