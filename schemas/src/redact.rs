//! Keeping session tokens out of the lake.
//!
//! STS answers carry a session token that, together with the secret key, is a
//! credential. CloudTrail leaves the secret key out and the token in. The scan
//! is lexical, so that it also works on records that cannot be parsed and end
//! up in `rejected`.

use std::borrow::Cow;

/// What stands where a secret was.
pub(crate) const REDACTED: &str = "REDACTED";

/// The members whose text is replaced, in any letter case.
const SECRET_MEMBERS: [&str; 2] = ["sessionToken", "secretAccessKey"];

/// Bytes without secrets, and the names of the members that were replaced.
#[derive(Debug, PartialEq, Eq)]
pub struct Redacted<'a> {
    /// The text with each secret's value replaced by `REDACTED`.
    pub bytes: Cow<'a, [u8]>,
    /// Names of the replaced members as written, one entry per replacement.
    pub members: Vec<String>,
}

/// Replaces the string values of members that hold secrets, also inside JSON
/// that is packed into a string (`\"sessionToken\":\"…\"`).
pub fn redact(bytes: &[u8]) -> Redacted<'_> {
    let mut out = Vec::new();
    let mut members = Vec::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(quote) = find_quote(bytes, at) {
        let Some((name, after)) = secret_member(bytes, quote) else {
            at = quote + 1;
            continue;
        };
        let Some((start, end)) = string_value(bytes, after) else {
            at = after;
            continue;
        };
        if &bytes[start..end] != REDACTED.as_bytes() && start != end {
            out.extend_from_slice(&bytes[copied..start]);
            out.extend_from_slice(REDACTED.as_bytes());
            copied = end;
            members.push(name.to_owned());
        }
        at = end;
    }
    if members.is_empty() {
        return Redacted {
            bytes: Cow::Borrowed(bytes),
            members,
        };
    }
    out.extend_from_slice(&bytes[copied..]);
    Redacted {
        bytes: Cow::Owned(out),
        members,
    }
}

fn find_quote(bytes: &[u8], from: usize) -> Option<usize> {
    let found = bytes.get(from..)?.iter().position(|&byte| byte == b'"')?;
    Some(from + found)
}

/// The secret member whose quoted name begins at `quote`, and where it ends.
fn secret_member(bytes: &[u8], quote: usize) -> Option<(&str, usize)> {
    SECRET_MEMBERS.iter().find_map(|member| {
        let start = quote + 1;
        let end = start + member.len();
        let written = bytes.get(start..end)?;
        if !written.eq_ignore_ascii_case(member.as_bytes()) {
            return None;
        }
        let closing = skip_backslashes(bytes, end);
        let is_member = bytes.get(closing) == Some(&b'"');
        is_member.then_some((std::str::from_utf8(written).ok()?, closing + 1))
    })
}

/// Where the string that follows `: ` begins and ends, quotes excluded. The
/// end of input ends the string too: a truncated token is still a token.
fn string_value(bytes: &[u8], after_name: usize) -> Option<(usize, usize)> {
    let colon = skip_space(bytes, after_name);
    if bytes.get(colon) != Some(&b':') {
        return None;
    }
    let opening = skip_space(bytes, colon + 1);
    let quote = skip_backslashes(bytes, opening);
    if bytes.get(quote) != Some(&b'"') {
        return None;
    }
    let start = quote + 1;
    Some((start, string_end(bytes, start, quote - opening)))
}

/// Where the string ends whose quotes have `level` backslashes: none in plain
/// JSON, one in JSON that is packed into a string, three in that packed again.
/// A quote inside the string has more.
fn string_end(bytes: &[u8], start: usize, level: usize) -> usize {
    let mut at = start;
    while at < bytes.len() {
        let quote = skip_backslashes(bytes, at);
        let backslashes = quote - at;
        if bytes.get(quote) == Some(&b'"') {
            // In plain JSON, pairs of backslashes belong to the text.
            let is_end = match level {
                0 => backslashes.is_multiple_of(2),
                _ => backslashes <= level,
            };
            if is_end {
                return quote - level.min(backslashes);
            }
        }
        at = quote + 1;
    }
    bytes.len()
}

fn skip_backslashes(bytes: &[u8], from: usize) -> usize {
    let count = bytes
        .get(from..)
        .unwrap_or_default()
        .iter()
        .take_while(|&&byte| byte == b'\\')
        .count();
    from + count
}

fn skip_space(bytes: &[u8], from: usize) -> usize {
    let space = bytes
        .get(from..)
        .unwrap_or_default()
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    from + space
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::redact;

    fn text(input: &str) -> (String, usize) {
        let redacted = redact(input.as_bytes());
        let text = String::from_utf8(redacted.bytes.into_owned()).unwrap();
        (text, redacted.members.len())
    }

    #[test]
    fn tokens_go_and_everything_else_stays() {
        let (after, count) = text(
            r#"{"credentials":{"accessKeyId":"ASIA1","sessionToken" : "a\"b","expiration":"x"},"SessionToken":"c"}"#,
        );
        assert_eq!(
            after,
            r#"{"credentials":{"accessKeyId":"ASIA1","sessionToken" : "REDACTED","expiration":"x"},"SessionToken":"REDACTED"}"#
        );
        assert_eq!(count, 2);
    }

    #[test]
    fn a_truncated_token_is_redacted_too() {
        assert_eq!(
            text(r#"{"sessionToken":"abc"#).0,
            r#"{"sessionToken":"REDACTED"#
        );
    }

    #[test]
    fn text_that_only_mentions_a_token_is_untouched() {
        for input in [
            r#"{"a":"sessionToken"}"#,
            r#"{"sessionToken":null}"#,
            r#"{"sessionTokens":"x"}"#,
            "\"",
        ] {
            assert_eq!(text(input), (input.to_owned(), 0));
        }
    }

    #[test]
    fn redacting_twice_is_redacting_once() {
        let (once, _) = text(r#"{"sessionToken":"abc"}"#);
        assert_eq!(text(&once), (once.clone(), 0));
    }

    #[test]
    fn tokens_in_json_packed_into_strings_go_too() {
        assert_eq!(
            text(r#"{"message":"{\"sessionToken\": \"abc\",\"b\":\"c\"}"}"#).0,
            r#"{"message":"{\"sessionToken\": \"REDACTED\",\"b\":\"c\"}"}"#
        );
        assert_eq!(
            text(r#""{\\\"sessionToken\\\":\\\"abc\\\"}""#).0,
            r#""{\\\"sessionToken\\\":\\\"REDACTED\\\"}""#
        );
        assert_eq!(
            text(r#"{"sessionToken":"ends with a backslash\\","b":"c"}"#).0,
            r#"{"sessionToken":"REDACTED","b":"c"}"#
        );
    }
}
