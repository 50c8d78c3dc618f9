//! What controllers do in the remote.

use e2etls_engine::marks::Marks;
use serde_json::json;

use crate::tally::Invariant;
use crate::world::{Object, Origin, State};

impl State {
    /// A controller does its part: it makes what makers ask for, and writes over whatever has that name.
    pub fn reconcile(&mut self) {
        let wanted: Vec<(String, String)> = self
            .living()
            .filter(|object| object.is_there())
            .filter_map(|object| Some((object.uid.clone(), object.secret()?.to_owned())))
            .collect();
        for (maker, name) in wanted {
            match self.named("Made", &name) {
                None => {
                    self.add("Made", &name, json!({}), Marks::default(), Origin::Controller(maker));
                }
                Some(Object {
                    origin: Origin::Foreign,
                    content,
                    imported: None,
                    given_up: false,
                    unseen: false,
                    ..
                }) if content["overwritten"].is_null() => {
                    content["overwritten"] = true.into();
                    let words = format!("Made {name} of somebody else was overwritten by a controller");
                    self.violations.push(Invariant::NothingForeign.broken(words));
                }
                Some(_) => {}
            }
        }
    }

    /// Without the permission to look, nothing is known of what a controller makes: it may be written over, and may stay.
    pub fn unseen(&mut self, made: &str) {
        if let Some(object) = self.named("Made", made) {
            object.unseen = true;
        }
    }
}
