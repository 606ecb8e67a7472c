//! The envelope around every answer, and the errors in it.

use http::VendorError;
use serde::{Deserialize, Deserializer, de};

use crate::code;

/// An answer that says `"success": true` (Cloudflare docs, "Make API calls").
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope<T> {
    #[serde(rename = "success", deserialize_with = "only_true")]
    _success: (),
    pub(crate) result: T,
    result_info: Option<ResultInfo>,
}

/// Which part of a list this is.
#[derive(Debug, Deserialize)]
struct ResultInfo {
    total_pages: Option<u32>,
    per_page: Option<usize>,
}

impl<T> Envelope<Vec<T>> {
    /// Whether `page` (counted from 1) ends the list. By the number of pages where
    /// the answer tells it; else a page that is not full is the last one.
    pub(crate) fn is_last(&self, page: u32, asked_per_page: usize) -> bool {
        let info = self.result_info.as_ref();
        if let Some(pages) = info.and_then(|info| info.total_pages) {
            return page >= pages;
        }
        let full = info.and_then(|info| info.per_page).unwrap_or(asked_per_page);
        self.result.len() < full
    }
}

/// A 2xx that says `"success": false` is nothing that can be worked with.
fn only_true<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    if bool::deserialize(deserializer)? {
        return Ok(());
    }
    Err(de::Error::custom("`success` is false"))
}

/// One error, and those that led to it (`error_chain`, seen where a header or a
/// record is malformed; not in every reference).
#[derive(Deserialize)]
struct Message {
    code: i64,
    message: String,
    #[serde(default)]
    error_chain: Vec<Message>,
}

#[derive(Deserialize)]
struct Refusal {
    success: bool,
    errors: Vec<Message>,
}

/// Reads a failure's body: the first error's code, and the texts of all.
pub(crate) fn read_error(body: &[u8]) -> Option<VendorError> {
    let refusal: Refusal = serde_json::from_slice(body).ok()?;
    if refusal.success {
        return None;
    }
    let mut texts = Vec::new();
    for error in &refusal.errors {
        collect(error, &mut texts);
    }
    let code = refusal.errors.first().map(|error| error.code);
    let blames_credential = code.is_some_and(|code| code::CREDENTIAL.contains(&code));
    Some(VendorError { code, message: texts.join("; "), blames_credential })
}

fn collect(error: &Message, texts: &mut Vec<String>) {
    let text = if texts.is_empty() {
        // Its code is shown by whoever shows the error.
        error.message.clone()
    } else {
        format!("{} (code {})", error.message, error.code)
    };
    texts.push(text);
    for cause in &error.error_chain {
        collect(cause, texts);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &serde_json::Value) -> Option<VendorError> {
        read_error(value.to_string().as_bytes())
    }

    fn envelope(value: serde_json::Value) -> Result<Envelope<Vec<u8>>, serde_json::Error> {
        serde_json::from_value(value)
    }

    #[test]
    fn every_error_is_told_and_the_first_code_counts() {
        let error = read(&json!({
            "success": false, "messages": [], "result": null,
            "errors": [
                {"code": 6003, "message": "Invalid request headers", "error_chain": [
                    {"code": 6111, "message": "Invalid format for Authorization header"}]},
                {"code": 7000, "message": "No route"},
            ],
        }))
        .unwrap();
        assert_eq!(error.code, Some(6003));
        assert_eq!(
            error.message,
            "Invalid request headers; Invalid format for Authorization header (code 6111); No route (code 7000)"
        );
    }

    #[test]
    fn some_codes_blame_the_credential() {
        for (code, wanted) in [(6003, true), (9109, true), (10_000, true), (7003, false)] {
            let body = json!({"success": false, "errors": [{"code": code, "message": "no"}]});
            assert_eq!(read(&body).unwrap().blames_credential, wanted, "{code}");
        }
    }

    #[test]
    fn an_empty_list_of_errors_is_still_the_vendor_s_no() {
        assert_eq!(read(&json!({"success": false, "errors": []})), Some(VendorError::default()));
    }

    #[test]
    fn other_bodies_are_not_the_vendor_s_errors() {
        for body in [
            json!({}),
            json!({"success": true, "errors": []}),
            json!({"success": "false", "errors": []}),
            json!({"success": false, "errors": [{"code": "1000", "message": "x"}]}),
            json!([]),
        ] {
            assert_eq!(read(&body), None, "{body}");
        }
        assert_eq!(read_error(b"<html>"), None);
    }

    #[test]
    fn only_a_success_is_read() {
        assert!(envelope(json!({"success": true, "result": [1]})).is_ok());
        assert!(envelope(json!({"success": false, "result": [1]})).is_err());
        assert!(envelope(json!({"result": [1]})).is_err());
        assert!(envelope(json!({"success": true, "result": null})).is_err());
    }

    #[test]
    fn the_last_page_is_told_by_the_count_of_pages_or_by_a_page_that_is_not_full() {
        let page = |info: serde_json::Value| {
            envelope(json!({"success": true, "result": [1, 2], "result_info": info})).unwrap()
        };
        assert!(!page(json!({"total_pages": 2})).is_last(1, 2));
        assert!(page(json!({"total_pages": 2})).is_last(2, 2));
        assert!(page(json!({"total_pages": 0})).is_last(1, 2));
        assert!(!page(json!({"per_page": 2})).is_last(1, 100), "the server chose smaller pages");
        assert!(page(json!({})).is_last(1, 100));
        assert!(page(json!(null)).is_last(1, 3));
        assert!(!page(json!(null)).is_last(1, 2));
    }
}
