//! What must hold for any bytes.

use proptest::prelude::*;

use super::{ids, limits, read, record};
use crate::limits::Limits;

/// Bits of JSON, and bytes, so that structure and damage both occur often.
fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let fragment = prop_oneof![
        prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            "\"",
            ",",
            ":",
            "\\",
            "\n",
            "null",
            "1",
            "\"Records\":[",
            "\"message\":\"",
            "\"detail\":{",
            "\"eventSource\":\"a\"",
            "\"eventName\":\"b\"",
            "\u{1f}",
            "<",
            "\"s3\":",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        Just(record("r").into_bytes()),
        prop::collection::vec(any::<u8>(), 0..12),
    ];
    prop::collection::vec(fragment, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..2048)) {
        read(&bytes, &limits());
    }

    #[test]
    fn no_json_like_bytes_make_it_panic(bytes in fragments()) {
        read(&bytes, &limits());
        super::super::decode(&bytes, &limits(), &mut |_| ());
    }

    #[test]
    fn findings_lie_in_order_and_do_not_overlap(bytes in fragments()) {
        let limits = limits();
        let mut end = 0;
        super::super::decode_reader(bytes.as_slice(), &limits, &mut |found| {
            let (super::super::Found::Record(piece)
            | super::super::Found::Refused { piece, .. }) = found;
            let start = piece.offset;
            // Only what lies in the source itself, not what was unpacked.
            let rest = bytes.get(start as usize..).unwrap_or_default();
            if rest.starts_with(piece.bytes) {
                assert!(start >= end, "{start} after {end}");
                end = start + piece.bytes.len() as u64;
            }
        });
    }

    #[test]
    fn garbage_in_one_line_leaves_all_others(
        count in 2_usize..12,
        place in any::<prop::sample::Index>(),
        garbage in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..80),
            fragments(),
        ],
        block_bytes in 1_usize..4000,
    ) {
        let garbage: Vec<u8> = garbage.into_iter().filter(|byte| *byte != b'\n').collect();
        let place = place.index(count);
        let mut expected = Vec::new();
        let mut specimen = Vec::new();
        for line in 0..count {
            if line == place {
                specimen.extend_from_slice(&garbage);
            } else {
                let id = format!("line-{line}");
                specimen.extend_from_slice(record(&id).as_bytes());
                expected.push(id);
            }
            specimen.push(b'\n');
        }
        // Compressed data and schema numbers at the start are layers, no lines.
        let is_layer = place == 0 && (garbage.first() == Some(&0) || garbage.starts_with(b"\x1f\x8b") || garbage.starts_with(b"\x28\xb5\x2f\xfd"));
        prop_assume!(!is_layer);
        let limits = Limits { block_bytes, ..limits() };
        let batch = read(&specimen, &limits);
        let found: Vec<_> = ids(&batch).into_iter().filter(|id| *id != "r").collect();
        prop_assert_eq!(found, expected);
    }
}
