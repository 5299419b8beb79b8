//! What the operating system says of this process.

/// Bytes of memory that are in use; `None` where the system does not say
/// (`/proc`, so other than Linux).
pub(crate) fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    of_status(&status)
}

/// `VmRSS:     1234 kB` (proc_pid_status(5)).
fn of_status(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::of_status;

    #[test]
    fn resident_memory_is_in_kilobytes_of_1024() {
        let status = "Name:\ttrailwright\nVmHWM:\t  900 kB\nVmRSS:\t  512 kB\n";
        assert_eq!(of_status(status), Some(512 * 1024));
        assert_eq!(of_status("Name:\ttrailwright\n"), None);
    }
}
