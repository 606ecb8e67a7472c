//! `sslmode`, against a server that speaks TLS with a certificate of our making.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use postgres::Error;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rehearsal::postgres::{PASSWORD, Postgres};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::world::{ledger, told};

/// An authority, and a certificate of it for one name.
fn certificate(name: &str, folder: &Path, file: &str) -> ServerConfig {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&authority_key).unwrap();
    std::fs::write(folder.join(file), root.pem()).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap()
}

/// Speaks TLS in front of a server as PostgreSQL does: it is asked first (PostgreSQL docs, SSL session encryption).
async fn front(server: u16, config: Option<ServerConfig>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = config.map(|config| TlsAcceptor::from(Arc::new(config)));
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                let mut request = [0; 8];
                client.read_exact(&mut request).await.unwrap();
                let asks = request[4..] == 80_877_103_u32.to_be_bytes();
                match acceptor {
                    Some(acceptor) if asks => {
                        client.write_all(b"S").await.unwrap();
                        if let Ok(mut client) = acceptor.accept(client).await {
                            let _ = copy_bidirectional(&mut client, &mut server).await;
                        }
                    }
                    _ if asks => {
                        client.write_all(b"N").await.unwrap();
                        let _ = copy_bidirectional(&mut client, &mut server).await;
                    }
                    _ => {
                        server.write_all(&request).await.unwrap();
                        let _ = copy_bidirectional(&mut client, &mut server).await;
                    }
                }
            });
        }
    });
    address
}

fn dsn(host: &str, front: SocketAddr, query: &str) -> String {
    format!("postgresql://postgres:{PASSWORD}@{host}:{}/postgres?connect_timeout=5&{query}", front.port())
}

#[tokio::test]
async fn each_mode_checks_what_libpq_checks() {
    let postgres = Postgres::with_ledger().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let good = front(postgres.port(), Some(certificate("localhost", folder.path(), "ca.pem"))).await;
    let named =
        front(postgres.port(), Some(certificate("elsewhere.example", folder.path(), "named.pem"))).await;
    let plain = front(postgres.port(), None).await;
    let ca = format!("sslrootcert={}", file("ca.pem"));
    let of_named = format!("sslrootcert={}", file("named.pem"));
    let ok = [
        (good, "sslmode=disable".to_owned()),
        (good, "sslmode=prefer".to_owned()),
        (plain, "sslmode=prefer".to_owned()),
        (good, "sslmode=require".to_owned()),
        (named, "sslmode=require".to_owned()),
        (good, format!("sslmode=require&{ca}")),
        (good, format!("sslmode=verify-ca&{ca}")),
        (named, format!("sslmode=verify-ca&{of_named}")),
        (good, format!("sslmode=verify-full&{ca}")),
    ];
    for (front, query) in ok {
        let read = ledger(&dsn("localhost", front, &query)).deployed_bases().await;
        assert!(read.is_ok(), "{query}: {read:?}");
    }
    let refused = [
        (plain, "sslmode=require".to_owned()),
        (plain, format!("sslmode=verify-full&{ca}")),
        (good, format!("sslmode=require&{of_named}")),
        (good, format!("sslmode=verify-ca&{of_named}")),
        (good, "sslmode=verify-ca".to_owned()),
        (good, "sslmode=verify-full".to_owned()),
        (good, "sslrootcert=system".to_owned()),
        (named, format!("sslmode=verify-full&{of_named}")),
    ];
    for (front, query) in refused {
        let error = ledger(&dsn("localhost", front, &query)).deployed_bases().await.unwrap_err();
        assert!(matches!(error, Error::Untrusted { .. }), "{query}: {error:?}");
        let told = told(error);
        assert!(
            told.starts_with("Denied no TLS with the database at localhost:") && told.contains("sslrootcert"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn the_extra_roots_of_the_house_count_here_too() {
    let postgres = Postgres::with_ledger().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let front = front(postgres.port(), Some(certificate("localhost", folder.path(), "ca.pem"))).await;
    let variables = [
        ("DATABASE_URL", dsn("localhost", front, "sslmode=verify-full")),
        ("SSL_CERT_FILE", folder.path().join("ca.pem").display().to_string()),
    ];
    let context =
        action::Context::detached(variables.into_iter().collect(), Arc::new(action::SimClock::default()));
    let ledger = postgres::Ledger::open(&context).unwrap();
    assert!(ledger.deployed_bases().await.is_ok());
}
