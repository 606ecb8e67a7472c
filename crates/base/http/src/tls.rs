//! TLS: Mozilla's roots, plus those of the file that `SSL_CERT_FILE` names.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::error::Error;

/// The configuration of every connection. ring is the only cryptography in it.
///
/// # Errors
/// [`Error::Invalid`] when the file cannot be read or holds no certificate.
pub(crate) fn configuration(extra_roots: Option<&Path>) -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(file) = extra_roots {
        add_roots(&mut roots, file).map_err(|problem| {
            Error::Invalid(format!(
                "SSL_CERT_FILE names `{}`, which cannot be used: {problem}",
                file.display()
            ))
        })?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Invalid(error.to_string()))?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
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
        assert!(configuration(None).is_ok());
        assert!(configuration(Some(&file)).is_err());
        for text in ["", "no pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            std::fs::write(&file, text).unwrap();
            assert!(configuration(Some(&file)).is_err(), "{text}");
        }
    }
}
