//! The demo: what the provider promises, shown on the lab in about two minutes. It fails at the first thing that is not so.

use std::process::ExitCode;

#[path = "../demo/mod.rs"]
mod demo;

const USAGE: &str = "cargo demo            show what the provider does, on a lab of its own
cargo demo --keep     stop once TLS is served, and leave everything running until Ctrl-C";

#[tokio::main]
async fn main() -> ExitCode {
    // The alias ends the options of cargo already: another `--` is a habit.
    let args: Vec<String> = std::env::args().skip(1).skip_while(|arg| arg == "--").collect();
    let keep = match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => false,
        ["--keep"] => true,
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    // A task of its own, so that a panic of the driver ends like any other failure.
    let why = match tokio::spawn(demo::run(keep)).await {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        Ok(Err(error)) => error.to_string(),
        Err(panic) => panic.to_string(),
    };
    eprintln!("\nThe demo FAILED, this is not as promised: {why}");
    ExitCode::FAILURE
}
