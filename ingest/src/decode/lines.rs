//! Telling JSON lines from other JSON by looking at the first lines.

use super::scan;

/// Lines looked at: enough to outvote a few bad ones.
const SAMPLE_LINES: usize = 64;

/// True when most of the first lines are a JSON value each. Pretty-printed
/// documents and arrays with one record a line are not: their lines are parts
/// of values or end with commas.
pub(super) fn is_lines(text: &[u8]) -> bool {
    if !text.contains(&b'\n') {
        return false;
    }
    let mut lines = 0_usize;
    let mut complete = 0_usize;
    let not_blank = text
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty());
    for line in not_blank.take(SAMPLE_LINES) {
        lines += 1;
        complete += usize::from(is_value(line));
    }
    complete > 0 && complete * 2 >= lines
}

fn is_value(line: &[u8]) -> bool {
    matches!(line.first(), Some(b'{' | b'[' | b'"')) && scan::value_end(line, 0) == Ok(line.len())
}
