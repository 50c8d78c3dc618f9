//! The data source `example_document`.

use async_trait::async_trait;
use tfplugin_framework::schema::Schema;
use tfplugin_framework::{Attr, AttributePath, Config, Context, DataSource, Diagnostics, Model, State};

use crate::store::{Store, text};

/// Looks a document up.
pub(crate) struct DocumentLookup;

/// What is asked and what is found.
#[derive(Clone, Debug, Model)]
pub(crate) struct LookupModel {
    /// The path of the file inside the provider's directory.
    #[tf(required)]
    pub(crate) path: Attr<String>,
    /// The title.
    #[tf(computed)]
    pub(crate) title: Attr<String>,
    /// The text.
    #[tf(computed)]
    pub(crate) content: Attr<String>,
}

#[async_trait]
impl DataSource for DocumentLookup {
    type Model = LookupModel;
    type Session = Store;

    fn name(&self) -> &'static str {
        "document"
    }

    fn schema(&self) -> Schema {
        LookupModel::schema("Reads a document.")
    }

    async fn read(
        &self,
        context: &Context<Store>,
        config: Config<LookupModel>,
    ) -> Result<(State<LookupModel>, Diagnostics), Diagnostics> {
        let path = text(&config.path);
        let Some(document) = context.session.get(&path).await? else {
            let mut diagnostics = Diagnostics::new();
            let detail = format!("There is no document at `{path}`. Create it, or correct the path.");
            diagnostics.input(AttributePath::root("path"), "Document was not found", detail);
            return Err(diagnostics);
        };
        let mut state = config.0;
        state.title = Attr::Known(document.title);
        state.content = Attr::Known(document.content);
        Ok((State(state), Diagnostics::new()))
    }
}
