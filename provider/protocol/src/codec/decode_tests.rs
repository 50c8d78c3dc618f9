//! Bytes that hosts send, and bytes that no host sends.

use super::*;

#[test]
fn any_extension_is_unknown() {
    // Code 12 with a map of refinements: not null.
    let refined = [0xc7, 0x03, 0x0c, 0x81, 0x01, 0xc2];
    for bytes in [
        &[0xd4, 0x00, 0x00][..],
        &refined,
        &[0xd5, 0x63, 1, 2],
        &[0xc7, 0x00, 0x00],
        &[0xc8, 0, 1, 5, 9],
    ] {
        assert_eq!(decode(bytes, &Type::String), Ok(Value::Unknown), "{bytes:?}");
        assert_eq!(decode(bytes, &Type::Dynamic), Ok(Value::Unknown), "{bytes:?}");
    }
}

#[test]
fn numbers_keep_their_form() {
    let number = |bytes: &[u8]| match decode(bytes, &Type::Number).unwrap() {
        Value::Number(number) => format!("{number:?}"),
        other => format!("{other:?}"),
    };
    assert_eq!(number(&[0x05]), "Integer(5)");
    assert_eq!(number(&[0xff]), "Integer(-1)");
    assert_eq!(number(&[0xcb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0]), "Double(0.5)");
    assert_eq!(number(b"\xa30.1"), "Decimal(\"0.1\")");
    assert_eq!(number(b"\xa51e400"), "Decimal(\"1e400\")");
    assert_eq!(
        number(&[0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        "Decimal(\"18446744073709551615\")"
    );
    assert!(decode(b"\xa3NaN", &Type::Number).is_err());
}

#[test]
fn errors_name_the_place() {
    let ty = Type::Object([("a".to_owned(), Type::Map(Box::new(Type::Bool)))].into());
    let error = decode(b"\x81\xa1a\x81\xa1k\xa1x", &ty).unwrap_err();
    assert_eq!(error.to_string(), "a[\"k\"]: expected a bool, found msgpack FixStr(1)");
}

#[test]
fn broken_bytes_are_errors() {
    let list = Type::List(Box::new(Type::String));
    for bytes in [
        &[][..],
        &[0xdd, 0xff, 0xff, 0xff, 0xff],
        &[0xa5, b'a'],
        &[0xa1, 0xff],
        &[0xc1],
        &[0xc0, 0xc0],
        &[0xd4],
    ] {
        assert!(decode(bytes, &list).is_err(), "{bytes:?}");
    }
}

#[test]
fn a_missing_attribute_is_null() {
    let ty = Type::Object([("a".to_owned(), Type::Bool), ("b".to_owned(), Type::Bool)].into());
    assert_eq!(decode(b"\x81\xa1a\xc3", &ty).unwrap().get("b"), &Value::Null);
}
