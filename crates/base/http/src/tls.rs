//! TLS: Mozilla's roots, plus those of the file that `SSL_CERT_FILE` names.
//!
//! Whoever speaks TLS without speaking HTTP takes its roots and its cryptography
//! from here too, so that one variable and one library hold for the whole house.

use std::path::Path;
use std::sync::Arc;

use action::Context;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::error::Error;

/// The cryptography of every connection: ring alone.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The roots that every connection trusts: Mozilla's, and those of `SSL_CERT_FILE`.
///
/// # Errors
/// [`Error::Invalid`] when the file cannot be read or holds no certificate.
pub fn trusted_roots(context: &Context) -> Result<RootCertStore, Error> {
    roots_with(context.variable("SSL_CERT_FILE").as_deref().map(Path::new))
}

/// The roots of one PEM file, and no others.
///
/// # Errors
/// What is wrong with the file, as a fragment that reads after its name.
pub fn roots_of(file: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    add_roots(&mut roots, file)?;
    Ok(roots)
}

/// The configuration of every HTTP connection.
///
/// # Errors
/// As [`trusted_roots`].
pub(crate) fn configuration(context: &Context) -> Result<ClientConfig, Error> {
    let roots = trusted_roots(context)?;
    let versions = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Invalid(error.to_string()))?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

fn roots_with(extra: Option<&Path>) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(file) = extra {
        add_roots(&mut roots, file).map_err(|problem| {
            Error::Invalid(format!(
                "SSL_CERT_FILE names `{}`, which cannot be used: {problem}",
                file.display()
            ))
        })?;
    }
    Ok(roots)
}

fn add_roots(roots: &mut RootCertStore, file: &Path) -> Result<(), String> {
    let certificates: Vec<_> =
        CertificateDer::pem_file_iter(file).and_then(Iterator::collect).map_err(|error| error.to_string())?;
    if certificates.is_empty() {
        return Err("it holds no certificate".to_owned());
    }
    // A system's bundle may hold old roots that cannot be parsed; the rest count.
    let (added, _) = roots.add_parsable_certificates(certificates);
    if added == 0 { Err("it holds no certificate that can be parsed".to_owned()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_certificate_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("roots.pem");
        assert!(roots_with(None).is_ok());
        assert!(roots_with(Some(&file)).is_err());
        for text in ["", "no pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            std::fs::write(&file, text).unwrap();
            assert!(roots_with(Some(&file)).is_err(), "{text}");
            assert!(roots_of(&file).is_err(), "{text}");
        }
    }
}
