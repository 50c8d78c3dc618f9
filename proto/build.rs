//! Compiles the protocol files; needs no `protoc`.

use std::error::Error;
use std::path::PathBuf;

use protox::prost::Message;

const FILES: [&str; 5] = [
    "tfplugin6.proto",
    "plugin/broker.proto",
    "plugin/controller.proto",
    "plugin/health.proto",
    "plugin/stdio.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    for file in FILES {
        // Cargo reads build-script lines from stdout.
        std::io::Write::write_all(
            &mut std::io::stdout(),
            format!("cargo::rerun-if-changed={file}\n").as_bytes(),
        )?;
    }
    let descriptors = protox::compile(FILES, ["."])?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    std::fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure()
        .bytes(".")
        .build_transport(false)
        .emit_rerun_if_changed(false)
        .compile_fds(descriptors)?;
    Ok(())
}
