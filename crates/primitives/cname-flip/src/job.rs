//! From words to a job, without looking at the world.

use std::time::Duration;

use action::BadInput;
use dns::NameServer;

use crate::lines::{self, Pointing, Service};
use crate::previous;
use crate::step::{Fields, Wish};
use crate::{Inputs, Mode, VerifyDns, attachment};

/// Validated inputs.
#[derive(Debug)]
pub struct Job {
    pub(crate) zone_id: String,
    pub(crate) mode: Mode,
    pub(crate) wishes: Vec<Wish>,
    pub(crate) expect: Vec<Pointing>,
    pub(crate) ttl: u32,
    pub(crate) min_ttl_age: Duration,
    /// The path that is asked for; nothing to ask for nothing.
    pub(crate) probe: Option<String>,
    pub(crate) verify_dns: VerifyDns,
    /// How long the API has to show a change; never zero.
    pub(crate) read_back: Duration,
    /// The servers to ask; none for the zone's own.
    pub(crate) servers: Vec<NameServer>,
    pub(crate) services: Vec<Service>,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        let wishes = wishes(&inputs)?;
        let expect = match &inputs.expect {
            Some(text) => lines::pointings("expect", text)?,
            None => Vec::new(),
        };
        let unknown = expect.iter().find(|line| !wishes.iter().any(|wish| wish.pointing.host == line.host));
        if let Some(line) = unknown {
            return Err(BadInput::new("expect", format!("{} is not among the names to move", line.host)));
        }
        let services = match &inputs.render_services {
            Some(text) => lines::services("render-services", text)?,
            None => Vec::new(),
        };
        if inputs.read_back.is_zero() {
            return Err(BadInput::new("read-back", "must be longer than 0s")
                .hint("Cloudflare needs a moment to show a change; 30s leaves room"));
        }
        if inputs.mode != Mode::Restore {
            check_services(&services, &wishes)?;
        }
        Ok(Self {
            zone_id: zone_id(&inputs.zone_id)?,
            mode: inputs.mode,
            wishes,
            expect,
            ttl: inputs.ttl,
            min_ttl_age: inputs.min_ttl_age,
            probe: probe(&inputs.probe)?,
            verify_dns: inputs.verify_dns,
            read_back: inputs.read_back,
            servers: servers(inputs.nameserver.as_deref())?,
            services,
        })
    }
}

/// A flip and a check take `records`, a restore takes `previous`; the other one
/// must not be there, since it would be ignored.
fn wishes(inputs: &Inputs) -> Result<Vec<Wish>, BadInput> {
    match (inputs.mode, &inputs.records, &inputs.previous) {
        (Mode::Flip | Mode::Check, Some(records), None) => {
            let wish = |pointing| Wish { pointing, fields: Fields::Short(inputs.ttl) };
            Ok(lines::pointings("records", records)?.into_iter().map(wish).collect())
        }
        (Mode::Restore, None, Some(previous)) => Ok(previous::parse("previous", previous)?
            .into_iter()
            .map(|line| Wish {
                pointing: line.pointing,
                fields: Fields::Exactly { ttl: line.ttl, comment: line.comment },
            })
            .collect()),
        (Mode::Flip | Mode::Check, _, Some(_)) => Err(BadInput::new("previous", "only a restore takes it")
            .hint("give `mode: restore`, or leave `previous` out")),
        (Mode::Flip | Mode::Check, None, None) => Err(BadInput::new("records", "nothing to move")
            .hint("write one `host target` a line, such as `api.example.com api-green.onrender.com`")),
        (Mode::Restore, Some(_), _) => Err(BadInput::new("records", "a restore takes `previous` instead")
            .hint("leave `records` out, or give `mode: flip`")),
        (Mode::Restore, None, None) => Err(BadInput::new("previous", "nothing to restore")
            .hint("pass the output `previous` of the flip that is to be undone; an output of another job that arrives empty counts as not given: check its `needs:`")),
    }
}

/// A target that is misspelt on one of the two sides must not lose its check.
fn check_services(services: &[Service], wishes: &[Wish]) -> Result<(), BadInput> {
    let moves = wishes.iter().map(|wish| (&wish.pointing.host, &wish.pointing.target));
    let Some((host, target)) = attachment::unnamed(services, moves) else { return Ok(()) };
    Err(BadInput::new("render-services", format!("no line names {target}, the target of {host}"))
        .hint(
            "write one `target service-id` a line for every target in `records`; lines for others do no harm",
        )
        .hint("targets that are not on Render are moved by a run of their own, without `render-services`"))
}

fn zone_id(text: &str) -> Result<String, BadInput> {
    if text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text.to_owned());
    }
    Err(BadInput::new("zone-id", format!("`{text}` is no zone id"))
        .hint("it is the 32 hexadecimal digits on the zone's overview page, not the domain"))
}

fn probe(text: &str) -> Result<Option<String>, BadInput> {
    match text {
        "off" => Ok(None),
        path if path.starts_with('/') && !path.starts_with("//") && !path.contains('#') => {
            Ok(Some(path.to_owned()))
        }
        _ => Err(BadInput::new("probe", format!("`{text}` is no path"))
            .hint("a path starts with one `/`, such as `/version`; `off` asks for nothing")),
    }
}

fn servers(text: Option<&str>) -> Result<Vec<NameServer>, BadInput> {
    let read = |line: &str| {
        line.trim().parse().map_err(|error: dns::Error| BadInput::new("nameserver", error.to_string()))
    };
    action::lines(text.unwrap_or_default()).map(read).collect()
}
