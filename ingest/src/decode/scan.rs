//! Where JSON values begin and end, found without believing that they are
//! valid: only strings, escapes and brackets count. A malformed record can so
//! be cut out from between its neighbours.

/// Why a value could not be followed to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The text ends inside the value.
    Ends,
    /// The byte at this index cannot stand there.
    At(usize),
}

/// Members of one object that are remembered; a hostile object of millions of
/// members is still followed to its end.
const MEMBERS_MAX: usize = 4096;

/// One member of an object: where its value lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member<'a> {
    /// The name as written, without quotes.
    pub(super) name: &'a [u8],
    /// Index of the value's first byte.
    pub(super) start: usize,
    /// Index behind the value's last byte; the end of the text if it is broken.
    pub(super) end: usize,
}

/// The members of one object, as far as it could be followed.
#[derive(Debug)]
pub(super) struct Outline<'a> {
    pub(super) members: Vec<Member<'a>>,
    /// Index behind the closing brace.
    pub(super) end: Result<usize, Broken>,
}

impl Outline<'_> {
    /// The member `name`, in exactly this spelling.
    pub(super) fn get(&self, name: &str) -> Option<&Member<'_>> {
        self.members
            .iter()
            .find(|member| member.name == name.as_bytes())
    }

    /// Index up to which the object was followed.
    pub(super) fn seen(&self, text: &[u8]) -> usize {
        match self.end {
            Ok(end) | Err(Broken::At(end)) => end,
            Err(Broken::Ends) => text.len(),
        }
    }

    /// True when there is a member `name`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// Follows the object that begins at `start`.
pub(super) fn outline(text: &[u8], start: usize) -> Outline<'_> {
    let mut members = Vec::with_capacity(32);
    let end = follow_object(text, start, &mut members);
    Outline { members, end }
}

fn follow_object<'a>(
    text: &'a [u8],
    start: usize,
    members: &mut Vec<Member<'a>>,
) -> Result<usize, Broken> {
    let mut at = skip_space(text, start + 1);
    if text.get(at) == Some(&b'}') {
        return Ok(at + 1);
    }
    loop {
        let name_end = expect(text, at, b'"').and_then(|()| string_end(text, at))?;
        let colon = skip_space(text, name_end);
        expect(text, colon, b':')?;
        let value = skip_space(text, colon + 1);
        let value_end = value_end(text, value);
        if members.len() < MEMBERS_MAX {
            members.push(Member {
                name: &text[at + 1..name_end - 1],
                start: value.min(text.len()),
                end: value_end.unwrap_or(text.len()),
            });
        }
        at = skip_space(text, value_end?);
        match text.get(at) {
            Some(b',') => at = skip_space(text, at + 1),
            Some(b'}') => return Ok(at + 1),
            Some(_) => return Err(Broken::At(at)),
            None => return Err(Broken::Ends),
        }
    }
}

fn expect(text: &[u8], at: usize, byte: u8) -> Result<(), Broken> {
    match text.get(at) {
        Some(&found) if found == byte => Ok(()),
        Some(_) => Err(Broken::At(at)),
        None => Err(Broken::Ends),
    }
}

/// Index behind the value that begins at `start`.
pub(super) fn value_end(text: &[u8], start: usize) -> Result<usize, Broken> {
    match text.get(start) {
        None => Err(Broken::Ends),
        Some(b'"') => string_end(text, start),
        Some(b'{' | b'[') => container_end(text, start),
        Some(_) => scalar_end(text, start),
    }
}

/// Index behind the string that begins at `quote`, if a colon follows it.
pub(super) fn name_end(text: &[u8], quote: usize) -> Option<usize> {
    let end = string_end(text, quote).ok()?;
    (text.get(skip_space(text, end)) == Some(&b':')).then_some(end)
}

/// Index behind the string that begins at `quote`. A line end inside it is
/// where it breaks: JSON writes line ends as escapes, so this one is the end of
/// a line that lost its rest.
fn string_end(text: &[u8], quote: usize) -> Result<usize, Broken> {
    let mut at = quote + 1;
    loop {
        match text.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at += 2,
            Some(b'\n') => return Err(Broken::At(at)),
            Some(_) => at += 1,
            None => return Err(Broken::Ends),
        }
    }
}

fn container_end(text: &[u8], start: usize) -> Result<usize, Broken> {
    let mut open = Brackets::default();
    let mut at = start;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => {
                at = string_end(text, at)?;
                continue;
            }
            b'{' | b'[' => open.push(byte),
            b'}' | b']' if !open.pop(byte) => return Err(Broken::At(at)),
            b'}' | b']' if open.depth == 0 => return Ok(at + 1),
            _ => {}
        }
        at += 1;
    }
    Err(Broken::Ends)
}

fn scalar_end(text: &[u8], start: usize) -> Result<usize, Broken> {
    let length = text[start..]
        .iter()
        .take_while(|byte| !byte.is_ascii_whitespace() && !b",:[]{}\"".contains(byte))
        .count();
    if length == 0 {
        return Err(Broken::At(start));
    }
    Ok(start + length)
}

/// Index of the first byte from `start` that is not white space.
pub(super) fn skip_space(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while text.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// Open brackets. Their kinds are remembered for the outer 128 levels, deeper
/// ones are only counted: no real record gets there, and no hostile one can
/// make this grow.
#[derive(Default)]
struct Brackets {
    depth: usize,
    braces: u128,
}

impl Brackets {
    fn push(&mut self, opening: u8) {
        if let Some(level) = self.level() {
            self.braces &= !level;
            if opening == b'{' {
                self.braces |= level;
            }
        }
        self.depth += 1;
    }

    /// False when `closing` does not close what is open.
    fn pop(&mut self, closing: u8) -> bool {
        self.depth = self.depth.saturating_sub(1);
        self.level()
            .is_none_or(|level| (self.braces & level != 0) == (closing == b'}'))
    }

    fn level(&self) -> Option<u128> {
        u32::try_from(self.depth)
            .ok()
            .and_then(|depth| 1_u128.checked_shl(depth))
    }
}
