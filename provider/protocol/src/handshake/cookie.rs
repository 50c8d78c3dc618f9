//! The magic cookie: proof that a host, and not a person, started the process. It is not a secret.

/// The variable that every host sets.
pub(crate) const COOKIE_NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";

/// What every host sets it to.
pub(crate) const COOKIE_VALUE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// The message to a person who starts the provider.
pub(crate) const EXPLANATION: &str = "This is a Terraform provider. It is not meant to be run by hand: \
Terraform, OpenTofu and Pulumi start it.\nTo keep it running for a debugger, run it with --debug.\n";

/// True if a host started this process.
pub(crate) fn is_host() -> bool {
    std::env::var(COOKIE_NAME).is_ok_and(|value| value == COOKIE_VALUE)
}
