//! The pages and examples of the Terraform Registry, generated from the resources: prose from `README.md`, the example
//! from `example.tf`, arguments from the schema, the import from `import.sh`.
//!
//! After changing a resource, run `UPDATE_GOLDEN=1 cargo test -p e2etls-resources pages`; the test compares `docs/` and
//! `examples/` with the resources.

mod permissions;
mod prose;
mod role;
mod schema;
mod tests;
mod timeouts;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tfplugin_framework::Provider;
use tfplugin_framework::schema::Schema;

use crate::provider::E2etls;
use prose::Readme;

/// Whose lifetime each resource shares: the heading that the registry lists it under.
const LIFETIMES: [(&str, &str); 13] = [
    ("certificate", "App"),
    ("certificate_status", "App"),
    ("encryption_report", "App"),
    ("tls_probe", "App"),
    ("cluster", "Cluster"),
    ("edge", "App"),
    ("issuer", "Cluster"),
    ("network_policy", "App"),
    ("platform", "Cluster"),
    ("private_ca", "Account"),
    ("proxy", "App"),
    ("public_certificate", "Account"),
    ("stack", "App"),
];

/// What a page is about.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Provider,
    Resource,
    DataSource,
}

/// One page, and the examples beside it.
struct Page {
    kind: Kind,
    /// The resource: a folder of `resources/src`.
    folder: &'static str,
    schema: Schema,
}

/// Every generated file, by its path in the repository.
fn files() -> BTreeMap<String, String> {
    pages().iter().flat_map(Page::files).collect()
}

fn pages() -> Vec<Page> {
    let registry = crate::provider::registry::registry();
    let provider = Page {
        kind: Kind::Provider,
        folder: "provider",
        schema: E2etls.schema(),
    };
    let resources = registry.resources.iter().map(|resource| Page {
        kind: Kind::Resource,
        folder: resource.name(),
        schema: timeouts::told(resource.schema(), |operation| resource.default_timeout(operation)),
    });
    let sources = registry.data_sources.iter().map(|source| Page {
        kind: Kind::DataSource,
        folder: source.name(),
        schema: source.schema(),
    });
    std::iter::once(provider).chain(resources).chain(sources).collect()
}

impl Page {
    fn files(&self) -> Vec<(String, String)> {
        let name = self.name();
        let (page, folder, example) = match self.kind {
            Kind::Provider => ("docs/index.md".to_owned(), "provider".to_owned(), "provider.tf"),
            Kind::Resource => (
                format!("docs/resources/{}.md", self.folder),
                format!("resources/{name}"),
                "resource.tf",
            ),
            Kind::DataSource => (
                format!("docs/data-sources/{}.md", self.folder),
                format!("data-sources/{name}"),
                "data-source.tf",
            ),
        };
        let mut files = vec![
            (page, self.text()),
            (format!("examples/{folder}/{example}"), self.example()),
        ];
        if let Some(command) = self.import() {
            files.push((format!("examples/{folder}/import.sh"), command));
        }
        if let Some(role) = self.role() {
            files.push((format!("examples/{folder}/role.yaml"), role));
        }
        files
    }

    /// The type name, or the provider's.
    fn name(&self) -> String {
        match self.kind {
            Kind::Provider => E2etls.name().to_owned(),
            Kind::Resource | Kind::DataSource => format!("{}_{}", E2etls.name(), self.folder),
        }
    }

    fn text(&self) -> String {
        let readme = Readme::parse(&self.schema.description);
        let mut paragraphs = vec![
            self.front_matter(&readme.summary()),
            self.title(),
            readme.opening.clone(),
        ];
        paragraphs.push(format!(
            "## Example Usage\n\n```terraform\n{}\n```",
            self.example().trim_end()
        ));
        let others = readme.sections.iter().filter(|(title, _)| title != "Import");
        paragraphs.extend(
            others.map(|(title, text)| match self.role().filter(|_| title == "Permissions") {
                Some(role) => format!("## {title}\n\n{text}\n\n```yaml\n{}\n```", role.trim_end()),
                None => format!("## {title}\n\n{text}"),
            }),
        );
        paragraphs.push(schema::render(&self.schema));
        match (readme.section("Import"), self.import()) {
            (Some(text), Some(command)) => paragraphs.push(prose::import(text, &command)),
            (None, None) => {}
            _ => panic!(
                "{}: `import.sh` and the README's `## Import` belong together",
                self.folder
            ),
        }
        format!("{}\n", paragraphs.join("\n\n"))
    }

    fn front_matter(&self, summary: &str) -> String {
        let name = self.name();
        let title = match self.kind {
            Kind::Provider => format!("{name} Provider"),
            Kind::Resource => format!("{name} Resource - terraform-provider-e2etls"),
            Kind::DataSource => format!("{name} Data Source - terraform-provider-e2etls"),
        };
        let made = "# Generated by resources/src/pages. Do not edit: the tests fail if it differs from its sources.";
        let lifetime = match self.kind {
            Kind::Provider => String::new(),
            Kind::Resource | Kind::DataSource => format!("subcategory: \"{}\"\n", lifetime(self.folder)),
        };
        format!("---\n{made}\npage_title: \"{title}\"\n{lifetime}description: |-\n  {summary}\n---")
    }

    fn title(&self) -> String {
        match self.kind {
            Kind::Provider => format!("# {} Provider", self.name()),
            Kind::Resource => format!("# {} (Resource)", self.name()),
            Kind::DataSource => format!("# {} (Data Source)", self.name()),
        }
    }

    fn example(&self) -> String {
        let file = self.folder().join("example.tf");
        std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    /// The command that imports what the example creates, if the resource has one.
    fn import(&self) -> Option<String> {
        std::fs::read_to_string(self.folder().join("import.sh")).ok()
    }

    /// The role in which the resource's requests are allowed, if it is of a cluster.
    fn role(&self) -> Option<String> {
        let read = |file: &str| std::fs::read_to_string(self.folder().join(file)).ok();
        Some(role::manifest(
            self.folder,
            &read("rules.yaml")?,
            read("cluster-rules.yaml").as_deref(),
        ))
    }

    fn folder(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(self.folder)
    }
}

fn lifetime(folder: &str) -> &'static str {
    let found = LIFETIMES.iter().find(|(name, _)| *name == folder);
    found.map_or_else(
        || panic!("{folder} has no lifetime: add it to LIFETIMES"),
        |(_, lifetime)| lifetime,
    )
}
