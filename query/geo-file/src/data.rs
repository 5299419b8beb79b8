//! The data section: values with their type and size before them.

use serde_json::{Number, Value};

const TEXT: u8 = 2;
const DOUBLE: u8 = 3;
const UINT16: u8 = 5;
const UINT32: u8 = 6;
const MAP: u8 = 7;
const INT32: u8 = 8;
const UINT64: u8 = 9;
const ARRAY: u8 = 11;
const BOOLEAN: u8 = 14;

/// Writes a value. The format has no null: a member that is null is left out.
pub(crate) fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => {}
        Value::Bool(truth) => control(BOOLEAN, usize::from(*truth), out),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => self::text(text, out),
        Value::Array(elements) => {
            control(ARRAY, elements.len(), out);
            elements.iter().for_each(|element| write(element, out));
        }
        Value::Object(members) => {
            let members: Vec<_> = members
                .iter()
                .filter(|(_, value)| !value.is_null())
                .collect();
            map(members.len(), out);
            for (name, value) in members {
                text(name, out);
                write(value, out);
            }
        }
    }
}

/// Begins a map of so many members: a text and a value for each.
pub(crate) fn map(members: usize, out: &mut Vec<u8>) {
    control(MAP, members, out);
}

pub(crate) fn text(text: &str, out: &mut Vec<u8>) {
    control(TEXT, text.len(), out);
    out.extend(text.as_bytes());
}

pub(crate) fn uint16(number: u16, out: &mut Vec<u8>) {
    control(UINT16, 2, out);
    out.extend(number.to_be_bytes());
}

pub(crate) fn uint32(number: u32, out: &mut Vec<u8>) {
    control(UINT32, 4, out);
    out.extend(number.to_be_bytes());
}

pub(crate) fn uint64(number: u64, out: &mut Vec<u8>) {
    control(UINT64, 8, out);
    out.extend(number.to_be_bytes());
}

fn write_number(number: &Number, out: &mut Vec<u8>) {
    let whole = number.as_i64();
    if let Some(small) = whole.and_then(|whole| u32::try_from(whole).ok()) {
        uint32(small, out);
    } else if let Some(large) = number.as_u64() {
        uint64(large, out);
    } else if let Some(negative) = whole.and_then(|whole| i32::try_from(whole).ok()) {
        control(INT32, 4, out);
        out.extend(negative.to_be_bytes());
    } else if let Some(decimal) = number.as_f64() {
        control(DOUBLE, 8, out);
        out.extend(decimal.to_be_bytes());
    }
}

/// The type in three bits or, from 8 on, in a byte of its own; the size in five
/// bits, or what is missing in the bytes that follow.
fn control(kind: u8, size: usize, out: &mut Vec<u8>) {
    const ONE_MORE_BYTE: usize = 29;
    const TWO_MORE_BYTES: usize = 285;
    let (bits, more) = match size {
        ..ONE_MORE_BYTE => (size, Vec::new()),
        ONE_MORE_BYTE..TWO_MORE_BYTES => (29, (size - ONE_MORE_BYTE).to_be_bytes()[7..].to_vec()),
        _ => (30, (size - TWO_MORE_BYTES).to_be_bytes()[6..].to_vec()),
    };
    let bits = bits.to_le_bytes()[0];
    match kind {
        ..8 => out.push(kind << 5 | bits),
        _ => out.extend([bits, kind - 7]),
    }
    out.extend(more);
}
