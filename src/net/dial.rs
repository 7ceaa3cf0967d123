//! Resolves names, opens TCP connections, and loads the certificates that TLS trusts.

use super::error::clean_server_text;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use url::Url;

/// The time limit for one address before the next is tried.
const EACH_ADDRESS: Duration = Duration::from_millis(2500);

/// The TLS settings, with the certificates of the system and those of `ca` (PEM). `wanted` is false for plain HTTP, for
/// which the system's certificates are not read.
pub(super) fn tls(ca: Option<&[u8]>, wanted: bool) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    if wanted {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if let Some(pem) = ca {
        let mut found = false;
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|why| format!("the file of certificates: {why}"))?;
            roots.add(certificate).map_err(|why| format!("the file of certificates: {why}"))?;
            found = true;
        }
        if !found {
            return Err("the file of certificates has none in PEM form".to_owned());
        }
    }
    if wanted && roots.is_empty() {
        return Err("this system has no certificates to trust; name some with `ca-file`".to_owned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| why.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

/// The addresses of a server.
pub(super) async fn resolve(url: &Url) -> io::Result<Vec<SocketAddr>> {
    let missing = || io::Error::new(io::ErrorKind::InvalidInput, "the address names no host");
    let port = url.port_or_known_default().ok_or_else(missing)?;
    match url.host().ok_or_else(missing)? {
        url::Host::Ipv4(ip) => Ok(vec![SocketAddr::from((ip, port))]),
        url::Host::Ipv6(ip) => Ok(vec![SocketAddr::from((ip, port))]),
        url::Host::Domain(name) => Ok(tokio::net::lookup_host((name, port)).await?.collect()),
    }
}

/// Connects to the first address that answers.
pub(super) async fn tcp(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in addresses {
        match tokio::time::timeout(EACH_ADDRESS, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Ok(Err(why)) => last = why,
            Err(_) => last = io::Error::new(io::ErrorKind::TimedOut, "no answer"),
        }
    }
    Err(last)
}

/// A server's name and port, for people.
pub(super) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The innermost cause of an error, which is the most specific one, for people.
pub(super) fn innermost_cause(why: &(dyn std::error::Error + 'static)) -> String {
    let mut inner = why;
    while let Some(source) = inner.source() {
        inner = source;
    }
    if let Some(io) = inner.downcast_ref::<io::Error>() {
        match io.kind() {
            io::ErrorKind::ConnectionRefused => return "nothing listens there".to_owned(),
            io::ErrorKind::TimedOut => return "no answer in time".to_owned(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => {
                return "the connection was cut".to_owned();
            }
            _ => {}
        }
    }
    clean_server_text(&inner.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_refused() {
        assert!(tls(Some(b"hello"), false).unwrap_err().contains("none in PEM form"));
        assert!(tls(None, false).is_ok());
    }
}
