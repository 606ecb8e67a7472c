//! An outside judge: does a resolver that we did not write turn green?
//!
//! It runs only where NLnet Labs' `unbound` is on PATH; where it is not, it says
//! so on stderr, past the test runner's capture, and proves nothing.
//! `GREENROOM_UNBOUND=required` makes its absence a failure.

use std::io::Write;
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{RData, RecordType};
use rehearsal::dns::{Propagation, Record};

use super::{API, BLUE, GREEN, ask_udp, world};

/// In seconds. Shorter than a real one (Cloudflare's least is 60), so that the
/// test does not take a minute; what is judged is that it is honoured.
const TTL: u32 = 5;

/// For a process to start and a TTL to end on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_resolver_turns_green_when_the_ttl_ends() {
    let Some(program) = program() else {
        let required = std::env::var("GREENROOM_UNBOUND").is_ok_and(|value| value == "required");
        assert!(!required, "unbound is not on PATH, and GREENROOM_UNBOUND=required");
        let line = "note: unbound is not on PATH; no outside resolver judged the name server\n";
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return;
    };
    let world = world(Propagation::default());
    world.records.put(Record::cname(API, BLUE, TTL));
    let resolver = Resolver::start(program, world.server.address());

    assert_eq!(resolver.target_when_ready(), BLUE);
    let asked = world.server.journal().count(API);
    assert!(asked > 0, "it asked the rehearsed server");
    resolver.target();
    assert_eq!(world.server.journal().count(API), asked, "the second answer came from its cache");

    world.records.put(Record::cname(API, GREEN, TTL));
    let start = Instant::now();
    while resolver.target() != GREEN {
        assert!(start.elapsed() < PATIENCE, "it never turned green");
        std::thread::sleep(Duration::from_millis(100));
    }
    let of_target = |name: &str| world.server.journal().count_of(name, "A");
    assert!(of_target(BLUE) > 0 && of_target(GREEN) > 0, "it followed both aliases");
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("unbound")).find(|program| program.is_file())
}

struct Resolver {
    address: SocketAddr,
    process: Child,
    log: PathBuf,
    _folder: tempfile::TempDir,
}

impl Resolver {
    fn start(program: PathBuf, zone_server: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = free_port();
        let file = folder.path().join("unbound.conf");
        let log = folder.path().join("log");
        std::fs::write(&file, config(address, zone_server)).unwrap();
        let process = Command::new(program)
            .args(["-d", "-c"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap())
            .current_dir(&folder)
            .spawn()
            .unwrap();
        Self { address, process, log, _folder: folder }
    }

    /// The alias in front of the address, as this resolver tells it.
    fn target(&self) -> String {
        let answer = self.ask().expect("unbound is silent");
        alias(&answer).unwrap_or_else(|| panic!("no alias: {answer:?}"))
    }

    fn target_when_ready(&self) -> String {
        let start = Instant::now();
        loop {
            match self.ask().and_then(|answer| alias(&answer)) {
                Some(target) => return target,
                None => assert!(start.elapsed() < PATIENCE, "unbound is not ready: {}", self.said()),
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// `None` before it listens.
    fn ask(&self) -> Option<Message> {
        ask_udp(self.address, API, RecordType::A, Duration::from_secs(5))
    }
}

impl Drop for Resolver {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn alias(answer: &Message) -> Option<String> {
    if answer.metadata.response_code != ResponseCode::NoError {
        return None;
    }
    answer.answers.iter().find_map(|record| match &record.data {
        RData::CNAME(target) => Some(target.0.to_ascii().trim_end_matches('.').to_owned()),
        _ => None,
    })
}

fn free_port() -> SocketAddr {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn config(listen: SocketAddr, zone_server: SocketAddr) -> String {
    let stub = |zone: &str| {
        let (ip, port) = (zone_server.ip(), zone_server.port());
        format!("stub-zone:\n  name: \"{zone}\"\n  stub-addr: {ip}@{port}\n")
    };
    format!(
        "server:\n  interface: {}@{}\n  do-daemonize: no\n  chroot: \"\"\n  directory: \"\"\n  username: \"\"\n  pidfile: \"\"\n  \
         use-syslog: no\n  module-config: \"iterator\"\n  do-not-query-localhost: no\n  do-ip6: no\n  \
         local-zone: \"localhost.\" nodefault\n{}{}remote-control:\n  control-enable: no\n",
        listen.ip(),
        listen.port(),
        stub("example.com"),
        stub("onrender.localhost"),
    )
}
