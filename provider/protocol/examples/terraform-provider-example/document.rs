//! The resource `example_document`.

use async_trait::async_trait;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use tfplugin_framework::schema::Schema;
use tfplugin_framework::{
    Applied, Attr, AttributePath, Config, Context, Create, Delete, DestroyPlan, Diagnostics, ImportRequest, Imported,
    Model, MoveSource, PlanRequest, PlanResponse, Private, Read, Resource, State, Update,
};

use crate::model::DocumentModel;
use crate::store::{Store, Stored, text, wait};

/// A document, kept as a file.
pub(crate) struct Document;

#[async_trait]
impl Resource for Document {
    type Model = DocumentModel;
    type Session = Store;

    fn name(&self) -> &'static str {
        "document"
    }

    fn schema(&self) -> Schema {
        Schema {
            version: 1,
            ..DocumentModel::schema("A document, kept as a file.")
        }
    }

    fn validate(&self, config: &Config<DocumentModel>, diagnostics: &mut Diagnostics) {
        if config.content.as_str() == config.title.as_str() && config.title.known().is_some() {
            let detail = "`content` repeats `title`. Write something else, or leave `content` out.";
            diagnostics.input(AttributePath::root("content"), "Invalid `content`", detail);
        }
    }

    fn plan(&self, _request: &PlanRequest<'_, Self>, response: &mut PlanResponse<DocumentModel>) {
        // What follows from the configuration alone is known before anything is written.
        if !response.plan.sha256.is_unknown() {
            return;
        }
        if let Some(content) = response.plan.content.known() {
            response.plan.sha256 = Attr::Known(digest(content));
        }
    }

    fn plan_destroy(&self, request: &DestroyPlan<'_, Self>, diagnostics: &mut Diagnostics) {
        if request
            .prior
            .labels
            .known()
            .is_some_and(|labels| labels.contains_key("keep"))
        {
            let detail = "The document has the label `keep`. Remove the label and apply, then destroy.";
            diagnostics.input(AttributePath::root("labels"), "Document is protected", detail);
        }
    }

    async fn create(&self, context: &Context<Store>, request: Create<DocumentModel>) -> Applied<DocumentModel> {
        let Create { plan, mut private, .. } = request;
        let mut state = plan.0;
        let path = text(&state.path);
        let mut document = of(&state);
        document.id = format!("document/{path}");
        if let Err(diagnostics) = context.session.put(&path, &document).await {
            return Applied::failed(None, private, diagnostics);
        }
        // From here on the document exists: whatever happens, it goes into the state.
        private.set("written_title", &document.title);
        fill(&mut state, &document);
        match wait(context, "creating").await {
            Ok(()) => Applied::done(state, private),
            Err(diagnostics) => Applied::failed(Some(state), private, diagnostics),
        }
    }

    async fn read(&self, context: &Context<Store>, request: Read<DocumentModel>) -> Applied<DocumentModel> {
        let Read { state, private } = request;
        let mut state = state.0;
        match context.session.get(&text(&state.path)).await {
            Ok(Some(document)) => {
                fill(&mut state, &document);
                Applied::done(state, private)
            }
            Ok(None) => Applied::gone(),
            Err(diagnostics) => Applied::failed(Some(state), private, diagnostics),
        }
    }

    async fn update(&self, context: &Context<Store>, request: Update<DocumentModel>) -> Applied<DocumentModel> {
        let Update {
            plan,
            prior,
            mut private,
            ..
        } = request;
        let mut state = plan.0;
        let mut document = of(&state);
        document.revision = prior.revision.known().copied().unwrap_or(0) + 1;
        document.id = text(&prior.id);
        if let Err(diagnostics) = wait(context, "updating").await {
            return Applied::failed(Some(prior.0), private, diagnostics);
        }
        if let Err(diagnostics) = context.session.put(&text(&state.path), &document).await {
            return Applied::failed(Some(prior.0), private, diagnostics);
        }
        private.set("written_title", &document.title);
        fill(&mut state, &document);
        Applied::done(state, private)
    }

    async fn delete(&self, context: &Context<Store>, request: Delete<DocumentModel>) -> Applied<DocumentModel> {
        match context.session.remove(&text(&request.prior.path)).await {
            Ok(()) => Applied::gone(),
            Err(diagnostics) => Applied::failed(Some(request.prior.0), request.private, diagnostics),
        }
    }

    async fn import(&self, context: &Context<Store>, request: ImportRequest) -> Imported<DocumentModel> {
        let Some(document) = context.session.get(&request.id).await? else {
            let mut diagnostics = Diagnostics::new();
            let detail = format!(
                "There is no document at `{}`. The id is the path inside the directory.",
                request.id
            );
            diagnostics.remote("Document to import was not found", detail);
            return Err(diagnostics);
        };
        let mut state = empty(&request.id);
        fill(&mut state, &document);
        Ok((State(state), Private::default(), Diagnostics::new()))
    }

    /// Version 0 called the content `text`.
    fn upgrade(&self, version: i64, mut state: Json) -> Result<Json, Diagnostics> {
        if let (0, Some(object)) = (version, state.as_object_mut()) {
            let old = object.remove("text").unwrap_or_default();
            object.insert("content".to_owned(), old);
        }
        Ok(state)
    }

    /// A `terraform_data` may have stood for the document, with its path as input. The read that follows fills in the rest.
    fn move_from(&self, source: &MoveSource) -> Option<Imported<DocumentModel>> {
        let path = (source.type_name == "terraform_data").then(|| source.state["input"]["value"].as_str())??;
        Some(Ok((State(empty(path)), Private::default(), Diagnostics::new())))
    }
}

fn of(plan: &DocumentModel) -> Stored {
    Stored {
        id: text(&plan.id),
        title: text(&plan.title),
        content: text(&plan.content),
        revision: 1,
    }
}

/// Takes over what the remote says. One function for create, read, update and import: drift can't hide in one of them.
fn fill(state: &mut DocumentModel, document: &Stored) {
    state.id = Attr::Known(document.id.clone());
    state.title = Attr::Known(document.title.clone());
    state.content = Attr::Known(document.content.clone());
    state.sha256 = Attr::Known(digest(&document.content));
    state.revision = Attr::Known(document.revision);
}

fn digest(content: &str) -> String {
    Sha256::digest(content)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn empty(path: &str) -> DocumentModel {
    DocumentModel {
        path: Attr::Known(path.to_owned()),
        title: Attr::Null,
        content: Attr::Null,
        audience: Attr::Known(crate::model::Audience::Internal),
        tags: Attr::Null,
        labels: Attr::Null,
        sections: Attr::Null,
        weight: Attr::Null,
        extra: Attr::Null,
        passphrase: Attr::Null,
        stamp: Attr::Null,
        id: Attr::Null,
        sha256: Attr::Null,
        revision: Attr::Null,
        timeouts: Attr::Null,
    }
}
