//! Ed25519 keys as OpenSSL writes them, and signatures as it checks them.

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};
use sha2::{Digest as _, Sha256};

use crate::failure::Failure;

/// What stands before the 32 bytes of the key in a SubjectPublicKeyInfo
/// (RFC 8410, section 4).
const SPKI_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// What signs packs.
#[derive(Debug)]
pub(crate) struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Reads a file such as `openssl genpkey -algorithm ed25519` writes.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        Self::from_pem(&text(path)?).map_err(|why| {
            Failure::usage(format!(
                "{}: {why}; make a key by `openssl genpkey -algorithm ed25519 -out key.pem`",
                path.display()
            ))
        })
    }

    pub(super) fn from_pem(pem: &[u8]) -> Result<Self, String> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem)
            .map_err(|_| "there is no unencrypted PKCS#8 private key in PEM".to_owned())?;
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der());
        pair.map(Self)
            .map_err(|error| format!("it is no Ed25519 key ({error})"))
    }

    /// 64 bytes (RFC 8032).
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }

    pub(crate) fn public(&self) -> PublicKey {
        let mut der = SPKI_PREFIX.to_vec();
        der.extend(self.0.public_key().as_ref());
        PublicKey(der)
    }
}

/// What checks signatures: a SubjectPublicKeyInfo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey(Vec<u8>);

impl PublicKey {
    /// Reads a file such as `openssl pkey -pubout` writes.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        Self::from_pem(&text(path)?).map_err(|why| {
            Failure::usage(format!(
                "{}: {why}; get it by `openssl pkey -in key.pem -pubout -out public.pem`",
                path.display()
            ))
        })
    }

    pub(super) fn from_pem(pem: &[u8]) -> Result<Self, String> {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem)
            .map_err(|_| "there is no public key in PEM".to_owned())?;
        let is_ed25519 = der.len() == SPKI_PREFIX.len() + 32 && der.starts_with(&SPKI_PREFIX);
        match is_ed25519 {
            true => Ok(Self(der.to_vec())),
            false => Err("it is no Ed25519 public key".to_owned()),
        }
    }

    pub(super) fn to_pem(&self) -> String {
        let body = STANDARD.encode(&self.0);
        format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
    }

    /// Whether `signature` was made of `message` by the private half.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, &self.0[SPKI_PREFIX.len()..]);
        key.verify(message, signature).is_ok()
    }
}

/// Its fingerprint: SHA-256 of the key in DER.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SHA256:{}", hex::encode(Sha256::digest(&self.0)))
    }
}

fn text(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::{PublicKey, SigningKey};
    use crate::evidence::tests::key;

    /// `openssl pkey -pubout` of the key of which `openssl pkeyutl -sign -rawin`
    /// made the signature.
    const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=\n-----END PUBLIC KEY-----\n";
    const SIGNATURE: &str =
        "9mXWhM3hEIJqZWbCTT8IbhqXUhlIh2akAYnWBDLkEGVSF39H0OVDTmb1r5o89jIS1lfi69SXn4c9BrCjUeX8Cw==";

    #[test]
    fn keys_and_signatures_are_those_of_openssl() {
        let message = b"the same bytes\n";
        let signature = key(7).sign(message);
        assert_eq!(STANDARD.encode(&signature), SIGNATURE);
        assert_eq!(key(7).public().to_pem(), PUBLIC);
        let public = PublicKey::from_pem(PUBLIC.as_bytes()).unwrap();
        assert!(public.verifies(message, &signature));
        assert!(!public.verifies(b"other bytes\n", &signature));
        assert!(!public.verifies(message, &signature[..63]));
        // openssl pkey -pubin -in public.pem -outform DER | sha256sum
        assert_eq!(
            public.to_string(),
            "SHA256:324be2dea8bc44461b0233e51fa48902ed6b1cc671e7739af2551e0bfe68f54e"
        );
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let public = PublicKey::from_pem(b"").unwrap_err();
        assert_eq!(public, "there is no public key in PEM");
        let private = SigningKey::from_pem(PUBLIC.as_bytes()).unwrap_err();
        assert!(private.contains("no unencrypted PKCS#8"), "{private}");
        let [begin, end] = ["BEGIN", "END"].map(|word| format!("-----{word} PRIVATE KEY-----"));
        let other = format!("{begin}\nMAA=\n{end}\n");
        let other = SigningKey::from_pem(other.as_bytes()).unwrap_err();
        assert!(other.contains("it is no Ed25519 key"), "{other}");
    }
}
