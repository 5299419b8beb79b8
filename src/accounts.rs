//! Account IDs as people write them.

/// The error names the first that is none.
pub(crate) fn check(accounts: &[String]) -> Result<(), String> {
    let is_account =
        |account: &String| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    match accounts.iter().find(|account| !is_account(account)) {
        Some(account) => Err(format!("{account:?} is not a 12-digit account ID")),
        None => Ok(()),
    }
}

/// In order and each once, so that the same accounts give the same report.
pub(crate) fn sorted(accounts: &[String]) -> Vec<String> {
    let sorted: std::collections::BTreeSet<&String> = accounts.iter().collect();
    sorted.into_iter().cloned().collect()
}
