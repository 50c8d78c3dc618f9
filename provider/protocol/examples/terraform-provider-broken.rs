//! A provider that fails: what hosts show then.
//!
//! With `BROKEN_START` set it panics before it serves anything, which ends the process. Its resource panics in every
//! hook, which is a diagnostic and ends nothing.

use std::process::ExitCode;

use async_trait::async_trait;
use tfplugin_framework::schema::Schema;
use tfplugin_framework::{
    Applied, Attr, Config, Context, Create, Delete, Diagnostics, Model, Provider, Read, Registry, Resource, Update,
};

struct Broken;

#[derive(Clone, Debug, Model)]
struct Settings {
    /// Panics when it is `configure`.
    #[tf(optional)]
    panic: Attr<String>,
}

impl Provider for Broken {
    type Config = Settings;
    type Session = ();

    fn name(&self) -> &'static str {
        "broken"
    }

    fn schema(&self) -> Schema {
        assert!(std::env::var_os("BROKEN_SCHEMA").is_none(), "no schema today");
        Settings::schema("Fails.")
    }

    fn configure(&self, config: Config<Settings>) -> Result<(), Diagnostics> {
        assert_ne!(config.panic.as_str(), Some("configure"), "no configuration today");
        Ok(())
    }

    fn registry(&self) -> Registry<()> {
        assert!(std::env::var_os("BROKEN_START").is_none(), "no start today");
        Registry::new().resource(Thing)
    }
}

struct Thing;

#[derive(Clone, Debug, Model)]
struct ThingModel {
    /// Its name.
    #[tf(required)]
    name: Attr<String>,
}

#[async_trait]
impl Resource for Thing {
    type Model = ThingModel;
    type Session = ();

    fn name(&self) -> &'static str {
        "thing"
    }

    fn schema(&self) -> Schema {
        ThingModel::schema("A thing.")
    }

    async fn create(&self, _: &Context<()>, _: Create<ThingModel>) -> Applied<ThingModel> {
        panic!("no creation today");
    }

    async fn read(&self, _: &Context<()>, _: Read<ThingModel>) -> Applied<ThingModel> {
        panic!("no reading today");
    }

    async fn update(&self, _: &Context<()>, _: Update<ThingModel>) -> Applied<ThingModel> {
        panic!("no update today");
    }

    async fn delete(&self, _: &Context<()>, _: Delete<ThingModel>) -> Applied<ThingModel> {
        panic!("no deletion today");
    }
}

fn main() -> ExitCode {
    tfplugin_protocol::main(
        || Broken,
        &tfplugin_protocol::Options::new("registry.terraform.io/example/broken"),
    )
}
