//! Seeded randomness and the identifiers made of it.

/// SplitMix64: small, and the same on every machine.
///
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators" (OOPSLA 2014).
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

const HEX: &[u8] = b"0123456789abcdef";
const KEY: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const NAME: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` to `most`, both included.
    pub(super) fn between(&mut self, least: u32, most: u32) -> u32 {
        let span = u64::from(most.saturating_sub(least)) + 1;
        // Less than 2^32, because span is at most 2^32.
        least + u32::try_from(self.next() % span).unwrap_or_default()
    }

    /// True once in `times`.
    pub(super) fn once_in(&mut self, times: u32) -> bool {
        self.between(1, times) == 1
    }

    fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length)
            .map(|_| {
                let last = u32::try_from(alphabet.len()).unwrap_or(1).saturating_sub(1);
                let at = self.between(0, last) as usize;
                char::from(alphabet.get(at).copied().unwrap_or(b'0'))
            })
            .collect()
    }

    /// Lower-case hexadecimal digits.
    pub(super) fn hex(&mut self, length: usize) -> String {
        self.text(HEX, length)
    }

    /// Letters and digits, as in the names of log files.
    pub(super) fn letters(&mut self, length: usize) -> String {
        self.text(NAME, length)
    }

    /// A random (version 4) UUID.
    pub(super) fn uuid(&mut self) -> String {
        let variant = self.text(b"89ab", 1);
        format!(
            "{}-{}-4{}-{variant}{}-{}",
            self.hex(8),
            self.hex(4),
            self.hex(3),
            self.hex(3),
            self.hex(12)
        )
    }

    /// The unique identifier of an IAM entity: `AIDA` for a user, `AROA` for a
    /// role, `AGPA` for a group, `ANPA` for a policy.
    pub(super) fn entity_id(&mut self, prefix: &str) -> String {
        format!("{prefix}{}", self.text(KEY, 17))
    }

    /// The identifier of temporary credentials.
    pub(super) fn temporary_key(&mut self) -> String {
        format!("ASIA{}", self.text(KEY, 16))
    }

    /// The identifier of a long-term access key.
    pub(super) fn long_term_key(&mut self) -> String {
        format!("AKIA{}", self.text(KEY, 16))
    }
}
