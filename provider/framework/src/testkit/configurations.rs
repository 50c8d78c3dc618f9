//! How the provider is configured in a case.

use super::Sweep;
use super::draw::Draw;
use crate::Value;
use crate::schema::Schema;

/// How the provider is configured when a host plans, and when it plans again before it applies; `None` is not at all.
pub(super) struct Configurations {
    pub(super) early: Option<Value>,
    pub(super) late: Option<Value>,
}

impl Sweep {
    /// Not at all, or with everything known at the second plan and less at the first.
    pub(super) fn configurations(&self, draw: &mut Draw, schema: &Schema) -> Configurations {
        let offered = &self.providers;
        let known = match offered.len() {
            0 => schema.empty_value(),
            count => offered[draw.below(count)].clone(),
        };
        let early = match draw.below(3) {
            _ if !self.hidden.is_empty() => Some(self.without_hidden(draw, &known)),
            0 => {
                return Configurations {
                    early: None,
                    late: None,
                };
            }
            1 => None,
            _ => Some(draw.masked(schema, &known)),
        };
        Configurations {
            early,
            late: Some(known),
        }
    }

    /// `known` with one or more of the arguments unknown that are to be.
    fn without_hidden(&self, draw: &mut Draw, known: &Value) -> Value {
        let Value::Map(mut config) = known.clone() else {
            return known.clone();
        };
        let always = draw.below(self.hidden.len());
        for (index, name) in self.hidden.iter().enumerate() {
            if index == always || draw.one_in(3) {
                config.insert(name.clone(), Value::Unknown);
            }
        }
        Value::Map(config)
    }
}
