//! Our `tfplugin6.proto` against the one that HashiCorp publishes: every message, field, enum and method.

#![expect(clippy::unwrap_used, reason = "what tests share are tests too")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use protox::prost::Message;
use protox::prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
};

const REFERENCE: &str = "github.com/hashicorp/terraform-plugin-go@v0.31.0";

/// What newer hosts have and the reference lacks.
const OURS_ALONE: [&str; 4] = [
    "field tfplugin6.ClientCapabilities.computed_blocks_allowed",
    "field tfplugin6.ClientCapabilities.store_planned_private",
    "field tfplugin6.PlanResourceChange.Request.planned_private",
    "field tfplugin6.Schema.Block.computed",
];

#[test]
fn differs_from_the_reference_in_four_fields() {
    let ours = facts(&our_file());
    let reference = facts(&reference_file());
    assert!(
        reference.len() > 400,
        "the reference was not read: {} facts",
        reference.len()
    );

    let missing: Vec<_> = reference
        .iter()
        .filter(|(name, fact)| ours.get(*name) != Some(fact))
        .collect();
    assert!(missing.is_empty(), "missing or different here: {missing:#?}");

    let extra: Vec<_> = ours
        .keys()
        .filter(|name| !reference.contains_key(*name))
        .map(String::as_str)
        .collect();
    assert_eq!(extra, OURS_ALONE);
}

#[test]
fn the_four_fields_have_their_numbers() {
    let ours = facts(&our_file());
    let numbers: Vec<_> = OURS_ALONE.iter().map(|name| ours[*name].as_str()).collect();
    assert_eq!(
        numbers,
        [
            "4 Bool Optional  oneof=false proto3_optional=false",
            "3 Bool Optional  oneof=false proto3_optional=false",
            "9 Bytes Optional  oneof=false proto3_optional=false",
            "8 Bool Optional  oneof=false proto3_optional=false",
        ]
    );
}

fn our_file() -> FileDescriptorProto {
    let set = FileDescriptorSet::decode(tfplugin_proto::FILE_DESCRIPTOR_SET).unwrap();
    set.file.into_iter().find(|file| file.package() == "tfplugin6").unwrap()
}

fn reference_file() -> FileDescriptorProto {
    let folder = reference_module().join("tfprotov6/internal/tfplugin6");
    let set = protox::compile(["tfplugin6.proto"], [folder]).unwrap();
    set.file.into_iter().find(|file| file.package() == "tfplugin6").unwrap()
}

/// The folder of the Go module, downloaded by `go` on first use.
fn reference_module() -> PathBuf {
    let output = Command::new("go")
        .args(["mod", "download", "-json", REFERENCE])
        .current_dir(std::env::temp_dir())
        .output()
        .expect("this test downloads the reference with `go`, which must be on PATH");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "`go mod download {REFERENCE}`: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    PathBuf::from(
        answer["Dir"]
            .as_str()
            .expect("the answer of `go mod download` names the folder"),
    )
}

/// One line per message, field, enum value and method, by kind and full name.
fn facts(file: &FileDescriptorProto) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    for message in &file.message_type {
        describe_message(file.package(), message, &mut facts);
    }
    for item in &file.enum_type {
        describe_enum(file.package(), item, &mut facts);
    }
    for service in &file.service {
        for method in &service.method {
            let fact = format!(
                "{} -> {} streams={}/{}",
                method.input_type(),
                method.output_type(),
                method.client_streaming(),
                method.server_streaming()
            );
            facts.insert(
                format!("method {}.{}.{}", file.package(), service.name(), method.name()),
                fact,
            );
        }
    }
    facts
}

fn describe_message(scope: &str, message: &DescriptorProto, facts: &mut BTreeMap<String, String>) {
    let name = format!("{scope}.{}", message.name());
    facts.insert(format!("message {name}"), String::new());
    for field in &message.field {
        facts.insert(format!("field {name}.{}", field.name()), describe_field(field));
    }
    for oneof in &message.oneof_decl {
        facts.insert(format!("oneof {name}.{}", oneof.name()), String::new());
    }
    for nested in &message.nested_type {
        describe_message(&name, nested, facts);
    }
    for nested in &message.enum_type {
        describe_enum(&name, nested, facts);
    }
}

fn describe_field(field: &FieldDescriptorProto) -> String {
    format!(
        "{} {:?} {:?} {} oneof={} proto3_optional={}",
        field.number(),
        field.r#type(),
        field.label(),
        field.type_name(),
        field.oneof_index.is_some(),
        field.proto3_optional(),
    )
}

fn describe_enum(scope: &str, item: &EnumDescriptorProto, facts: &mut BTreeMap<String, String>) {
    let name = format!("{scope}.{}", item.name());
    for value in &item.value {
        facts.insert(format!("value {name}.{}", value.name()), value.number().to_string());
    }
}
