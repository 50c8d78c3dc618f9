//! `resources` of a container.

use serde_json::Value;

use super::super::Checked;
use super::super::quantity::Quantity;
use super::shape::{Shape, check, inside, optional};
use super::{checked, label_key, object};

const RESOURCES: Shape = Shape::Fields(&[optional("limits", AMOUNTS), optional("requests", AMOUNTS)]);
const AMOUNTS: Shape = Shape::Map(&Shape::Text(resource), &Shape::Amount(amount));

/// Requests and limits of a container, as a JSON object.
pub fn container_resources(text: &str) -> Checked {
    checked(object(text).and_then(|value| {
        check(&value, &RESOURCES, "")?;
        all_amounts(&value, "")
    }))
}

/// Requests and limits that are found `at` a place.
pub(super) fn all_amounts(resources: &Value, at: &str) -> Result<(), String> {
    for list in ["requests", "limits"] {
        let at = inside(at, list);
        if !resources[list].is_null() {
            check(&resources[list], &AMOUNTS, &at)?;
        }
        amounts(resources, list).try_for_each(|(name, _, given)| whole(&inside(&at, name), name, given))?;
    }
    within_limits(resources, at)
}

/// An amount of something, `at` a place.
pub(super) fn one_amount(value: &Value, at: &str) -> Result<(), String> {
    check(value, &Shape::Amount(amount), at)
}

fn resource(name: &str) -> Result<(), String> {
    let pages = name.strip_prefix("hugepages-");
    if ["cpu", "memory", "ephemeral-storage"].contains(&name)
        || pages.is_some_and(|size| Quantity::parse(size).is_some())
        || (name.contains('/') && label_key(name).is_ok())
    {
        return Ok(());
    }
    Err(format!(
        "`{name}` is not a resource: use `cpu`, `memory`, `ephemeral-storage`, `hugepages-SIZE`, or a name with a \
         domain prefix, such as `nvidia.com/gpu`"
    ))
}

fn amount(text: &str) -> Result<(), String> {
    match Quantity::parse(text) {
        Some(amount) if !amount.is_negative() => Ok(()),
        _ => Err(format!(
            "`{text}` is not a valid quantity: use a number that is not negative, with a suffix if needed, such as `2`, \
             `500m` or `128Mi`"
        )),
    }
}

/// Devices are counted.
fn whole(at: &str, name: &str, given: Quantity) -> Result<(), String> {
    if name.contains('/') && !given.is_whole() {
        return Err(format!("`{at}`: this resource takes whole numbers only"));
    }
    Ok(())
}

/// Nobody requests more than the limit; of what nodes never promise twice, exactly that.
fn within_limits(value: &Value, at: &str) -> Result<(), String> {
    let place = |list: &str, name: &str| inside(&inside(at, list), name);
    amounts(value, "requests").try_for_each(|(name, shown, requested)| {
        let limit = amounts(value, "limits").find(|(limited, ..)| *limited == name);
        let is_fixed = name.contains('/') || name.starts_with("hugepages-");
        match limit {
            Some((_, limit, most)) if requested > most => Err(format!(
                "`{}`: `{shown}` is more than the limit, `{limit}`",
                place("requests", name)
            )),
            Some((_, limit, most)) if is_fixed && requested != most => Err(format!(
                "`{}`: `{shown}` must be the same as the limit, `{limit}`",
                place("requests", name)
            )),
            None if is_fixed => Err(format!(
                "`{}`: this resource needs a limit if it is requested",
                place("limits", name)
            )),
            _ => Ok(()),
        }
    })
}

/// Names, texts and amounts of a list.
fn amounts<'a>(value: &'a Value, list: &str) -> impl Iterator<Item = (&'a str, String, Quantity)> {
    let members = value[list].as_object().into_iter().flatten();
    members.filter_map(|(name, given)| {
        let text = given.as_str().map_or_else(|| given.to_string(), str::to_owned);
        let amount = Quantity::parse(&text)?;
        Some((name.as_str(), text, amount))
    })
}
