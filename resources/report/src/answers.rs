//! What answers at the ports of Pods, and whether it takes TLS only.

use crate::facet::Facet;
use crate::runs::{Nginx, Runs, Unknown, runs};
use crate::world::{Behind, World};

/// What answers behind a Service.
pub(crate) struct Answers {
    /// NGINX, each configuration once: the Pods of a Deployment share one.
    pub(crate) nginx: Vec<Nginx>,
    /// Pods of which it is not known.
    pub(crate) unknown: Vec<Unknown>,
}

impl Answers {
    /// What listens at the ports of the Pods.
    pub(crate) fn at(world: &World<'_>, behind: &Behind<'_>) -> Self {
        let mut nginx: Vec<Nginx> = Vec::new();
        let mut unknown: Vec<Unknown> = Vec::new();
        if !behind.strangers.is_empty() {
            let strangers = behind.strangers.join(", ");
            unknown.push(Unknown {
                text: format!("what answers at {strangers}, which do not belong to Pods, is not known"),
                may_pass_on: true,
            });
        }
        for (pod, port) in &behind.pods {
            match runs(world, pod, *port) {
                Runs::Nginx(found) => {
                    let mut known = nginx.iter_mut();
                    match known.find(|known| known.name == found.name && known.forwarding == found.forwarding) {
                        Some(known) => known.is_loaded &= found.is_loaded,
                        None => nginx.push(found),
                    }
                }
                Runs::Unknown(why) => {
                    if !unknown.iter().any(|known| known.text == why.text) {
                        unknown.push(why);
                    }
                }
            }
        }
        nginx.sort_by(|one, other| one.name.cmp(&other.name));
        Self { nginx, unknown }
    }

    /// Other ports without TLS that pass requests on: a way around this one, for whoever gets there.
    pub(crate) fn plain_elsewhere(&self, behind: &Behind<'_>) -> Vec<String> {
        let ports = self.nginx.iter().flat_map(|nginx| {
            let plain = nginx
                .forwarding
                .listens
                .iter()
                .filter(|listen| listen.passes && !listen.tls);
            plain
                .filter(|listen| !listen.is_loopback())
                .map(move |listen| (nginx, listen.port))
        });
        ports
            .filter(|(_, port)| !behind.is_at(*port))
            .map(|(nginx, port)| {
                format!(
                    "NGINX with {} also accepts requests without TLS on port {port}, and forwards them",
                    nginx.name
                )
            })
            .collect()
    }

    /// It may not be the end of the way.
    pub(crate) fn may_pass_on(&self) -> bool {
        let passes = |nginx: &Nginx| {
            !nginx.is_loaded || !nginx.forwarding.passes.is_empty() || !nginx.forwarding.unread.is_empty()
        };
        self.nginx.iter().any(passes) || self.unknown.iter().any(|why| why.may_pass_on)
    }

    /// Whether what is served there is TLS only.
    pub(crate) fn tls(&self, behind: &Behind<'_>, evidence: &mut Vec<String>) -> Facet {
        let known = if self.nginx.is_empty() {
            Facet::Unknown
        } else {
            listens(&self.nginx, behind, evidence)
        };
        if self.unknown.is_empty() {
            known
        } else {
            known.and(Facet::Unknown)
        }
    }
}

/// Whether the ports that the Service leads to take TLS only.
fn listens(servers: &[Nginx], behind: &Behind<'_>, evidence: &mut Vec<String>) -> Facet {
    let mut facet = Facet::Yes;
    for nginx in servers {
        let ports = nginx
            .forwarding
            .listens
            .iter()
            .filter(|listen| behind.is_at(listen.port));
        let plain = ports.clone().any(|listen| !listen.tls);
        let word = if plain { "connections without TLS" } else { "only TLS" };
        evidence.push(format!(
            "api: NGINX with {} accepts {word} on the port{}",
            nginx.name,
            unloaded(nginx)
        ));
        facet = facet.and(match (nginx.is_loaded && nginx.forwarding.unread.is_empty(), plain) {
            (false, _) => Facet::Unknown,
            (true, true) => Facet::No,
            (true, false) => Facet::Yes,
        });
    }
    facet
}

/// What keeps a configuration from being what runs; nothing where it is.
pub(crate) fn unloaded(nginx: &Nginx) -> String {
    let mut text = String::new();
    if !nginx.is_loaded {
        text.push_str(
            ", but its Pods may run an earlier version: nothing shows that they started after it was last written",
        );
    }
    if !nginx.forwarding.unread.is_empty() {
        text.push_str(&format!(
            "; it also depends on what was not read: {}",
            nginx.forwarding.unread.join(", ")
        ));
    }
    text
}
