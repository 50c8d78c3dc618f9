//! The wire messages of Terraform's plugin protocol and of go-plugin, generated at build time from the `.proto` files here.
//!
//! Bytes fields are [`bytes::Bytes`]: a value is sliced out of the message that it arrived in, not copied.

/// `tfplugin6`: the provider protocol, major version 6.
#[expect(missing_docs, reason = "generated; the .proto file documents it")]
#[allow(clippy::all, reason = "generated")]
pub mod tfplugin6 {
    tonic::include_proto!("tfplugin6");
}

/// `plugin`: go-plugin's own services.
#[expect(missing_docs, reason = "generated; the .proto files document it")]
#[allow(clippy::all, reason = "generated")]
pub mod plugin {
    tonic::include_proto!("plugin");
}

/// `grpc.health.v1`: the health service.
#[expect(missing_docs, reason = "generated; the .proto file documents it")]
#[allow(clippy::all, reason = "generated")]
pub mod health {
    tonic::include_proto!("grpc.health.v1");
}

/// The encoded `google.protobuf.FileDescriptorSet` of all files.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
