//! The client: where to, with which credential, how patient.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use action::{Context, SecretString, SharedClock};
use reqwest::redirect;

use crate::address::Address;
use crate::error::{Error, VendorError};
use crate::hosts::{Hosts, Resolver};
use crate::retry::Retries;
use crate::tls;

/// Reads a vendor's error body; `None` when it is not one.
pub(crate) type ReadError = fn(&[u8]) -> Option<VendorError>;

/// A client that is still being described.
pub struct Builder {
    base: Result<Address, Error>,
    authorization: Option<SecretString>,
    headers: Vec<(&'static str, String)>,
    read_error: ReadError,
    retries: Retries,
    body_limit: usize,
    timeout: Duration,
    follow_same_origin: bool,
    pooled: bool,
    alias: Option<(String, String)>,
}

/// A client for one vendor or one origin.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: reqwest::Client,
    pub(crate) base: Address,
    pub(crate) authorization: Option<SecretString>,
    pub(crate) read_error: ReadError,
    pub(crate) retries: Retries,
    pub(crate) body_limit: usize,
    pub(crate) clock: SharedClock,
    pub(crate) repeats: bool,
}

impl Builder {
    /// A client whose requests start at `base`, such as `https://api.render.com/v1`.
    #[must_use]
    pub fn new(base: &str) -> Self {
        Self {
            base: Address::parse(base),
            authorization: None,
            headers: Vec::new(),
            read_error: |_| None,
            retries: Retries::default(),
            body_limit: 8 * 1024 * 1024,
            timeout: Duration::from_secs(60),
            follow_same_origin: false,
            pooled: true,
            alias: None,
        }
    }

    /// A client for a vendor's API. The variable `variable` overrides `base`, for
    /// rehearsals and enterprise hosts.
    #[must_use]
    pub fn vendor(context: &Context, variable: &str, base: &str) -> Self {
        match context.variable(variable) {
            Some(address) => {
                tracing::info!("{variable} is set: asking {address} instead of {base}");
                Self::new(&address)
            }
            None => Self::new(base),
        }
    }

    /// Sends `Authorization: Bearer ...` with every request.
    #[must_use]
    pub fn bearer(mut self, token: SecretString) -> Self {
        self.authorization = Some(token);
        self
    }

    /// Sends a header with every request.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// How the vendor's error bodies are read.
    #[must_use]
    pub fn errors(mut self, read: fn(&[u8]) -> Option<VendorError>) -> Self {
        self.read_error = read;
        self
    }

    /// How often requests are repeated.
    #[must_use]
    pub const fn retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// The largest answer that is read, in bytes (default 8 MiB).
    #[must_use]
    pub const fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// How long one attempt may take in all (default one minute).
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Follows up to five redirects that stay on the same scheme, host and port.
    /// Without this none is followed. A credential never leaves its host.
    #[must_use]
    pub const fn follow_same_origin(mut self) -> Self {
        self.follow_same_origin = true;
        self
    }

    /// Opens a new connection for every request, so that a load balancer may pick
    /// another instance each time.
    #[must_use]
    pub const fn unpooled(mut self) -> Self {
        self.pooled = false;
        self
    }

    /// Connects to the machine `target` while asking for `host`, in the name of
    /// the TLS handshake and in the `Host` header alike.
    #[must_use]
    pub fn connect_to(mut self, host: &str, target: &str) -> Self {
        self.alias = Some((host.to_owned(), target.to_owned()));
        self
    }

    /// The client.
    ///
    /// # Errors
    /// [`Error::Invalid`]: the base address, `SSL_CERT_FILE` or `GREENROOM_HOSTS`
    /// cannot be used.
    pub fn build(self, context: &Context) -> Result<Client, Error> {
        let base = self.base?;
        let mut hosts = match context.variable("GREENROOM_HOSTS") {
            Some(text) => Hosts::parse(&text)?,
            None => Hosts::default(),
        };
        if let Some((host, target)) = &self.alias {
            hosts.alias(host, target);
        }
        let mut headers = reqwest::header::HeaderMap::new();
        for (name, value) in self.headers {
            let value =
                value.parse().map_err(|_| Error::Invalid(format!("header {name}: not a header's value")))?;
            headers.insert(name, value);
        }
        let inner = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::configuration(context)?)
            .dns_resolver(Arc::new(Resolver(Arc::new(hosts))))
            .user_agent(concat!("greenroom/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .referer(false)
            .pool_max_idle_per_host(if self.pooled { 8 } else { 0 })
            .retry(reqwest::retry::never())
            .redirect(if self.follow_same_origin {
                same_origin(base.clone())
            } else {
                redirect::Policy::none()
            })
            .connect_timeout(Duration::from_secs(10).min(self.timeout))
            .read_timeout(Duration::from_secs(30).min(self.timeout))
            .timeout(self.timeout)
            .build()
            .map_err(|error| Error::Invalid(error.to_string()))?;
        Ok(Client {
            inner,
            base,
            authorization: self.authorization,
            read_error: self.read_error,
            retries: self.retries,
            body_limit: self.body_limit,
            clock: context.shared_clock(),
            repeats: true,
        })
    }
}

impl Client {
    /// The same client without repetitions: inside a wait, the wait is the retry.
    #[must_use]
    pub fn once(&self) -> Self {
        Self { repeats: false, ..self.clone() }
    }

    /// Where requests start.
    #[must_use]
    pub const fn base(&self) -> &Address {
        &self.base
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.base).finish_non_exhaustive()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("base", &self.base).finish_non_exhaustive()
    }
}

fn same_origin(base: Address) -> redirect::Policy {
    redirect::Policy::custom(move |attempt| {
        if attempt.previous().len() <= 5 && base.same_origin(attempt.url()) {
            attempt.follow()
        } else {
            attempt.stop()
        }
    })
}
