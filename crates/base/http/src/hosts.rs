//! Where names lead.
//!
//! Names of this machine need no name server; `GREENROOM_HOSTS` gives others an
//! address by hand, as a hosts file does, but with a port: `name=127.0.0.1:8080`,
//! one a line or separated by commas. Rehearsals use it, and runners with a split
//! view of the network. It weakens nothing: a certificate must still fit the name.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::is_localhost;
use crate::error::Error;

/// Names and their addresses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts {
    addresses: HashMap<String, SocketAddr>,
    aliases: HashMap<String, String>,
}

impl Hosts {
    /// Reads the value of `GREENROOM_HOSTS`.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let mut hosts = Self::default();
        for item in text.split(['\n', ',']).map(str::trim).filter(|item| !item.is_empty()) {
            let entry = item.split_once('=').and_then(|(name, address)| {
                let address = address.trim().parse().ok()?;
                Some((name.trim().to_ascii_lowercase(), address))
            });
            let Some((name, address)) = entry else {
                return Err(Error::Invalid(format!(
                    "GREENROOM_HOSTS holds `{item}`; expected name=address:port"
                )));
            };
            hosts.addresses.insert(name, address);
        }
        Ok(hosts)
    }

    /// Lets connections for `name` go to the machine called `target`.
    pub(crate) fn alias(&mut self, name: &str, target: &str) {
        self.aliases.insert(name.to_ascii_lowercase(), target.to_ascii_lowercase());
    }

    /// The addresses of `name`; port 0 means the port of the URL.
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<SocketAddr>> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let name = self.aliases.get(&name).unwrap_or(&name);
        if let Some(address) = self.addresses.get(name) {
            return Ok(vec![*address]);
        }
        if is_localhost(name) {
            return Ok(vec![(Ipv4Addr::LOCALHOST, 0).into()]);
        }
        Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect())
    }
}

/// The same, in the form that reqwest wants.
pub(crate) struct Resolver(pub(crate) Arc<Hosts>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let hosts = Arc::clone(&self.0);
        Box::pin(async move {
            let addresses = hosts.addresses(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn names_by_hand_names_of_this_machine_and_aliases() {
        let mut hosts = Hosts::parse("a.example=127.0.0.1:81, B.example=[::1]:82\n").unwrap();
        hosts.alias("Public.example", "b.example");
        let find = async |name: &str| hosts.addresses(name).await.unwrap();
        assert_eq!(find("A.example.").await, ["127.0.0.1:81".parse().unwrap()]);
        assert_eq!(find("public.example").await, ["[::1]:82".parse().unwrap()]);
        assert_eq!(find("x.y.localhost").await, ["127.0.0.1:0".parse().unwrap()]);
    }

    #[test]
    fn a_bad_entry_is_named() {
        for bad in ["a", "a=b", "a=127.0.0.1"] {
            assert!(Hosts::parse(bad).unwrap_err().to_string().contains(bad));
        }
    }
}
