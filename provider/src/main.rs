//! The binary: a Terraform provider, and the subcommands `report` and `leftovers`.

use std::io::Write as _;
use std::process::ExitCode;

use e2etls_resources::provider::E2etls;
use e2etls_resources::provider::{leftovers, report};
use tfplugin_protocol::Options;

const USAGE: &str = "\
End-to-end TLS on EKS: a provider for Terraform, OpenTofu and Pulumi, which start it by themselves.

Usage: terraform-provider-e2etls [COMMAND]
  report       show what is encrypted on the way to applications in clusters; see report --help
  leftovers    list, and with --delete delete, what interrupted creates left behind; see leftovers --help
  --debug      keep running for a debugger, and print how to attach a host
  --help       print this
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("report") => return report::main(arguments),
        Some("leftovers") => return leftovers::main(arguments),
        Some("--help" | "-h" | "help") => {
            // A reader that is gone needs no help.
            let _ = std::io::stdout().write_all(USAGE.as_bytes());
            return ExitCode::SUCCESS;
        }
        _ => {}
    }
    tfplugin_protocol::main(|| E2etls, &Options::new("registry.terraform.io/e2etls/e2etls"))
}
