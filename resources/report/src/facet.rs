//! Facets of a hop, and the verdict that follows from them.

use std::fmt;

use serde::Serialize;

/// Whether a facet holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Facet {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// What is known does not tell.
    Unknown,
}

impl Facet {
    /// What is known for certain.
    #[must_use]
    pub const fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    /// What holds for both: one that does not is enough for no, and one that is not known for not knowing.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Unknown,
        }
    }
}

/// What a hop is worth, the weakest first: `unknown` never rounds up, and plaintext is worse than not knowing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Neither encrypted nor confined.
    Plaintext,
    /// What is known does not tell.
    Unknown,
    /// Not encrypted, but only the previous hop can get there.
    Confined,
    /// Encrypted, but the receiver is not verified.
    Encrypted,
    /// Encrypted by TLS to a receiver whose certificate is verified.
    Authenticated,
}

impl Verdict {
    /// All of them, best first.
    pub const ALL: [Self; 5] = [
        Self::Authenticated,
        Self::Encrypted,
        Self::Confined,
        Self::Unknown,
        Self::Plaintext,
    ];

    /// The verdict of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.to_string() == name)
    }
}

/// The verdict of four facets.
#[must_use]
pub fn verdict(tls: Facet, peer_verified: Facet, confined: Facet, link: Facet) -> Verdict {
    match (tls, peer_verified) {
        (Facet::Yes, Facet::Yes) => Verdict::Authenticated,
        (Facet::Yes, _) => Verdict::Encrypted,
        _ if link == Facet::Yes => Verdict::Encrypted,
        _ if confined == Facet::Yes => Verdict::Confined,
        (Facet::Unknown, _) => Verdict::Unknown,
        _ if confined == Facet::Unknown => Verdict::Unknown,
        _ => Verdict::Plaintext,
    }
}

impl fmt::Display for Facet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Authenticated => "authenticated",
            Self::Encrypted => "encrypted",
            Self::Confined => "confined",
            Self::Unknown => "unknown",
            Self::Plaintext => "plaintext",
        })
    }
}
