//! The requests that a client makes: which of them need a permit, and which are repeated.

use action::Permit;
use reqwest::Method;

use crate::client::Client;
use crate::request::Request;
use crate::retry::Repeat;

/// The POSTs that only read, as the ends of their paths: the one list of them.
///
/// - Supabase runs the SQL of `database/query/read-only` as a role that can only
///   read (Supabase's Management API, "Run a sql query as `supabase_read_only_user`").
const POSTS_THAT_READ: [&[&str]; 1] = [&["database", "query", "read-only"]];

impl Client {
    /// A request that reads.
    pub fn get<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Request<'_> {
        Request::new(self, Method::GET, path, Repeat::Freely)
    }

    /// A request that creates or starts something. Never repeated when it may
    /// have been applied.
    pub fn post<'a>(&self, path: impl IntoIterator<Item = &'a str>, _: &Permit) -> Request<'_> {
        Request::new(self, Method::POST, path, Repeat::IfNotApplied)
    }

    /// A POST that only reads, so that a dry run may send it, and it is repeated
    /// freely. There is one short list of them; any other path is
    /// [`Error::Invalid`](crate::Error::Invalid) and never sent.
    pub fn ask<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Request<'_> {
        let path: Vec<&str> = path.into_iter().collect();
        let reads = POSTS_THAT_READ.iter().any(|end| path.ends_with(end));
        let request = Request::new(self, Method::POST, path, Repeat::Freely);
        if reads {
            request
        } else {
            request.impossible("a POST that is not known to only read needs a permit")
        }
    }

    /// A request that sets something to a value; twice is the same as once.
    pub fn put<'a>(&self, path: impl IntoIterator<Item = &'a str>, _: &Permit) -> Request<'_> {
        Request::new(self, Method::PUT, path, Repeat::Freely)
    }

    /// A request that changes a part. Never repeated when it may have been applied.
    pub fn patch<'a>(&self, path: impl IntoIterator<Item = &'a str>, _: &Permit) -> Request<'_> {
        Request::new(self, Method::PATCH, path, Repeat::IfNotApplied)
    }

    /// A request that removes something; twice is the same as once.
    pub fn delete<'a>(&self, path: impl IntoIterator<Item = &'a str>, _: &Permit) -> Request<'_> {
        Request::new(self, Method::DELETE, path, Repeat::Freely)
    }
}
