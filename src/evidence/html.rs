//! `report.html`: the report for people, in one file without scripts and
//! without anything from elsewhere. Records hold what attackers chose to write:
//! everything that is not ours goes through [`escaped`].

mod completeness;
mod cover;
mod section;

use std::fmt::Write as _;

use super::Evidence;
use super::key::PublicKey;
use super::manifest::{MANIFEST, SIGNATURE};
use crate::failure::Failure;

const STYLE: &str = include_str!("html/style.css");

/// A browser is told to load and run nothing, whatever gets into the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// The whole page.
pub(super) fn page(evidence: &Evidence, signer: Option<&PublicKey>) -> Result<String, Failure> {
    let report = &evidence.report;
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
        escaped(&report.title)
    );
    page += &cover::cover(evidence, signer);
    page += &contents(evidence);
    page += &completeness::completeness(&evidence.coverage);
    if !report.notes.is_empty() {
        let notes = notes(&report.notes);
        let _ = write!(
            page,
            "<section id=\"notes\">\n<h2>How to read it</h2>\n{notes}</section>\n"
        );
    }
    for (section, table) in report.sections.iter().zip(&evidence.answers) {
        page += &section::section(section, table)?;
    }
    page += &check(signer);
    Ok(page + "</main>\n</body>\n</html>\n")
}

fn contents(evidence: &Evidence) -> String {
    let mut list = "<nav>\n<h2>Contents</h2>\n<ol>\n".to_owned();
    for (section, table) in evidence.report.sections.iter().zip(&evidence.answers) {
        let _ = writeln!(
            list,
            "<li><a href=\"#section-{}\">{}</a> <span class=\"count\">{}</span></li>",
            section.name,
            escaped(&section.title),
            rows(table.row_count()),
        );
    }
    list + "</ol>\n</nav>\n"
}

/// How to check the pack, with our tool and without it.
fn check(signer: Option<&PublicKey>) -> String {
    let mut text = format!(
        "<section id=\"check\">\n<h2>How to check this pack</h2>\n\
         <p><code>{MANIFEST}</code> names each file of the pack with its SHA-256, and the versions of the tables that \
         were read. The same report of the same versions gives the same bytes.</p>\n"
    );
    match signer {
        Some(key) => {
            let _ = write!(
                text,
                "<p>The pack says that the key <code>{key}</code> signed it. Get the public key from its owner, not from \
                 the pack, then:</p>\n<pre>trailwright report verify PACK.zip --key public.pem</pre>\n\
                 <p>or, with the pack unpacked and without Trailwright:</p>\n\
                 <pre>openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in {MANIFEST} -sigfile {SIGNATURE}\n\
                 sha256sum report.html report.json csv/* queries/*</pre>\n"
            );
        }
        None => {
            text += "<p>Nobody signed the pack. That its files fit together is checked by:</p>\n\
                     <pre>trailwright report verify PACK.zip</pre>\n";
        }
    }
    text + "</section>\n"
}

fn notes(notes: &[String]) -> String {
    let mut text = String::new();
    for note in notes {
        let _ = writeln!(text, "<p class=\"note\">{}</p>", escaped(note));
    }
    text
}

fn rows(count: usize) -> String {
    match count {
        0 => "no rows".to_owned(),
        1 => "1 row".to_owned(),
        many => {
            let many = super::chart::grouped(i64::try_from(many).unwrap_or(i64::MAX));
            format!("{many} rows")
        }
    }
}

/// Text as HTML shows it, in elements and in quoted attributes. Characters that
/// are not seen, or that turn the direction of others, are written out.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => {
                escaped.extend(character.escape_unicode());
            }
            _ if character.is_control() => escaped.extend(character.escape_default()),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_attackers_write_is_text_and_can_be_seen() {
        assert_eq!(
            escaped("<img src=x onerror='alert(1)'> & \"more\""),
            "&lt;img src=x onerror=&#39;alert(1)&#39;&gt; &amp; &quot;more&quot;"
        );
        assert_eq!(escaped("a\u{202e}b\u{0}c\nd"), "a\\u{202e}b\\u{0}c\\nd");
        assert_eq!(escaped("Zoë – 日本"), "Zoë – 日本");
    }
}
