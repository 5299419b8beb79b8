//! ARN templates such as `arn:${Partition}:s3:::${BucketName}/${ObjectName}`.

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text that every ARN of the type has.
    Literal(&'static str),
    /// A variable's name.
    Variable(&'static str),
}

/// The form of the ARNs of one resource type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

impl Template {
    /// Reads what follows `arn:${Partition}:`.
    pub(super) fn parse(text: &'static str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, variable, after)) = next_variable(rest) {
            if !before.is_empty() {
                pieces.push(Piece::Literal(before));
            }
            pieces.push(Piece::Variable(variable));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest));
        }
        Self { pieces }
    }

    /// The parts, in order, without the leading `arn:partition:`.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The variables that only the request can fill.
    pub fn variables(&self) -> impl Iterator<Item = &'static str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(name) if !is_place(name) => Some(*name),
            _ => None,
        })
    }

    /// How many characters every ARN of this type shares: of two templates
    /// that fit an ARN, the one with more is the ARN's type.
    pub fn literal_len(&self) -> usize {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => text.len(),
                Piece::Variable(_) => 0,
            })
            .sum()
    }

    /// Whether `arn` has this form.
    pub fn matches(&self, arn: &str) -> bool {
        let Some((_, rest)) = arn
            .strip_prefix("arn:")
            .and_then(|rest| rest.split_once(':'))
        else {
            return false;
        };
        matches(&self.pieces, rest)
    }
}

/// Partition, Region and account: known from the record itself.
pub(crate) fn is_place(variable: &str) -> bool {
    matches!(variable, "Partition" | "Region" | "Account")
}

fn matches(pieces: &[Piece], text: &str) -> bool {
    match pieces {
        [] => text.is_empty(),
        [Piece::Literal(literal), rest @ ..] => text
            .strip_prefix(literal)
            .is_some_and(|text| matches(rest, text)),
        [Piece::Variable(name)] => !text.is_empty() || is_place(name),
        [Piece::Variable(name), rest @ ..] => {
            let least = usize::from(!is_place(name));
            // A place never crosses a colon; other variables may.
            let most = if is_place(name) {
                text.find(':').unwrap_or(text.len())
            } else {
                text.len()
            };
            (least..=most)
                .filter(|at| text.is_char_boundary(*at))
                .any(|at| matches(rest, &text[at..]))
        }
    }
}

fn next_variable(text: &'static str) -> Option<(&'static str, &'static str, &'static str)> {
    let (before, rest) = text.split_once("${")?;
    let (variable, after) = rest.split_once('}')?;
    Some((before, variable, after))
}
