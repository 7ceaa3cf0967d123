//! The HTTP client for requests to WhatsApp, and to the stub that takes its place in a demo.

use reqwest::redirect;
use std::time::Duration;

/// Builds an HTTP client that follows no redirect and uses no proxy to reach this machine.
///
/// # Errors
/// When no client can be built on this machine.
pub(in crate::gateway) fn build_client(to: &url::Url, timeout: Duration) -> reqwest::Result<reqwest::Client> {
    // The first to install it wins, and all install the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let loopback = match to.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let builder = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .connect_timeout(timeout.min(Duration::from_secs(10)))
        .timeout(timeout);
    if loopback { builder.no_proxy().build() } else { builder.build() }
}
