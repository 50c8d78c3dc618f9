//! What an object of ours carries beside its content: labels and annotations, or tags.

use std::fmt;
use std::str::FromStr;

/// The mark of a create that has not finished. It names what the create made, so that nothing else is taken for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creating {
    /// When its latest attempt began (RFC 3339, UTC).
    pub since: String,
    /// The instances of its attempts, the latest last: what bears this owner and one of them was made by it.
    pub attempts: Vec<String>,
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

/// How many attempts a mark remembers: a tag holds 256 characters. An attempt re-stamps what it adopts, so that older ones
/// are rarely borne by anything.
const ATTEMPTS: usize = 8;

impl Creating {
    /// The mark of an attempt that begins now, after those of `before`.
    #[must_use]
    pub fn attempt(before: Option<&Self>, now: &str, instance: &str) -> Self {
        let mut attempts = before.map(|mark| mark.attempts.clone()).unwrap_or_default();
        attempts.retain(|attempt| attempt != instance);
        attempts.push(instance.to_owned());
        let too_many = attempts.len().saturating_sub(ATTEMPTS);
        attempts.drain(..too_many);
        Self {
            since: now.to_owned(),
            attempts,
        }
    }

    /// True if an object of this instance was made or adopted by the create.
    #[must_use]
    pub fn covers(&self, instance: Option<&str>) -> bool {
        instance.is_some_and(|instance| self.attempts.iter().any(|attempt| attempt == instance))
    }

    /// What several marks of one owner say together; `None` if there are none.
    pub fn together<'a>(marks: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let mut together: Option<Self> = None;
        for mark in marks {
            let sum = together.get_or_insert_with(|| mark.clone());
            for attempt in &mark.attempts {
                if !sum.covers(Some(attempt)) {
                    sum.attempts.push(attempt.clone());
                }
            }
        }
        together
    }
}

impl fmt::Display for Creating {
    /// `2026-01-01T00:00:00Z 1f00 2f00`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.since)?;
        self.attempts.iter().try_for_each(|attempt| write!(out, " {attempt}"))
    }
}

impl FromStr for Creating {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut words = text.split_whitespace().map(str::to_owned);
        Ok(Self {
            since: words.next().unwrap_or_default(),
            attempts: words.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(attempts: &[&str]) -> Creating {
        Creating {
            since: "2026-01-01T00:00:00Z".to_owned(),
            attempts: attempts.iter().map(|attempt| (*attempt).to_owned()).collect(),
        }
    }

    #[test]
    fn comes_back_from_its_text() {
        for attempts in [&[][..], &["0a"], &["0a", "0b"]] {
            assert_eq!(mark(attempts).to_string().parse(), Ok(mark(attempts)));
        }
    }

    #[test]
    fn an_attempt_is_the_latest_and_remembers_those_before() {
        let first = Creating::attempt(None, "2026-01-01T00:00:00Z", "a");
        assert_eq!(first, mark(&["a"]));
        let second = Creating::attempt(Some(&first), "2026-01-02T00:00:00Z", "b");
        assert_eq!(second.since, "2026-01-02T00:00:00Z");
        assert_eq!(second.attempts, ["a", "b"]);
        let again = Creating::attempt(Some(&second), "2026-01-03T00:00:00Z", "a");
        assert_eq!(again.attempts, ["b", "a"]);
        let many = (0..20).fold(first, |mark, number| {
            Creating::attempt(Some(&mark), "2026-01-04T00:00:00Z", &format!("n{number}"))
        });
        assert_eq!(many.attempts, ["n12", "n13", "n14", "n15", "n16", "n17", "n18", "n19"]);
    }

    #[test]
    fn covers_its_attempts_and_nothing_else() {
        let mark = mark(&["a", "b"]);
        for (instance, covered) in [(Some("a"), true), (Some("b"), true), (Some("c"), false), (None, false)] {
            assert_eq!(mark.covers(instance), covered, "{instance:?}");
        }
    }

    #[test]
    fn several_marks_cover_what_each_covers() {
        assert_eq!(Creating::together([]), None);
        let both = Creating::together([&mark(&["a", "b"]), &mark(&["b", "c"])]);
        assert_eq!(both, Some(mark(&["a", "b", "c"])));
    }
}
