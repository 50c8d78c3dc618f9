//! The binary: a Terraform provider, and the subcommand `leftovers`.

use std::process::ExitCode;

use e2etls_resources::provider::E2etls;
use e2etls_resources::provider::leftovers;
use tfplugin_protocol::Options;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("leftovers") {
        return leftovers::main(arguments);
    }
    tfplugin_protocol::main(|| E2etls, &Options::new("registry.terraform.io/e2etls/e2etls"))
}
