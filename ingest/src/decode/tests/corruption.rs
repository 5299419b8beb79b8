//! Damage, and what survives it.

use trailwright_schemas::Reason;

use super::{gzip, limits, offset, quoted, read, record, records, yields};
use crate::limits::Limits;

#[test]
fn everything_inflated_before_a_cut_is_read() {
    let text = records(&["a", "b", "c"]);
    let cut = offset(&text, &record("c")) as usize + 40;
    // Stored, not deflated, so that the cut falls on a byte that is known.
    let whole = gzip_stored(text.as_bytes());
    let header = 10 + 5;
    let specimen = &whole[..header + cut];
    let partial = offset(&text, &record("c"));
    yields(
        specimen,
        &["a", "b"],
        &[
            (Reason::Truncated, partial),
            (Reason::Truncated, cut as u64),
        ],
    );
    let between = partial as usize - 1;
    yields(
        &whole[..header + between],
        &["a", "b"],
        &[(Reason::Truncated, between as u64)],
    );
    yields(&whole[..1], &[], &[(Reason::InvalidJson, 0)]);
    yields(&whole[..5], &[], &[(Reason::Truncated, 0)]);
}

fn gzip_stored(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let level = flate2::Compression::none();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_bad_checksum_is_said_and_the_records_are_kept() {
    let text = records(&["a", "b"]);
    let mut bad = gzip(&text);
    let checksum = bad.len() - 8;
    bad[checksum] ^= 0xff;
    let end = text.len() as u64;
    let batch = yields(bad, &["a", "b"], &[(Reason::CorruptGzip, end)]);
    assert!(batch.rejected[0].detail.contains("checksum"));
}

#[test]
fn damaged_compressed_data_is_said() {
    let mut bad = gzip(records(&["a", "b"]));
    bad[10] = 0xff;
    yields(bad, &[], &[(Reason::CorruptGzip, 0)]);
}

#[test]
fn trailing_garbage_is_kept_as_rejected_bytes() {
    let text = records(&["a"]);
    let mut specimen = gzip(&text);
    specimen.extend_from_slice(b"garbage");
    let end = text.len() as u64;
    let batch = yields(specimen, &["a"], &[(Reason::CorruptGzip, end)]);
    assert_eq!(batch.rejected[0].original, b"garbage");
}

#[test]
fn all_members_are_read_and_their_offsets_go_on() {
    let (first, second) = (records(&["a"]), records(&["b"]));
    let specimen = [gzip(&first), gzip(&second)].concat();
    let batch = yields(specimen, &["a", "b"], &[]);
    let begins = first.len() as u64 + 12;
    assert_eq!(batch.parsed[1].provenance.offset, begins);
    let frames = [&first, &second].map(|text| zstd::encode_all(text.as_bytes(), 1).unwrap());
    yields(frames.concat(), &["a", "b"], &[]);
    let cut = frames.concat();
    yields(
        &cut[..cut.len() - 3],
        &["a"],
        &[(Reason::Truncated, first.len() as u64)],
    );
}

#[test]
fn a_gzip_bomb_stops_at_the_limit() {
    let small = Limits {
        inflated_bytes_max: 100_000,
        block_bytes: 1000,
        ..Limits::default()
    };
    for blank in ["\n", " "] {
        let bomb = gzip(record("a") + "\n" + &blank.repeat(1_000_000));
        assert!(bomb.len() < 2000);
        let batch = read(&bomb, &small);
        assert_eq!(super::ids(&batch), ["a"]);
        assert_eq!(batch.rejected.len(), 1);
        assert_eq!(batch.rejected[0].reason, Reason::InflatedTooLarge);
        assert_eq!(batch.rejected[0].offset, small.inflated_bytes_max);
    }
}

#[test]
fn a_plain_document_larger_than_the_limit_is_read_up_to_it() {
    let small = Limits {
        inflated_bytes_max: 3000,
        block_bytes: 1000,
        ..Limits::default()
    };
    let ids: Vec<_> = (0..20).map(|n| n.to_string()).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let batch = read(records(&ids).as_bytes(), &small);
    assert!((5..20).contains(&batch.parsed.len()));
    let last = batch.rejected.last().unwrap();
    assert_eq!(last.reason, Reason::InflatedTooLarge);
    // JSON lines have no such limit.
    let lines: String = ids.iter().map(|id| record(id) + "\n").collect();
    let batch = read(lines.as_bytes(), &small);
    assert_eq!((batch.parsed.len(), batch.rejected.len()), (20, 0));
}

#[test]
fn a_line_larger_than_the_limit_costs_only_itself() {
    let small = Limits {
        inflated_bytes_max: 3000,
        block_bytes: 1200,
        ..Limits::default()
    };
    let long = format!("\"{}\"", "x".repeat(9000));
    let lines = [record("a"), record("b"), record("c"), long, record("d")].join("\n");
    let batch = read(lines.as_bytes(), &small);
    assert_eq!(super::ids(&batch), ["a", "b", "c", "d"]);
    assert_eq!(batch.rejected.len(), 1);
    assert_eq!(batch.rejected[0].reason, Reason::InflatedTooLarge);
    assert_eq!(batch.rejected[0].offset, offset(&lines, "\"xxx"));
    assert_eq!(
        batch.parsed[3].provenance.offset,
        offset(&lines, &record("d"))
    );
}

#[test]
fn a_file_that_ends_inside_a_record_loses_only_that() {
    let text = records(&["a", "b", "c"]);
    let begins = offset(&text, &record("c"));
    for length in [1, 20, 200, record("c").len() - 1] {
        let cut = begins as usize + length;
        let batch = yields(&text[..cut], &["a", "b"], &[(Reason::Truncated, begins)]);
        let original = &batch.rejected[0].original;
        assert_eq!(original.as_slice(), &text.as_bytes()[begins as usize..cut]);
    }
    let array = format!("[{},{},", record("a"), record("b"));
    let end = array.len() as u64;
    yields(&array, &["a", "b"], &[(Reason::Truncated, end)]);
}

/// Ways to break a record's structure, each of which used to be a real file.
fn broken_records() -> Vec<String> {
    let good = record("x");
    vec![
        good.replace("\"Root\"", "Root"),
        good.replace("\"Root\"", "\"Root"),
        good.replace("\"Root\"", "Root\""),
        good.replacen("},", ",", 1),
        good.replacen("},", "}},", 1),
        good.replacen("],", "]],", 1),
        good.replacen(",\"resources\":[", ",\"resources\":", 1),
        good.replacen("\"userIdentity\":{", "\"userIdentity\":", 1),
        good.replace("ListBuckets", "List\u{1}Buckets"),
        good.replace("\"eventVersion\":", "\"eventVersion\""),
        good[..good.len() - 1].to_owned(),
        good[..good.len() - 100].to_owned(),
        good[1..].to_owned(),
        good.replace("\"x\"", "\"x\" \"y\""),
        good.replace("\"x\"", "\"x\\\""),
    ]
}

#[test]
fn a_broken_record_in_a_list_costs_only_itself() {
    for bad in broken_records() {
        let (before, after) = (record("a"), record("b"));
        for (open, close) in [(r#"{"Records":["#, "]}"), ("[", "]"), ("[\n", "\n]\n")] {
            let specimen = format!("{open}{before},{bad},{after}{close}");
            let begins = (open.len() + before.len() + 1) as u64;
            let batch = yields(&specimen, &["a", "b"], &[(Reason::InvalidJson, begins)]);
            assert_eq!(
                String::from_utf8_lossy(&batch.rejected[0].original),
                bad,
                "exactly the broken record is kept"
            );
        }
    }
}

#[test]
fn a_broken_first_record_costs_only_itself() {
    for bad in broken_records() {
        let specimen = format!(r#"{{"Records":[{bad},{},{}]}}"#, record("a"), record("b"));
        yields(&specimen, &["a", "b"], &[(Reason::InvalidJson, 12)]);
    }
}

#[test]
fn a_broken_record_in_json_lines_costs_only_itself() {
    for bad in broken_records() {
        let (before, after) = (record("a"), record("b"));
        let specimen = format!("{before}\n\n{bad}\n{after}\n");
        let batch = yields_at(&specimen, &["a", "b"], before.len() as u64 + 2);
        assert_eq!(batch.rejected[0].original, bad.as_bytes());
    }
}

/// Like `yields`, for one row whose reason is either of those for broken JSON.
#[track_caller]
fn yields_at(specimen: &str, events: &[&str], at: u64) -> crate::Batch {
    let batch = read(specimen.as_bytes(), &limits());
    assert_eq!(super::ids(&batch), events);
    let details: Vec<_> = batch.rejected.iter().map(|row| &row.detail).collect();
    assert_eq!(batch.rejected.len(), 1, "{specimen} {details:?}");
    let row = &batch.rejected[0];
    assert!([Reason::InvalidJson, Reason::Truncated].contains(&row.reason));
    assert_eq!(row.offset, at);
    batch
}

#[test]
fn a_broken_record_packed_in_a_list_costs_only_itself() {
    let event = |json: &str| format!(r#"{{"EventId":"e","CloudTrailEvent":{}}}"#, quoted(json));
    let truncated = &record("x")[..100];
    let specimen = format!(
        r#"{{"Events":[{},{},{},"oops",{}]}}"#,
        event(&record("a")),
        event(truncated),
        event("{}"),
        event(&record("b"))
    );
    yields(
        &specimen,
        &["a", "b"],
        &[
            (Reason::Truncated, offset(&specimen, &quoted(truncated))),
            (Reason::NotARecord, offset(&specimen, "\"{}\"")),
            (Reason::NotARecord, offset(&specimen, "\"oops\"")),
        ],
    );
}

#[test]
fn odd_elements_of_a_list_are_rejected_each_for_itself() {
    let specimen = format!(
        r#"{{"Records":[null,{},17,"text",{{}},[],{{"a":1}},undefined,{}]}}"#,
        record("a"),
        record("b")
    );
    let at = |part| offset(&specimen, part);
    yields(
        &specimen,
        &["a", "b"],
        &[
            (Reason::NotARecord, 12),
            (Reason::NotARecord, at("17,")),
            (Reason::NotARecord, at("\"text\"")),
            (Reason::NotARecord, at("{},[]")),
            (Reason::NotARecord, at("{\"a\"")),
            (Reason::InvalidJson, at("undefined")),
        ],
    );
}

#[test]
fn a_list_that_is_none_is_rejected() {
    for not_a_list in [
        r#"{"Records":{}}"#,
        r#"{"Records":null}"#,
        r#"{"Records":"x"}"#,
    ] {
        let batch = yields(not_a_list, &[], &[(Reason::NotARecord, 0)]);
        assert!(batch.rejected[0].detail.contains("Records"));
    }
    yields("null", &[], &[(Reason::NotARecord, 0)]);
}

#[test]
fn limits_of_one_record_leave_its_neighbours_alone() {
    let with = |member: &str| record("x").replacen('{', &format!("{{{member},"), 1);
    let nested = format!(
        r#""requestParameters":{}{}"#,
        "[".repeat(300),
        "]".repeat(300)
    );
    let large = format!(r#""requestParameters":"{}""#, "x".repeat(5 * 1024 * 1024));
    for (bad, reason) in [
        (with(&nested), Reason::TooDeeplyNested),
        (with(&large), Reason::RecordTooLarge),
        (
            with(r#""eventTime":"2024-05-01T10:00:00Z""#),
            Reason::InvalidJson,
        ),
        (
            record("x").replace("2024-05-01T", "yesterday "),
            Reason::InvalidTime,
        ),
        (
            record("x").replace("eu-west-1", "../etc"),
            Reason::InvalidRegion,
        ),
        (
            record("x").replace("\"eventName\"", "\"name\""),
            Reason::NotARecord,
        ),
    ] {
        let specimen = format!(r#"{{"Records":[{},{bad},{}]}}"#, record("a"), record("b"));
        let begins = 12 + record("a").len() as u64 + 1;
        let batch = yields(&specimen, &["a", "b"], &[(reason, begins)]);
        let row = &batch.rejected[0];
        assert!(row.original_complete);
        assert_eq!(row.original, bad.as_bytes());
    }
}

#[test]
fn bytes_that_are_not_unicode_cost_only_their_record() {
    let mut specimen = records(&["a", "x", "b"]).into_bytes();
    let text = String::from_utf8_lossy(&specimen).into_owned();
    let begins = offset(&text, &record("x"));
    let address = begins as usize + offset(&record("x"), "192.0.2.1") as usize;
    specimen[address] = 0xff;
    let rows = [(Reason::InvalidUtf8, begins)];
    let batch = yields(&specimen, &["a", "b"], &rows);
    assert_eq!(batch.rejected[0].original.len(), record("x").len());
}

#[test]
fn numbers_beyond_any_machine_type_stay_as_written() {
    let large = record("a").replacen('{', r#"{"edge":184467440737095516160,"#, 1);
    let batch = yields(&large, &["a"], &[]);
    let unknown = batch.parsed[0].record.unknown_fields.as_ref().unwrap();
    assert_eq!(unknown.as_str(), r#"{"edge":184467440737095516160}"#);
    assert_eq!(batch.parsed[0].received.raw, large);
}

#[test]
fn other_formats_are_named() {
    for (specimen, word) in [
        (
            "<!DOCTYPE html><html><body>{\"error\":1}</body></html>",
            "HTML",
        ),
        ("PAR1\u{15}", "Parquet"),
        ("eventVersion,eventTime\n1.08,2024-05-01\n", "begins with"),
    ] {
        let batch = yields(specimen, &[], &[(Reason::InvalidJson, 0)]);
        assert!(batch.rejected[0].detail.contains(word), "{specimen}");
    }
}

#[test]
fn lines_with_a_prefix_lose_the_prefix_only() {
    let specimen = format!(
        "May  1 host: {}\nMay  1 host: {}\n",
        record("a"),
        record("b")
    );
    let second = offset(&specimen, &record("a")) + record("a").len() as u64 + 1;
    let rows = [(Reason::InvalidJson, 0), (Reason::InvalidJson, second)];
    yields(&specimen, &["a", "b"], &rows);
}

#[test]
fn time_stays_linear_on_hostile_bytes() {
    // A megabyte each, of what would cost a backtracking decoder hours.
    for unit in [
        "{\"a\":",
        "{\"Records\":[",
        "[{\"",
        "{\"eventSource\":0,\"eventName\":{",
        "\\\"{",
        "{\"message\":\"{",
        ",{\"a\":[1,",
    ] {
        let specimen = unit.repeat(1024 * 1024 / unit.len());
        let batch = read(specimen.as_bytes(), &limits());
        assert!(batch.parsed.is_empty());
        assert!(!batch.rejected.is_empty(), "{unit}");
    }
}

#[test]
fn session_tokens_are_replaced_and_said_to_be() {
    let secret = r#""responseElements":{"credentials":{"sessionToken":"TOP-SECRET"}}"#;
    let good = record("a").replacen('{', &format!("{{{secret},"), 1);
    let packed = format!(r#"{{"Events":[{{"CloudTrailEvent":{}"#, quoted(&good));
    let bad = good.replace("\"Root\"", "Root");
    for specimen in [good, bad, packed] {
        let batch = read(specimen.as_bytes(), &limits());
        let everything = format!("{batch:?}");
        assert!(!everything.contains("TOP-SECRET"), "{everything}");
        for row in &batch.rejected {
            assert!(!String::from_utf8_lossy(&row.original).contains("TOP-SECRET"));
        }
        let fields = batch
            .parsed
            .iter()
            .map(|p| p.received.redacted_fields.len());
        let rows = batch.rejected.iter().map(|row| row.redacted_fields.len());
        assert_eq!(fields.chain(rows).sum::<usize>(), 1);
    }
}
