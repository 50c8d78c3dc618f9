//! The attributes of a document. The doc comments are what users read.

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, Choice, Invalid, Model, Number, Secret, Timeouts, Value};

/// A document.
#[derive(Clone, Debug, Model)]
pub(crate) struct DocumentModel {
    /// The path of the file inside the provider's directory.
    #[tf(required, replace, check = relative)]
    pub(crate) path: Attr<String>,
    /// The title.
    #[tf(required, check = titled)]
    pub(crate) title: Attr<String>,
    /// The text.
    #[tf(default = "")]
    pub(crate) content: Attr<String>,
    /// Who may read it.
    #[tf(default = inside)]
    pub(crate) audience: Attr<Audience>,
    /// Words to find it by; their order means nothing.
    #[tf(optional)]
    pub(crate) tags: Attr<std::collections::BTreeSet<String>>,
    /// Free labels.
    #[tf(optional)]
    pub(crate) labels: Attr<BTreeMap<String, String>>,
    /// The sections, in order.
    #[tf(optional)]
    pub(crate) sections: Attr<Vec<Section>>,
    /// How much it matters; any number of digits.
    #[tf(optional)]
    pub(crate) weight: Attr<Number>,
    /// Anything else, of any type.
    #[tf(optional)]
    pub(crate) extra: Attr<Value>,
    /// A secret that is kept with the document.
    #[tf(optional, sensitive)]
    pub(crate) passphrase: Attr<Secret<String>>,
    /// A secret that is used once per write, and stored nowhere.
    #[tf(optional, write_only)]
    pub(crate) stamp: Attr<Secret<String>>,
    /// The identity of the document; stays as long as the document does.
    #[tf(computed, keep)]
    pub(crate) id: Attr<String>,
    /// SHA-256 of the content, in hexadecimal. Known in the plan if the content is.
    #[tf(computed)]
    pub(crate) sha256: Attr<String>,
    /// How often it was written.
    #[tf(computed)]
    pub(crate) revision: Attr<i64>,
    /// How long operations may take.
    #[tf(optional)]
    pub(crate) timeouts: Attr<Timeouts>,
}

/// A section of a document.
#[derive(Clone, Debug, Model)]
pub(crate) struct Section {
    /// The heading.
    #[tf(required, check = titled)]
    pub(crate) heading: Attr<String>,
    /// The lines below it.
    #[tf(optional)]
    pub(crate) lines: Attr<Vec<Attr<String>>>,
    /// How deep it is nested, from 1.
    #[tf(default = 1, check = depth)]
    pub(crate) level: Attr<i64>,
}

/// Who may read a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub(crate) enum Audience {
    /// Everybody.
    #[tf(rename = "public")]
    Public,
    /// Everybody inside.
    #[tf(rename = "internal")]
    Internal,
}

fn inside() -> Audience {
    Audience::Internal
}

fn relative(path: &String) -> Result<(), Invalid> {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    if path.split('/').all(plain) {
        return Ok(());
    }
    Err(Invalid::new(format!(
        "`{path}` leaves the directory. Write a relative path, such as `notes/today`."
    )))
}

#[expect(clippy::ptr_arg, reason = "a check takes the attribute's type")]
fn titled(text: &String) -> Result<(), Invalid> {
    if text.trim().is_empty() {
        Err(Invalid::new("it is empty. Write a few words."))
    } else {
        Ok(())
    }
}

fn depth(level: &i64) -> Result<(), Invalid> {
    if (1..=6).contains(level) {
        Ok(())
    } else {
        Err(Invalid::new(format!("`{level}` is not between 1 and 6")))
    }
}
