//! What an object of ours carries beside its content: labels and annotations, or tags.

use std::fmt;
use std::str::FromStr;

/// The mark of a create that has not finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creating {
    /// When the create began (RFC 3339, UTC).
    pub since: String,
    /// The instance of a finished resource that this create replaces (`create_before_destroy`): its objects are not
    /// what a killed create left.
    pub over: Option<String>,
}

/// The marks of one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// The owner, readable.
    pub owner: Option<String>,
    /// The instance: random, minted by the create that made or adopted the object.
    pub instance: Option<String>,
    /// Address of the part; needed where one owner has several objects that the remote names.
    pub address: Option<String>,
    /// Set while the create is not finished; one object of a resource carries it.
    pub creating: Option<Creating>,
    /// The instance that this object was taken over from.
    pub taken_from: Option<String>,
    /// The object existed before us and outlives us.
    pub adopted: bool,
    /// The arguments as canonical JSON, for import; one object of a resource carries them.
    pub configuration: Option<String>,
}

const OVER: &str = " over ";

impl fmt::Display for Creating {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.since)?;
        match &self.over {
            Some(over) => write!(out, "{OVER}{over}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Creating {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (since, over) = match text.split_once(OVER) {
            Some((since, over)) => (since, Some(over.to_owned())),
            None => (text, None),
        };
        Ok(Self {
            since: since.to_owned(),
            over,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_comes_back_from_its_text() {
        for over in [None, Some("0a".to_owned())] {
            let mark = Creating {
                since: "2026-01-01T00:00:00Z".to_owned(),
                over,
            };
            assert_eq!(mark.to_string().parse(), Ok(mark));
        }
    }
}
