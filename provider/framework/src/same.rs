//! When two values are the same to a host.

use unicode_normalization::UnicodeNormalization;

use crate::{Type, Value};

impl Value {
    /// True if a host takes both for the same value of `ty`: sets in any order, strings in any Unicode normal form, and
    /// an unknown value the same as another unknown one.
    #[must_use]
    pub fn same(&self, other: &Self, ty: &Type) -> bool {
        match (self, other, ty) {
            (Self::String(left), Self::String(right), _) => left == right || left.nfc().eq(right.nfc()),
            (Self::List(left), Self::List(right), Type::Set(element)) => same_set(left, right, element),
            (Self::List(left), Self::List(right), _) => same_list(left, right, ty),
            (Self::Map(left), Self::Map(right), _) => {
                left.len() == right.len()
                    && left.iter().zip(right).all(|((left_key, left), (right_key, right))| {
                        left_key == right_key && left.same(right, member_type(ty, left_key))
                    })
            }
            (Self::Dynamic(left), Self::Dynamic(right), _) => left.0 == right.0 && left.1.same(&right.1, &left.0),
            _ => self == other,
        }
    }

    /// The value of the attribute or key `name`: unknown inside an unknown value, null if there is none.
    pub(crate) fn member(&self, name: &str) -> &Value {
        if self.is_unknown() { self } else { self.get(name) }
    }

    /// The value at `index`: unknown inside an unknown value, null if there is none.
    pub(crate) fn element(&self, index: usize) -> &Value {
        if self.is_unknown() {
            self
        } else {
            self.elements().get(index).unwrap_or(&Value::Null)
        }
    }

    /// The elements of a known list or set; none of anything else.
    pub(crate) fn elements(&self) -> &[Value] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// The keys of a known map or object; none of anything else.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &String> {
        let entries = if let Self::Map(entries) = self {
            Some(entries)
        } else {
            None
        };
        entries.into_iter().flat_map(std::collections::BTreeMap::keys)
    }
}

fn same_list(left: &[Value], right: &[Value], ty: &Type) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .enumerate()
            .all(|(index, (left, right))| left.same(right, element_type(ty, index)))
}

fn same_set(left: &[Value], right: &[Value], element: &Type) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut rest: Vec<&Value> = right.iter().collect();
    left.iter()
        .all(|item| match rest.iter().position(|other| item.same(other, element)) {
            Some(position) => {
                rest.swap_remove(position);
                true
            }
            None => false,
        })
}

/// The type of the attribute or key `name` of a value of `ty`.
pub(crate) fn member_type<'a>(ty: &'a Type, name: &str) -> &'a Type {
    match ty {
        Type::Map(element) => element,
        Type::Object(members) => members.get(name).unwrap_or(&Type::Dynamic),
        _ => &Type::Dynamic,
    }
}

/// The type of the element `index` of a value of `ty`.
pub(crate) fn element_type(ty: &Type, index: usize) -> &Type {
    match ty {
        Type::List(element) | Type::Set(element) => element,
        Type::Tuple(elements) => elements.get(index).unwrap_or(&Type::Dynamic),
        _ => &Type::Dynamic,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Number, Type, Value};

    #[test]
    fn hosts_see_the_same_value_in_many_forms() {
        let list = |items: &[&str]| Value::List(items.iter().map(|item| (*item).into()).collect());
        let set = Type::Set(Box::new(Type::String));
        let plain = Type::List(Box::new(Type::String));
        let number = |text: &str| Value::Number(Number::Decimal(text.to_owned()));
        let table = [
            (list(&["a", "b"]), list(&["b", "a"]), &set, true),
            (list(&["a", "b"]), list(&["b", "a"]), &plain, false),
            (list(&["a", "a"]), list(&["a", "b"]), &set, false),
            ("e\u{301}".into(), "\u{e9}".into(), &Type::String, true),
            (number("1.0"), 1.into(), &Type::Number, true),
            (Value::Unknown, Value::Unknown, &Type::String, true),
            (Value::Unknown, Value::Null, &Type::String, false),
        ];
        for (left, right, ty, expected) in table {
            assert_eq!(left.same(&right, ty), expected, "{left:?} {right:?}");
        }
    }
}
