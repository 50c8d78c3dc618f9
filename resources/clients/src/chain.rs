//! Errors of libraries as words.

use std::error::Error;

/// What libraries call their layers: it tells a user nothing.
const LAYERS: [&str; 4] = [
    "client error (Connect)",
    "client error (SendRequest)",
    "dispatch failure",
    "io error",
];
/// What the Kubernetes client writes in front of its cause.
const PREFIX: &str = "ServiceError: ";

/// An error and its causes, each once, without the names of layers.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(one) = next {
        let text = one.to_string();
        let text = text.strip_prefix(PREFIX).unwrap_or(&text);
        let is_said = LAYERS.contains(&text) || words.iter().any(|before| before.contains(text));
        if !is_said {
            words.push(text.to_owned());
        }
        next = one.source();
    }
    if words.is_empty() {
        return error.to_string();
    }
    words.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Layer(&'static str, #[source] Option<Box<Layer>>);

    fn layers(texts: &[&'static str]) -> Layer {
        let (first, rest) = texts.split_first().expect("an error");
        Layer(first, (!rest.is_empty()).then(|| Box::new(layers(rest))))
    }

    #[test]
    fn causes_are_told_once_and_layers_never() {
        let kube = [
            "ServiceError: client error (Connect)",
            "client error (Connect)",
            "tcp connect error",
            "refused",
        ];
        let aws = [
            "dispatch failure",
            "io error",
            "client error (Connect)",
            "tcp connect error",
            "refused",
        ];
        for texts in [&kube[..], &aws[..]] {
            assert_eq!(chain(&layers(texts)), "tcp connect error: refused");
        }
        assert_eq!(chain(&layers(&["a: b", "b", "c"])), "a: b: c");
        assert_eq!(chain(&layers(&["dispatch failure"])), "dispatch failure");
    }
}
