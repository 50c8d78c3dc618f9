//! Values of every type survive the way out and back.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use tfplugin_framework::{Number, Type, Value};
use tfplugin_protocol::{decode, encode, type_from_json, type_to_json};

fn any_type() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        Just(Type::String),
        Just(Type::Number),
        Just(Type::Bool),
        Just(Type::Dynamic)
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        prop_oneof![
            boxed.clone().prop_map(Type::List),
            boxed.clone().prop_map(Type::Set),
            boxed.prop_map(Type::Map),
            btree_map("[a-z_]{1,6}", inner.clone(), 0..4).prop_map(Type::Object),
            vec(inner, 0..4).prop_map(Type::Tuple),
        ]
    })
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::Integer),
        any::<f64>()
            .prop_filter("no NaN", |number| !number.is_nan())
            .prop_map(Number::Double),
        any::<u64>().prop_map(|number| Number::Decimal(number.to_string())),
        "-?[1-9][0-9]{0,60}\\.[0-9]{1,60}".prop_map(Number::Decimal),
        Just(Number::Decimal("0.1".to_owned())),
        Just(Number::Decimal("1e400".to_owned())),
    ]
}

fn value_of(ty: &Type) -> BoxedStrategy<Value> {
    let known = match ty {
        Type::String => prop_oneof![any::<String>(), Just("e\u{301}".to_owned())]
            .prop_map(Value::String)
            .boxed(),
        Type::Number => number().prop_map(Value::Number).boxed(),
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Dynamic => {
            let inner = any_type().prop_filter("one level", |ty| !contains_dynamic(ty));
            inner
                .prop_flat_map(|ty| value_of(&ty).prop_map(move |value| Value::Dynamic(Box::new((ty.clone(), value)))))
                .boxed()
        }
        Type::List(element) | Type::Set(element) => vec(value_of(element), 0..4).prop_map(Value::List).boxed(),
        Type::Map(element) => btree_map(any::<String>(), value_of(element), 0..4)
            .prop_map(Value::Map)
            .boxed(),
        Type::Object(attributes) => attributes
            .iter()
            .map(|(name, ty)| (Just(name.clone()), value_of(ty)))
            .collect::<Vec<_>>()
            .prop_map(|entries| Value::Map(entries.into_iter().collect()))
            .boxed(),
        Type::Tuple(types) => types
            .iter()
            .map(value_of)
            .collect::<Vec<_>>()
            .prop_map(Value::List)
            .boxed(),
    };
    prop_oneof![8 => known, 1 => Just(Value::Null), 1 => Just(Value::Unknown)].boxed()
}

fn contains_dynamic(ty: &Type) -> bool {
    match ty {
        Type::Dynamic => true,
        Type::List(inner) | Type::Set(inner) | Type::Map(inner) => contains_dynamic(inner),
        Type::Object(members) => members.values().any(contains_dynamic),
        Type::Tuple(members) => members.iter().any(contains_dynamic),
        _ => false,
    }
}

/// Equality that tells `1` from `1.0` and composed from decomposed letters: an echo must be identical.
fn identical(one: &Value, other: &Value) -> bool {
    format!("{one:?}") == format!("{other:?}")
}

proptest! {
    #[test]
    fn values_come_back((ty, value) in any_type().prop_flat_map(|ty| value_of(&ty).prop_map(move |value| (ty.clone(), value)))) {
        let bytes = encode(&value, &ty).unwrap();
        let back = decode(&bytes, &ty).unwrap();
        prop_assert!(identical(&back, &value), "{back:?} is not {value:?}");
        prop_assert_eq!(encode(&back, &ty).unwrap(), bytes);
    }

    #[test]
    fn types_come_back(ty in any_type()) {
        prop_assert_eq!(type_from_json(&type_to_json(&ty)), Ok(ty));
    }

    #[test]
    fn any_bytes_are_a_value_or_an_error(ty in any_type(), bytes in vec(any::<u8>(), 0..64)) {
        let _ = decode(&bytes, &ty);
    }

    #[test]
    fn a_cut_value_is_an_error((ty, value) in any_type().prop_flat_map(|ty| value_of(&ty).prop_map(move |value| (ty.clone(), value)))) {
        let bytes = encode(&value, &ty).unwrap();
        prop_assert!(decode(&bytes[..bytes.len() - 1], &ty).is_err());
    }
}

#[test]
fn a_wide_object_and_long_strings_come_back() {
    let ty = Type::Object((0..70_000).map(|index| (format!("a{index}"), Type::String)).collect());
    let value = Value::Map(
        (0..70_000)
            .map(|index| (format!("a{index}"), "x".repeat(index % 300).into()))
            .collect(),
    );
    assert_eq!(decode(&encode(&value, &ty).unwrap(), &ty), Ok(value));
    let long = Value::String("ä".repeat(100_000));
    assert_eq!(decode(&encode(&long, &Type::String).unwrap(), &Type::String), Ok(long));
}

#[test]
fn refinements_are_read_as_unknown_wherever_they_stand() {
    // {"a": unknown with code 12 and {1: false, 2: "prefix"}}
    let bytes = b"\x81\xa1a\xc7\x0b\x0c\x82\x01\xc2\x02\xa6prefix";
    let ty = Type::Object(BTreeMap::from([("a".to_owned(), Type::String)]));
    assert_eq!(decode(bytes, &ty).unwrap().get("a"), &Value::Unknown);
}
