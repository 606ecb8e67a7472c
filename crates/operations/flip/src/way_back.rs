//! How a person undoes a run by hand: one line for bash that works as it stands.

use action::bash_word;

use crate::previous;
use crate::request::DEFAULT_READ_BACK;
use crate::step::Step;
use crate::{DEFAULT_PROBE, DEFAULT_TTL, Mode, Request, VerifyDns};

/// The command that takes changes of this run back. It says again what this run
/// was told of its surroundings, where that is not the default.
#[derive(Clone, Debug)]
pub(crate) struct WayBack {
    mode: Mode,
    zone: String,
    /// Flags, each with a blank before it.
    surroundings: String,
}

impl WayBack {
    /// For the changes of this request.
    pub(crate) fn of(request: &Request) -> Self {
        Self { mode: request.mode, zone: request.zone_id.clone(), surroundings: surroundings(request) }
    }

    /// As the end of a sentence.
    pub(crate) fn sentence(&self, changes: &[&Step]) -> String {
        let doing = match self.mode {
            Mode::Restore => "undo this restore",
            Mode::Flip | Mode::Check => "go back",
        };
        format!("{doing} with `{}`", self.command(changes))
    }

    /// One line for bash.
    pub(crate) fn command(&self, changes: &[&Step]) -> String {
        let lines: Vec<_> = changes.iter().filter_map(|step| step.previous.clone()).collect();
        format!(
            "cname-flip --mode restore --zone-id {} --previous {}{}",
            bash_word(&self.zone),
            bash_word(&previous::text(&lines)),
            self.surroundings
        )
    }
}

fn surroundings(request: &Request) -> String {
    let mut flags = String::new();
    let mut add = |flag: &str, value: &str| flags.push_str(&format!(" --{flag}={}", bash_word(value)));
    if request.ttl != DEFAULT_TTL {
        add("ttl", &request.ttl.to_string());
    }
    match request.probe.as_deref() {
        Some(DEFAULT_PROBE) => {}
        probe => add("probe", probe.unwrap_or("off")),
    }
    match request.verify_dns {
        VerifyDns::USUAL => {}
        VerifyDns::For(patience) => add("verify-dns", &humantime::format_duration(patience).to_string()),
        VerifyDns::Off => add("verify-dns", "false"),
    }
    if request.read_back != DEFAULT_READ_BACK {
        add("read-back", &humantime::format_duration(request.read_back).to_string());
    }
    if !request.servers.is_empty() {
        add("nameserver", &joined(&request.servers));
    }
    if !request.services.is_empty() {
        add("render-services", &joined(&request.services));
    }
    flags
}

fn joined<T: ToString>(lines: &[T]) -> String {
    lines.iter().map(T::to_string).collect::<Vec<_>>().join("\n")
}
