//! Errors for callers that speak Smithy's RPC in CBOR: faults are ordered in JSON.

use http::{HeaderValue, Response, header};
use http_body_util::BodyExt as _;
use serde_json::{Map, Value};

use super::counted::{AnyBody, BoxError, full};

/// What such a caller has in the header `smithy-protocol`.
pub(super) const PROTOCOL: &str = "rpc-v2-cbor";

/// The same answer in CBOR, if it is a JSON object of texts, as errors are.
pub(super) async fn answer(answer: Response<AnyBody>) -> Result<Response<AnyBody>, BoxError> {
    let (mut parts, body) = answer.into_parts();
    let body = body.collect().await?.to_bytes();
    let Ok(object) = serde_json::from_slice::<Map<String, Value>>(&body) else {
        return Ok(Response::from_parts(parts, full(body)));
    };
    let headers = &mut parts.headers;
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/cbor"));
    headers.insert("smithy-protocol", HeaderValue::from_static(PROTOCOL));
    headers.remove(header::CONTENT_LENGTH);
    Ok(Response::from_parts(parts, full(map(&object))))
}

/// A map of indefinite length, which ends with a break.
fn map(object: &Map<String, Value>) -> Vec<u8> {
    let mut bytes = vec![0xbf];
    for (key, value) in object {
        text(&mut bytes, key);
        text(&mut bytes, value.as_str().unwrap_or_default());
    }
    bytes.push(0xff);
    bytes
}

/// A text with its length in two bytes, which need not be the shortest form; what is longer is cut.
fn text(bytes: &mut Vec<u8>, text: &str) {
    let text = text.as_bytes();
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    bytes.push(0x79);
    bytes.extend(length.to_be_bytes());
    bytes.extend(&text[..usize::from(length)]);
}

#[cfg(test)]
mod tests {
    use http::Response;
    use http_body_util::BodyExt as _;

    use super::super::counted::full;
    use super::answer;

    async fn answered(body: &'static str) -> Vec<u8> {
        let answered = answer(Response::new(full(body))).await.expect("an answer");
        answered
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes()
            .to_vec()
    }

    #[tokio::test]
    async fn an_error_becomes_a_map_of_texts_and_anything_else_stays() {
        assert_eq!(answered(r#"{"a":"bc"}"#).await, b"\xbf\x79\x00\x01a\x79\x00\x02bc\xff");
        assert_eq!(answered("no").await, b"no");
    }
}
