//! One request: built, sent, read, judged.

use std::error::Error as _;

use action::ExposeSecret as _;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::address::Address;
use crate::answer::{Answer, excerpt};
use crate::client::Client;
use crate::error::Error;
use crate::limits;
use crate::multipart;
use crate::retry::{Repeat, with_retries};

/// A request that has not been sent yet.
#[must_use = "a request does nothing until it is sent"]
#[derive(Debug)]
pub struct Request<'c> {
    client: &'c Client,
    method: Method,
    address: Result<Address, Error>,
    body: Option<(String, Vec<u8>)>,
    repeat: Repeat,
    private: bool,
}

impl<'c> Request<'c> {
    pub(crate) fn new<'a>(
        client: &'c Client,
        method: Method,
        path: impl IntoIterator<Item = &'a str>,
        repeat: Repeat,
    ) -> Self {
        let repeat = if client.repeats { repeat } else { Repeat::Never };
        Self { client, method, address: client.base.join(path), body: None, repeat, private: false }
    }

    /// The same request, which fails with these words instead of being sent.
    pub(crate) fn impossible(mut self, why: &str) -> Self {
        self.address = Err(Error::Invalid(why.to_owned()));
        self
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.address = self.address.map(|address| address.with_query(name, value.as_ref()));
        self
    }

    /// Sends `value` as JSON.
    pub fn json(mut self, value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => self.body = Some(("application/json".to_owned(), body)),
            Err(error) => self.address = Err(Error::Invalid(error.to_string())),
        }
        self
    }

    /// Sends `value` as the JSON part `name` of a form.
    pub fn json_part(mut self, name: &str, value: &impl Serialize) -> Self {
        match serde_json::to_string(value) {
            Ok(json) => {
                let (content_type, body) = multipart::json_part(name, &json);
                self.body = Some((content_type, body.into_bytes()));
            }
            Err(error) => self.address = Err(Error::Invalid(error.to_string())),
        }
        self
    }

    /// Lets no error quote the answer, because it holds secrets by its nature: not its
    /// body, not the vendor's message, not where it redirects to. Status, code and
    /// content type stay.
    pub const fn private(mut self) -> Self {
        self.private = true;
        self
    }

    /// Method and address without the query, as errors name the request.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.address {
            Ok(address) => self.name_at(address),
            Err(_) => self.method.to_string(),
        }
    }

    /// Sends it, again if that is safe, and gives the answer if it is a 2xx.
    ///
    /// # Errors
    /// See [`Error`]; of several attempts the last one's.
    pub async fn send(self) -> Result<Answer, Error> {
        let address = self.address.clone()?;
        with_retries(&self.client.clock, self.client.retries, self.repeat, async || {
            let answer = self.attempt(&address).await?;
            if (200..300).contains(&answer.status) { Ok(answer) } else { Err(self.refusal(&answer)) }
        })
        .await
    }

    /// The same, with the body as `T`. A body that cannot be read is a fault like
    /// any other: a request that is safe to repeat is repeated.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn fetch<T: DeserializeOwned>(self) -> Result<T, Error> {
        let address = self.address.clone()?;
        with_retries(&self.client.clock, self.client.retries, self.repeat, async || {
            let answer = self.attempt(&address).await?;
            if (200..300).contains(&answer.status) { answer.json() } else { Err(self.refusal(&answer)) }
        })
        .await
    }

    /// Sends it once and gives the answer if it is a 2xx: for a client that repeats
    /// above it, by [`with_retries`].
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn send_once(self) -> Result<Answer, Error> {
        let address = self.address.clone()?;
        let answer = self.attempt(&address).await?;
        if (200..300).contains(&answer.status) { Ok(answer) } else { Err(self.refusal(&answer)) }
    }

    /// Sends it once and gives the answer whatever its status is: for a caller
    /// that judges every status itself.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Unreached`], or a body beyond the limit.
    pub async fn answer(self) -> Result<Answer, Error> {
        let address = self.address.clone()?;
        self.attempt(&address).await
    }

    async fn attempt(&self, address: &Address) -> Result<Answer, Error> {
        let client = self.client;
        let mut request = client.inner.request(self.method.clone(), address.url().clone());
        if let Some(token) = &client.authorization {
            let value = format!("Bearer {}", token.expose_secret());
            let mut value = HeaderValue::from_str(&value).map_err(|_| {
                Error::Invalid("the credential holds characters that no header can carry".to_owned())
            })?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        if let Some((content_type, body)) = &self.body {
            request = request.header(CONTENT_TYPE, content_type).body(body.clone());
        }
        tracing::debug!("{} {address}", self.method);
        let mut response = request.send().await.map_err(|error| self.unreached(address, &error))?;
        let mut answer = Answer {
            request: self.name_at(address),
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
            body: Vec::new(),
            secret: client.authorization.clone(),
            private: self.private,
        };
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreached(address, &error))? {
            if answer.body.len() + chunk.len() > client.body_limit {
                return Err(answer.undocumented(&format!("more than {} bytes", client.body_limit)));
            }
            answer.body.extend_from_slice(&chunk);
        }
        tracing::debug!("{} {address}: {}, {} bytes", self.method, answer.status, answer.body.len());
        Ok(answer)
    }

    /// The error behind an answer that is no 2xx.
    fn refusal(&self, answer: &Answer) -> Error {
        let retry_after = limits::retry_after(answer.status, &answer.headers, self.client.clock.wall());
        if let Some(mut error) = (self.client.read_error)(&answer.body) {
            error.message = match self.private {
                // Vendors like to quote what they turn down.
                true => String::new(),
                false => excerpt(&error.message, self.client.authorization.as_ref()),
            };
            return Error::Refused {
                request: answer.request.clone(),
                status: answer.status,
                error,
                retry_after,
            };
        }
        let problem = match answer.status {
            300..=399 if self.private => "a redirect is not followed".to_owned(),
            300..=399 => {
                let to = answer.header("location").unwrap_or("nowhere");
                let to = excerpt(to, self.client.authorization.as_ref());
                format!("a redirect to {to} is not followed")
            }
            _ => format!("no error of the vendor's kind, {}", answer.content_type()),
        };
        Error::Undocumented {
            request: answer.request.clone(),
            status: answer.status,
            problem,
            excerpt: answer.excerpt(),
            retry_after,
        }
    }

    fn unreached(&self, address: &Address, error: &reqwest::Error) -> Error {
        if error.is_builder() {
            return Error::Invalid(causes(error));
        }
        Error::Unreached {
            request: self.name_at(address),
            cause: causes(error),
            perhaps_applied: !error.is_connect(),
        }
    }

    fn name_at(&self, address: &Address) -> String {
        format!("{} {address}", self.method)
    }
}

/// The chain of causes without the address, which the request's name holds.
fn causes(error: &reqwest::Error) -> String {
    let mut words = vec![
        if error.is_timeout() {
            "timed out"
        } else if error.is_connect() {
            "cannot connect"
        } else {
            "connection lost"
        }
        .to_owned(),
    ];
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !words.iter().any(|word| word.contains(&text)) {
            words.push(text);
        }
        cause = inner.source();
    }
    words.join(": ")
}
