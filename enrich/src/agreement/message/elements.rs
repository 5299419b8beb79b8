//! Who wanted to do what on what, in the words of a message.

/// `User: …`
pub(super) fn principal(message: &str) -> Option<String> {
    let said = after(message, "User: ")?;
    match said.split_once(" is not authorized") {
        Some((principal, _)) => Some(principal.to_owned()),
        None => word(said),
    }
}

/// `… to perform: …`; some services leave out the colon.
pub(super) fn action(message: &str) -> Option<String> {
    let said = after(message, "not authorized to perform: ")
        .or_else(|| after(message, "not authorized to perform "))?;
    word(said).filter(|word| word.contains(':'))
}

/// Before the resource.
pub(super) const ON_RESOURCE: &str = " on resource: ";

/// `… on resource: …`: an ARN, or a kind and a name (`user ada`), up to the
/// reason, without quotation marks.
pub(super) fn resource(message: &str) -> Option<String> {
    let said = after(message, ON_RESOURCE)?;
    let resource = match said.strip_prefix('"') {
        Some(quoted) => quoted.rsplit_once('"').map_or(quoted, |(inside, _)| inside),
        None => {
            let end = [" because ", " with an explicit deny", ". ", "\n"]
                .iter()
                .filter_map(|end| said.find(end))
                .min();
            end.and_then(|end| said.get(..end)).unwrap_or(said)
        }
    };
    let resource = resource.trim().trim_end_matches('.');
    (!resource.is_empty()).then(|| resource.to_owned())
}

/// What comes after the first `before`.
pub(super) fn after<'a>(message: &'a str, before: &str) -> Option<&'a str> {
    message.split_once(before).map(|(_, after)| after)
}

/// `… with the following authorization id: …`
pub(super) fn authorization_id(message: &str) -> Option<String> {
    after(message, "authorization id: ").and_then(word)
}

fn word(said: &str) -> Option<String> {
    let word = said.split_whitespace().next()?.trim_end_matches('.');
    (!word.is_empty()).then(|| word.to_owned())
}
